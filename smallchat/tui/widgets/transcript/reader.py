"""The block structure of Markdown, read line by line as the lines arrive.

CommonMark's block phase needs no look-ahead beyond the open block, so a reader that keeps the open
containers and the open leaf never reads a line twice. That is what markdown-it, which parses whole
documents, can not do; its inline parser is used for what is inside the blocks.
"""

from __future__ import annotations

from copy import copy

from smallchat.tui.widgets.transcript.leaf import (
    DEFINITION,
    FENCE,
    MARKER,
    RULE,
    SETEXT,
    Leaf,
    heads_table,
    read_heading,
)
from smallchat.tui.widgets.transcript.nesting import LETTER, MOST_OPEN, Nesting
from smallchat.tui.widgets.transcript.parts import Kind, Part, Sink

_ROOMY = frozenset({"heading", "code", "table", "rule"})  # blocks with a blank line around them


class BlockReader:
    """Reads source lines and tells a sink what blocks they are."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._nesting = Nesting()
        self._leaf: Leaf | None = None
        self._gap = False
        self._last: Kind | None = None
        self._blank_code = 0

    def fork(self, sink: Sink) -> BlockReader:
        """Return a copy that reads on into another sink, without any effect on this one."""
        twin = copy(self)
        twin._sink = sink
        twin._nesting = self._nesting.fork()
        twin._leaf = copy(self._leaf)
        return twin

    def read_line(self, raw: str) -> None:
        """Take one source line, without its newline."""
        text = raw.expandtabs(4) if "\t" in raw else raw
        position, depth = self._nesting.match(text)
        leaf = self._leaf
        if leaf is not None and leaf.fence:
            if depth == self._nesting.depth:
                self._read_fenced(text[position:], text[position:] if depth else raw)
                return
            self._close_to(depth)
            leaf = None
        if not LETTER.search(text, position):
            self._read_blank(depth)
            return
        self._read_structure(text, position, depth)

    def read_more(self, text: str) -> None:
        """Take more of a line that was too long to be taken at once."""
        leaf = self._leaf
        if leaf is None or leaf.kind in ("table", "rule", "definition"):
            return
        if leaf.kind == "code":
            self._sink.add(Part(text, glued=True))
            return
        leaf.text += text
        self._hand_over(leaf)

    def finish(self) -> None:
        """The source has ended: close everything."""
        self._close_to(0)

    def _close_to(self, depth: int) -> None:
        """Close the open leaf and every container deeper than ``depth``."""
        self._close_leaf()
        nesting = self._nesting
        if nesting.unshown and nesting.depth > depth:
            if nesting.has_empty_items:
                self._open_leaf(Leaf("paragraph"))
                self._close_leaf()
            nesting.unshown = 0
        nesting.close_to(depth)

    # Leaves

    def _open_leaf(self, leaf: Leaf, info: str = "") -> None:
        roomy = leaf.kind in _ROOMY or self._last in _ROOMY
        gap = self._last is not None and (self._gap or roomy)
        leaf.before = (self._nesting.unshown, self._gap, self._last)
        self._sink.open(leaf.kind, info, self._nesting.begin_block(), gap)
        self._leaf = leaf
        self._gap = False
        self._last = leaf.kind
        self._blank_code = 0

    def _close_leaf(self) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is None:
            return
        if leaf.text:
            self._sink.add(Part(leaf.text))
        self._sink.close()

    def _read_blank(self, depth: int) -> None:
        leaf = self._leaf
        if leaf is not None and leaf.kind == "code" and depth == self._nesting.depth:
            self._blank_code += 1
            return
        if (quote := self._nesting.find_quote(depth)) is not None:
            self._close_to(quote)
        else:
            self._close_leaf()
        self._gap = True

    def _read_fenced(self, text: str, raw: str) -> None:
        leaf = self._leaf
        assert leaf is not None
        indent = len(text) - len(text.lstrip(" "))
        if leaf.is_closed_by(text, indent):
            self._close_leaf()
            return
        strip = min(indent, leaf.indent)
        self._sink.add(Part(raw[strip:] if raw[:strip].isspace() or not strip else text[strip:]))

    def _read_structure(self, text: str, position: int, depth: int) -> None:
        """Read a line that is not blank and not in a fence: containers it opens, then the leaf."""
        opened = False
        while True:
            letter = LETTER.search(text, position)
            if letter is None:  # a container's marker with nothing behind it
                return
            indent = letter.start() - position
            body = text[letter.start() :]
            continues = self._leaf is not None and self._leaf.kind == "paragraph" and not opened
            if indent >= 4:
                break
            deep = depth >= MOST_OPEN
            if body[0] == ">" and not deep:
                self._close_to(depth)
                self._nesting.begin_quote()
                position = letter.start() + (2 if body[1:2] == " " else 1)
            elif self._read_leaf_start(body, indent, depth, continues):
                return
            elif (
                not deep
                and (match := MARKER.match(body))
                and not (
                    continues
                    and depth == self._nesting.depth
                    and (match[2] not in (None, "1") or match.end() == len(body))
                )
            ):
                self._close_to(depth)
                position += self._nesting.begin_item(match, indent, body)
            else:
                break
            depth += 1
            opened = True
        self._read_text(text, position, depth, opened)

    def _read_leaf_start(self, body: str, indent: int, depth: int, continues: bool) -> bool:
        """Read a line that is a leaf by itself or begins one; tell whether it was."""
        first = body[0]
        if first == "#" and (heading := read_heading(body)):
            self._close_to(depth)
            self._open_leaf(Leaf("heading", heading[1]), heading[0])
            return True
        if first in "`~" and (match := FENCE.match(body)):
            self._close_to(depth)
            info = (match[2] if match[1] else match[4]).strip()
            self._open_leaf(Leaf("code", fence=match[1] or match[3], indent=indent), info)
            return True
        if continues and depth == self._nesting.depth and self._read_underline(body):
            return True
        if first in "-*_" and RULE.match(body):
            self._close_to(depth)
            self._open_leaf(Leaf("rule"))
            self._close_leaf()
            return True
        return False

    def _read_underline(self, body: str) -> bool:
        """Read what makes the open paragraph a heading or a table, if this line does."""
        leaf = self._leaf
        assert leaf is not None
        if not leaf.whole:
            return False
        head, _, last = leaf.text.rpartition("\n")
        if heads_table(last, body):
            self._replace_paragraph(head)
            self._open_leaf(Leaf("table"))
            self._sink.add(Part(last))
            self._sink.add(Part(body))
            return True
        if not head and SETEXT.match(body):
            self._replace_paragraph(head)
            self._open_leaf(Leaf("heading", last), "1" if body[0] == "=" else "2")
            return True
        return False

    def _replace_paragraph(self, kept: str) -> None:
        """Close the open paragraph with ``kept`` as its text; with none it never was."""
        leaf = self._leaf
        assert leaf is not None
        if kept:
            leaf.text = kept
            self._close_leaf()
            return
        self._nesting.unshown, self._gap, self._last = leaf.before
        self._leaf = None
        self._sink.drop()

    def _read_text(self, text: str, position: int, depth: int, opened: bool) -> None:
        """Read a line that begins nothing: text of the open leaf, or a new paragraph."""
        leaf = self._leaf
        body = text[position:].strip(" ") if leaf is None or leaf.kind != "code" else text[position:]
        indent = len(text) - position - len(text[position:].lstrip(" "))
        if leaf is not None and not opened:
            if leaf.kind == "paragraph":
                leaf.text += "\n" + text[position:].strip(" ")
                self._hand_over(leaf)
                return
            if leaf.kind == "table" and depth == self._nesting.depth and "|" in body:
                self._sink.add(Part(body))
                return
            if leaf.kind == "code" and depth == self._nesting.depth and indent >= 4:
                for _ in range(self._blank_code):
                    self._sink.add(Part(""))
                self._blank_code = 0
                self._sink.add(Part(text[position + 4 :]))
                return
        blanks = self._blank_code
        self._close_to(depth)
        self._gap = self._gap or blanks > 0
        if indent >= 4:
            self._open_leaf(Leaf("code"))
            self._sink.add(Part(text[position + 4 :]))
            return
        if match := DEFINITION.match(body):
            self._open_leaf(Leaf("definition", body))
            self._close_leaf()
            self._sink.define(match[1], match[2].strip("<>"))
            return
        self._open_leaf(Leaf("paragraph", text[position:].strip(" ")))
        assert self._leaf is not None
        self._hand_over(self._leaf)

    def _hand_over(self, leaf: Leaf) -> None:
        """Add the first parts of a paragraph that has become long."""
        for part in leaf.take_pieces():
            self._sink.add(part)
