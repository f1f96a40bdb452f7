"""The paths that go on as something typed, below the field that it is typed into."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from smallchat.safe_text import safe_line
from smallchat.tui.paths import complete_path, folder_above

LONGEST_NAME = 255  # most file systems allow no more


class PathList(OptionList, can_focus=False):
    """Shows names; each option's id is its path. Keys stay with the field.

    Attributes:
        typed: What the paths go on as.
    """

    def __init__(self) -> None:
        super().__init__(id="paths", compact=True)
        self.typed = ""

    def show(self, typed: str, paths: Sequence[str]) -> None:
        """Show ``paths``, which go on as ``typed``, and the folder above where nothing of a name is typed."""
        self.typed = typed
        self.clear_options()
        above = folder_above(typed) if not typed or typed.endswith("/") else ""
        if above:
            self.add_option(Option(Content.assemble("../", ("  the folder above", "$quiet")), above))
        start = typed.rfind("/") + 1
        self.add_options(Option(Content(safe_line(path[start:], LONGEST_NAME)), path) for path in paths)
        self.highlighted = None

    @property
    def paths(self) -> list[str]:
        """All paths that are shown, the folder above among them."""
        return [option.id or "" for option in self.options]

    def complete(self) -> str:
        """Return what is typed, completed as far as all paths go on alike."""
        return complete_path(self.typed, [path for path in self.paths if path.startswith(self.typed)])

    def move(self, step: int) -> str:
        """Highlight the next path, or the one before, and return it: before the first, what was typed."""
        paths = self.paths
        if self.highlighted is not None:
            at = self.highlighted + step
        else:  # the folder above, which is listed first, is rarely meant
            at = 1 if step > 0 and len(paths) > 1 and not paths[0].startswith(self.typed) else step - 1
        at = max(-1, min(len(paths) - 1, at))
        self.highlighted = None if at < 0 else at
        return self.typed if at < 0 else paths[at]
