"""What can be done with a listed session: rename it, delete it and take that back, export it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from smallchat.tui.exporting import Kind, Wish
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.export_line import ExportLine
from smallchat.tui.widgets.session_list import SessionList

if TYPE_CHECKING:
    from smallchat.sessions.summary import Summary
    from smallchat.tui.backend import Backend

_OF_SESSION = frozenset({"rename", "delete", "export", "copy_session"})


class SessionChores(SmallchatScreen):
    """A screen with a list of sessions.

    Attributes:
        list: The sessions.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "rename", "Rename", id="rename_session", tooltip="Give the session another title"),
        Binding("d,delete", "delete", "Delete", id="delete_session",
                tooltip="Delete the session; it can be taken back"),
        Binding("u", "undo", "Undo", id="undelete_session", tooltip="Take the last deletion back"),
        Binding("e", "export('markdown')", "Export", id="export_session",
                tooltip="Save the session as Markdown in the current directory"),
        Binding("E", "export('json')", "As JSON", id="export_json", key_display="E",
                tooltip="Save the session as JSON in the current directory"),
        Binding("y", "copy_session", "Copy", id="copy_listed", tooltip="Copy the session as Markdown"),
    ]  # fmt: skip

    def __init__(self, backend: Backend, current: str, deleted: list[Summary]) -> None:
        """List what ``backend`` keeps.

        Args:
            backend: What the screens work with.
            current: The session that the panes show.
            deleted: The sessions that can be taken back, the last one at the end; more are added here.
        """
        super().__init__()
        self._backend, self._current, self._deleted = backend, current, deleted
        self.list = SessionList()

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        if action == "undo" and not self._deleted:
            return "Nothing was deleted that could be taken back."
        if action in _OF_SESSION and self.list.current is None:
            return "No session has these words." if self.list.searching else "There is no session yet."
        return super().find_obstacle(action, parameters)

    def action_rename(self) -> None:
        """Ask for another title."""
        from smallchat.tui.screens.rename import RenameScreen

        if (current := self.list.current) is not None:
            self.app.push_screen(RenameScreen(current.title), partial(self._rename, current.id))

    def _rename(self, session: str, title: str | None) -> None:
        if title:
            self._backend.store.rename(session, title)
            self.list.retitle(session, title)

    def action_delete(self) -> None:
        """Delete the session under the cursor."""
        current = self.list.current
        if current is None:
            return
        if current.id == self._current:
            self.toast("The panes show this session: begin a new chat there before you delete it.", "warning")
            return
        self._backend.store.delete(current.id)
        self._deleted.append(current)
        self.list.drop(current.id)
        self.refresh_bindings()
        self.app.clear_notifications()  # only the last deletion is taken back
        self.toast(f"Deleted “{current.title}”. {self.key_of('undelete_session')} takes it back.")

    def action_undo(self) -> None:
        """Take the last deletion back."""
        if self._deleted:
            summary = self._deleted.pop()
            self._backend.store.undelete(summary.id)
            self.list.put_back(summary)
            self.refresh_bindings()
            self.app.clear_notifications()
            self.toast(f"“{summary.title}” is back.")

    def action_export(self, kind: Kind) -> None:
        """Save the session in the current directory."""
        if (current := self.list.current) is not None:
            self.query_one(ExportLine).save(self._backend, Wish(current.id, kind))

    def action_copy_session(self) -> None:
        """Copy the session as Markdown."""
        if (current := self.list.current) is not None:
            self.query_one(ExportLine).copy(self._backend, Wish(current.id))
