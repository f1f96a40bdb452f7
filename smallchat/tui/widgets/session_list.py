"""The sessions, last used first, or those that a search found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message

from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.session_row import NARROW, render_match, render_session

if TYPE_CHECKING:
    from smallchat.sessions.summary import Match, Summary

AHEAD = 50  # rows known below the last one that is seen


class SessionList(RowList):
    """Shows what it was given, and asks for more when the end comes near."""

    @dataclass
    class Wanted(Message):
        """More sessions are about to be seen: those after the ``known`` ones, or all of them."""

        known: int
        everything: bool = False

    def __init__(self) -> None:
        super().__init__(id="session-list")
        self._summaries: list[Summary] = []
        self._known: set[str] = set()
        self._matches: list[Match] | None = None
        self._complete = False
        self._wanting = False
        self._to_end = False

    @property
    def searching(self) -> bool:
        """Whether it shows what a search found."""
        return self._matches is not None

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._summaries if self._matches is None else self._matches)

    @property
    def current(self) -> Summary | None:
        """The session under the cursor."""
        if not self.row_count:
            return None
        return self._summaries[self.cursor] if self._matches is None else self._matches[self.cursor].session

    @property
    def found_turn(self) -> int | None:
        """The turn in which a search found the words; ``None`` without a search, or for a title."""
        return self._matches[self.cursor].turn if self._matches else None

    def add_page(self, page: Sequence[Summary], *, complete: bool) -> None:
        """Add the next sessions; ``complete`` says that there are no more."""
        self._summaries.extend(summary for summary in page if summary.id not in self._known)
        self._known.update(summary.id for summary in page)
        self._complete, self._wanting = complete, False
        self._fit_rows()
        if self._to_end and complete:
            self._to_end = False
            self.cursor = self.row_count - 1

    def show_matches(self, matches: Iterable[Match] | None) -> None:
        """Show what a search found; ``None`` shows all sessions again, where the cursor was."""
        before = self.current
        self._matches = None if matches is None else list(matches)
        self.cursor = 0
        self._fit_rows()
        if self._matches is None and before is not None:
            self.select(before.id)

    def drop(self, session: str) -> None:
        """Show no longer the session with this id."""
        self._summaries = [summary for summary in self._summaries if summary.id != session]
        if self._matches is not None:
            self._matches = [match for match in self._matches if match.session.id != session]
        self._known.discard(session)
        self._fit_rows()

    def put_back(self, summary: Summary) -> None:
        """Show ``summary``, which was dropped, in its place again."""
        places = [index for index, other in enumerate(self._summaries) if other.used <= summary.used]
        place = places[0] if places else len(self._summaries)
        self._summaries.insert(place, summary)
        self._known.add(summary.id)
        self._fit_rows()
        self.select(summary.id)

    def retitle(self, session: str, title: str) -> None:
        """Show another title."""
        self._summaries = [
            replace(summary, title=title) if summary.id == session else summary for summary in self._summaries
        ]
        if self._matches is not None:
            self._matches = [
                replace(match, session=replace(match.session, title=title))
                if match.session.id == session
                else match
                for match in self._matches
            ]
        self.refresh()

    def start_over(self) -> None:
        """Forget all sessions, to be given them anew."""
        self._summaries, self._known, self._complete = [], set(), False

    def select(self, session: str) -> None:
        """Go to the session with this id, if it is here."""
        rows = self._summaries if self._matches is None else [match.session for match in self._matches]
        index = next((index for index, summary in enumerate(rows) if summary.id == session), None)
        if index is not None:
            self.cursor = index

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the lines of a session."""
        now = datetime.now(UTC)
        if self._matches is not None:
            return render_match(self._matches[index], width, now)
        return render_session(self._summaries[index], width, now)

    def on_resize(self) -> None:
        """Lay the rows out for another width."""
        self._fit_rows()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for more before the end is seen."""
        super().watch_scroll_y(old_value, new_value)
        self._want_more()

    def action_move_to_end(self) -> None:
        """Go to the oldest session, which may have to be read first."""
        super().action_move_to_end()
        if not (self._complete or self.searching):
            self._to_end = self._wanting = True
            self.post_message(self.Wanted(len(self._summaries), everything=True))

    def _fit_rows(self) -> None:
        narrow = self.scrollable_content_region.width - 3 < NARROW
        self.row_height = 2 if narrow or self.searching else 1
        self.rows_changed()
        self._want_more()

    def _want_more(self) -> None:
        if self._complete or self._wanting or self.searching or not self._summaries:
            return
        last_seen = (self.scroll_offset.y + self.size.height) // self.row_height
        if last_seen + AHEAD > len(self._summaries):
            self._wanting = True
            self.post_message(self.Wanted(len(self._summaries)))
