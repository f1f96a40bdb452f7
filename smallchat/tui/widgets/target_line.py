"""A line with words that can be clicked: the views of a screen, and arrows to what is out of sight."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.style import Style

from smallchat.tui.widgets.lines import GAP, Line

NARROW = 60  # columns; below that the views need the room of the name
_META = "target"


def as_target(text: str, action: str, style: str = "$accent") -> Content:
    """Return ``text`` such that a click on it, in a ``TargetLine``, does an ``action`` of the screen."""
    return Content.styled(text, style).stylize(Style.from_meta({_META: action}))


class TargetLine(Line):
    """Does on a click what the word under the mouse stands for."""

    def tell_views(
        self,
        title: str,
        views: Iterable[tuple[str, str, bool]],
        right: Content | None = None,
    ) -> None:
        """Show a screen's ``title``, its ``views``, and ``right`` where there is room for it.

        Each view has its name, the action that turns to it, and whether it is shown: in brackets then.
        """
        wide = self.app.size.width >= NARROW
        left, gap = Content.styled(title if wide else "", "bold $accent"), " " if wide else ""
        for name, action, shown in views:
            text, style = (f"{gap}[{name}]", "bold") if shown else (f"{gap} {name} ", "$quiet")
            left = left + as_target(text, action, style)
        fits = right and left.cell_length + GAP + right.cell_length <= self.app.size.width - 2
        self.say(left, right if right and fits else "")

    async def on_click(self, event: events.Click) -> None:
        """Do what was clicked."""
        action = event.style.meta.get(_META)
        if isinstance(action, str):
            event.stop()
            await self.screen.run_action(action)
