"""What a reader of source text hands on: blocks by kind, and the parts they are made of."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, Protocol

from smallchat.tui.widgets.transcript.lines import Margin

Kind = Literal["paragraph", "heading", "code", "table", "rule", "definition", "plain"]


class Part(NamedTuple):
    """A piece of a block's source: a line of code, a row of a table, a run of a paragraph.

    ``glued`` says that it continues the line before it, which was too long to be taken at once.
    """

    text: str
    glued: bool = False


class Sink(Protocol):
    """Where the reader puts what it finds. At most one block is open at a time."""

    def open(self, kind: Kind, info: str, margin: Margin, gap: bool) -> None:
        """Begin a block, after a blank line when ``gap``."""

    def add(self, part: Part) -> None:
        """Add to the open block, for good."""

    def close(self) -> None:
        """End the open block."""

    def drop(self) -> None:
        """Take the open block out again, to which nothing was added: it begins another kind of block."""

    def define(self, label: str, url: str) -> None:
        """Take a link definition."""


def split_row(row: str) -> list[str]:
    """Return the cells of a table row."""
    row = row.strip()
    if "\\|" in row or "`" in row:
        cells = re.split(r"(?<!\\)\|", row)
    else:
        cells = row.split("|")
    if row.startswith("|"):
        cells = cells[1:]
    if cells and row.endswith("|") and not row.endswith("\\|"):
        cells = cells[:-1]
    return [cell.strip().replace("\\|", "|") for cell in cells]
