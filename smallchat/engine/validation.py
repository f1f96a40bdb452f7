"""What is wrong with a value by a JSON schema; as a script, the same in a process that can be ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

LIMIT_S = 3.0
# By a pattern, by a schema that refers to itself, or among many items that must differ, a small answer can
# take years. Python can not end its own matching of a pattern, and lets no other thread run meanwhile:
# neither the network's nor the screen's.
_SLOW = frozenset({"pattern", "patternProperties", "uniqueItems", "$ref", "$dynamicRef", "$recursiveRef"})


class TookTooLong(Exception):  # noqa: N818 - says what happened
    """The check was ended before its end."""


def load() -> None:
    """Import the validator: 0.1 s the first time."""
    import jsonschema_specifications  # noqa: F401


def validator_of(schema: Mapping[str, Any]) -> Any:
    """Return what validates by ``schema``; it never fetches another one that a ``$ref`` names."""
    from jsonschema.validators import Draft202012Validator, validator_for
    from jsonschema_specifications import REGISTRY

    return validator_for(schema, default=Draft202012Validator)(schema, registry=REGISTRY)


def find_fault(schema: Mapping[str, Any], value: Any) -> str | None:
    """Return what is wrong first with ``value``, after its path; ``None`` if it follows ``schema``.

    Raises:
        Exception: The schema can not be applied.
    """
    wrong = next(validator_of(schema).iter_errors(value), None)
    return None if wrong is None else f"{wrong.json_path}: {wrong.message}"[:1000]


def may_take_long(schema: Mapping[str, Any]) -> bool:
    """Return whether ``schema`` asks for something whose check has no useful bound."""
    open_parts: list[Any] = [schema]
    while open_parts:
        part = open_parts.pop()
        if isinstance(part, Mapping):
            if not _SLOW.isdisjoint(part):
                return True
            open_parts += part.values()
        elif isinstance(part, list):
            open_parts += part
    return False


def find_fault_within(limit_s: float, schema: Mapping[str, Any], text: str) -> str | None:
    """Return what :func:`find_fault` says of the JSON in ``text``, found in a process of its own.

    Raises:
        TookTooLong: It was not found within ``limit_s`` seconds.
        ValueError: The schema can not be applied, or the process ended without a word.
        OSError: There is no other process to be had.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", __file__],  # -P: no module of the current directory may pose as another
            input=json.dumps([limit_s, schema, text]).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
            start_new_session=True,  # the terminal's Ctrl+C stops answers, not the check
        )
    except subprocess.TimeoutExpired:
        raise TookTooLong from None
    found = json.loads(done.stdout)
    if "error" in found:
        raise ValueError(found["error"])
    fault: str | None = found["fault"]
    return fault


def _answer() -> None:
    limit_s, schema, text = json.load(sys.stdin)
    if hasattr(signal, "alarm"):
        signal.alarm(int(limit_s) + 2)  # ends this process too when nobody is left who would
    try:
        found = {"fault": find_fault(schema, json.loads(text))}
    except Exception as error:
        found = {"error": str(error)[:1000]}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _answer()
