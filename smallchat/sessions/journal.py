"""The thread that writes the store. Nobody waits for it: neither a screen nor a clock."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from smallchat.lease import Lease, is_alive
from smallchat.sessions import rescue, schema, upkeep, writes
from smallchat.sessions.session import AnswerId
from smallchat.sessions.trouble import describe_trouble

Change = Callable[[sqlite3.Connection], None]

INTERVAL_S = 0.125  # text waits no longer than this, so that with a slow commit it is still a quarter second
MOST_WAITING_CHARS = 16_000_000  # of a disk that hangs; answers are written whole when they settle
MOST_WAITING_CHANGES = 10_000


@dataclass(slots=True)
class _Batch:
    changes: list[Change] = field(default_factory=list)
    pieces: dict[tuple[AnswerId, str], list[str]] = field(default_factory=dict)
    chars: int = 0

    def __bool__(self) -> bool:
        return bool(self.changes or self.pieces)


class Journal(threading.Thread):
    """Writes changes at once and streamed text eight times a second, in one transaction each time.

    When the file can not be written it goes on in memory and says so once.

    Attributes:
        memory: The store that took over; ``None`` while the file is written.
        memory_lock: Held while ``memory`` is read or written.
        opened: Set once the file is open, or known not to be.
    """

    def __init__(self, path: Path, on_trouble: Callable[[str], None]) -> None:
        """Write to ``path``; ``on_trouble`` gets at most one message, in this thread."""
        super().__init__(name="smallchat-journal", daemon=True)
        self.memory: sqlite3.Connection | None = None
        self.memory_lock = threading.Lock()
        self.opened = threading.Event()
        self.owner: str | None = None
        self._path = path
        self._leases = path.parent / "live"
        self._on_trouble = on_trouble
        self._told = False
        self._file: sqlite3.Connection | None = None
        self._lease: Lease | None = None
        self._touched: set[str] = set()
        self._rescued: set[str] = set()
        self._changed = threading.Condition()
        self._waiting = _Batch()
        self._submitted = self._written = 0
        self._written_at = 0.0
        self._closing = self._left = False

    def submit(self, change: Change, *, session: str | None = None, settles: AnswerId | None = None) -> None:
        """Have ``change`` written after all that was submitted before.

        Args:
            change: What to do; it may run again, on memory, after the file failed.
            session: The session that it touches, to be rescued should the file fail.
            settles: The answer that it settles; journalling its last words is no longer needed.
        """
        with self._changed:
            if session is not None:
                self._touched.add(session)
            if settles is not None:
                for channel in ("text", "reasoning"):
                    self._waiting.chars -= sum(map(len, self._waiting.pieces.pop((settles, channel), ())))
            if len(self._waiting.changes) >= MOST_WAITING_CHANGES:
                return
            self._waiting.changes.append(change)
            self._submitted += 1
            self._changed.notify_all()

    def append(self, answer: AnswerId, channel: str, text: str) -> None:
        """Have ``text`` written within an eighth of a second. Takes about a microsecond."""
        with self._changed:
            if self._waiting.chars > MOST_WAITING_CHARS:
                return
            pieces = self._waiting.pieces
            if not pieces:
                self._changed.notify_all()
            pieces.setdefault((answer, channel), []).append(text)
            self._waiting.chars += len(text)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until every change submitted so far is written; return whether that is over."""
        with self._changed:
            target = self._submitted
            return self._changed.wait_for(lambda: self._left or self._written >= target, timeout)

    def settle_abandoned(self) -> None:
        """Have the answers settled whose process has died since the store was opened."""
        self.submit(lambda db: upkeep.settle_abandoned(db, self._is_alive))

    def close(self, timeout: float | None = None) -> None:
        """Write everything, then end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self.join(timeout)

    def tell(self, error: BaseException) -> None:
        """Report trouble with the file, unless some was reported before."""
        with self._changed:
            told, self._told = self._told, True
        if not told:
            self._on_trouble(describe_trouble(error, self._path))

    def run(self) -> None:
        """Open the store, then write until it is closed."""
        try:
            self._open()
            self.opened.set()
            while batch := self._next_batch():
                self._write(batch)
                with self._changed:
                    self._written += len(batch.changes)
                    self._changed.notify_all()
        finally:
            self._leave()

    def _open(self) -> None:
        try:
            self._file = schema.open_for_writing(self._path)
            self._lease = Lease(self._leases)
            self.owner = self._lease.name
            _transact(self._file, [lambda db: upkeep.clean_up(db, self._is_alive)])
        except (sqlite3.Error, OSError, schema.NewerStore) as error:
            self._go_on_in_memory(error)

    def _is_alive(self, owner: str) -> bool:
        return is_alive(self._leases, owner)

    def _leave(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._lease is not None:
            self._lease.end()
        self.opened.set()
        with self._changed:
            self._left = True
            self._changed.notify_all()

    def _next_batch(self) -> _Batch:
        """Return what waits to be written; nothing when the store is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._waiting)
            while not (self._closing or self._waiting.changes):
                rest = self._written_at + INTERVAL_S - time.monotonic()
                if rest <= 0:
                    break
                self._changed.wait(rest)
            batch, self._waiting = self._waiting, _Batch()
            return batch

    def _write(self, batch: _Batch) -> None:
        self._written_at = time.monotonic()
        pieces = [writes.Piece(*key, "".join(texts)) for key, texts in batch.pieces.items()]
        changes: list[Change] = [*batch.changes, lambda db: writes.insert_pieces(db, pieces)]
        if self._file is not None:
            try:
                _transact(self._file, changes)
            except sqlite3.Error as error:
                self._go_on_in_memory(error)
            else:
                return
        with self.memory_lock:
            if self.memory is not None:
                self._rescue(self.memory)
                _transact(self.memory, changes)

    def _go_on_in_memory(self, error: BaseException) -> None:
        with self.memory_lock:
            self.memory = schema.open_in_memory()
            self._rescue(self.memory)
        if self._file is not None:
            self._file.close()
            self._file = None
        self.tell(error)

    def _rescue(self, memory: sqlite3.Connection) -> None:
        with self._changed:
            sessions = self._touched - self._rescued
            self._rescued |= sessions
        if sessions:
            rescue.copy_sessions(self._path, memory, sessions)


def _transact(db: sqlite3.Connection, changes: list[Change]) -> None:
    """Make all ``changes`` or, when the file can not be written, none.

    A change is left out when another terminal has removed what it is about, or no column holds its values.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        for change in changes:
            db.execute("SAVEPOINT change")
            try:
                change(db)
            except (sqlite3.IntegrityError, ValueError, ArithmeticError, RecursionError):
                db.execute("ROLLBACK TO change")
            db.execute("RELEASE change")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
