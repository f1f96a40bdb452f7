"""The store's file: its tables, its versions, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from smallchat.migration import bring_to_version, use_write_ahead_log, version_of

BUSY_S = 5.0  # another terminal writes for milliseconds at a time

# A migration leads from the version that is its index to the next one.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        key INTEGER PRIMARY KEY,             -- grows with time: newest last
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,                 -- empty until the first prompt
        created TEXT NOT NULL,               -- ISO 8601, UTC, like all times
        used INTEGER NOT NULL,               -- the key of the newest turn
        mode TEXT NOT NULL,
        models TEXT NOT NULL,                -- JSON
        version TEXT NOT NULL,
        origin TEXT,                         -- JSON
        turns INTEGER NOT NULL DEFAULT 0,
        usd TEXT NOT NULL DEFAULT '0',       -- decimal digits
        deleted TEXT                         -- when; the rows stay until they are purged
    );
    CREATE INDEX sessions_by_use ON sessions (used);
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY,
        session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        prompt TEXT NOT NULL,
        created TEXT NOT NULL,
        decision TEXT,                       -- JSON
        budget TEXT,                         -- JSON
        UNIQUE (session, number)
    );
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY,
        turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        pane INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,            -- from 0; above 0 the answer was asked for again
        chosen INTEGER NOT NULL,             -- of a pane's answers the one with the largest is chosen
        model TEXT NOT NULL,
        provider TEXT NOT NULL,
        system TEXT NOT NULL,
        params TEXT NOT NULL,                -- JSON
        owner TEXT,                          -- whose lease an answer runs under; NULL once it is settled
        status TEXT NOT NULL,                -- 'running', or how it ended
        text TEXT NOT NULL DEFAULT '',
        reasoning TEXT NOT NULL DEFAULT '',
        record TEXT,                         -- JSON: all other figures, cost, usage, error, notes
        UNIQUE (turn, pane, ordinal)
    );
    CREATE INDEX running_answers ON answers (owner) WHERE owner IS NOT NULL;
    CREATE TABLE pieces (                    -- text of running answers, as it came
        id INTEGER PRIMARY KEY,
        answer INTEGER NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
        channel TEXT NOT NULL,
        text TEXT NOT NULL
    );
    CREATE INDEX pieces_by_answer ON pieces (answer);
    CREATE VIEW passages AS
        SELECT id, prompt AS text FROM turns UNION ALL SELECT id, text FROM answers;
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content='passages', content_rowid='id', prefix='1 2 3', tokenize='unicode61 remove_diacritics 2'
    );
    """,
    """
    CREATE TABLE votes (                     -- on turns whose names were hidden
        turn INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
        vote TEXT NOT NULL                   -- JSON
    );
    """,
    """
    CREATE TABLE seatings (                  -- who sits in the panes from some point on
        session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        turns INTEGER NOT NULL,              -- how many there were by then
        models TEXT NOT NULL,                -- JSON: names by place
        PRIMARY KEY (session, turns)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE sessions ADD COLUMN costs TEXT;  -- JSON: what usd is made of; NULL until it is counted
    """,
)


VOTES_SINCE = 2
SEATINGS_SINCE = 3
COSTS_SINCE = 4


class NewerStore(Exception):  # noqa: N818 - reads as what it is
    """The file was written by a newer smallchat, in a shape this one does not know."""


def open_for_writing(path: Path, migrations: tuple[str, ...] = MIGRATIONS) -> sqlite3.Connection:
    """Return a connection to the store at ``path``, created or brought up to date first.

    Every commit is synced (``synchronous=FULL``): ``kill -9`` would lose nothing without it, but after
    a power cut a WAL that is only synced at checkpoints has lost the last seconds.

    Raises:
        NewerStore: It must not be written.
        sqlite3.Error: It can not be opened, is damaged, or the disk is full.
        OSError: The directory can not be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        if version_of(db) > len(migrations):
            raise NewerStore(f"version {version_of(db)}")
        use_write_ahead_log(db, BUSY_S)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        path.chmod(0o600)
        migrate(db, path, migrations)
    except BaseException:
        db.close()
        raise
    return db


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that never writes, also where nothing can be written.

    Raises:
        sqlite3.Error: There is no store, or it can not be read.
    """
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    # In a read-only directory WAL works only on a file that is said never to change.
    for options in (
        "",
        "&immutable=1",
    ):
        db = sqlite3.connect(
            address + options, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:
            db.close()
            if options:
                raise
        except BaseException:
            db.close()
            raise
        else:
            break
    return db


def open_in_memory() -> sqlite3.Connection:
    """Return a store that lives as long as its connection.

    It holds only parts of sessions: no references are enforced.
    """
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for version, migration in enumerate(MIGRATIONS, start=1):
        bring_to_version(db, version, migration)
    return db


def migrate(db: sqlite3.Connection, path: Path, migrations: tuple[str, ...]) -> None:
    """Bring the store to the newest version, each step in a transaction, the old file kept beside it.

    A new file gets all its tables at once: another terminal never sees it half way, as an old one.
    """
    before = version_of(db)
    if before == 0:
        bring_to_version(db, len(migrations), "\n".join(migrations))
    elif before < len(migrations):
        _keep_copy(db, before, path.with_name(f"{path.name}.v{before}.bak"))
        for version, migration in enumerate(migrations, start=1):
            bring_to_version(db, version, migration)


def _keep_copy(db: sqlite3.Connection, version: int, path: Path) -> None:
    """Copy the store to ``path``, unless another terminal has done so, or brought it to a later version."""
    if path.exists():
        return
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            db.backup(copy)
            whole = version_of(copy) == version
        if whole:
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
