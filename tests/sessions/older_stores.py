"""Stores as an older smallchat wrote them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from smallchat.sessions.copies import renewed
from smallchat.sessions.schema import MIGRATIONS, open_for_writing, open_in_memory
from smallchat.sessions.session import Session
from smallchat.sessions.writes import insert_whole

TABLES = ("sessions", "turns", "answers", "votes", "seatings")


def write_older_store(path: Path, version: int, session: Session) -> str:
    """Write ``session`` into a new store of an older version, as far as that holds it; return its id."""
    copy = renewed(session)
    with closing(open_in_memory()) as memory, closing(open_for_writing(path, MIGRATIONS[:version])) as file:
        insert_whole(memory, copy, 1)
        for table in TABLES:
            columns = [name for _, name, *_ in file.execute(f"PRAGMA table_info({table})")]
            if columns:
                rows = memory.execute(f"SELECT {', '.join(columns)} FROM {table}")
                marks = ", ".join("?" * len(columns))
                file.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    return copy.id
