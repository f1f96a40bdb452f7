"""What the store has kept, asked for: sessions listed, searched, found by name and loaded."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_line
from smallchat.sessions import reads
from smallchat.sessions.journal import Journal
from smallchat.sessions.names import read_session_id
from smallchat.sessions.rows import storable
from smallchat.sessions.schema import open_for_reading
from smallchat.sessions.search import search, search_titles
from smallchat.sessions.session import Session
from smallchat.sessions.summary import Match, Summary

T = TypeVar("T")

LAST = "last"
LONGEST_PROMPT = 200_000  # characters; what is longer is not written by hand


class UnknownSession(ConfigError):  # noqa: N818 - reads as what it is
    """No session, or more than one, has the name that was given."""


class Archive:
    """Reads the file of one data directory, and what memory holds once the file has failed.

    Every method waits for the changes made before it and reads the file: milliseconds, to be called off a
    screen's thread all the same.
    """

    def __init__(self, journal: Journal, path: Path) -> None:
        """Read the file at ``path``, which ``journal`` writes."""
        self._journal = journal
        self._path = path
        self._reading = threading.Lock()
        self._file: sqlite3.Connection | None = None

    def list(self, limit: int = -1, offset: int = 0, *, by_use: bool = False) -> Sequence[Summary]:
        """Return sessions, newest first; all of them without a ``limit``.

        Args:
            limit: How many at most.
            offset: How many to leave out before them.
            by_use: Those first that were used last, also when they began long ago.
        """
        found = self._ask(lambda db: reads.list_sessions(db, limit, offset, by_use=by_use))
        if len(found) == 1:
            return found[0]
        known: dict[str, Summary] = {}
        for summary in (summary for part in found for summary in part):
            known.setdefault(summary.id, summary)
        time = attrgetter("used" if by_use else "created")
        ordered = sorted(known.values(), key=time, reverse=True)
        return ordered if limit < 0 else ordered[:limit]

    def prompts(self, words: str = "", limit: int = 200) -> Sequence[str]:
        """Return earlier prompts of all sessions that contain ``words``: newest first, each once."""
        found = self._ask(lambda db: reads.list_prompts(db, words, limit, LONGEST_PROMPT))
        return list(dict.fromkeys(prompt for part in found for prompt in part))[:limit]

    def search(self, words: str, limit: int = 50) -> Sequence[Match]:
        """Return passages with all ``words``, the last maybe half typed: newest first, one per session.

        A session that has them in its title alone is found by that.
        """
        found = self._ask(lambda db: [*search_titles(db, words, limit), *search(db, words, limit)])
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

    def _let_go(self) -> None:
        """Close the file."""
        with self._reading:
            if self._file is not None:
                self._file.close()
                self._file = None


def _unknown(name: str, what: str = "session") -> UnknownSession:
    return UnknownSession(f'There is no {what} "{safe_line(name, 40)}": smallchat sessions lists them.')
