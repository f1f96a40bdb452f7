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
from textual.widgets import Input, Static

from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.latest import LatestOnly
from smallchat.tui.pasting import NO_CONTROLS
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.choice_list import ChoiceList
from smallchat.tui.widgets.hint_line import HintLine

LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the list.

    Attributes:
        title: What is shown.
        about: What is said of it.
        value: What choosing it gives.
        wish: What the user wants done with it by choosing it.
        fixed: Why it can not be chosen; "" when it can.
    """

    title: str
    about: str
    value: str = ""
    wish: str = "choose"
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed, or why there is nothing; and what was wrong while it was looked for."""

    items: Sequence[Item]
    nothing: str = ""
    trouble: str = ""


class ChoosingScreen(Dialog["tuple[str, str] | None"]):
    """Gives back what the user wants done with an item, and the item's value; or ``None``."""

    HELP = "Type to search, go to a line with the arrow keys, take it with Enter or a click."
    CSS_PATH = "choosing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="leave_list", tooltip="Go back to the composer"),
        Binding("up", "move(-1)", "Up", id="item_up", show=False, tooltip="Go to the item above"),
        Binding("down", "move(1)", "Down", id="item_down", show=False, tooltip="Go to the item below"),
        Binding("pageup", "move(-10)", "Page up", id="items_up", show=False, tooltip="Go some items up"),
        Binding("pagedown", "move(10)", "Page down", id="items_down", show=False,
                tooltip="Go some items down"),
        Binding("delete", "remove", "Remove", id="remove_item", show=False, priority=True,
                tooltip="Take the item out"),
    ]  # fmt: skip

    @dataclass
    class Found(Message):
        """It is known what to list for ``words``, which were typed."""

        words: str
        listing: Listing

    def __init__(
        self,
        title: str,
        find: Callable[[str], Listing],
        *,
        hints: Sequence[tuple[str, str] | str],
        searchable: bool = True,
        removable: bool = False,
    ) -> None:
        """Ask for one of the items that ``find`` gives.

        Args:
            title: What is listed.
            find: Returns what to list for what was typed; called in a thread.
            hints: What the keys do, besides the way back.
            searchable: Whether there is a search.
            removable: Whether an item can be taken out.
        """
        super().__init__()
        self._title, self._find, self._hints = title, find, tuple(hints)
        self._searchable, self._removable = searchable, removable
        self._items: Sequence[Item] = ()
        self._sought: str | None = None  # what is being looked for
        self._hasty = False  # whether Enter was pressed before it was found
        self._finder = LatestOnly("smallchat-finding")

    def compose(self) -> ComposeResult:
        """Yield search, list and keys."""
        with Vertical():
            yield Static(Content.styled(safe_line(self._title, LONGEST_LINE), "bold"), markup=False)
            if self._searchable:
                yield Input(placeholder="Search", compact=True, restrict=NO_CONTROLS, id="find-item")
            yield ChoiceList(id="items", compact=True)
            yield Static("", id="trouble", markup=False)
            yield HintLine(*self._hints, ("leave_list", "goes back"))

    def on_mount(self) -> None:
        """Begin with everything."""
        if self._searchable:
            self.query_one("#items").can_focus = False
            self.query_one(Input).focus()
        # Only then: a list that gets its items while it is laid out first would keep no room for them.
        self.call_after_refresh(self._search, "")

    def on_unmount(self) -> None:
        """End the thread."""
        self._finder.end()

    @on(Input.Changed)
    def _search_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    def _search(self, words: str) -> None:
        self._sought, self._hasty = words, False
        self._finder.do(lambda: self.post_message(self.Found(words, self._find(words))))

    @on(Found)
    def _show(self, message: Found) -> None:
        if message.words != self._sought:
            return
        self._sought, listing = None, message.listing
        self._items = listing.items
        listed = self.query_one("#items", ChoiceList)
        listed.clear_options()
        if self._items:
            listed.add_options([_draw(item) for item in self._items])
            listed.highlighted = 0
        else:
            listed.add_option(Content.styled(safe_line(listing.nothing, LONGEST_LINE), "$quiet"))
        self._tell(listing.trouble)
        if self._hasty:
            self._choose_item()

    def _tell(self, text: str) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(safe_text(text))
        trouble.set_class(bool(text), "-some")

    def action_move(self, step: int) -> None:
        """Go to the next item, or to the one before."""
        listed = self.query_one("#items", ChoiceList)
        if self._items:
            listed.highlighted = max(0, min(len(self._items) - 1, (listed.highlighted or 0) + step))

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        if self._sought is None:
            self._choose_item()
        else:
            self._hasty = True

    @on(ChoiceList.OptionSelected)
    def _choose_option(self, event: ChoiceList.OptionSelected) -> None:
        event.stop()
        self._choose_item()

    def action_remove(self) -> None:
        """Take the item out."""
        if item := self._highlighted():
            self.dismiss(("remove", item.value))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the delete key to the search where nothing can be taken out."""
        return self._removable if action == "remove" else True

    def _choose_item(self) -> None:
        if item := self._highlighted():
            if item.fixed:
                self._tell(item.fixed)
            else:
                self.dismiss((item.wish, item.value))

    def _highlighted(self) -> Item | None:
        index = self.query_one("#items", ChoiceList).highlighted
        return self._items[index] if index is not None and index < len(self._items) else None


def _draw(item: Item) -> Content:
    title, about = safe_line(item.title, LONGEST_LINE), safe_line(item.about, LONGEST_LINE)
    return Content.assemble(title, (f"  {about}" if about else "", "$quiet")).truncate(100, ellipsis=True)
