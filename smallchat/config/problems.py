"""What is wrong in a configuration, in the user's words. Values are never repeated: one may be a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from smallchat.config.errors import suggest
from smallchat.config.lines import KeyPath
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Problem = tuple[KeyPath, str]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WORDS = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "is_instance_of": "must be a number",
    "decimal_type": "must be a number",
    "finite_number": "must be a finite number",
    "decimal_max_digits": "has too many digits",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "date_type": "must be a day without quotes, such as 2026-11-20",
}


def describe(error: ErrorDetails, root: type[BaseModel]) -> Problem:
    """Return where ``error`` is and what it means.

    Args:
        error: One entry of a pydantic error's ``errors()``.
        root: The model that was validated.
    """
    path = tuple(part for part in error["loc"] if part != "[key]")
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        table, key = path[:-1], str(path[-1])
        known = keys_at(root, table)
        return path, f'unknown key "{safe_line(key, 60)}" in {_table_words(table)}. {suggest(key, known)}'
    where = write_path(path)
    if kind == "missing":
        return path, f'{_table_words(path[:-1])} has no "{safe_line(str(path[-1]), 60)}"'
    if kind == "literal_error":
        return path, f"{where} must be {context['expected'].replace(chr(39), chr(34))}"
    if kind == "value_error":
        return path, f"{where or _table_words(path)} {safe_line(str(context['error']))}"
    if kind in ("greater_than_equal", "greater_than"):
        limit = context.get("ge", context.get("gt"))
        return path, f"{where} must be {'more than ' if 'gt' in context else 'at least '}{limit}"
    if kind == "less_than_equal":
        return path, f"{where} must be at most {context['le']}"
    return path, f"{where} {_WORDS.get(kind, 'is not valid')}"


def keys_at(root: type[BaseModel], path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys that the table at ``path`` may have."""
    here: Any = root
    for part in path:
        here = _without_none(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[str(part)].annotation
        else:  # a mapping by name or a tuple by index
            here = get_args(here)[-1 if get_origin(here) is dict else 0]
    here = _without_none(here)
    return tuple(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else ()


def write_path(path: KeyPath) -> str:
    """Return ``path`` as TOML writes a dotted key; places in lists count from 1, in brackets."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part + 1}]"
        else:
            name = part if _BARE.fullmatch(part) else f'"{safe_line(part, 60)}"'
            words += f".{name}" if words else name
    return safe_line(words)


def _table_words(path: KeyPath) -> str:
    return f"[{write_path(path)}]" if path else "the file"


def _without_none(annotation: Any) -> Any:
    """Return the part of ``X | None`` and of ``Annotated[X, ...]`` that is a model or a container."""
    if hasattr(annotation, "__metadata__"):
        return _without_none(get_args(annotation)[0])
    parts = [part for part in get_args(annotation) if part is not type(None)]
    is_union = type(None) in get_args(annotation)
    return _without_none(parts[0]) if is_union else annotation
