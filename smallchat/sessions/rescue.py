"""The sessions in use, copied into memory when their file can no longer be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from smallchat.sessions.schema import open_for_reading
from smallchat.sessions.upkeep import count_costs

# Where each table's rows hang below a session.
_BELOW_SESSION = {
    "sessions": "id = ?",
    "turns": "session = ?",
    "answers": "turn IN (SELECT id FROM turns WHERE session = ?)",
    "pieces": "answer IN (SELECT a.id FROM answers a JOIN turns t ON t.id = a.turn WHERE t.session = ?)",
    "votes": "turn IN (SELECT id FROM turns WHERE session = ?)",
    "seatings": "session = ?",
}


def copy_sessions(path: Path, memory: sqlite3.Connection, sessions: Iterable[str]) -> None:
    """Copy what can be read of ``sessions`` from the file at ``path`` into ``memory``."""
    try:
        with closing(open_for_reading(path)) as file:
            for session in sessions:
                copy_session(file, memory, session)
    except sqlite3.Error:
        pass  # a damaged file: what comes from now on is kept
    count_costs(memory)
    memory.execute("INSERT INTO words (words) VALUES ('rebuild')")


def copy_session(source: sqlite3.Connection, target: sqlite3.Connection, session: str) -> None:
    """Copy the rows of ``session`` from one store into another; ``source`` may be of an older version."""
    tables = {name for (name,) in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for table, condition in _BELOW_SESSION.items():
        if table not in tables:
            continue
        rows = source.execute(f"SELECT * FROM {table} WHERE {condition}", (session,))
        columns = [name for name, *_ in rows.description]
        marks = ", ".join("?" * len(columns))
        target.executemany(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
