"""A small screen over another one, and how the mouse leaves it."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """Asks or tells something over the screen below. Everything in it can be done with the mouse alone.

    A click beside its frame goes back, as Escape does. Keys that it names are told by a ``HintLine`` or a
    ``KeyBar``, which can be clicked: where the frame fills a small terminal, that is the only way back, so
    every dialog has one of them, with the way back in it.
    """

    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - typed by Textual

    LEFT_BESIDE: ClassVar[bool] = True
    """Whether a click beside the frame goes back: not where it would throw away what was written."""

    async def on_click(self, event: events.Click) -> None:
        """Go back when what lies below is clicked."""
        clicked, _ = self.get_widget_at(event.screen_x, event.screen_y)
        if clicked is self and self.LEFT_BESIDE and self.is_current:
            event.stop()
            await self.go_back()

    async def go_back(self) -> None:
        """Do what Escape does in this dialog, whatever key the user gave to that."""
        for binding in self._bindings.get_bindings_for_key("escape"):
            await self.run_action(binding.action)
