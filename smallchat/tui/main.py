"""Opens the app and closes what it opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from smallchat.config.paths import config_file
from smallchat.config.peek import peek
from smallchat.tui.app import SmallchatApp
from smallchat.tui.backend import load_backend


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        models: The models to compare; ``None`` for those of the configuration.
        config: The configuration's file; ``None`` for the user's own.
        debug: Whether to tell an unexpected error in full.
        theme: The theme; ``None`` for that of the configuration.
    """

    models: tuple[str, ...] | None = None
    config: Path | None = None
    debug: bool = False
    theme: str | None = None


def run(options: Options) -> int:
    """Run the app until the user leaves and return the exit code.

    Raises:
        ConfigError: The configuration has a mistake, found after the first frame was painted.
    """
    path = config_file(options.config)
    first = peek(path, os.environ)
    app = SmallchatApp(
        partial(load_backend, path),
        options.models or first.models,
        theme=options.theme or first.theme,
        user_themes=path.parent / "themes",
        debug=options.debug,
    )
    try:
        app.run()
    finally:
        if app.backend is not None:
            app.backend.engine.close()
    if app.problem is not None:
        raise app.problem
    return app.return_code or 0
