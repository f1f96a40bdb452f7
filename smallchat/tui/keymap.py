"""Key bindings by id: the user's ``[keys]`` checked against what the screens bind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode

from smallchat.config.document import name_of, read_document
from smallchat.config.errors import ConfigError, suggest
from smallchat.config.lines import outline
from smallchat.safe_text import safe_line

_BINDERS = (
    "smallchat.tui.app:SmallchatApp",
    "smallchat.tui.screens.compare:CompareScreen",
    "smallchat.tui.screens.pane_keys:PaneScreen",
    "smallchat.tui.screens.session_keys:SessionScreen",
    "smallchat.tui.screens.judging:JudgingScreen",
    "smallchat.tui.screens.blind:BlindScreen",
    "smallchat.tui.screens.sessions:SessionsScreen",
    "smallchat.tui.screens.turns:TurnsScreen",
    "smallchat.tui.screens.rename:RenameScreen",
    "smallchat.tui.screens.welcome:WelcomeScreen",
    "smallchat.tui.screens.link:LinkScreen",
    "smallchat.tui.screens.over_budget:OverBudgetScreen",
    "smallchat.tui.screens.spend:SpendScreen",
    "smallchat.tui.screens.route:RouteScreen",
    "smallchat.tui.screens.decision:DecisionScreen",
    "smallchat.tui.screens.pick_candidate:PickCandidateScreen",
    "smallchat.tui.screens.side_compare:SideCompareScreen",
    "smallchat.tui.screens.help:HelpScreen",
    "smallchat.tui.screens.palette:PaletteScreen",
    "smallchat.tui.widgets.composer:Composer",
    "smallchat.tui.widgets.vim_keys:ScrollKeys",
    "smallchat.tui.widgets.vim_keys:ListKeys",
    "smallchat.tui.widgets.row_list:RowList",
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


def check_keymap(keys: Mapping[str, str], path: Path) -> None:
    """Check ``keys``, a mapping of binding ids to keys such as ``ctrl+j`` or ``f5,ctrl+r``.

    Args:
        keys: ``[keys]`` of the configuration.
        path: The configuration's file, for the message.

    Raises:
        ConfigError: An id is not known, or its key is empty; the message names file, line and nearest id.
    """
    if not keys:
        return
    bindings = own_bindings()
    for name, key in keys.items():
        if name not in bindings:
            problem = f'unknown binding "{safe_line(name, 40)}" in [keys]. {suggest(name, bindings)}'
        elif not all(part.strip() for part in key.split(",")):
            problem = f'"{name}" in [keys] must name a key such as "ctrl+j".'
        else:
            continue
        raise ConfigError(f"{_place(path, name)}: {problem}")


def _place(path: Path, name: str) -> str:
    document = read_document(path)
    line = outline(document.text).line_of(("keys", name)) if document else None
    return name_of(path) if line is None else f"{name_of(path)}, line {line}"


def _bindings_of(node: type[DOMNode]) -> Iterable[Binding]:
    own = node.__dict__.get("BINDINGS", ())
    return (binding for binding in own if isinstance(binding, Binding))
