"""Key bindings by id: the user's ``[keys]`` checked against what the screens bind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from textual.binding import Binding
from textual.dom import DOMNode

from smallchat.config.errors import ConfigError, suggest
from smallchat.safe_text import safe_line

_BINDERS = (
    "smallchat.tui.app:SmallchatApp",
    "smallchat.tui.screens.compare:CompareScreen",
    "smallchat.tui.screens.welcome:WelcomeScreen",
    "smallchat.tui.screens.link:LinkScreen",
    "smallchat.tui.widgets.composer:Composer",
    "smallchat.tui.widgets.transcript.widget:Transcript",
)


def own_bindings() -> dict[str, Binding]:
    """Return every binding of smallchat by its id."""
    found: dict[str, Binding] = {}
    for binder in _BINDERS:
        module, _, name = binder.partition(":")
        node: type[DOMNode] = getattr(import_module(module), name)
        for binding in _bindings_of(node):
            if binding.id is not None:
                found[binding.id] = binding
    return found


def check_keymap(keys: Mapping[str, str]) -> None:
    """Check ``keys``, a mapping of binding ids to keys such as ``ctrl+j`` or ``f5,ctrl+r``.

    Raises:
        ConfigError: An id is not known, or its key is empty; the message names the nearest id.
    """
    if not keys:
        return
    bindings = own_bindings()
    for name, key in keys.items():
        shown = safe_line(name, 40)
        if name not in bindings:
            raise ConfigError(f'[keys] has an unknown binding "{shown}". {suggest(name, bindings)}')
        if not all(part.strip() for part in key.split(",")):
            raise ConfigError(f'[keys] {shown} must name a key such as "ctrl+j".')


def _bindings_of(node: type[DOMNode]) -> Iterable[Binding]:
    own = node.__dict__.get("BINDINGS", ())
    return (binding for binding in own if isinstance(binding, Binding))
