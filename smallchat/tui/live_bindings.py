"""The keys that work right now and what they do, as the user mapped them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import App

from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.dom import DOMNode
    from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class LiveBinding:
    """An action and its keys.

    Attributes:
        node: What the action belongs to.
        binding: One of its bindings.
        keys: All keys it has now, as they are written for people.
        enabled: Whether it can be done now.
    """

    node: DOMNode
    binding: Binding
    keys: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What one widget or screen does with keys.

    Attributes:
        title: Its name.
        help: What it says about itself.
        bindings: Its keys: ours before those of Textual, those on the key bar first.
    """

    title: str
    help: str
    bindings: tuple[LiveBinding, ...]


def read_scopes(screen: Screen[object]) -> list[Scope]:
    """Return the keys of the focused widget, its parents, the screen and the app, then of other widgets."""
    focused = screen.focused
    chain: list[DOMNode] = list(focused.ancestors_with_self) if focused else [screen, screen.app]
    kinds = {type(node) for node in chain}
    for widget in screen.query("*"):
        if widget.focusable and type(widget) not in kinds and _is_ours(widget):
            kinds.add(type(widget))
            chain.insert(-2, widget)
    keymap = screen.app._keymap
    scopes = [_read_scope(node, keymap, only_priority=_is_covered(node, screen)) for node in chain]
    return [scope for scope in scopes if scope.bindings or scope.help]


def _is_ours(node: DOMNode) -> bool:
    """Return whether ``node`` has a key that can be mapped."""
    return any(binding.id for _, binding in node._bindings)


def _is_covered(node: DOMNode, screen: Screen[object]) -> bool:
    return isinstance(node, App) and screen.is_modal


def _read_scope(node: DOMNode, keymap: Mapping[str, str], *, only_priority: bool) -> Scope:
    bindings = node._bindings.copy()
    bindings.apply_keymap(dict(keymap))
    found: dict[str, tuple[Binding, list[str]]] = {}
    for _, binding in bindings:
        if binding.description and (binding.priority or not only_priority) and not binding.system:
            display = safe_line(node.app.get_key_display(binding), 20)
            found.setdefault(binding.action, (binding, []))[1].append(display)
    live = [
        LiveBinding(node, binding, tuple(dict.fromkeys(keys)), _is_enabled(node, binding))
        for binding, keys in found.values()
    ]
    live.sort(key=lambda one: (one.binding.id is None, not one.binding.show))
    return Scope(_name(node), getattr(node, "HELP", None) or "", tuple(live))


def _is_enabled(node: DOMNode, binding: Binding) -> bool:
    return bool(node.app._check_action_state(binding.action, node))


def _name(node: DOMNode) -> str:
    if isinstance(node, App):
        return "Everywhere"
    words = re.findall(r"[A-Z][a-z]*", type(node).__name__)
    return " ".join(words).capitalize() or type(node).__name__


def with_words(scopes: Iterable[Scope], words: str) -> list[Scope]:
    """Return what of ``scopes`` has all ``words``, in the name of a key or in what is said about it."""
    wanted = words.lower().split()
    if not wanted:
        return list(scopes)
    found = []
    for scope in scopes:
        bindings = tuple(one for one in scope.bindings if _has(one, scope.title, wanted))
        if bindings:
            found.append(Scope(scope.title, "", bindings))
    return found


def _has(one: LiveBinding, title: str, wanted: Iterable[str]) -> bool:
    binding = one.binding
    text = " ".join((title, *one.keys, binding.key, binding.description, binding.tooltip, binding.id or ""))
    return all(word in text.lower() for word in wanted)
