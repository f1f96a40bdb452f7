"""Which answer of one turn was first, fastest, cheapest. One run is no ranking: the marks say "this run"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from smallchat.config.defaults import LOCAL

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer

Mark = Literal["first", "fastest", "cheapest"]
_Figure = Callable[["Answer"], "float | Decimal | None"]
_Leads = Callable[[Any, Any], bool]


def mark_turn(answers: Sequence[Answer | None]) -> list[tuple[Mark, ...]]:
    """Return the marks of each answer of a turn, in their order.

    Only answers that ended by themselves take part, and only when there are at least two. A mark is given
    when its figure is known for all of them and the best one leads by more than the clock may err.
    """
    marks: list[list[Mark]] = [[] for _ in answers]
    taking_part = [
        (index, answer)
        for index, answer in enumerate(answers)
        if answer is not None and answer.status in ("ok", "length")
    ]
    if len(taking_part) >= 2:
        for mark, (figure, leads) in _FIGURES.items():
            if mark == "first" and not _began_alike([answer for _, answer in taking_part]):
                continue
            best = _find_best([(index, figure(answer)) for index, answer in taking_part], leads)
            if best is not None:
                marks[best].append(mark)
    return [tuple(found) for found in marks]


def _find_best(figures: list[tuple[int, float | Decimal | None]], leads: _Leads) -> int | None:
    """Return the index of the lowest figure; ``None`` when one is missing or the lowest does not lead."""
    known = sorted((figure, index) for index, figure in figures if figure is not None)
    if len(known) < len(figures) or not leads(known[0][0], known[1][0]):
        return None
    return known[0][1]


def _began_alike(answers: Sequence[Answer]) -> bool:
    """Return whether none found the prompt already read by another model on the same machine."""
    cached = [answer.usage.cached for answer in answers if answer.provider == LOCAL and answer.usage]
    return not cached or max(cached) - min(cached) <= _SAME_CACHED


def _slowness(answer: Answer) -> float | None:
    # Characters, since tokens of different models are of different size.
    speed = answer.figures.chars_per_s
    return 1 / speed if speed and answer.figures.tokens_per_s is not None else None


def _price(answer: Answer) -> Decimal | None:
    return answer.cost.usd if answer.cost.state in ("exact", "estimate") else None


_SAME_CACHED = 32  # tokens; a few are read again each time
_CLOCK_ERROR_MS = 6  # of a first token, at the 95th percentile
_SPEED_ERROR = 0.02
_FIGURES: dict[Mark, tuple[_Figure, _Leads]] = {
    "first": (lambda answer: answer.figures.ttft_ms, lambda best, second: second - best > _CLOCK_ERROR_MS),
    "fastest": (_slowness, lambda best, second: second > best * (1 + _SPEED_ERROR)),
    "cheapest": (_price, lambda best, second: second > best),
}
