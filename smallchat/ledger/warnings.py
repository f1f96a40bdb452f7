"""Caps that come near: each is told once at 80 % and once at 95 %."""

from __future__ import annotations

from collections.abc import Iterable

from smallchat.ledger.caps import Cap, Level, Need
from smallchat.ledger.refusal import describe_cap
from smallchat.metering.cost import format_usd

_RANKS: dict[Level, int] = {"ok": 0, "near": 1, "close": 2, "over": 2}


class CapWatch:
    """Remembers what was told."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told: dict[tuple[Cap, str], int] = {}

    def find_news(self, needs: Iterable[Need], session: str) -> list[str]:
        """Return a line for each cap that has come nearer than was told.

        Args:
            needs: The caps with what is gone of them; none of them is needed for anything.
            session: The session that its caps are of. A cap that is far again, such as on another day, may
                be told again.
        """
        news = []
        for need in needs:
            key = need.cap, session if need.cap.period == "session" else ""
            rank = _RANKS[need.level]
            if rank > self._told.get(key, 0):
                news.append(_describe(need))
            self._told[key] = rank
        return news


def _describe(need: Need) -> str:
    if not need.left:
        return f"The {describe_cap(need.cap)} is all gone."
    return f"{need.share:.0%} of the {describe_cap(need.cap)} is gone: {format_usd(need.left)} is left."
