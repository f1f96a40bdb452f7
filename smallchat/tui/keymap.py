"""Key bindings by id: the user's ``[keys]`` checked against what the screens bind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from textual.binding import Binding
from textual.dom import DOMNode

from smallchat.config.document import name_of, read_document
from smallchat.config.errors import ConfigError, suggest
from smallchat.config.lines import outline
from smallchat.safe_text import safe_line
from smallchat.tui.key_names import find_mistake

ROOMS = ("smallchat.tui.screens", "smallchat.tui.widgets")


def own_bindings() -> dict[str, Binding]:
    """Return every binding of smallchat by its id."""
    return {name: binding for node in _binders() for name, binding in bindings_of(node).items()}


def bindings_of(node: type) -> dict[str, Binding]:
    """Return what ``node`` itself binds under an id, by that."""
    own = node.__dict__.get("BINDINGS", ())
    return {binding.id: binding for binding in own if isinstance(binding, Binding) and binding.id}


def check_keymap(keys: Mapping[str, str], path: Path) -> None:
    """Check ``keys``, a mapping of binding ids to keys such as ``ctrl+j`` or ``f5,ctrl+r``.

    Args:
        keys: ``[keys]`` of the configuration.
        path: The configuration's file, for the message.

    Raises:
        ConfigError: An id or a key is not known, or two ids that are at work together have one key; the
            message names file, line and what is nearest.
    """
    if not keys:
        return
    bindings = own_bindings()
    for name, written in keys.items():
        if problem := _find_problem(name, written, bindings):
            raise ConfigError(f"{_place(path, name)}: {problem}")
    if clash := _find_clash(keys):
        first, second, key = clash
        raise ConfigError(
            f'{_place(path, second)}: "{first}" and "{second}" in [keys] both have the key "{key}", and both '
            "are at work at once: give one of them another key."
        )


def _find_problem(name: str, written: str, bindings: Mapping[str, Binding]) -> str:
    if name not in bindings:
        return f'unknown binding "{safe_line(name, 40)}" in [keys]. {suggest(name, bindings)}'
    for key in _split(written):
        if not key:
            return f'"{name}" in [keys] must name a key such as "ctrl+j".'
        if mistake := find_mistake(key):
            return f'"{name}" in [keys]: "{safe_line(key, 40)}": {mistake}'
    return ""


def _find_clash(keys: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Return two ids of the same widget or screen, and the key that both are given."""
    for node in _binders():
        taken: dict[str, str] = {}
        for name in (name for base in node.__mro__ for name in bindings_of(base) if name in keys):
            for key in _split(keys[name]):
                other = taken.setdefault(key, name)
                if other != name:
                    first, second = sorted((other, name), key=list(keys).index)
                    return first, second, key
    return None


def _split(written: str) -> list[str]:
    return [key.strip() for key in written.split(",")]


def _binders() -> Iterator[type[DOMNode]]:
    """Yield the app, and every screen and widget of ours that binds keys."""
    for name in ("smallchat.tui.app", *_modules()):
        for kind in vars(import_module(name)).values():
            own = isinstance(kind, type) and kind.__module__ == name and "BINDINGS" in vars(kind)
            if own and issubclass(kind, DOMNode):
                yield kind


def _modules() -> Iterator[str]:
    for room in ROOMS:
        yield from (module.name for module in walk_packages(import_module(room).__path__, f"{room}."))


def _place(path: Path, name: str) -> str:
    document = read_document(path)
    line = outline(document.text).line_of(("keys", name)) if document else None
    return name_of(path) if line is None else f"{name_of(path)}, line {line}"
