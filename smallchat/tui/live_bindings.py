"""The keys that work right now and what they do, as the user mapped them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import App
from textual.binding import Binding
from textual.widgets import Input, TextArea

from smallchat.safe_text import safe_line
from smallchat.tui.key_names import write_key
from smallchat.tui.keymap import bindings_of

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen


GROUPS = (  # the most important first; groups that are not listed belong to one screen, and come before
    "Prompt",
    "Answers",
    "Panes",
    "Everywhere",
    "Models and settings",
    "Session",
    "Comparing",
    "With the prompt",
    "In a transcript",
    "In a list",
    "Scrolling",
    "Moving",
    "Editing text",
)


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
    """Keys that belong together.

    Attributes:
        title: What they are about.
        help: What is said about all of them.
        bindings: The keys, those on the key bar first.
    """

    title: str
    help: str
    bindings: tuple[LiveBinding, ...]


def read_scopes(screen: Screen[object]) -> list[Scope]:
    """Return what ``screen`` is for, then the keys that work on it, group by group.

    The focused widget comes first, then its parents, the screen, the app, and widgets that could have the
    focus; at last the keys that Textual gives to what has it. A class that binds keys may name their group
    in ``KEY_GROUP``; keys of other classes form a group with the name of the widget or screen.
    """
    focused = screen.focused
    chain: list[DOMNode] = list(focused.ancestors_with_self) if focused else [screen, screen.app]
    kinds = {type(node) for node in chain}
    for widget in screen.query("*"):
        if widget.focusable and type(widget) not in kinds and _is_ours(widget):
            kinds.add(type(widget))
            chain.append(widget)
    title = _name(screen)
    scopes = {title: Scope(title, getattr(screen, "HELP", None) or "", ())}
    for node in chain:
        live = _read_node(node, screen)
        for kind in type(node).__mro__:
            group = kind.__dict__.get("KEY_GROUP") or _name(node)
            told = "" if node is screen else kind.__dict__.get("HELP") or ""
            own = bindings_of(kind)
            _add(scopes, group, told, [one for one in live if one.binding.id in own])
    if focused is not None:
        usual = "Editing text" if isinstance(focused, TextArea | Input) else "Moving"
        _add(scopes, usual, "", [one for one in _read_node(focused, screen) if one.binding.id is None])
    return _sort(scope for scope in scopes.values() if scope.bindings or scope.help)


def _sort(scopes: Iterable[Scope]) -> list[Scope]:
    """Return the screen's own words, what has the focus, then the groups in the order of ``GROUPS``."""
    first, *more = scopes
    head, more = more[:1], more[1:]
    more.sort(key=lambda scope: GROUPS.index(scope.title) if scope.title in GROUPS else -1)
    return [first, *head, *more]


def _add(scopes: dict[str, Scope], title: str, told: str, live: Iterable[LiveBinding]) -> None:
    before = scopes.get(title)
    if before is not None:
        scopes[title] = Scope(title, before.help, (*before.bindings, *live))
    elif bindings := tuple(live):
        scopes[title] = Scope(title, told, bindings)


def _is_ours(node: DOMNode) -> bool:
    """Return whether ``node`` has a key that can be mapped."""
    return any(binding.id for _, binding in node._bindings)


def _is_covered(node: DOMNode, screen: Screen[object]) -> bool:
    return isinstance(node, App) and screen.is_modal


def _read_node(node: DOMNode, screen: Screen[object]) -> list[LiveBinding]:
    bindings = node._bindings.copy()
    bindings.apply_keymap(dict(screen.app._keymap))
    covered = _is_covered(node, screen)
    found: dict[str, tuple[Binding, list[str]]] = {}
    for key, binding in bindings:
        if binding.description and (binding.priority or not covered) and not binding.system:
            found.setdefault(binding.action, (binding, []))[1].append(safe_line(write_key(key), 20))
    live = [
        LiveBinding(node, binding, tuple(dict.fromkeys(keys)), _is_enabled(node, binding))
        for binding, keys in found.values()
    ]
    return sorted(live, key=lambda one: not one.binding.show)


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
