"""``smallchat``: the compare screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Open the compare screen and return the exit code when it closes."""
    from smallchat.commands.model_names import parse_model_names
    from smallchat.tui.main import Options, run

    models = parse_model_names(options.models) if options.models else None
    return run(Options(models=models, config=options.config, debug=options.debug, resume=options.resume))
