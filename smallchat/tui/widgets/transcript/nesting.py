"""Which quotes and list items a line of Markdown stands in, as lines come."""

from __future__ import annotations

import re
from copy import copy

from smallchat.tui.widgets.transcript.containers import Container, Item, Quote, margin_of
from smallchat.tui.widgets.transcript.lines import Margin

_QUOTE = re.compile(r" {0,3}> ?")
_TASK = re.compile(r"\[([ xX])\](?: +|$)")
MOST_OPEN = 20  # containers: the margin of more leaves no room for what they hold
LETTER = re.compile(r"\S")


class Nesting:
    """The open containers.

    Attributes:
        open: The containers, the outermost first.
        unshown: How many of them, the innermost, were opened since the last block.
    """

    def __init__(self) -> None:
        self.open: list[Container] = []
        self.unshown = 0
        self._lists: dict[int, Item] = {}  # the last item at each depth, to count on from

    def fork(self) -> Nesting:
        """Return a copy that changes without any effect on this one."""
        twin = copy(self)
        twin.open = self.open.copy()
        twin._lists = self._lists.copy()
        return twin

    @property
    def depth(self) -> int:
        """How many containers are open."""
        return len(self.open)

    @property
    def has_empty_items(self) -> bool:
        """Whether there are list items that no block was shown in."""
        return any(isinstance(one, Item) for one in self.open[len(self.open) - self.unshown :])

    def match(self, text: str) -> tuple[int, int]:
        """Return how far into the line ``text``, and how deep, the open containers go on."""
        position = 0
        for depth, container in enumerate(self.open):
            if isinstance(container, Quote):
                match = _QUOTE.match(text, position)
                if not match:
                    return position, depth
                position = match.end()
                continue
            letter = LETTER.search(text, position)
            if not letter:
                continue
            indent = letter.start() - position
            if indent >= container.indent:
                position += container.indent
            elif not (container.number and indent >= 2 and text[letter.start()] in "-*+"):
                # Bullets under a number are often indented by two where CommonMark wants three.
                return position, depth
            else:
                position += indent
        return position, len(self.open)

    def find_quote(self, depth: int) -> int | None:
        """Return the depth of the first quote from ``depth`` on."""
        return next((d for d, c in enumerate(self.open) if d >= depth and isinstance(c, Quote)), None)

    def begin_quote(self) -> None:
        """Open a quote, which ends the lists it stands beside."""
        self._drop_lists()
        self._push(Quote())

    def begin_item(self, match: re.Match[str], indent: int, rest: str) -> int:
        """Open the list item that a marker begins; return the columns it takes."""
        marker, digits, delimiter, spaces = match[1], match[2], match[3], len(match[4])
        if spaces > 4 or not rest[match.end() :].strip():
            spaces = 1
        taken = indent + len(marker) + spaces
        kind = delimiter or marker
        number = 0
        shown = "•"
        if digits:
            before = self._lists.get(len(self.open))
            number = int(digits)
            if before and before.kind == kind and number <= before.number:
                number = before.number + 1  # "1." on every line is counted, any other number is as written
            shown = f"{number}{delimiter}"
        task = _TASK.match(rest, len(marker) + spaces)
        done = None
        if task:
            done = task[1] != " "
            shown = "☑" if done else "☐"
        self._push(Item(taken, kind, number, shown, done))
        return taken + (len(task[0]) if task else 0)

    def begin_block(self) -> Margin:
        """Return the margin of a block that begins here: all containers are shown with it."""
        self._drop_lists()
        margin = margin_of(self.open, self.unshown)
        for level, container in enumerate(self.open):
            if isinstance(container, Item):
                self._lists[level] = container
        self.unshown = 0
        return margin

    def close_to(self, depth: int) -> None:
        """Close every container deeper than ``depth``."""
        if depth < len(self.open):
            del self.open[depth:]
        self.unshown = min(self.unshown, len(self.open))

    def _push(self, container: Container) -> None:
        self.open.append(container)
        self.unshown += 1

    def _drop_lists(self) -> None:
        for deeper in [key for key in self._lists if key >= len(self.open)]:
            del self._lists[deeper]
