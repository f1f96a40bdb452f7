"""The open leaf of a Markdown document, and the signs by which a line begins or ends one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smallchat.tui.widgets.transcript.parts import Kind, Part, split_row

PIECE = 2000  # characters: a longer paragraph is read in pieces, so that the open part stays small

FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
RULE = re.compile(r"([-*_])[ ]*(?:\1[ ]*){2,}$")
SETEXT = re.compile(r"(=+|-+) *$")
MARKER = re.compile(r"([-+*]|(\d{1,9})([.)]))( +|$)")
DEFINITION = re.compile(r"\[([^\[\]]{1,200})\]: *(<[^<>]*>|\S+)(?: +(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))? *$")
_HEADING = re.compile(r"(#{1,6})(?: +|$)")
_DELIMITER_ROW = re.compile(r"\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")


@dataclass(slots=True)
class Leaf:
    """A block that holds text itself.

    Attributes:
        kind: Of the block.
        text: What was read of it and not yet added to the sink.
        fence: What the fence of code begins with; "" for any other block.
        indent: The columns before the fence.
        whole: Whether nothing of it was added to the sink yet.
        before: The reader's state when it was opened: containers unshown, gap, kind of the last block.
    """

    kind: Kind
    text: str = ""
    fence: str = ""
    indent: int = 0
    whole: bool = True
    before: tuple[int, bool, Kind | None] = (0, False, None)

    def take_pieces(self) -> Iterator[Part]:
        """Yield the first parts of a paragraph that has become long; they are for the sink."""
        while len(self.text) > PIECE:
            cut = max(self.text.rfind(space, PIECE // 2, PIECE) for space in " \n") + 1 or PIECE
            part, self.text = Part(self.text[:cut]), self.text[cut:]
            self.whole = False
            yield part

    def is_closed_by(self, text: str, indent: int) -> bool:
        """Return whether the line ``text`` is the end of this fence."""
        mark = text.strip()
        return indent < 4 and len(mark) >= len(self.fence) and mark == self.fence[0] * len(mark)


def read_heading(body: str) -> tuple[str, str] | None:
    """Return level and text of the heading that ``body`` is, without its hashes."""
    if not (match := _HEADING.match(body)):
        return None
    text = body[match.end() :].strip()
    bare = text.rstrip("#")
    if bare != text and (not bare or bare.endswith(" ")):
        text = bare.rstrip()
    return str(len(match[1])), text


def heads_table(row: str, body: str) -> bool:
    """Return whether ``row`` heads a table whose delimiter row is ``body``."""
    return "|" in row and bool(_DELIMITER_ROW.match(body)) and len(split_row(row)) == len(split_row(body))
