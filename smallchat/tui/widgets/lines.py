"""One-line widgets: what is left, what is right, and never more than fits."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

GAP = 2  # cells between the two sides


def spread(left: Content, right: Content, width: int) -> Content:
    """Return one line with ``left`` and ``right`` at its ends; when both do not fit, ``left`` is cut."""
    room = width - right.cell_length - GAP
    if right.cell_length == 0:
        return left.truncate(width, ellipsis=True)
    if room < min(left.cell_length, width // 3):
        return left.truncate(width, ellipsis=True)
    left = left.truncate(room, ellipsis=True)
    return Content.assemble(left, " " * (width - left.cell_length - right.cell_length), right)


def draw_progress(share: float, width: int) -> Content:
    """Return a bar of ``width`` cells, a ``share`` of it (0 to 1) done."""
    done = round(width * min(1.0, share))
    return Content.assemble(("━" * done, "$accent"), ("━" * (width - done), "$line"))


class Line(Widget):
    """A widget of one line, drawn again only when what it says changes; without words it is ``-empty``."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Line { height: 1; padding: 0 1; }
    """

    def __init__(self, left: Content | str = "", right: Content | str = "", *, id: str | None = None) -> None:  # noqa: A002
        """Begin with the two sides; plain text is shown as it is, never read as markup."""
        super().__init__(id=id, markup=False)
        self._left, self._right, self._brief = _as_content(left), _as_content(right), Content("")
        self.set_class(not (self._left or self._right), "-empty")

    def say(self, left: Content | str, right: Content | str = "", brief: Content | str = "") -> None:
        """Show ``left`` and ``right``; with ``brief``, that instead where ``right`` would cut ``left``."""
        new = (_as_content(left), _as_content(right), _as_content(brief))
        old = (self._left, self._right, self._brief)
        self.set_class(not any(new), "-empty")
        if [part.markup for part in new] != [part.markup for part in old]:
            self._left, self._right, self._brief = new
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        width = self.content_size.width
        if not self._brief:
            return spread(self._left, self._right, width)
        room = width - self._left.cell_length - GAP
        right = next((one for one in (self._right, self._brief) if one.cell_length <= room), Content(""))
        return spread(self._left, right, width)


def _as_content(text: Content | str) -> Content:
    return text if isinstance(text, Content) else Content(text)
