"""Answers that must follow a JSON schema: the schema's file, and whether an answer does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smallchat.config.errors import ConfigError, reason
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
        if path.stat().st_size > MOST_SCHEMA:
            raise ConfigError(f"{name}: larger than 1 MB, too large for a schema.")
        text = path.read_text(encoding="utf-8-sig")
        schema = json.loads(text)
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


def load() -> None:
    """Import the validator, where no clock runs."""
    import jsonschema_specifications  # noqa: F401


def validator_of(schema: Mapping[str, Any]) -> Any:
    """Return what validates by ``schema``; it never fetches another one that a ``$ref`` names."""
    from jsonschema.validators import Draft202012Validator, validator_for
    from jsonschema_specifications import REGISTRY

    return validator_for(schema, default=Draft202012Validator)(schema, registry=REGISTRY)


def check_answer(text: str, schema: Mapping[str, Any], status: Status = "ok") -> Validity:
    """Return whether ``text`` is JSON that follows ``schema``, and the first thing that is wrong with it."""
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
        wrong = next(validator_of(schema).iter_errors(value), None)
    except Exception as error:  # a reference that leads nowhere, a pattern that is no pattern
        return Validity(False, f"the schema can not be applied: {safe_line(str(error), 120)}")
    return Validity(True) if wrong is None else Validity(False, _tell(wrong.json_path, wrong.message))


def _tell(path: str, message: str) -> str:
    return safe_line(f"{path}: {message}", 300)
