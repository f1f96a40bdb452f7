"""Who took over from whom in a pane, told where a session that goes on is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.catalog.catalog import Catalog
    from smallchat.sessions.session import Turn


def find_successors(turns: Sequence[Turn], place: int) -> Mapping[int, tuple[str, str]]:
    """Return, by the number of the turn, the models that took over at ``place``, and from whom."""
    successors = {}
    before = ""
    for turn in turns:
        name = next((kept.answer.model for kept in turn.answers if kept.pane == place), before)
        if before and name != before:
            successors[turn.number] = name, before
        before = name
    return successors


def tell_succession(new: str, old: str) -> str:
    """Return the note that ``new`` took over from ``old``, both as they are called."""
    return f"{safe_line(new, 60)} goes on from here, with what was said to {safe_line(old, 60)}."


def label_of(name: str, catalog: Catalog) -> str:
    """Return what the model ``name`` is called, which may not be known here."""
    try:
        return catalog.get(name).label
    except ConfigError:
        return name
