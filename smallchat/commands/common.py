"""The options that every command has, wherever on its line they stand."""

from __future__ import annotations

import argparse
from pathlib import Path


def common_options(*, told: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the common options, to be a parent of others.

    It has no defaults, so that a parser further down the line does not take back what one before it read.

    Args:
        told: Whether help tells them; that of an action does not, since its command's does.
    """
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    config, debug = "read this configuration instead of your own", "show where an unexpected error came from"
    parser.add_argument("--config", type=Path, metavar="FILE", help=config if told else argparse.SUPPRESS)
    parser.add_argument("--debug", action="store_true", help=debug if told else argparse.SUPPRESS)
    return parser
