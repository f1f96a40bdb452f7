"""Help: what every key does here, made from the bindings as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from smallchat.safe_text import safe_line
from smallchat.tui.live_bindings import LiveBinding, Scope, read_scopes, with_words
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.scrolling import TextScroll
from smallchat.tui.widgets.text_field import TextField

KEYS_WIDTH = 19
_ROOMY = 64  # columns; with fewer, what a key does is told below it


class HelpScreen(Dialog[None]):
    """Lists the keys of the screen below, by what they belong to; what is typed is looked for."""

    CSS_PATH = "finding.tcss"
    HELP = "Type to search. [keys] in the configuration gives any id another key."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="leave_help", tooltip="End the search, or go back"),
        Binding("down", "scroll(1)", "Line down", show=False, id="help_down", tooltip="Scroll a line down"),
        Binding("up", "scroll(-1)", "Line up", show=False, id="help_up", tooltip="Scroll a line up"),
        Binding("pagedown", "scroll_page(1)", "Page down", show=False, id="help_page_down",
                tooltip="Scroll a page down"),
        Binding("pageup", "scroll_page(-1)", "Page up", show=False, id="help_page_up",
                tooltip="Scroll a page up"),
    ]  # fmt: skip

    def __init__(self, below: Screen[object]) -> None:
        """Tell the keys of the screen ``below``."""
        super().__init__()
        self.scopes = read_scopes(below)

    def compose(self) -> ComposeResult:
        """Yield search, text and hint."""
        with Vertical(classes="finding"):
            yield TextField(placeholder="Search the keys", compact=True, id="words")
            with TextScroll(id="help-text"):
                yield Static(markup=False, id="help-keys")
            yield HintLine("Type to search", "↑ ↓ scroll", ("leave_help", "goes back"))

    def on_mount(self) -> None:
        """Begin with the search."""
        self.set_focus(self.query_one(Input))

    def on_resize(self, event: events.Resize) -> None:
        """Lay the text out for another width, once that is known."""
        self.call_after_refresh(self._draw)

    @on(Input.Changed, "#words")
    def _draw(self) -> None:
        width = max(20, self.query_one(TextScroll).scrollable_content_region.width)
        found = with_words(self.scopes, self.query_one(Input).value)
        text = lay_out(found, width) if found else Content.styled("No key has these words.", "$quiet")
        self.query_one("#help-keys", Static).update(text)

    def action_leave(self) -> None:
        """End the search, or go back."""
        words = self.query_one(Input)
        if words.value:
            words.value = ""
        else:
            self.dismiss()

    def action_scroll(self, step: int) -> None:
        """Scroll by lines."""
        self.query_one(TextScroll).scroll_relative(y=step, animate=False)

    def action_scroll_page(self, step: int) -> None:
        """Scroll by pages."""
        text = self.query_one(TextScroll)
        text.scroll_relative(y=step * max(1, text.size.height - 1), animate=False)


def lay_out(scopes: Iterable[Scope], width: int) -> Content:
    """Return ``scopes`` as text of ``width`` cells: a head for each, its own words, its keys.

    Keys that have no id, which are Textual's and can not be given to others, are told in few lines.
    """
    lines: list[Content] = []
    for scope in scopes:
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(scope.title, "bold $accent"))
        if scope.help:
            lines.extend(_fold(Content.styled(safe_line(scope.help, 400), "$quiet"), width))
        for one in scope.bindings:
            if one.binding.id:
                lines.extend(_lay_out_key(one, width))
        if usual := [one for one in scope.bindings if not one.binding.id]:
            lines.extend(_fold(Content.styled(" · ", "$quiet").join(map(_tell_briefly, usual)), width))
    return Content("\n").join(lines)


def _lay_out_key(one: LiveBinding, width: int) -> Iterable[Content]:
    keys, binding = " ".join(one.keys), one.binding
    told = Content.assemble(
        safe_line(binding.description, 60),
        (f"  {safe_line(binding.tooltip, 200)} [{binding.id}]", "$quiet"),
    )
    indent = KEYS_WIDTH if width >= _ROOMY else 2
    first, *more = _fold(told, width - indent)
    if len(keys) < indent:
        lines = [Content.styled(keys.ljust(indent), "bold") + first]
    else:
        lines = [Content.styled(keys, "bold"), Content(" " * indent) + first]
    return [*lines, *(Content(" " * indent) + line for line in more)]


def _tell_briefly(one: LiveBinding) -> Content:
    return Content.assemble((one.keys[0], "bold"), (f" {safe_line(one.binding.description, 60)}", "$quiet"))


def _fold(text: Content, width: int) -> Sequence[Content]:
    return [line.rstrip() for line in text.wrap(max(10, width))]
