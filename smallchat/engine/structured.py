"""Answers that must follow a JSON schema: the schema's file, and whether an answer does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smallchat.config.errors import ConfigError, reason
from smallchat.engine.validation import (
    LIMIT_S,
    TookTooLong,
    find_fault,
    find_fault_within,
    may_take_long,
    validator_of,
)
from smallchat.metering.answer import Status, Validity
from smallchat.safe_text import safe_line

MOST_SCHEMA = 1024 * 1024
_WHOLE: tuple[Status, ...] = ("ok", "length")


def read_schema(path: Path) -> dict[str, Any]:
    """Return the JSON schema in the file at ``path``. Imports the validator: 0.1 s the first time.

    Raises:
        ConfigError: It can not be read, is no JSON, or is no schema.
    """
    name = safe_line(str(path), 120)
    try:
        with path.open("rb") as file:  # what is no file, such as a device, may have no end
            data = file.read(MOST_SCHEMA + 1)
        if len(data) > MOST_SCHEMA:
            raise ConfigError(f"{name}: larger than 1 MB, too large for a schema.")
        schema = json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{name}: {reason(error)}") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"{name}, line {error.lineno}: not JSON: {error.msg}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{name}: not UTF-8 text.") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: not usable JSON: {safe_line(str(error), 100)}") from None
    if not isinstance(schema, dict):
        raise ConfigError(f'{name}: a JSON schema is an object, as in {{"type": "object", …}}.')

    from jsonschema.exceptions import SchemaError

    try:
        validator_of(schema).check_schema(schema)
    except SchemaError as error:
        raise ConfigError(f"{name}: not a JSON schema: {_tell(error.json_path, error.message)}") from None
    except RecursionError:
        raise ConfigError(f"{name}: nested too deep for a schema.") from None
    return schema


def check_answer(
    text: str, schema: Mapping[str, Any], status: Status = "ok", *, limit_s: float = LIMIT_S
) -> Validity:
    """Return whether ``text`` is JSON that follows ``schema``, and the first thing that is wrong with it.

    A check that may take long is given up after ``limit_s`` seconds.
    """
    if status not in _WHOLE:
        return Validity(False, "there is no whole answer")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        ended = "cut at the limit of output: " if status == "length" else ""
        return Validity(False, f"{ended}not JSON: {error.msg}, line {error.lineno}, column {error.colno}")
    except (ValueError, RecursionError):
        return Validity(False, "not JSON that can be read: too deep, or a number too long")
    try:
        if may_take_long(schema):
            fault = find_fault_within(limit_s, schema, text)
        else:
            fault = find_fault(schema, value)
    except TookTooLong:
        return Validity(None, f"not checked: it took longer than {limit_s:g} s")
    except Exception as error:  # a reference that leads nowhere, a pattern that is no pattern
        return Validity(False, f"the schema can not be applied: {safe_line(str(error), 120)}")
    return Validity(True) if fault is None else Validity(False, safe_line(fault, 300))


def _tell(path: str, message: str) -> str:
    return safe_line(f"{path}: {message}", 300)
