"""The names that keys have in ``[keys]``, and how they are written for people."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from textual.keys import KEY_NAME_REPLACEMENTS, KEY_TO_UNICODE_NAME, Keys, format_key

from smallchat.config.errors import suggest

if TYPE_CHECKING:
    from textual.screen import Screen

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


_WRITTEN = {
    "escape": "Esc",
    "enter": "Enter",
    "delete": "Del",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "tab": "Tab",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "backspace": "Backspace",
}


def write_key(key: str) -> str:
    """Return ``key``, such as ``ctrl+j`` or ``f5``, as it stands on a keyboard: ``Ctrl+J``, ``F5``, ``y``."""
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    written = _WRITTEN.get(name) or format_key(name)
    if (modifiers and len(written) == 1) or written[1:].isdigit():
        written = written.upper()
    return "+".join((*(modifier.capitalize() for modifier in modifiers), written))


def find_key(screen: Screen[Any], binding_id: str) -> str:
    """Return how the key of a binding is written, as the user mapped it; "" when ``screen`` has none."""
    for _, bindings in screen._binding_chain:
        for key, binding in bindings:
            if binding.id == binding_id:
                return write_key(key)
    return ""


def name_keys(screen: Screen[Any], text: str) -> str:
    """Return ``text`` with the keys of the bindings whose ids stand in braces, such as ``{help}``."""
    return re.sub(r"\{(\w+)\}", lambda match: find_key(screen, match[1]), text)
