"""The sessions screen: find what was said, go on with it, rename, delete and export it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from smallchat.tui.key_names import find_key
from smallchat.tui.latest import LatestOnly
from smallchat.tui.opening import OpenRequested
from smallchat.tui.pasting import NO_CONTROLS
from smallchat.tui.screens.session_chores import SessionChores
from smallchat.tui.widgets.export_line import ExportLine
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.session_list import SessionList
from smallchat.tui.widgets.session_row import NARROW, describe_session, render_head

if TYPE_CHECKING:
    from smallchat.sessions.summary import Match, Summary
    from smallchat.tui.backend import Backend

PAGE = 200
MOST_MATCHES = 200


class SearchField(Input):
    """What is typed here is searched for; keys for the list go on to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Open", id="choose_found", tooltip="Go on with the session found"),
    ]

    def __init__(self) -> None:
        super().__init__(
            placeholder="Sessions: search titles, prompts and answers",
            compact=True,
            restrict=NO_CONTROLS,
            id="search",
        )


class SessionsScreen(SessionChores):
    """Lists the sessions, last used first; what is typed into the search is looked for in all that was said.

    Attributes:
        found: The words whose matches are shown.
    """

    HELP = "Type after / to search titles and all that was said; Enter goes on with a session."
    CSS_PATH = "sessions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Find", id="search_sessions", key_display="/",
                tooltip="Search titles, prompts and answers"),
        Binding("escape", "leave", "Back", id="leave_sessions",
                tooltip="End the search, or go back to the panes"),
    ]  # fmt: skip

    @dataclass
    class Paged(Message):
        """The next sessions were read; ``start`` says after how many."""

        page: Sequence[Summary]
        start: int
        complete: bool

    @dataclass
    class Found(Message):
        """A search has ended."""

        words: str
        matches: Sequence[Match]

    def __init__(self, backend: Backend, current: str, turns: int, deleted: list[Summary]) -> None:
        """List what ``backend`` keeps.

        Args:
            backend: What the screens work with.
            current: The id of the session that the panes show.
            turns: How many turns of it they show; another terminal may have added some.
            deleted: The sessions that can be taken back; those deleted here are added.
        """
        super().__init__(backend, current, deleted)
        self._turns = turns
        self.found = ""
        self._pages, self._searches = LatestOnly("smallchat-sessions"), LatestOnly("smallchat-search")

    def compose(self) -> ComposeResult:
        """Yield search, list and keys."""
        yield SearchField()
        yield Line(id="session-head")
        yield self.list
        yield Line(id="session-detail")
        yield ExportLine()
        yield KeyBar(("leave_sessions", "choose_row", "choose_found", "search_sessions"))

    def on_mount(self) -> None:
        """Read the first page."""
        self.list.focus()
        self._read_page(0)

    def on_unmount(self) -> None:
        """End the threads."""
        self._pages.end()
        self._searches.end()

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        if action == "search" and isinstance(self.focused, Input):
            return ""
        return super().find_obstacle(action, parameters)

    # Reading

    def _read_page(self, start: int, limit: int = PAGE) -> None:
        store = self._backend.store

        def read() -> None:
            page = store.list(limit, start, by_use=True)
            self.post_message(self.Paged(page, start, complete=len(page) < limit or limit < 0))

        self._pages.do(read)

    @on(SessionList.Wanted)
    def _read_more(self, message: SessionList.Wanted) -> None:
        self._read_page(message.known, -1 if message.everything else PAGE)

    @on(Paged)
    def _add_page(self, message: Paged) -> None:
        if message.start == 0:
            self.list.start_over()
        self.list.add_page(message.page, complete=message.complete)
        if message.start == 0:
            self.list.select(self._current)
        self.refresh_bindings()

    @on(Input.Changed, "#search")
    def _search(self, event: Input.Changed) -> None:
        words = event.value
        if not words.strip():
            self.list.show_matches(None)
            return
        store = self._backend.store
        self._searches.do(lambda: self.post_message(self.Found(words, store.search(words, MOST_MATCHES))))

    @on(Found)
    def _show_found(self, message: Found) -> None:
        if message.words == self.query_one(Input).value:
            self.found = message.words
            self.list.show_matches(message.matches)
            self.refresh_bindings()

    @on(RowList.Moved)
    def _describe_current(self) -> None:
        head, width = self.query_one("#session-head", Line), self.list.scrollable_content_region.width - 3
        head.display = width >= NARROW
        head.say(render_head(width))
        current = self.list.current
        if current is not None:
            here = "in the panes · " if current.id == self._current else ""
            text = here + describe_session(current)
        elif self.list.searching:
            text = "No session has these words."
        else:
            text = "There is no session yet."
        self.query_one("#session-detail", Line).say(Content.styled(text, "$quiet"))

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Move the list's cursor from within the search too."""
        if isinstance(self.focused, Input) and event.key in ("up", "down", "pageup", "pagedown"):
            event.stop()
            if event.key.startswith("page"):
                self.list.action_move_page(1 if event.key == "pagedown" else -1)
            else:
                self.list.action_move(1 if event.key == "down" else -1)

    def action_search(self) -> None:
        """Go to the search."""
        self.set_focus(self.query_one(Input))

    def action_leave(self) -> None:
        """End the search, or go back to the panes."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
            self.list.focus()
        elif field.has_focus:
            self.list.focus()
        else:
            self.dismiss()

    @on(Input.Submitted, "#search")
    @on(RowList.Chosen)
    def _open(self) -> None:
        current = self.list.current
        if current is None:
            return
        session, note = current.id, self._tell_place(current)
        if session == self._current and current.turns == self._turns:
            self.dismiss()
            if note:
                self.toast(note)
        else:
            self.post_message(OpenRequested(lambda store: session, note=note))

    def _tell_place(self, found: Summary) -> str:
        """Return where in a session the words are that were searched for, where that is not plain to see."""
        turn, chat = self.list.found_turn, self.app.screen_stack[-2]
        if turn is None or found.turns == 1:
            return ""
        find, turns = find_key(chat, "find"), find_key(chat, "turns")
        return f"Found in turn {turn} of {found.turns:,}. {find} searches a pane, {turns} lists the turns."
