"""Every conversation, kept from its first token."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from smallchat import __version__
from smallchat.metering.answer import Answer
from smallchat.safe_text import safe_line
from smallchat.sessions import session_writes, writes
from smallchat.sessions.archive import Archive, UnknownSession
from smallchat.sessions.copies import renewed, up_to_turn, with_pane_alone
from smallchat.sessions.journal import Journal
from smallchat.sessions.names import new_key, new_session_id
from smallchat.sessions.rows import now
from smallchat.sessions.seating import Seating
from smallchat.sessions.session import AnswerId, Kept, Session, SessionModel, Turn, TurnId
from smallchat.sessions.vote import Vote

FILE_NAME = "sessions.db"
CLOSING_S = 5.0  # for a disk that hangs


class Store(Archive):
    """The sessions of one data directory. Several terminals may have it open at once.

    Methods that change something return at once: one thread writes, in order. When the file fails, its
    reader is told once and everything goes on in memory.
    """

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
        self._let_go()  # first, since only the last one to close, if it may write, tidies up
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
        self,
        mode: str,
        models: Sequence[SessionModel],
        title: str = "",
        *,
        name: str = "",
        seated: Mapping[int, str] | None = None,
    ) -> str:
        """Begin a session and return its id; without a ``title`` the first prompt gives it one.

        Args:
            mode: ``compare``, ``chat`` or ``route``.
            models: Who is asked.
            title: What it is about.
            name: An id that :func:`new_session_id` gave.
            seated: The model of each pane, by its place; without it, answers tell.
        """
        id, key = name or new_session_id(), new_key()  # noqa: A001
        seatings = (Seating(0, dict(seated)),) if seated else ()
        session = Session(
            id, safe_line(title), now(), mode, tuple(models), version=__version__, seatings=seatings
        )
        self._journal.submit(lambda db: writes.insert_whole(db, session, key), session=id)
        return id

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

    def vote(self, turn: TurnId, vote: Vote | None) -> None:
        """Keep which answer of a turn was liked best while the names were hidden; ``None`` takes it back."""
        self._journal.submit(lambda db: writes.set_vote(db, turn, vote))

    def settle_abandoned(self) -> None:
        """Settle as ``cut`` the answers of terminals that have died since this store was opened."""
        self._journal.settle_abandoned()

    def set_models(self, session: str, models: Sequence[SessionModel]) -> None:
        """Go on with other models, or with newer prices."""
        kept = tuple(models)
        self._journal.submit(lambda db: session_writes.set_models(db, session, kept), session=session)

    def seat(self, session: str, models: Sequence[SessionModel], seated: Mapping[int, str]) -> None:
        """Go on with other panes: those of the models ``seated`` at their places; others have ended."""
        kept, places = tuple(models), dict(seated)

        def change(db: sqlite3.Connection) -> None:
            session_writes.set_models(db, session, kept)
            session_writes.set_seating(db, session, places)

        self._journal.submit(change, session=session)

    # Sessions

    def rename(self, session: str, title: str) -> None:
        """Give a session another title."""
        title = safe_line(title) or "Untitled"
        self._journal.submit(lambda db: session_writes.rename_session(db, session, title), session=session)

    def delete(self, session: str) -> None:
        """Delete a session. :meth:`undelete` takes it back within thirty days."""
        when = now()
        self._journal.submit(lambda db: session_writes.set_deleted(db, session, when), session=session)

    def undelete(self, session: str) -> None:
        """Take a deletion back."""
        self._journal.submit(lambda db: session_writes.set_deleted(db, session, None), session=session)

    # Sessions made from others

    def promote(self, session: str, place: int) -> str:
        """Go on with one pane of a comparison: return a new session with all that was answered there.

        Raises:
            UnknownSession: There is no such session, or nobody sits at ``place``.
        """
        alone = with_pane_alone(self.load(session), place)
        if alone is None:
            raise UnknownSession(f"Session {session} has no such pane.")
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
