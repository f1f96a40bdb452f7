"""The ``when`` of a rule: a condition on facts, as alternatives that can be matched and subtracted.

A condition is kept as boxes: alternatives, each of which names for some facts the values that it allows.
Boxes can be subtracted from each other exactly, which is how a rule that can never be reached is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smallchat.config.errors import ConfigError, suggest
from smallchat.routing.fact_kinds import KINDS, Choice, Domain, Number
from smallchat.routing.facts import Facts
from smallchat.routing.number_ranges import Ranges, parse_range
from smallchat.safe_text import safe_line

Box = Mapping[str, Domain]
Condition = tuple[Box, ...]
"""Alternatives; none of them holds never, an empty one always."""

ALWAYS: Condition = ({},)
COMBINATORS = ("any", "all", "not")
_MOST_BOXES = 512


def parse_condition(table: Mapping[str, Any]) -> Condition:
    """Return the condition that ``table`` states: facts that must all hold, and ``any``, ``all``, ``not``.

    Raises:
        ConfigError: A fact, value or comparison is not known; the message names the nearest.
    """
    condition = ALWAYS
    for key, value in table.items():
        if key in COMBINATORS:
            part = _parse_combined(key, value)
        else:
            part = ({key: _parse_values(key, value)},)
        condition = _both(condition, part)
    return condition


def holds(condition: Condition, facts: Facts) -> bool:
    """Return whether ``facts`` meet ``condition``."""
    return any(all(getattr(facts, name) in domain for name, domain in box.items()) for box in condition)


def deciding_facts(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """Return the facts that ``condition`` looked at in the alternative that holds."""
    for box in condition:
        if all(getattr(facts, name) in domain for name, domain in box.items()):
            return tuple(box)
    return ()


def subtract(condition: Condition, other: Condition) -> Condition:
    """Return when ``condition`` holds and ``other`` does not."""
    left = list(condition)
    for box in other:
        left = [rest for one in left for rest in _subtract_box(one, box)]
        if len(left) > _MOST_BOXES:
            raise TooManyAlternatives
    return tuple(left)


class TooManyAlternatives(Exception):  # noqa: N818 - says what is wrong, as the others do
    """A condition that is too complex to be compared with others."""


def _parse_combined(key: str, value: Any) -> Condition:
    tables = [value] if isinstance(value, Mapping) else value
    if not isinstance(tables, Sequence) or isinstance(tables, str) or not tables:
        raise ConfigError(f'"{key}" needs a list of tables, such as {key} = [ {{ ui = true }} ].')
    if not all(isinstance(table, Mapping) for table in tables):
        raise ConfigError(f'"{key}" needs tables in its list, such as {{ tokens = "<8k" }}.')
    parts = [parse_condition(table) for table in tables]
    if key == "all":
        condition = ALWAYS
        for part in parts:
            condition = _both(condition, part)
        return condition
    either = _limited([box for part in parts for box in part])
    if key == "any":
        return either
    try:
        return subtract(ALWAYS, either)
    except TooManyAlternatives:
        raise _too_complex() from None


def _parse_values(name: str, value: Any) -> Domain:
    kind = KINDS.get(name)
    if kind is None:
        raise ConfigError(f'Unknown fact "{safe_line(name, 40)}". {suggest(name, [*KINDS, *COMBINATORS])}')
    values = value if isinstance(value, list | tuple) else [value]
    if not values:
        raise ConfigError(f'"{name}" names no value.')
    if isinstance(kind, Number):
        ranges = Ranges()
        for one in values:
            ranges |= parse_range(name, one)
        return ranges & kind.everything
    return frozenset().union(*(_parse_choice(name, kind, one) for one in values))


def _parse_choice(name: str, kind: Choice, value: Any) -> frozenset[Any]:
    if kind.is_flag:
        if not isinstance(value, bool):
            raise ConfigError(f'"{name}" is either true or false, not {_shown(value)}.')
        return frozenset({value})
    if isinstance(value, bool):
        return frozenset(kind.values) if value else frozenset({None})
    if value not in kind.values:
        near = suggest(str(value), [str(one) for one in kind.values])
        raise ConfigError(f'"{name}" is never {_shown(value)}. {near}')
    return frozenset({value})


def _both(one: Condition, other: Condition) -> Condition:
    return _limited([box for a in one for b in other if (box := _intersect(a, b)) is not None])


def _intersect(a: Box, b: Box) -> Box | None:
    box = dict(a)
    for name, domain in b.items():
        box[name] = box[name] & domain if name in box else domain
        if not box[name]:
            return None
    return box


def _subtract_box(box: Box, other: Box) -> Iterable[Box]:
    """Return disjoint boxes that cover what is in ``box`` and not in ``other``."""
    if _intersect(box, other) is None:
        return [box]
    rest: list[Box] = []
    inside = dict(box)
    for name, domain in other.items():
        here = inside.get(name, KINDS[name].everything)
        outside = here - domain
        if outside:
            rest.append({**inside, name: outside})
        inside[name] = here & domain
    return rest


def _limited(boxes: list[Box]) -> Condition:
    if len(boxes) > _MOST_BOXES:
        raise _too_complex()
    return tuple(boxes)


def _too_complex() -> ConfigError:
    return ConfigError('"when" combines too many alternatives: split the rule into several.')


def _shown(value: Any) -> str:
    return f'"{safe_line(str(value), 40)}"'
