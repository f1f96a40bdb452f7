"""The ledger's tables."""

from __future__ import annotations

import sqlite3

from smallchat.migration import bring_to_version, version_of

VERSION = 1

# A session's charges, a day's and a month's are counted as they come, so that admission reads a few rows
# however many there are. Money is in nano-dollars; NULL is not known.
_TABLES = """
CREATE TABLE reservations (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,                 -- the lease that it ends with
    pid INTEGER NOT NULL,                -- for people: leases decide
    began REAL NOT NULL,                 -- seconds since 1970
    day TEXT NOT NULL,                   -- the local day of that
    session TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    nano INTEGER,
    forced INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE charges (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,             -- the reservation's
    began REAL NOT NULL,
    day TEXT NOT NULL,
    session TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    status TEXT NOT NULL,                -- how the answer ended; 'lost' with its process
    state TEXT NOT NULL,                 -- how sure the cost is
    nano INTEGER,
    reserved INTEGER,
    forced INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    input INTEGER, cached INTEGER, cache_write INTEGER, cache_write_1h INTEGER,
    output INTEGER, reasoning INTEGER,
    source TEXT                          -- who counted these tokens
);
CREATE INDEX charges_by_day ON charges (day);

CREATE TABLE totals (
    period TEXT NOT NULL,                -- 'day 2026-11-20', 'month 2026-11', 'session ID'
    model TEXT NOT NULL,                 -- '' for all
    nano INTEGER NOT NULL,
    PRIMARY KEY (period, model)
) WITHOUT ROWID;
CREATE TRIGGER count_charge AFTER INSERT ON charges WHEN new.nano > 0
BEGIN
    INSERT INTO totals
    SELECT period, model, new.nano
    FROM (
        SELECT 'day ' || new.day AS period
        UNION ALL SELECT 'month ' || substr(new.day, 1, 7)
        UNION ALL SELECT 'session ' || new.session
    ), (SELECT '' AS model UNION ALL SELECT new.model)
    WHERE true
    ON CONFLICT (period, model) DO UPDATE SET nano = nano + excluded.nano;
END;
"""


class NewerLedger(Exception):  # noqa: N818 - reads as what it is
    """The file was written by a newer smallchat, in a shape that this one does not know."""


def create_tables(db: sqlite3.Connection) -> None:
    """Make the tables if they are missing.

    Raises:
        NewerLedger: They have a shape that this smallchat does not know.
    """
    if check_version(db) == VERSION:
        return
    bring_to_version(db, VERSION, _TABLES)
    check_version(db)  # a newer smallchat may have been quicker


def check_version(db: sqlite3.Connection) -> int:
    """Return the version of the tables' shape; 0 for a new file.

    Raises:
        NewerLedger: This smallchat does not know it.
    """
    version = version_of(db)
    if version > VERSION:
        raise NewerLedger(f"version {version}")
    return version
