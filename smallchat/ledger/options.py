"""What a user can do about a send that does not fit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from smallchat.ledger.caps import Need
from smallchat.ledger.claim import LaneClaim

USEFUL_OUTPUT = 64
"""Tokens: a smaller limit of output is not worth offering."""

MOST_SUBSETS_OF = 8
"""Panes: of more, only those that fit on their own are tried."""


@dataclass(frozen=True, slots=True)
class Options:
    """The ways to send something after all. Panes are told by their place among the claims, from 0.

    Attributes:
        keep: Sets of panes that fit together, none of them a part of another; the most panes first, and among
            as many panes the cheapest first. Dropping the others makes the send fit.
        max_output: The largest limit of output, for every pane, at which all panes fit; ``None`` when even
            :data:`USEFUL_OUTPUT` tokens are too many.
        cheapest: The pane that costs least of those that fit on their own: what ``degrade`` goes on with.
    """

    keep: tuple[tuple[int, ...], ...] = ()
    max_output: int | None = None
    cheapest: int | None = None


def find_options(claims: Sequence[LaneClaim], needs: Sequence[Need], usable: Sequence[int]) -> Options:
    """Return what would fit.

    Args:
        claims: The panes of the send.
        needs: All caps with what is gone of them.
        usable: The panes that may be sent at all, for instance since their price is known.
    """

    def fits(panes: Sequence[LaneClaim]) -> bool:
        return all(replace(need, needed=need.cap.needed(panes)).fits for need in needs)

    def cost(panes: Sequence[int]) -> tuple[int, object]:
        return -len(panes), sum(claims[pane].needed for pane in panes)

    alone = sorted((pane for pane in usable if fits([claims[pane]])), key=lambda pane: cost([pane]))
    return Options(
        keep=tuple(sorted(_largest(alone, lambda panes: fits([claims[pane] for pane in panes])), key=cost)),
        max_output=_largest_output(claims, fits) if len(usable) == len(claims) else None,
        cheapest=alone[0] if alone else None,
    )


def _largest(panes: Sequence[int], fits: Callable[[tuple[int, ...]], bool]) -> list[tuple[int, ...]]:
    """Return the sets of ``panes`` that fit and are no part of a larger one that does."""
    found: list[tuple[int, ...]] = []
    for size in range(len(panes) if len(panes) <= MOST_SUBSETS_OF else 1, 0, -1):
        for chosen in combinations(sorted(panes), size):
            if not any(set(chosen) <= set(larger) for larger in found) and fits(chosen):
                found.append(chosen)
    return found


def _largest_output(claims: Sequence[LaneClaim], fits: Callable[[Sequence[LaneClaim]], bool]) -> int | None:
    """Return the largest limit below the present one at which all ``claims`` fit, by bisection."""
    low, high = USEFUL_OUTPUT, max((claim.max_output for claim in claims), default=0)
    if high <= low or not fits([claim.with_max_output(low) for claim in claims]):
        return None
    while high - low > 1:  # low fits, high does not
        middle = (low + high) // 2
        if fits([claim.with_max_output(middle) for claim in claims]):
            low = middle
        else:
            high = middle
    return low
