"""The session that the panes show: put there when it is opened, and again when it was changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from smallchat.tui.latest import LatestOnly
from smallchat.tui.opening import Resumed
from smallchat.tui.recall import EARLIER, Recall, choose_recent
from smallchat.tui.screens.prompt_keys import PromptScreen
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.pane import Pane
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from smallchat.sessions.session import Session
    from smallchat.sessions.store import Store
    from smallchat.tui.comparison import Comparison


class ShownSession(PromptScreen):
    """A screen whose panes show one session of the store.

    Attributes:
        recall: Writes its turns into the panes.
    """

    @dataclass
    class Reread(Message):
        """The session was read again, to be shown in ``panes``: all of it, or with ``note`` said below."""

        session: Session
        panes: tuple[int, ...]
        note: str = ""

    @dataclass
    class Missed(Message):
        """What was looked for in the session is not there."""

        text: str

    def __init__(self, names: Sequence[str]) -> None:
        """Make a pane for each of ``names``."""
        super().__init__(names)
        self.recall = Recall(self)
        self._reader = LatestOnly("smallchat-rereading")

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    @property
    def session_id(self) -> str:
        """The id of the session that the panes show; "" while nothing of it is kept."""
        keeper = self.comparison.keeper if self.comparison else None
        return keeper.session if keeper and keeper.turns else ""

    def resume(self, resumed: Resumed, comparison: Comparison) -> None:
        """Show the session that ``comparison`` goes on with."""
        self.show_session(resumed.session, self.row.panes, comparison)
        if resumed.draft:
            self.composer.take_back(resumed.draft)
        for note in resumed.notes:
            self.toast(note)

    def show_session(
        self, session: Session, panes: Sequence[Pane], comparison: Comparison, *, whole: bool = False
    ) -> None:
        """Show in ``panes`` what ``comparison`` has taken up of ``session``: its last turns, or ``whole``."""
        for pane in panes:
            pane.clear()
        recent = choose_recent(session.turns)
        earlier = session.turns[: len(session.turns) - len(recent)]
        closings = {pane: comparison.closing_of(comparison.seats[pane.index]) for pane in panes}
        note = f"{len(earlier):,} earlier turns: {self.key_of('turns')}." if earlier and not whole else ""
        self.recall.show(recent, panes, comparison.head_of, note, closings)
        if whole and earlier:
            self.recall.show_above(earlier, panes, comparison.head_of)
            self.toast(f"{len(earlier):,} earlier turns come in above, the last ones first.")
        for pane, seat in zip(self.row.panes, comparison.seats, strict=True):
            pane.show_settled(seat.answer, seat.total)
        for pane, marks in zip(self.row.panes, comparison.marks(), strict=True):
            pane.figures.mark(marks)

    @on(Transcript.NoteClicked)
    def _list_turns(self, message: Transcript.NoteClicked) -> None:
        if message.about == EARLIER:
            self.action_turns()

    def action_turns(self) -> None:
        """Open the list of this session's turns: done by the screen that has keys for the session."""
        raise NotImplementedError

    @on(Composer.Submitted)
    def _finish_recall(self) -> None:
        self.recall.finish()  # what is asked now belongs below

    def start_over(self) -> None:
        """Begin a new session; the one before is kept."""
        if self.comparison is not None:
            self.recall.stop()
            self.comparison.forget()
            for pane, seat in zip(self.row.panes, self.comparison.seats, strict=True):
                pane.clear()
                pane.figures.add_up(seat.total)

    def reread(self, job: Callable[[Store], Message]) -> None:
        """Post what ``job`` finds in the store: for a thread, as it waits for the disk."""
        if self.backend is not None:
            store = self.backend.store
            self._reader.do(lambda: self.post_message(job(store)))

    @on(Reread)
    def _show_again(self, message: Reread) -> None:
        comparison = self.comparison
        if comparison is None or self.running or message.session.id != self.session_id:
            return
        comparison.recall(message.session)
        panes = [self.row.panes[index] for index in message.panes]
        self.show_session(message.session, panes, comparison, whole=not message.note)
        if message.note:
            self.recall.finish()
            for pane in panes:
                pane.transcript.add_note(message.note)
        self.refresh_bindings()

    @on(Missed)
    def _tell_missed(self, message: Missed) -> None:
        self.toast(message.text)
