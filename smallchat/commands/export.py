"""``smallchat export``: a session as a document, and a document read back."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from smallchat.sessions.files import Format
    from smallchat.sessions.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``smallchat export`` understands."""
    parser.add_argument(
        "session",
        nargs="?",
        metavar="SESSION",
        help="the beginning of its id, or an exported file; else the last",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there instead of to stdout")
    parser.add_argument(
        "--format", choices=("markdown", "json"), help="else what FILE ends in, else markdown"
    )
    parser.add_argument("--turn", type=int, metavar="N", help="this turn alone, counted from 1")
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")


def run(options: argparse.Namespace) -> int:
    """Write the document and return the exit code.

    Raises:
        ConfigError: There is no such session or turn, or FILE exists.
    """
    from smallchat.config.errors import ConfigError
    from smallchat.safe_text import safe_line
    from smallchat.sessions.files import export_session, save

    session = _find_session(options.session)
    if options.turn is not None:
        session = session.only_turn(options.turn)
        if not session.turns:
            raise ConfigError(f"There is no turn {options.turn} in this session: leave --turn out for all.")
    text = export_session(session, _format_of(options), scrub=_scrubber(options.config))
    if options.output is None:
        sys.stdout.buffer.write(text.encode())  # UTF-8, whatever the terminal's own encoding
        return 0
    try:
        save(options.output, text, replace=options.force)
    except FileExistsError:
        shown = safe_line(str(options.output))
        raise ConfigError(f"{shown} exists: choose another name, or replace it with --force.") from None
    print(safe_line(f"Saved {options.output}"), file=sys.stderr)
    return 0


def _find_session(name: str | None) -> Session:
    """Return the session in the file called ``name``, or the one in the store that ``name`` begins."""
    from smallchat.config.paths import data_dir
    from smallchat.sessions.archive import LAST
    from smallchat.sessions.files import names_export, read_export
    from smallchat.sessions.store import Store

    if name is not None and names_export(name):
        return read_export(Path(name))
    with closing(Store.open(data_dir(), lambda message: print(message, file=sys.stderr))) as store:
        return store.load(store.resolve(name or LAST))


def _format_of(options: argparse.Namespace) -> Format:
    from smallchat.sessions.files import SUFFIXES

    if options.format:
        chosen: Format = options.format
        return chosen
    return SUFFIXES.get(options.output.suffix.lower(), "markdown") if options.output else "markdown"


def _scrubber(config: Path | None) -> Callable[[str], str]:
    """Return what masks the user's keys in a text."""
    import os

    from smallchat.config.paths import config_file
    from smallchat.config.reading import load_settings
    from smallchat.sessions.redaction import key_scrubber

    return key_scrubber(load_settings(config_file(config), must_exist=config is not None), os.environ)
