"""Where the keys of a TOML text are: ``tomllib`` tells values, not places."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\n]+|#[^\n]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?!")'  # a closing triple may follow one or two quotes of the text itself
    r"|'''.*?'''(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*[^,\]}#\s]")


@dataclass(slots=True)
class Outline:
    """The place of each key of a text, and whether it has comments.

    Attributes:
        lines: From the path of a key, such as ``("app", "models", 0)``, to its line, counted from 1.
        pairs: From the path of a key outside brackets to where it, its value and the end of that begin.
        headers: From the path of a table to the end of its header.
        has_comments: Whether anything would be lost by writing only the values.
    """

    lines: dict[KeyPath, int] = field(default_factory=dict)
    pairs: dict[KeyPath, tuple[int, int, int]] = field(default_factory=dict)
    headers: dict[KeyPath, int] = field(default_factory=dict)
    has_comments: bool = False

    def line_of(self, path: KeyPath) -> int | None:
        """Return the line of ``path``, or of the nearest table around it that the text names."""
        for length in range(len(path), 0, -1):
            if (line := self.lines.get(path[:length])) is not None:
                return line
        return None


def outline(text: str) -> Outline:
    """Return the outline of ``text``, which ``tomllib`` can read and whose lines end in a line feed alone."""
    scanner = _Scanner(text)
    scanner.read_document()
    return scanner.outline


class _Scanner:
    """Walks a valid document once, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.outline = Outline()
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._table_counts: dict[KeyPath, int] = {}

    def read_document(self) -> None:
        table: KeyPath = ()
        self._skip_blank()
        while self.at < len(self.text):
            if self._peek() == "[":
                table = self._read_header()
            else:
                start = self.at
                path, value = self._read_pair(table)
                self.outline.pairs[path] = (start, value, self.at)
            self._skip_blank()

    def _read_header(self) -> KeyPath:
        """Read ``[a.b]`` or ``[[a.b]]`` and return the path of the table it opens."""
        line = self._line()
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        *parents, name = self._read_key()
        self._skip_blank()
        self.at += 2 if array else 1

        path: KeyPath = ()
        for parent in parents:
            path = self._note((*path, parent), line)
            if path in self._table_counts:
                path = (*path, self._table_counts[path] - 1)
        path = (*path, name)
        if not array:
            self.outline.lines[path] = line  # a header of its own beats an earlier mention by a sub-table
            self.outline.headers[path] = self.at
            return path
        self._note(path, line)
        index = self._table_counts.get(path, 0)
        self._table_counts[path] = index + 1
        return self._note((*path, index), line)

    def _read_pair(self, table: KeyPath) -> tuple[KeyPath, int]:
        """Read a key and its value; return the path of the key and where its value begins."""
        line, path = self._line(), table
        for part in self._read_key():
            path = self._note((*path, part), line)
        self._skip_blank()
        self.at += 1  # the equals sign
        self._skip_blank()
        start = self.at
        self._read_value(path)
        return path, start

    def _read_key(self) -> list[str]:
        """Read a key, dotted or not, and return its parts."""
        parts = []
        while True:
            self._skip_blank()
            if self._peek() in "\"'":
                quoted = self._take(_STRING)
                parts.append(str(tomllib.loads(f"key = {quoted}")["key"]))
            else:
                parts.append(self._take(_BARE_KEY))
            self._skip_blank()
            if self._peek() != ".":
                return parts
            self.at += 1

    def _read_value(self, path: KeyPath) -> None:
        opening = self._peek()
        if opening in "\"'":
            self._take(_STRING)
        elif opening == "[":
            self._read_items(path, "]")
        elif opening == "{":
            self._read_items(path, "}")
        else:
            self._take(_SCALAR)

    def _read_items(self, path: KeyPath, closing: str) -> None:
        """Read what stands between brackets: the values of an array, or the pairs of an inline table."""
        self.at += 1
        index = 0
        while True:
            self._skip_blank()
            if self._peek() == closing:
                self.at += 1
                return
            if self._peek() == ",":
                self.at += 1
            elif closing == "}":
                self._read_pair(path)
            else:
                self._read_value(self._note((*path, index), self._line()))
                index += 1

    def _note(self, path: KeyPath, line: int) -> KeyPath:
        self.outline.lines.setdefault(path, line)
        return path

    def _line(self) -> int:
        return bisect_right(self._line_starts, self.at)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_blank(self) -> None:
        while match := _BLANK.match(self.text, self.at):
            self.outline.has_comments |= match[0].startswith("#")
            self.at = match.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"line {self._line()} is not TOML")
        self.at = match.end()
        return match[0]
