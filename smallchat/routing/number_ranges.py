"""Sets of whole numbers from 0, as rules state them: ``3``, ``"<8k"``, ``">=1"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_line

_COMPARISON = re.compile(r"(<=|>=|==|=|<|>|)\s*(\d{1,9}(?:\.\d{1,3})?)\s*([km]?)", re.IGNORECASE)
_OPERATORS = ("<", "<=", ">", ">=", "=")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_INFINITE = 10**15


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of whole numbers: disjoint spans from a first to a last number, in order."""

    spans: tuple[tuple[int, int], ...] = ()

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(first <= number <= last for first, last in self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __and__(self, other: Ranges) -> Ranges:
        met = [(max(a, c), min(b, d)) for a, b in self.spans for c, d in other.spans]
        return Ranges(tuple(sorted((first, last) for first, last in met if first <= last)))

    def __or__(self, other: Ranges) -> Ranges:
        joined: list[tuple[int, int]] = []
        for first, last in sorted((*self.spans, *other.spans)):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        return Ranges(tuple(joined))

    def __sub__(self, other: Ranges) -> Ranges:
        rest = self
        for first, last in other.spans:
            rest = Ranges(
                tuple(
                    span
                    for a, b in rest.spans
                    for span in ((a, min(b, first - 1)), (max(a, last + 1), b))
                    if span[0] <= span[1]
                )
            )
        return rest


NUMBERS = Ranges(((0, _INFINITE),))


def parse_range(name: str, value: Any) -> Ranges:
    """Return the numbers that ``value`` allows.

    Args:
        name: The fact, for messages.
        value: A whole number, or a comparison in a string; ``k`` and ``m`` stand for thousands and millions.

    Raises:
        ConfigError: It is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _INFINITE:
        return Ranges(((value, value),))
    found = _COMPARISON.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ConfigError(
            f'"{name}" is a number: compare it as in {name} = "<8k", with {", ".join(_OPERATORS)}; '
            f'"{safe_line(str(value), 40)}" does not.'
        )
    number = round(float(found[2]) * _FACTORS[found[3].lower()])
    first, last = {
        "<": (0, number - 1),
        "<=": (0, number),
        ">": (number + 1, _INFINITE),
        ">=": (number, _INFINITE),
    }.get(found[1], (number, number))
    return Ranges(((first, last),)) if first <= last else Ranges()
