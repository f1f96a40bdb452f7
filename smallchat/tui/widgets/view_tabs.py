"""The top line of a screen with several views: its name, and the views, which can be clicked."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style

from smallchat.tui.widgets.lines import GAP, Line

NARROW = 60  # columns; below that the views need the room of the name
_META = "target"


def as_target(text: str, name: str, style: str = "$accent") -> Content:
    """Return ``text`` such that a click on it, in a ``ViewTabs``, picks ``name``."""
    return Content.styled(text, style).stylize(Style.from_meta({_META: name}))


class ViewTabs(Line):
    """Tells which view is shown, and posts what is clicked."""

    @dataclass
    class Picked(Message):
        """The user clicked a view, or another target."""

        name: str

    def tell(
        self,
        title: str,
        views: Iterable[tuple[str, str]],
        shown: Container[str],
        right: Content | str = "",
    ) -> None:
        """Show ``views`` with their names, those ``shown`` in brackets; and ``right`` where it fits."""
        left = Content.styled(title if self.app.size.width >= NARROW else "", "bold $accent")
        for view, name in views:
            here = view in shown
            left = left + as_target(
                f" [{name}]" if here else f"  {name} ", view, "bold" if here else "$quiet"
            )
        right = right if isinstance(right, Content) else Content(right)
        fits = left.cell_length + GAP + right.cell_length <= self.app.size.width - 2
        self.say(left, right if fits else "")

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked."""
        name = event.style.meta.get(_META)
        if isinstance(name, str):
            self.post_message(self.Picked(name))
