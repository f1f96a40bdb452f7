"""Sessions as lists show them, and what a search finds in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smallchat.metering.cost import Total


@dataclass(frozen=True, slots=True)
class Summary:
    """A session as lists show it.

    Attributes:
        id: Its short name.
        title: What it is about.
        created: When it began, UTC.
        used: When its last turn began, UTC.
        mode: ``compare``, ``chat``, ``route`` or ``ask``.
        models: The names of its models.
        turns: How many there are.
        total: What it cost.
    """

    id: str
    title: str
    created: datetime
    used: datetime
    mode: str
    models: tuple[str, ...]
    turns: int
    total: Total


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that a search found.

    Attributes:
        session: The session it is in.
        turn: The number of its turn; ``None`` for the session's title.
        model: The model whose answer it is in; ``None`` for a prompt.
        snippet: A few words around the match, on one safe line.
        spans: Where the matching words are in ``snippet``: start and end.
    """

    session: Summary
    turn: int | None
    model: str | None
    snippet: str
    spans: tuple[tuple[int, int], ...]
