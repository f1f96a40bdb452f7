"""The block structure of Markdown, read line by line as the lines arrive.

CommonMark's block phase needs no look-ahead beyond the open block, so a reader that keeps the open
containers and the open leaf never reads a line twice. That is what markdown-it, which parses whole
documents, can not do; its inline parser is used for what is inside the blocks.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass

from smallchat.tui.widgets.transcript.containers import Container, Item, Quote, margin_of
from smallchat.tui.widgets.transcript.parts import Kind, Part, Sink, split_row

_ROOMY = frozenset({"heading", "code", "table", "rule"})  # blocks with a blank line around them
PIECE = 2000  # characters: a longer paragraph is read in pieces, so that the open part stays small

_QUOTE = re.compile(r" {0,3}> ?")
_HEADING = re.compile(r"(#{1,6})(?: +|$)")
_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
_RULE = re.compile(r"([-*_])[ ]*(?:\1[ ]*){2,}$")
_SETEXT = re.compile(r"(=+|-+) *$")
_MARKER = re.compile(r"([-+*]|(\d{1,9})([.)]))( +|$)")
_TASK = re.compile(r"\[([ xX])\](?: +|$)")
_DELIMITER_ROW = re.compile(r"\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")
_DEFINITION = re.compile(r"\[([^\[\]]{1,200})\]: *(<[^<>]*>|\S+)(?: +(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))? *$")
_LETTER = re.compile(r"\S")


@dataclass(slots=True)
class _Leaf:
    kind: Kind
    text: str = ""
    fence: str = ""
    indent: int = 0
    whole: bool = True  # nothing of it was added to the sink yet
    before: tuple[int, bool, Kind | None] = (0, False, None)  # the reader's state when it was opened


class BlockReader:
    """Reads source lines and tells a sink what blocks they are."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._containers: list[Container] = []
        self._unshown = 0
        self._leaf: _Leaf | None = None
        self._lists: dict[int, Item] = {}
        self._gap = False
        self._last: Kind | None = None
        self._blank_code = 0

    def fork(self, sink: Sink) -> BlockReader:
        """Return a copy that reads on into another sink, without any effect on this one."""
        twin = copy(self)
        twin._sink = sink
        twin._containers = self._containers.copy()
        twin._lists = self._lists.copy()
        twin._leaf = copy(self._leaf)
        return twin

    def read_line(self, raw: str) -> None:
        """Take one source line, without its newline."""
        text = raw.expandtabs(4) if "\t" in raw else raw
        position, depth = self._match_containers(text)
        leaf = self._leaf
        if leaf is not None and leaf.fence:
            if depth == len(self._containers):
                self._read_fenced(text[position:], raw if not self._containers else text[position:])
                return
            self._close_to(depth)
            leaf = None
        if not _LETTER.search(text, position):
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
        self._cut_paragraph(leaf)

    def finish(self) -> None:
        """The source has ended: close everything."""
        self._close_to(0)

    # Containers

    def _match_containers(self, text: str) -> tuple[int, int]:
        """Return how far into the line, and how deep, the open containers go on."""
        position = 0
        for depth, container in enumerate(self._containers):
            if isinstance(container, Quote):
                match = _QUOTE.match(text, position)
                if not match:
                    return position, depth
                position = match.end()
                continue
            letter = _LETTER.search(text, position)
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
        return position, len(self._containers)

    def _close_to(self, depth: int) -> None:
        """Close the open leaf and every container deeper than ``depth``."""
        self._close_leaf()
        if self._unshown and len(self._containers) > depth:
            self._show_empty_items()
        if depth < len(self._containers):
            del self._containers[depth:]
        self._unshown = min(self._unshown, len(self._containers))

    def _show_empty_items(self) -> None:
        if any(isinstance(container, Item) for container in self._containers[-self._unshown :]):
            self._open_leaf(_Leaf("paragraph"))
            self._close_leaf()
        self._unshown = 0

    def _push(self, container: Container) -> None:
        self._containers.append(container)
        self._unshown += 1

    def _item(self, match: re.Match[str], indent: int, rest: str) -> tuple[Item, int]:
        """Return the list item a marker begins, and the columns it takes."""
        marker, digits, delimiter, spaces = match[1], match[2], match[3], len(match[4])
        if spaces > 4 or not rest[match.end() :].strip():
            spaces = 1
        taken = indent + len(marker) + spaces
        kind = delimiter or marker
        number = 0
        shown = "•"
        if digits:
            before = self._lists.get(len(self._containers))
            number = int(digits)
            if before and before.kind == kind and number <= before.number:
                number = before.number + 1  # "1." on every line is counted, any other number is as written
            shown = f"{number}{delimiter}"
        task = _TASK.match(rest, len(marker) + spaces)
        done = None
        if task:
            done = task[1] != " "
            shown = "☑" if done else "☐"
        item = Item(taken, kind, number, shown, done)
        return item, taken + (len(task[0]) if task else 0)

    # Leaves

    def _open_leaf(self, leaf: _Leaf, info: str = "") -> None:
        depth = len(self._containers)
        for deeper in [key for key in self._lists if key >= depth]:
            del self._lists[deeper]
        roomy = leaf.kind in _ROOMY or self._last in _ROOMY
        gap = self._last is not None and (self._gap or roomy)
        self._sink.open(leaf.kind, info, margin_of(self._containers, self._unshown), gap)
        for level, container in enumerate(self._containers):
            if isinstance(container, Item):
                self._lists[level] = container
        leaf.before = (self._unshown, self._gap, self._last)
        self._leaf = leaf
        self._unshown = 0
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
        if leaf is not None and leaf.kind == "code" and depth == len(self._containers):
            self._blank_code += 1
            return
        quote = next((d for d, c in enumerate(self._containers) if d >= depth and isinstance(c, Quote)), None)
        if quote is not None:
            self._close_to(quote)
        else:
            self._close_leaf()
        self._gap = True

    def _read_fenced(self, text: str, raw: str) -> None:
        leaf = self._leaf
        assert leaf is not None
        indent = len(text) - len(text.lstrip(" "))
        mark = text.strip()
        if indent < 4 and len(mark) >= len(leaf.fence) and mark == leaf.fence[0] * len(mark):
            self._close_leaf()
            return
        strip = min(indent, leaf.indent)
        self._sink.add(Part(raw[strip:] if raw[:strip].isspace() or not strip else text[strip:]))

    def _read_structure(self, text: str, position: int, depth: int) -> None:
        """Read a line that is not blank and not in a fence: containers it opens, then the leaf."""
        opened = False
        while True:
            letter = _LETTER.search(text, position)
            if letter is None:  # a container's marker with nothing behind it
                return
            indent = letter.start() - position
            body = text[letter.start() :]
            continues = self._leaf is not None and self._leaf.kind == "paragraph" and not opened
            if indent >= 4:
                break
            if body[0] == ">":
                self._close_to(depth)
                self._drop_lists()
                self._push(Quote())
                position = letter.start() + (2 if body[1:2] == " " else 1)
            elif self._read_leaf_start(body, indent, depth, continues):
                return
            elif (match := _MARKER.match(body)) and not (
                continues
                and depth == len(self._containers)
                and (match[2] not in (None, "1") or match.end() == len(body))
            ):
                self._close_to(depth)
                item, taken = self._item(match, indent, body)
                self._push(item)
                position += taken
            else:
                break
            depth += 1
            opened = True
        self._read_text(text, position, depth, opened)

    def _drop_lists(self) -> None:
        for deeper in [key for key in self._lists if key >= len(self._containers)]:
            del self._lists[deeper]

    def _read_leaf_start(self, body: str, indent: int, depth: int, continues: bool) -> bool:
        """Read a line that is a leaf by itself or begins one; tell whether it was."""
        first = body[0]
        if first == "#" and (match := _HEADING.match(body)):
            self._close_to(depth)
            self._open_leaf(_Leaf("heading", _heading_text(body[match.end() :])), str(len(match[1])))
            return True
        if first in "`~" and (match := _FENCE.match(body)):
            self._close_to(depth)
            info = (match[2] if match[1] else match[4]).strip()
            self._open_leaf(_Leaf("code", fence=match[1] or match[3], indent=indent), info)
            return True
        if continues and depth == len(self._containers) and self._read_underline(body):
            return True
        if first in "-*_" and _RULE.match(body):
            self._close_to(depth)
            self._open_leaf(_Leaf("rule"))
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
        if "|" in last and _DELIMITER_ROW.match(body) and len(split_row(last)) == len(split_row(body)):
            self._replace_paragraph(head)
            self._open_leaf(_Leaf("table"))
            self._sink.add(Part(last))
            self._sink.add(Part(body))
            return True
        if not head and _SETEXT.match(body):
            self._replace_paragraph(head)
            self._open_leaf(_Leaf("heading", last), "1" if body[0] == "=" else "2")
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
        self._unshown, self._gap, self._last = leaf.before
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
                self._cut_paragraph(leaf)
                return
            if leaf.kind == "table" and depth == len(self._containers) and "|" in body:
                self._sink.add(Part(body))
                return
            if leaf.kind == "code" and depth == len(self._containers) and indent >= 4:
                for _ in range(self._blank_code):
                    self._sink.add(Part(""))
                self._blank_code = 0
                self._sink.add(Part(text[position + 4 :]))
                return
        blanks = self._blank_code
        self._close_to(depth)
        self._gap = self._gap or blanks > 0
        if indent >= 4:
            self._open_leaf(_Leaf("code"))
            self._sink.add(Part(text[position + 4 :]))
            return
        if match := _DEFINITION.match(body):
            self._open_leaf(_Leaf("definition", body))
            self._close_leaf()
            self._sink.define(match[1], match[2].strip("<>"))
            return
        self._open_leaf(_Leaf("paragraph", text[position:].strip(" ")))
        assert self._leaf is not None
        self._cut_paragraph(self._leaf)

    def _cut_paragraph(self, leaf: _Leaf) -> None:
        """Hand over the first part of a paragraph that has become long."""
        while len(leaf.text) > PIECE:
            cut = max(leaf.text.rfind(space, PIECE // 2, PIECE) for space in " \n") + 1 or PIECE
            self._sink.add(Part(leaf.text[:cut]))
            leaf.text = leaf.text[cut:]
            leaf.whole = False


def _heading_text(text: str) -> str:
    """Return a heading's text without its closing hashes."""
    text = text.strip()
    bare = text.rstrip("#")
    return bare.rstrip() if bare != text and (not bare or bare.endswith(" ")) else text
