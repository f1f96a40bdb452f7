"""What is wrong with the store's file, said for people."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from smallchat.safe_text import safe_line
from smallchat.sessions.schema import NewerStore

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)


def describe_trouble(error: BaseException, path: Path) -> str:
    """Return two lines: what is wrong with the store at ``path``, and what that means for the user."""
    if isinstance(error, NewerStore):
        return (
            f"{path} was written by a newer smallchat: its sessions can be read, new ones are not kept.\n"
            "Update smallchat to keep them."
        )
    return f"{_cause(error, path)}\nThis conversation goes on, but is not kept: export it before you leave."


def _cause(error: BaseException, path: Path) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = getattr(error, "errno", None)
    if code == sqlite3.SQLITE_FULL or number == errno.ENOSPC:
        return f"The disk is full: {path} can not grow. Free some space, then start smallchat again."
    if code in _DAMAGED:
        return f"{path} is damaged. Move it away, and smallchat starts a new one."
    if code in _UNWRITABLE or number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{path.parent} can not be written to. Make it writable, or set SMALLCHAT_DATA_DIR."
    if code == sqlite3.SQLITE_BUSY:
        return f"{path} is held by another program."
    detail = getattr(error, "strerror", None) or str(error)
    return f"{path} can not be written: {safe_line(detail)}."
