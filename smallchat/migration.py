"""How SQLite files are opened and brought up to date by several processes at once."""

from __future__ import annotations

import sqlite3
import time

_PAUSE_S = 0.005


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of the tables' shape; 0 for a new file."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def bring_to_version(db: sqlite3.Connection, version: int, script: str) -> None:
    """Run ``script``, which makes the tables those of ``version``, in one transaction, all or nothing.

    Does nothing when they are of that version or a later one: another process may have been quicker.

    Args:
        db: A connection that begins no transactions of its own.
        version: The version that the tables have afterwards.
        script: The statements that lead there from the version before.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        if version_of(db) < version:
            for statement in _split(script):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def use_write_ahead_log(db: sqlite3.Connection, patience_s: float) -> bool:
    """Switch the file to its write-ahead log; return whether it has one, which not every file system allows.

    SQLite itself does not wait when another process is at it too, whatever its timeout.

    Raises:
        sqlite3.OperationalError: The file is still held after ``patience_s`` seconds, or can not be written.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            mode: str = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            return mode == "wal"
        except sqlite3.OperationalError as error:
            held = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in held or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_S)


def _split(script: str) -> list[str]:
    """Return the statements of ``script``; ``executescript`` would commit before it runs."""
    statements, current = [], ""
    for line in script.splitlines():
        current += line + "\n"
        if line.strip() and sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
