"""Small changes of a TOML text that leave its comments and order alone."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from smallchat.config.lines import KeyPath, outline

Change = tuple[KeyPath, Any]
_GONE = object()


def edit_text(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """Return ``text``, which says ``old``, changed to say ``new``.

    Returns:
        ``None`` when the change is more than single keys of tables with a header of their own: then the
        whole text has to be written anew. What is returned was read back and says ``new``.
    """
    places = outline(text)
    edits: list[tuple[int, int, str]] = []  # from, to, instead
    new_tables: dict[KeyPath, str] = {}
    for path, value in _differences(old, new):
        pair, parent, key = places.pairs.get(path), path[:-1], str(path[-1])
        if pair and value is _GONE:
            line_end = text.find("\n", pair[2])
            edits.append((text.rfind("\n", 0, pair[0]) + 1, line_end + 1 if line_end >= 0 else len(text), ""))
        elif pair:
            edits.append((pair[1], pair[2], _dump({"": value}).partition("=")[2].strip()))
        elif value is _GONE:
            return None
        elif parent in places.headers:
            line_end = text.find("\n", places.headers[parent])
            at = line_end if line_end >= 0 else len(text)
            edits.append((at, at, "\n" + _dump({key: value}).rstrip("\n")))
        elif parent not in places.lines:
            new_tables.setdefault(parent, _header(parent))
            new_tables[parent] += _dump({key: value})
        else:
            return None
    for start, end, instead in sorted(edits, reverse=True):
        text = text[:start] + instead + text[end:]
    for table in new_tables.values():
        text = f"{text.rstrip()}\n\n{table}" if text.strip() else table
    return text if _says(text, new) else None


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], path: KeyPath = ()) -> Iterator[Change]:
    """Yield the path of each value that differs, and the new value or ``_GONE``."""
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key, _GONE), new.get(key, _GONE)
        if isinstance(after, dict) and (before is _GONE or isinstance(before, dict)):
            yield from _differences(before if isinstance(before, dict) else {}, after, (*path, key))
        elif before != after:
            yield (*path, key), after


def _says(text: str, data: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text, parse_float=Decimal) == data
    except tomllib.TOMLDecodeError:
        return False


def _header(path: KeyPath) -> str:
    import tomli_w

    empty: dict[str, Any] = {}
    for part in reversed(path):
        empty = {str(part): empty}
    return tomli_w.dumps(empty)


def _dump(values: Mapping[str, Any]) -> str:
    import tomli_w

    return tomli_w.dumps(values)
