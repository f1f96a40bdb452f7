"""The top line of a screen with several views: its name, and the views, which can be clicked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style

from smallchat.tui.widgets.lines import Line

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
        self, title: str, views: Iterable[tuple[str, str]], shown: str, right: Content | str = ""
    ) -> None:
        """Show ``views``, each with its name, one of them ``shown``, and at the other end ``right``."""
        left = Content.styled(title if self.size.width >= NARROW else "", "bold $accent")
        for view, name in views:
            here = view == shown
            left = left + as_target(
                f" [{name}]" if here else f"  {name} ", view, "bold" if here else "$quiet"
            )
        self.say(left, right)

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked."""
        name = event.style.meta.get(_META)
        if isinstance(name, str):
            self.post_message(self.Picked(name))
