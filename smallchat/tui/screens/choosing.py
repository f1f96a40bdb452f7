"""A small list over the screen: search as you type, one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from smallchat.safe_text import safe_line
from smallchat.tui.latest import LatestOnly
from smallchat.tui.pasting import NO_CONTROLS
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine

LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the list: what is shown, what is said of it, and what choosing it gives."""

    title: str
    about: str
    value: str


class ChoosingScreen(Dialog["tuple[str, str] | None"]):
    """Gives back what the user wants done with an item, and the item's value; or ``None``."""

    CSS_PATH = "choosing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="leave_list", tooltip="Go back to the composer"),
        Binding("up", "move(-1)", "Up", id="item_up", show=False, tooltip="Go to the item above"),
        Binding("down", "move(1)", "Down", id="item_down", show=False, tooltip="Go to the item below"),
        Binding("delete,ctrl+d", "remove", "Remove", id="remove_item", show=False, priority=True,
                tooltip="Take the item out"),
    ]  # fmt: skip

    @dataclass
    class Found(Message):
        """Items were found for what was typed."""

        items: Sequence[Item]

    def __init__(
        self,
        title: str,
        find: Callable[[str], Sequence[Item]],
        *,
        hints: Sequence[tuple[str, str] | str],
        nothing: str,
        searchable: bool = True,
        removable: bool = False,
    ) -> None:
        """Ask for one of the items that ``find`` gives.

        Args:
            title: What is listed.
            find: Returns the items for what was typed; called in a thread.
            hints: What the keys do, besides the way back.
            nothing: What is said when there are no items.
            searchable: Whether there is a search.
            removable: Whether an item can be taken out.
        """
        super().__init__()
        self._title, self._find, self._hints, self._nothing = title, find, tuple(hints), nothing
        self._searchable, self._removable = searchable, removable
        self._items: Sequence[Item] = ()
        self._finder = LatestOnly("smallchat-finding")

    def compose(self) -> ComposeResult:
        """Yield search, list and keys."""
        with Vertical():
            yield Static(Content.styled(self._title, "bold"))
            if self._searchable:
                yield Input(placeholder="Search", compact=True, restrict=NO_CONTROLS, id="find-item")
            yield OptionList(id="items", compact=True)
            yield HintLine(*self._hints, ("leave_list", "goes back"))

    def on_mount(self) -> None:
        """Begin with everything."""
        if self._searchable:
            self.query_one("#items").can_focus = False
            self.query_one(Input).focus()
        self._search("")

    def on_unmount(self) -> None:
        """End the thread."""
        self._finder.end()

    @on(Input.Changed)
    def _search_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    def _search(self, words: str) -> None:
        self._finder.do(lambda: self.post_message(self.Found(self._find(words))))

    @on(Found)
    def _show(self, message: Found) -> None:
        self._items = message.items
        listed = self.query_one("#items", OptionList)
        listed.clear_options()
        if self._items:
            listed.add_options([_draw(item) for item in self._items])
            listed.highlighted = 0
        else:
            listed.add_option(Content.styled(self._nothing, "$quiet"))

    def action_move(self, step: int) -> None:
        """Go to the next item, or to the one before."""
        listed = self.query_one("#items", OptionList)
        if self._items:
            listed.highlighted = max(0, min(len(self._items) - 1, (listed.highlighted or 0) + step))

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        self._give_back("choose")

    @on(OptionList.OptionSelected)
    def _choose_option(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._give_back("choose")

    def action_remove(self) -> None:
        """Take the item out."""
        self._give_back("remove")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the delete key to the search where nothing can be taken out."""
        return self._removable if action == "remove" else True

    def _give_back(self, wish: str) -> None:
        index = self.query_one("#items", OptionList).highlighted
        if index is not None and index < len(self._items):
            self.dismiss((wish, self._items[index].value))


def _draw(item: Item) -> Content:
    title, about = safe_line(item.title, LONGEST_LINE), safe_line(item.about, LONGEST_LINE)
    return Content.assemble(title, (f"  {about}" if about else "", "$quiet")).truncate(100, ellipsis=True)
