"""Exported Markdown read back. The file may be anybody's: whatever is odd is an error that names its line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from smallchat.sessions.front_matter import FrontMatterError, read_front_matter
from smallchat.sessions.markdown import FORMAT, LABELS
from smallchat.sessions.record import BadExport, Record

_COMMENT = re.compile(r"<!-- smallchat (turn|answer) (\{.*\}) -->")


def read_markdown(text: str) -> Record:
    """Return the record of the session that was written as ``text``, without what follows from the rest.

    Raises:
        BadExport: The text is not such a document.
    """
    reader = _Reader(text.replace("\r\n", "\n").split("\n"))
    record = reader.read_head()
    while (comment := reader.next_comment()) is not None:
        kind, data = comment
        if kind == "turn":
            record["turns"].append(reader.read_turn(data))
        elif record["turns"]:
            reader.read_answer(data, record["turns"][-1])
        else:
            raise reader.error("an answer before the first turn")
    return record


class _Reader:
    """Goes through the lines of a document."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0
        self._systems: list[str] = []

    def error(self, problem: str) -> BadExport:
        """Return an error at the current line."""
        return BadExport(f"line {self._at}: {problem}")

    def read_head(self) -> Record:
        """Read the front matter."""
        try:
            head, self._at = read_front_matter(self._lines)
        except FrontMatterError as error:
            raise BadExport(str(error)) from None
        if head.get("format") != FORMAT:
            raise BadExport(f"its format is {head.get('format')!r}, this smallchat reads {FORMAT}")
        keys = {"id": "session", "title": "title", "created": "date", "smallchat": "smallchat"}
        session = {key: head.get(name) for key, name in keys.items()}
        rest = {"mode": head.get("mode"), "models": head.get("models") or [], "origin": head.get("origin")}
        rest["panes"] = head.get("panes")
        return {"session": {**session, **rest}, "turns": []}

    def next_comment(self) -> tuple[str, Record] | None:
        """Skip to the next comment of ours; return its kind and data, or ``None`` at the end."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if match := _COMMENT.fullmatch(line):
                try:
                    return match[1], json.loads(match[2])
                except (ValueError, RecursionError):
                    raise self.error("the comment was changed") from None
        return None

    def read_turn(self, data: Record) -> Record:
        """Read a turn up to its prompt."""
        prompt = self._read_block(data.pop("prompt", None))
        return {**data, "prompt": prompt, "answers": [], "alternatives": []}

    def read_answer(self, data: Record, turn: Record) -> None:
        """Read an answer with its texts into ``turn``."""
        texts = {"text": "", "reasoning": ""}
        blocks, chosen, system = data.pop("blocks", None), data.pop("chosen", True), data.pop("system", None)
        if not isinstance(blocks, dict):
            raise self.error("the comment was changed")
        for key, shape in blocks.items():
            if key not in (*LABELS, "text"):
                raise self.error("the comment was changed")
            texts[key] = self._read_block(shape, LABELS.get(key))
        if "system" in texts:
            self._systems.append(texts["system"])
        if system is not None and not (isinstance(system, int) and 0 <= system < len(self._systems)):
            raise self.error("its system prompt is missing")
        texts["system"] = "" if system is None else self._systems[system]
        turn["answers" if chosen else "alternatives"].append({**data, **texts})

    def _read_block(self, shape: Any, label: str | None = None) -> str:
        match shape:
            case ["plain" | "fenced" as form, int(count)] if 0 <= count <= len(self._lines):
                pass
            case _:
                raise self.error("the comment was changed")
        if not count:
            return ""
        self._skip("")
        if label is not None:
            self._skip(label)
            self._skip("")
        self._at += form == "fenced"
        lines = self._lines[self._at : self._at + count]
        if len(lines) < count:
            raise self.error("the file ends within a text")
        self._at += count + (form == "fenced")
        return "\n".join(lines)

    def _skip(self, expected: str) -> None:
        found = self._lines[self._at] if self._at < len(self._lines) else None
        self._at += 1
        if found != expected:
            raise self.error("the lines of a text were moved")
