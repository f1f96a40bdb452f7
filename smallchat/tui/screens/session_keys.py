"""Keys for the session that the panes show: others instead of it, branches of it, exports, other answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.message import Message

from smallchat.tui.alternatives import choose_next
from smallchat.tui.exporting import Wish
from smallchat.tui.opening import OpenRequested
from smallchat.tui.screens.shown_session import ShownSession
from smallchat.tui.widgets.export_line import ExportLine

if TYPE_CHECKING:
    from smallchat.sessions.store import Store


_OF_SESSION = frozenset({"save_session", "copy_session", "turns", "edit_last", "other_answer", "promote"})
TurnAction = Literal["branch", "edit", "show_all"]


@dataclass(frozen=True, slots=True)
class TurnPick:
    """What the user wants with an earlier turn: go on from it, edit its prompt, or see all turns."""

    action: TurnAction
    turn: int
    prompt: str


class SessionScreen(ShownSession):
    """A screen from which other sessions are opened, and made of the one that its panes show."""

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
        from smallchat.tui.session_app import SessionApp

        app = self.app
        if self.backend is not None and self.comparison is not None and isinstance(app, SessionApp):
            turns = self.comparison.keeper.turns
            app.push_screen(SessionsScreen(self.backend, self.session_id, turns, app.deleted))

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

    def _take_pick(self, pick: TurnPick) -> None:
        session = self.session_id
        if pick.action == "edit":
            self._edit(session, pick.turn, pick.prompt)
        elif pick.action == "branch":
            note = f"A branch of turn {pick.turn}. {self.key_of('sessions')} has the session it is from."
            self.post_message(OpenRequested(lambda store: store.branch(session, pick.turn), note=note))
        else:
            everything = tuple(range(len(self.row.panes)))
            self.reread(lambda store: self.Reread(store.load(session), everything))

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

    # Other answers

    def action_other_answer(self) -> None:
        """Go on with the next of the current pane's answers to the last prompt."""
        pane = self.row.current
        if session := self._find_idle():
            self.reread(lambda store: self._choose_next(store, session, pane.index, pane.place))

    def _choose_next(self, store: Store, session: str, pane: int, place: int) -> Message:
        if found := choose_next(store, session, place):
            return self.Reread(found[0], (pane,), found[1])
        return self.Missed("There is no other answer here: ask for one with Retry.")

    # Exports

    def action_save_session(self) -> None:
        """Save this session as Markdown in the current directory."""
        if self.backend is not None and (session := self._find_idle()):
            self.query_one(ExportLine).save(self.backend, Wish(session))

    def action_copy_session(self) -> None:
        """Copy this session as Markdown."""
        if self.backend is not None and (session := self._find_idle()):
            self.query_one(ExportLine).copy(self.backend, Wish(session))
