"""The names that keys have in ``[keys]``."""

from __future__ import annotations

import unicodedata
from functools import cache

from textual.keys import KEY_NAME_REPLACEMENTS, KEY_TO_UNICODE_NAME, Keys

from smallchat.config.errors import suggest

_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "meta", "hyper"})


@cache
def known_keys() -> frozenset[str]:
    """Return the names of keys without modifiers: ``enter``, ``f5``, ``slash``, ``a``."""
    names = {key.value.rpartition("+")[2] for key in Keys if not key.value.startswith("<")}
    signs = {unicodedata.name(chr(code)).lower().replace("-", "_").replace(" ", "_") for code in _SIGNS}
    return frozenset(names | signs | set(KEY_NAME_REPLACEMENTS.values()) | set(KEY_TO_UNICODE_NAME))


_SIGNS = [code for code in range(33, 127) if not chr(code).isalnum()]


def find_mistake(key: str) -> str:
    """Return what is wrong with ``key``, such as ``ctrl+j``, naming the nearest key there is; or ""."""
    *modifiers, name = key.split("+")
    for modifier in modifiers:
        if modifier not in _MODIFIERS:
            return f"unknown modifier. {suggest(modifier, _MODIFIERS)}"
    if len(name) == 1:
        return "" if name.isprintable() else "not a key."
    return "" if name in known_keys() else f"unknown key. {suggest(name, known_keys())}"
