"""``smallchat``: the compare screen, or with ``--route`` the routed chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from smallchat.engine.attaching import Attachment


def run(options: argparse.Namespace) -> int:
    """Open the screen and return the exit code when it closes.

    Raises:
        ConfigError: The options exclude each other, or the configuration has a mistake.
    """
    from smallchat.commands.model_names import parse_model_names
    from smallchat.config.errors import ConfigError
    from smallchat.tui.main import Options, run

    if options.route and (options.models or options.resume):
        other = "-m" if options.models else "--resume"
        raise ConfigError(f"{other} and --route exclude each other: leave one of them out.")
    models = parse_model_names(options.models) if options.models else None
    return run(
        Options(
            models=models,
            config=options.config,
            debug=options.debug,
            resume=options.resume,
            route=options.route,
            animated=not options.no_animation,
            files=read_files(options.attach),
        )
    )


def read_files(paths: Sequence[Path]) -> tuple[Attachment, ...]:
    """Return the images and text files at ``paths``.

    Raises:
        ConfigError: One can not be sent.
    """
    if not paths:
        return ()
    from smallchat.engine.attaching import read_attachment

    return tuple(read_attachment(path) for path in paths)
