"""What the keys of a dialog do, in words that can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from smallchat.safe_text import safe_line
from smallchat.tui.key_names import write_key

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

_META = "hint"


class HintLine(Static):
    """Hints such as ``Enter opens it · Esc goes back``; a click on one does what its key does.

    It folds where it does not fit, so that no hint is lost in a small terminal.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    HintLine { height: auto; color: $quiet; }
    """

    def __init__(self, *hints: tuple[str, str] | str, id: str | None = None) -> None:  # noqa: A002
        """Tell ``hints``.

        Args:
            hints: Each is the id of a binding of the screen, or a key such as ``enter`` that has none, and
                what it does, as in ``("leave_list", "goes back")``; or words that can not be clicked.
            id: The widget's id.
        """
        super().__init__(markup=False, id=id)
        self._hints = hints

    def on_mount(self) -> None:
        """Tell the keys as the user mapped them."""
        self.tell(*self._hints)

    def tell(self, *hints: tuple[str, str] | str) -> None:
        """Tell other ``hints``."""
        self._hints = hints
        self.update(Content.styled(" · ", "$quiet").join(self._draw(at) for at in range(len(hints))))

    def _draw(self, at: int) -> Content:
        hint = self._hints[at]
        if isinstance(hint, str):
            return Content.styled(safe_line(hint, 200), "$quiet")
        name, told = hint
        active = self._find(name)
        key = active.binding.key if active else name
        line = Content.assemble((write_key(key), "bold $accent"), (f" {told}", "$quiet"))
        return line.stylize(Style.from_meta({_META: at}))

    def _find(self, name: str) -> ActiveBinding | None:
        """Return the binding with the id ``name`` and the first key that it has now."""
        bindings = self.screen.active_bindings.values()
        return next((active for active in bindings if active.binding.id == name), None)

    async def on_click(self, event: events.Click) -> None:
        """Do what was clicked."""
        at = event.style.meta.get(_META)
        if not isinstance(at, int):
            return
        event.stop()
        name = self._hints[at][0]
        if active := self._find(name):
            await self.app.run_action(active.binding.action, active.node)
        else:
            self.app.simulate_key(name)
