"""What is wrong with the ledger's file, said for people."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from smallchat.ledger.schema import NewerLedger
from smallchat.safe_text import safe_line

TROUBLE = (sqlite3.Error, OSError, NewerLedger)
"""What using the ledger may raise."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class LedgerTrouble(Exception):  # noqa: N818 - reads as what it is
    """The ledger can not be read; the text is two lines: what happened, and the cure."""


def describe_trouble(error: BaseException, path: Path) -> str:
    """Return two lines on ``error`` of the ledger at ``path``: what happened, and the cure."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = getattr(error, "errno", None)
    shown = safe_line(str(path))
    if isinstance(error, NewerLedger):
        return f"{shown} was written by a newer smallchat.\nUpdate smallchat."
    if code == sqlite3.SQLITE_FULL or number == errno.ENOSPC:
        return f"The disk is full: {shown} can not grow.\nFree some space."
    if code in _DAMAGED:
        return f"{shown} is damaged.\nMove it away, and smallchat starts a new one that knows of no spending."
    if code in _UNWRITABLE or number in (errno.EACCES, errno.EPERM, errno.EROFS):
        directory = safe_line(str(path.parent))
        return f"{shown} can not be written.\nMake {directory} writable, or set SMALLCHAT_DATA_DIR."
    if code in _HELD:
        return f"{shown} is held by another program.\nEnd that program, or try again."
    detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"{shown} can not be used: {safe_line(detail)}.\nSet SMALLCHAT_DATA_DIR to another place."
