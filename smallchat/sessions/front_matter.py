"""The head of an exported file: YAML, of which only as much is used as is also easy to read strictly.

One ``key: value`` a line, the value in JSON; or a key with such lines indented below it, as a mapping or
as a list of mappings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

RULE = "---"
_LINE = re.compile(r"(  - |    |  |)([a-z_]+):(?: (.*))?")
# Raw in JSON but not allowed in YAML, or not wanted where a Markdown renderer sees it.
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "\ufffe": "\\ufffe", "\uffff": "\\uffff", "\x7f": "\\u007f"}


class FrontMatterError(ValueError):
    """A line is not what this subset of YAML allows; the message says which."""


def write_front_matter(values: dict[str, Any]) -> list[str]:
    """Return ``values`` as lines, the rules around them included."""
    lines = [RULE]
    for key, value in values.items():
        if isinstance(value, list) and value:
            lines.append(f"{key}:")
            for item in value:
                marks = ["  - ", *["    "] * (len(item) - 1)]
                lines += [
                    f"{mark}{name}: {_scalar(part)}"
                    for mark, (name, part) in zip(marks, item.items(), strict=True)
                ]
        elif isinstance(value, dict) and value:
            lines.append(f"{key}:")
            lines += [f"  {name}: {_scalar(part)}" for name, part in value.items()]
        else:
            lines.append(f"{key}: {_scalar(value)}")
    # Without the empty line, a renderer that knows no front matter would take the last lines for a heading.
    return [*lines, "", RULE]


def read_front_matter(lines: Sequence[str]) -> tuple[dict[str, Any], int]:
    """Return the values at the head of ``lines`` and the number of lines they take.

    Raises:
        FrontMatterError: There are none, or a line is something else.
    """
    if not lines or lines[0] != RULE:
        raise FrontMatterError("line 1: there is no front matter")
    values: dict[str, Any] = {}
    key = ""
    for number, line in enumerate(lines[1:], start=2):
        if line == RULE:
            return values, number
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise FrontMatterError(f"line {number}: not the front matter of an export")
        indent, name, text = match.groups()
        value = _read_scalar(text, number)
        if not indent:
            key, values[name] = name, value
        elif not _put(values, key, indent, name, value):
            raise FrontMatterError(f"line {number}: indented where nothing is expected")
    raise FrontMatterError("the front matter has no end")


def _put(values: dict[str, Any], key: str, indent: str, name: str, value: Any) -> bool:
    """Put a value below ``key``; return whether there is a place for it."""
    parent = values.get(key)
    if indent == "  " and (parent is None or isinstance(parent, dict)):
        values[key] = {**(parent or {}), name: value}
    elif indent == "  - " and (parent is None or isinstance(parent, list)):
        values[key] = [*(parent or []), {name: value}]
    elif indent == "    " and isinstance(parent, list) and parent and isinstance(parent[-1], dict):
        parent[-1][name] = value
    else:
        return False
    return True


def _scalar(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(f"[{''.join(_ESCAPED)}]", lambda match: _ESCAPED[match[0]], text)


def _read_scalar(text: str | None, number: int) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise FrontMatterError(f'line {number}: write the value in quotes, as in "text"') from None
