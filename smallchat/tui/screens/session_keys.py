"""Keys for the session that the panes show: others instead of it, branches of it, exports, other answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from smallchat.tui.alternatives import choose_next
from smallchat.tui.exporting import Wish
from smallchat.tui.latest import LatestOnly
from smallchat.tui.opening import OpenRequested, Resumed
from smallchat.tui.recall import Recall, choose_recent
from smallchat.tui.screens.prompt_keys import PromptScreen
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.export_line import ExportLine
from smallchat.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from smallchat.sessions.session import Session
    from smallchat.sessions.store import Store
    from smallchat.tui.comparison import Comparison


_OF_SESSION = frozenset({"save_session", "copy_session", "turns", "edit_last", "other_answer", "promote"})
PickAction = Literal["branch", "edit", "show_all"]


@dataclass(frozen=True, slots=True)
class Pick:
    """What the user wants with an earlier turn: go on from it, edit its prompt, or see all turns."""

    action: PickAction
    turn: int
    prompt: str


class SessionScreen(PromptScreen):
    """A screen whose panes show one session of the store."""

    KEY_GROUP = "Session"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "sessions", "Sessions", id="sessions",
                tooltip="Find an earlier session and go on with it"),
        Binding("f3", "turns", "Turns", id="turns", show=False,
                tooltip="List this session's turns: go on from one, edit its prompt, export it"),
        Binding("f5,p", "promote", "Go on with one", id="promote",
                tooltip="Go on with the current pane's model alone, its history with it"),
        Binding("alt+e,e", "edit_last", "Edit prompt", id="edit_last", show=False,
                tooltip="Edit the last prompt and send it again, in a branch of this session"),
        Binding("alt+a,a", "other_answer", "Other answer", id="other_answer", show=False,
                tooltip="Go on with another of the current pane's answers to the last prompt"),
        Binding("ctrl+s,x", "save_session", "Export", id="save_session",
                tooltip="Save this session as Markdown in the current directory"),
        Binding("alt+c,Y", "copy_session", "Copy session", id="copy_session", show=False,
                tooltip="Copy this session as Markdown"),
    ]  # fmt: skip

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

    # The session shown

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
        if whole:
            self.recall.show(recent, panes, comparison.head_of)
            self.recall.show_above(earlier, panes, comparison.head_of)
        else:
            note = f"{len(earlier):,} earlier turns: {self.key_of('turns')}." if earlier else ""
            self.recall.show(recent, panes, comparison.head_of, note)
        for pane, seat in zip(self.row.panes, comparison.seats, strict=True):
            pane.show_settled(seat.answer, seat.total)
        for pane, marks in zip(self.row.panes, comparison.marks(), strict=True):
            pane.figures.mark(marks)

    @on(Composer.Submitted)
    def _finish_recall(self) -> None:
        self.recall.finish()  # what is asked now belongs below

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        if action == "promote" and len(self.row.panes) == 1:
            return "There is one pane only: it goes on alone already."
        if action in _OF_SESSION:
            return self.find_reason_to_wait()
        return super().find_obstacle(action, parameters)

    def find_reason_to_wait(self) -> str | None:
        """Return why nothing can be done with the session now; ``None`` when something can."""
        if self.running:
            return "Stop the answers first ({stop_all})."
        return None if self.session_id else "Nothing has been said yet: ask something first."

    def _find_idle(self) -> str:
        """Return the id of the session shown; "" when nothing can be done with it now."""
        return "" if self.find_reason_to_wait() else self.session_id

    # Other sessions

    def action_sessions(self) -> None:
        """Open the list of sessions."""
        from smallchat.tui.screens.sessions import SessionsScreen

        if self.backend is not None and self.comparison is not None:
            turns = self.comparison.keeper.turns
            self.app.push_screen(SessionsScreen(self.backend, self.session_id, turns))

    def action_promote(self) -> None:
        """Go on with the current pane's model alone."""
        if self.comparison is not None and (session := self._find_idle()):
            seat = self.comparison.seats[self.row.current.index]
            place, label = seat.place, seat.model.label
            note = f"{label} goes on alone. {self.key_of('sessions')} has the comparison."
            self.post_message(OpenRequested(lambda store: store.promote(session, place), note=note))

    def action_turns(self) -> None:
        """Open the list of this session's turns."""
        from smallchat.tui.screens.turns import TurnsScreen

        if self.backend is not None and (session := self._find_idle()):
            self.app.push_screen(TurnsScreen(self.backend, session, self._take_pick))

    def _take_pick(self, pick: Pick) -> None:
        session = self.session_id
        if pick.action == "edit":
            self._edit(session, pick.turn, pick.prompt)
        elif pick.action == "branch":
            note = f"A branch of turn {pick.turn}. {self.key_of('sessions')} has the session it is from."
            self.post_message(OpenRequested(lambda store: store.branch(session, pick.turn), note=note))
        else:
            everything = tuple(range(len(self.row.panes)))
            self._reread(lambda store: self.Reread(store.load(session), everything))

    def action_edit_last(self) -> None:
        """Put the last prompt back into the composer, to be sent again from the turn before it."""
        if self.comparison is not None and (session := self._find_idle()):
            asked = self.comparison.seats[0]
            self.enclose_again(asked.images)
            self._edit(session, self.comparison.keeper.turns, asked.prompt)

    def _edit(self, session: str, turn: int, prompt: str) -> None:
        if turn > 1:
            note = f"Edit the prompt and send it. {self.key_of('sessions')} has the session as it was."
            self.post_message(OpenRequested(lambda store: store.branch(session, turn - 1), prompt, note))
        else:
            self.start_over()
            self.composer.take_back(prompt)

    def start_over(self) -> None:
        """Begin new conversations."""
        if self.comparison is not None:
            self.recall.stop()
            self.comparison.forget()
            for pane in self.row.panes:
                pane.clear()

    # Other answers

    def action_other_answer(self) -> None:
        """Go on with the next of the current pane's answers to the last prompt."""
        pane = self.row.current
        if session := self._find_idle():
            self._reread(lambda store: self._choose_next(store, session, pane.index, pane.place))

    def _choose_next(self, store: Store, session: str, pane: int, place: int) -> Message:
        if found := choose_next(store, session, place):
            return self.Reread(found[0], (pane,), found[1])
        return self.Missed("There is no other answer here: ask for one with Retry.")

    def _reread(self, job: Callable[[Store], Message]) -> None:
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

    # Exports

    def action_save_session(self) -> None:
        """Save this session as Markdown in the current directory."""
        if self.backend is not None and (session := self._find_idle()):
            self.query_one(ExportLine).save(self.backend, Wish(session))

    def action_copy_session(self) -> None:
        """Copy this session as Markdown."""
        if self.backend is not None and (session := self._find_idle()):
            self.query_one(ExportLine).copy(self.backend, Wish(session))
