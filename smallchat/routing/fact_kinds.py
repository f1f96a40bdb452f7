"""Which facts rules may ask for, and which values each can have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from smallchat.routing.facts import FLAGS, LANGUAGES
from smallchat.routing.layout import Data
from smallchat.routing.meanings import INTENTS, TASKS
from smallchat.routing.number_ranges import NUMBERS, Ranges
from smallchat.routing.signs import FORMATS

Domain: TypeAlias = Any
"""A ``frozenset`` of choices or ``Ranges`` of numbers: both know ``in``, ``&`` and ``-``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A fact with one of a few values; one that is not a flag may also have none."""

    values: tuple[Any, ...]
    is_flag: bool = False

    @property
    def everything(self) -> frozenset[Any]:
        """All values that it can have."""
        return frozenset(self.values if self.is_flag else (*self.values, None))


@dataclass(frozen=True, slots=True)
class Number:
    """A fact that is a whole number, not negative."""

    everything: Ranges = NUMBERS


_FLAG = Choice((True, False), is_flag=True)

KINDS: dict[str, Choice | Number] = {
    "task": Choice(TASKS),
    "intent": Choice(INTENTS),
    "format": Choice(FORMATS),
    "language": Choice(LANGUAGES),
    "data": Choice(get_args(Data)),
    **dict.fromkeys(
        ("tokens", "total_tokens", "history_tokens", "system_tokens", "images", "files", "constraints"),
        Number(),
    ),
    **dict.fromkeys(("steps", "rows", "maths"), Number()),
    "turn": Number(Ranges(((1, NUMBERS.spans[0][1]),))),
    "cjk": Number(Ranges(((0, 100),))),
    **dict.fromkeys(("code", "traceback", "diff", *FLAGS), _FLAG),
}
"""Every fact by its name."""
