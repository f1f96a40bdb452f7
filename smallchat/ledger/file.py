"""The ledger's file, and the connections to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from smallchat.ledger.schema import check_version, create_tables
from smallchat.migration import use_write_ahead_log

BUSY_S = 2.0  # others write for milliseconds at a time


class LedgerFile:
    """A connection to the ledger, opened when first needed. One thread at a time."""

    def __init__(self, path: Path) -> None:
        """Keep ``path``; nothing is opened yet."""
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._inode = 0

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """Open a write transaction, alone among all processes; commit it, or roll it back after an error.

        Args:
            durable: Wait until it is on the disk. Without, ``kill -9`` loses nothing, a power cut may: right
                for reservations, which it ends anyway, and not for what was spent.

        Raises:
            NewerLedger: It must not be written.
            sqlite3.Error: It can not be opened or written, is damaged, or the disk is full.
            OSError: The directory can not be made.
        """
        db = self._open()
        try:
            if durable:
                _wait_for_disk(db, durable=True)
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            if durable:
                _wait_for_disk(db, durable=False)
        except sqlite3.Error:
            self.close()  # a fresh connection may do better, such as on a file that was replaced
            raise

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that reads one state of the file, and stops nobody from writing.

        Raises:
            NewerLedger, sqlite3.Error, OSError: As ``transaction``.
        """
        db = self._open()
        try:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        # Somebody may have moved the file away: two terminals with two files would have two budgets.
        if self._db is not None and self._inode == _inode(self.path):
            return self._db
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            self.path.touch(mode=0o600)  # SQLite gives its other files the mode of this one
        db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            if not use_write_ahead_log(db, BUSY_S):
                raise sqlite3.OperationalError("the file system does not support a write-ahead log")
            _wait_for_disk(db, durable=False)
            create_tables(db)
        except BaseException:
            db.close()
            raise
        self._db, self._inode = db, _inode(self.path)
        return db


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that never writes, also where nothing can be written.

    Raises:
        NewerLedger: It has a shape that this smallchat does not know.
        sqlite3.Error: There is no ledger, or it can not be read.
    """
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        return _connect_to_read(address)
    except sqlite3.OperationalError:
        # In a read-only directory a WAL file works only when it is said never to change.
        return _connect_to_read(f"{address}&immutable=1")


def _connect_to_read(address: str) -> sqlite3.Connection:
    db = sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        check_version(db)
    except BaseException:
        db.close()
        raise
    return db


def _wait_for_disk(db: sqlite3.Connection, *, durable: bool) -> None:
    # Checkpoints wait for the disk too: they are left to the commits that may wait.
    db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    db.execute(f"PRAGMA wal_autocheckpoint = {1000 if durable else 0}")


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0
