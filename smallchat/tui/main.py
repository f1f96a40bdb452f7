"""Opens the app and closes what it opened."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.config.paths import config_file, data_dir
from smallchat.config.peek import peek

if TYPE_CHECKING:
    from textual.screen import Screen

    from smallchat.engine.attaching import Attachment

LOCAL_MODELS = ("smollm2", "smollm2-warm")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        models: The models to compare; ``None`` for those of the configuration.
        config: The configuration's file; ``None`` for the user's own.
        debug: Whether to tell an unexpected error in full.
        theme: The theme; ``None`` for that of the configuration.
        resume: The session to go on with: the beginning of its id, ``last``, or an exported file.
        route: The preset that chooses the model for each prompt; ``None`` to compare.
        animated: Whether anything may blink or slide.
        files: What goes with the first prompt.
    """

    models: tuple[str, ...] | None = None
    config: Path | None = None
    debug: bool = False
    theme: str | None = None
    resume: str | None = None
    route: str | None = None
    animated: bool = True
    files: tuple[Attachment, ...] = ()


def run(options: Options) -> int:
    """Run the app until the user leaves and return the exit code.

    Raises:
        ConfigError: There is no terminal, or the configuration has a mistake, mostly found after the first
            frame was painted.
    """
    # Textual paints 60 times a second at most; with 240 a key is seen up to 12 ms earlier.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    if not options.animated:
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
    # Collections while modules load find nothing and cost 25 ms; the app enables them after its first frame.
    gc.disable()
    from smallchat.tui.alt_keys import hear_alt_at_once
    from smallchat.tui.app import SmallchatApp
    from smallchat.tui.backend import load_backend

    hear_alt_at_once()

    path = config_file(options.config)
    first = peek(path, os.environ)
    models = options.models or first.models or first.own or find_local_models()
    welcome = not models and not options.resume and not options.route
    if welcome:
        from smallchat.config.reading import load_settings

        load_settings(path)  # a mistake there may be why there are no models
    require_terminal()
    app = SmallchatApp(
        partial(load_backend, path),
        models,
        theme=options.theme or first.theme,
        user_themes=path.parent / "themes",
        config=path,
        welcome=partial(open_welcome, path) if welcome else None,
        resume=options.resume,
        route=options.route,
        files=options.files,
        debug=options.debug,
    )
    try:
        app.run()
    finally:
        if app.backend is not None:
            app.backend.close()
    if app.problem is not None:
        raise app.problem
    return app.return_code or 0


def require_terminal() -> None:
    """Raise when keys can not come in or the screen can not go out: what is piped in would count as keys.

    Raises:
        ConfigError: Standard input or standard error, on which Textual draws, is no terminal.
    """
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        from smallchat.config.errors import ConfigError

        raise ConfigError('The screens need a terminal. Without one: smallchat ask "Why is the sky blue?"')


def find_local_models() -> tuple[str, ...]:
    """Return the built-in models if they can run at once; none otherwise."""
    from smallchat.providers.local import weights

    ready = weights.installed(data_dir()) and weights.has_engine()
    return LOCAL_MODELS if ready else ()


def open_welcome(config: Path) -> Screen[None]:
    """Return the welcome screen."""
    from smallchat.tui.screens.welcome import WelcomeScreen

    return WelcomeScreen(config, data_dir(), LOCAL_MODELS)
