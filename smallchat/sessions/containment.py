"""Text of models put into a Markdown document so that it changes nothing but its own place.

Most answers go in as they are. One that could reach beyond its place (an open fence, HTML, a heading of the
document's own level, a link definition, which holds for the whole document) goes into a fence longer than
any inside it. Either way its lines are there byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

DEEPEST_HEADING = 2  # of the document; an answer's own headings are below

_NESTED = r"[\s>*+\-\d.)]*"  # whatever opens quotes and list items
_FENCE = re.compile(r"( *)(`{3,}(?=[^`]*$)|~{3,})")
_NESTED_FENCE = re.compile(_NESTED + r"(?:```|~~~)")
_HEADING = re.compile(_NESTED + rf"#{{1,{DEEPEST_HEADING}}}(?:\s|$)")
_UNDERLINE = re.compile(_NESTED + r"(?:=+|-+)\s*$")
_HTML_OR_DEFINITION = re.compile(r"<[A-Za-z/!?]|\]:")


class Block(NamedTuple):
    """Text as lines of Markdown: ``size`` lines of its own, between two more when it is ``fenced``."""

    lines: list[str]
    size: int
    fenced: bool


def contain(text: str, *, fenced: bool = False) -> Block:
    """Return safe ``text`` as lines that nothing in it can get out of; ``fenced`` asks for a fence."""
    if not text:
        return Block([], 0, False)
    lines = text.split("\n")
    if not fenced and not reaches_beyond(lines):
        return Block(lines, len(lines), False)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Block([f"{fence}markdown", *lines, fence], len(lines), True)


def reaches_beyond(lines: Sequence[str]) -> bool:
    """Return whether Markdown in ``lines`` could change what comes after them: rather too often than missed.

    What is inside a fence that begins at the margin can do nothing. One that is indented may in truth be
    part of a paragraph: its lines must stay indented, and HTML in them counts.
    """
    fence: re.Match[str] | None = None
    before = ""
    for line in lines:
        if fence is None:
            fence = _FENCE.match(line)
            if fence is None and (
                _NESTED_FENCE.match(line)
                or _HEADING.match(line)
                or (_UNDERLINE.match(line) and before.strip())
            ):
                return True
        elif _closes(fence, line):
            fence = None
        elif fence[1] and line.strip() and (not line.startswith(fence[1]) or _NESTED_FENCE.match(line)):
            return True
        if (fence is None or fence[1]) and _HTML_OR_DEFINITION.search(line):
            return True
        before = line
    return fence is not None


def _closes(fence: re.Match[str], line: str) -> bool:
    indent, mark = fence[1], fence[2]
    margin = re.escape(indent) if indent else " {0,3}"
    return re.fullmatch(rf"{margin}{mark[0]}{{{len(mark)},}}[ \t]*", line) is not None


def inline(text: str) -> str:
    """Return one line of safe ``text`` escaped, so that Markdown shows it as it is, in a table too."""
    text = re.sub(r"[\\`*\[\]<>&|~#$]", r"\\\g<0>", text)
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
