"""Every conversation, kept from its first token."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from smallchat import __version__
from smallchat.config.errors import ConfigError
from smallchat.metering.answer import Answer
from smallchat.safe_text import safe_line
from smallchat.sessions import reads, writes
from smallchat.sessions.copies import renewed, up_to_turn, with_model_alone
from smallchat.sessions.journal import Journal
from smallchat.sessions.names import new_key, new_session_id, read_session_id
from smallchat.sessions.rows import now, storable
from smallchat.sessions.schema import open_for_reading
from smallchat.sessions.search import search
from smallchat.sessions.session import (
    AnswerId,
    Kept,
    Match,
    Session,
    SessionModel,
    Summary,
    Turn,
    TurnId,
)
from smallchat.sessions.vote import Vote

T = TypeVar("T")

FILE_NAME = "sessions.db"
LAST = "last"
LONGEST_PROMPT = 200_000  # characters; what is longer is not written by hand
CLOSING_S = 5.0  # for a disk that hangs


class UnknownSession(ConfigError):  # noqa: N818 - reads as what it is
    """No session, or more than one, has the name that was given."""


class Store:
    """The sessions of one data directory. Several terminals may have it open at once.

    Methods that change something return at once: one thread writes, in order. Methods that ask wait for the
    changes made before them and read the file: milliseconds, to be called off a screen's thread all the same.
    When the file fails, its reader is told once and everything goes on in memory.
    """

    def __init__(self, journal: Journal, path: Path) -> None:
        """Use :meth:`open`."""
        self._journal = journal
        self._path = path
        self._reading = threading.Lock()
        self._file: sqlite3.Connection | None = None

    @classmethod
    def open(cls, data_dir: Path, on_trouble: Callable[[str], None]) -> Store:
        """Open the store in ``data_dir``, which is made if it is missing. Returns before the file is open.

        Args:
            data_dir: Where ``sessions.db`` is.
            on_trouble: Gets two lines for the user, at most once and in another thread, when nothing can
                be kept any more. It must not wait for anything.
        """
        path = data_dir / FILE_NAME
        journal = Journal(path, on_trouble)
        journal.start()
        return cls(journal, path)

    def close(self) -> None:
        """Write what waits to be written and let go of the file."""
        with self._reading:
            if self._file is not None:
                self._file.close()  # first, since only the last one to close, if it may write, tidies up
                self._file = None
        self._journal.close(CLOSING_S)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all changes so far are written, at most ``timeout`` seconds; say whether they are."""
        return self._journal.flush(timeout)

    @property
    def is_kept(self) -> bool:
        """Whether what is written outlives the process; false once the file has failed."""
        return self._journal.memory is None

    # A conversation as it happens

    def create_session(
        self, mode: str, models: Sequence[SessionModel], title: str = "", *, name: str = ""
    ) -> str:
        """Begin a session and return its id; without a ``title`` the first prompt gives it one.

        Args:
            mode: ``compare``, ``chat`` or ``route``.
            models: Who is asked, by pane.
            title: What it is about.
            name: An id that :func:`new_session_id` gave.
        """
        session = Session(
            name or new_session_id(), safe_line(title), now(), mode, tuple(models), version=__version__
        )
        key = new_key()
        self._journal.submit(lambda db: writes.insert_session(db, session, key), session=session.id)
        return session.id

    def begin_turn(self, session: str, prompt: str, decision: Mapping[str, Any] | None = None) -> TurnId:
        """Add a prompt after the last turn of ``session``; ``decision`` says how routing chose the model."""
        turn = Turn(0, prompt, now(), decision=decision, id=TurnId(new_key()))
        self._journal.submit(lambda db: writes.insert_turn(db, session, turn), session=session)
        return turn.id

    def update_turn(
        self,
        turn: TurnId,
        *,
        decision: Mapping[str, Any] | None = None,
        budget: Mapping[str, Any] | None = None,
    ) -> None:
        """Add to a turn what was not known when it began."""
        self._journal.submit(lambda db: writes.update_turn(db, turn, decision, budget))

    def begin_answer(
        self,
        turn: TurnId,
        model: str,
        provider: str,
        *,
        pane: int = 0,
        system: str = "",
        params: Mapping[str, Any] | None = None,
    ) -> AnswerId:
        """Add an answer that is about to come in.

        A second one in the same pane of a turn is an alternative: it is chosen, the first one is kept.
        """
        answer = Answer(model, provider, "cut")
        kept = Kept(answer, system, dict(params or {}), pane, AnswerId(new_key()), running=True)
        self._journal.submit(lambda db: writes.insert_answer(db, turn, kept, self._journal.owner))
        return kept.id

    def append(self, answer: AnswerId, channel: str, text: str) -> None:
        """Journal what came in for a running answer; ``channel`` is ``text``, ``reasoning`` or ``tool``.

        Costs the caller a microsecond. Survives the death of the process within a quarter second.
        """
        self._journal.append(answer, channel, text)

    def settle(self, answer_id: AnswerId, answer: Answer) -> None:
        """Keep ``answer``, which replaces what was journalled of it."""
        self._journal.submit(lambda db: writes.settle_answer(db, answer_id, answer), settles=answer_id)

    def choose(self, answer_id: AnswerId) -> None:
        """Go on with this one of a pane's alternatives."""
        key = new_key()
        self._journal.submit(lambda db: writes.choose_answer(db, answer_id, key))

    def vote(self, turn: TurnId, vote: Vote) -> None:
        """Keep which answer of a turn was liked best while the names were hidden."""
        self._journal.submit(lambda db: writes.set_vote(db, turn, vote))

    def settle_abandoned(self) -> None:
        """Settle as ``cut`` the answers of terminals that have died since this store was opened."""
        self._journal.settle_abandoned()

    def set_models(self, session: str, models: Sequence[SessionModel]) -> None:
        """Go on with other models, or with newer prices."""
        kept = tuple(models)
        self._journal.submit(lambda db: writes.set_models(db, session, kept), session=session)

    # Sessions

    def list(self, limit: int = -1, offset: int = 0) -> Sequence[Summary]:
        """Return sessions, newest first; all of them without a ``limit``."""
        found = self._ask(lambda db: reads.list_sessions(db, limit, offset))
        if len(found) == 1:
            return found[0]
        return _newest_first((summary for part in found for summary in part), limit)

    def prompts(self, words: str = "", limit: int = 200) -> Sequence[str]:
        """Return earlier prompts of all sessions that contain ``words``: newest first, each once."""
        found = self._ask(lambda db: reads.list_prompts(db, words, limit, LONGEST_PROMPT))
        return list(dict.fromkeys(prompt for part in found for prompt in part))[:limit]

    def search(self, words: str, limit: int = 50) -> Sequence[Match]:
        """Return passages with all ``words``, the last maybe half typed: newest first, one per session."""
        found = self._ask(lambda db: search(db, words, limit))
        matches = {match.session.id: match for part in reversed(found) for match in part}
        return sorted(matches.values(), key=lambda match: match.session.used, reverse=True)[:limit]

    def load(self, session: str) -> Session:
        """Return a session with everything in it, deleted ones too.

        Raises:
            UnknownSession: There is none with this id.
        """
        for found in self._ask(lambda db: reads.load_session(db, storable(session))):
            if found is not None:
                return found
        raise UnknownSession(
            f'There is no session "{safe_line(session, 40)}": smallchat sessions lists them.'
        )

    def voted(self) -> Sequence[Session]:
        """Return every session with a vote in it."""
        ids = dict.fromkeys(id for part in self._ask(reads.voted_sessions) for id in part)  # noqa: A001
        return [self.load(id) for id in ids]  # noqa: A001

    def resolve(self, name: str, *, deleted: bool = False) -> str:
        """Return the id that ``name`` stands for: its beginning, or ``last`` for the one used last.

        Args:
            name: What was typed.
            deleted: Look among the deleted sessions instead.

        Raises:
            UnknownSession: It stands for none, or for several.
        """
        if name == LAST and not deleted:
            latest = [found for found in self._ask(reads.last_used) if found]
            if not latest:
                raise UnknownSession("There is no session yet: smallchat starts one.")
            return max(latest)[1]
        prefix = storable(read_session_id(name))
        ids = set().union(*self._ask(lambda db: reads.find_ids(db, prefix, deleted=deleted)))
        if len(ids) == 1 and prefix:
            return ids.pop()
        if ids and prefix:
            raise UnknownSession(f'"{safe_line(name, 40)}" begins several sessions: add a letter.')
        raise _unknown(name, "deleted session" if deleted else "session")

    def rename(self, session: str, title: str) -> None:
        """Give a session another title."""
        title = safe_line(title) or "Untitled"
        self._journal.submit(lambda db: writes.rename_session(db, session, title), session=session)

    def delete(self, session: str) -> None:
        """Delete a session. :meth:`undelete` takes it back within thirty days."""
        when = now()
        self._journal.submit(lambda db: writes.set_deleted(db, session, when), session=session)

    def undelete(self, session: str) -> None:
        """Take a deletion back."""
        self._journal.submit(lambda db: writes.set_deleted(db, session, None), session=session)

    # Sessions made from others

    def promote(self, session: str, model: str) -> str:
        """Go on with one pane of a comparison: return a new session with the history of ``model`` alone.

        Raises:
            UnknownSession: There is no such session, or ``model`` is not in it.
        """
        alone = with_model_alone(self.load(session), model)
        if not alone.models:
            raise UnknownSession(f'"{safe_line(model, 60)}" is not in session {session}.')
        return self.add(alone)

    def branch(self, session: str, turn: int) -> str:
        """Go on from an earlier turn: return a new session with the turns up to ``turn``, counted from 1.

        To send an edited prompt again, branch from the turn before it; 0 keeps none.

        Raises:
            UnknownSession: There is no such session.
        """
        return self.add(up_to_turn(self.load(session), turn))

    def add(self, session: Session) -> str:
        """Keep a copy of ``session``, such as one read from a file; return the id of the copy."""
        copy = renewed(session)
        key = new_key()
        self._journal.submit(lambda db: writes.insert_whole(db, copy, key), session=copy.id)
        return copy.id

    # Where it reads

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> Sequence[T]:
        """Return the answers of memory, when that took over, and of the file, as far as it can be read."""
        self._journal.opened.wait()
        self._journal.flush()
        answers = []
        with self._journal.memory_lock:
            in_memory = self._journal.memory is not None
            if self._journal.memory is not None:
                answers.append(question(self._journal.memory))
        with self._reading:
            try:
                if self._file is None:
                    self._file = open_for_reading(self._path)
                answers.append(question(self._file))
            except (sqlite3.Error, ValueError) as error:
                if not in_memory and isinstance(error, sqlite3.Error):
                    self._journal.tell(error)
        return answers


def _unknown(name: str, what: str = "session") -> UnknownSession:
    return UnknownSession(f'There is no {what} "{safe_line(name, 40)}": smallchat sessions lists them.')


def _newest_first(summaries: Iterable[Summary], limit: int) -> Sequence[Summary]:
    known: dict[str, Summary] = {}
    for summary in summaries:
        known.setdefault(summary.id, summary)
    ordered = sorted(known.values(), key=lambda summary: summary.created, reverse=True)
    return ordered if limit < 0 else ordered[:limit]
