"""A decision read back from its record, which may come from a file of somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallchat.metering.cost import CostRange
from smallchat.metering.record_reading import Reader, RecordError
from smallchat.routing.decision import Decision, find_because
from smallchat.routing.facts import Facts, Match
from smallchat.routing.limits import Dropped
from smallchat.routing.meanings import TASKS
from smallchat.routing.presets import Preset
from smallchat.routing.signs import FORMATS

_MOST_MICROS = 10**9


def decision_from_record(record: Mapping[str, Any], preset: Preset) -> Decision:
    """Return the decision that ``record`` was made from, ``decision_record`` of which equals it.

    Not in a record: further facts, and who would have answered next. The rules that were tried, whom the
    rule wanted and the words that it looked at are those of ``preset`` as it is now.

    Raises:
        RecordError: A key is missing or has a value of the wrong kind.
    """
    reader = Reader(record, "decision")
    rule, fallback, model = reader.find("rule", str), reader.take("fallback", bool), reader.find("model", str)
    facts = _read_facts(_section(reader, "facts"))
    costs = _section(reader, "costs")
    known = next((one for one in preset.rules if one.id == rule), None)
    ids = [one.id for one in preset.rules]
    pinned = rule is None and not fallback
    wanted = known.use if known is not None else (preset.fallback,) if rule is None else ()
    return Decision(
        preset=reader.take("preset", str),
        rule=rule,
        why=reader.take("why", str),
        model=model,
        fallback=fallback,
        facts=facts,
        dropped=tuple(
            Dropped(one.take("model", str), one.take("reason", str)) for one in reader.sections("dropped")
        ),
        costs={name: _read_cost(_section(costs, name)) for name in costs.keys},
        candidates=preset.candidates,
        tried=() if pinned or (rule is not None and known is None) else _before(ids, rule),
        because=find_because(known, facts) if known is not None else (),
        micros=min(reader.count("micros"), _MOST_MICROS),
        answered_by=reader.find("answered_by", str),
        missed=wanted[0] if fallback and wanted and model not in (None, *wanted) else None,
    )


def _read_facts(reader: Reader) -> Facts:
    return Facts(
        tokens=reader.count("tokens"),
        task=reader.find_word("task", TASKS),
        constraints=reader.count("constraints"),
        format=reader.find_word("format", FORMATS),
        images=reader.count("images"),
        matched=tuple(
            Match(one.take("fact", str), one.take("text", str), one.count("at"))
            for one in reader.sections("matched")
        ),
    )


def _read_cost(reader: Reader) -> CostRange | None:
    expected, worst = reader.amount("estimate_usd"), reader.amount("worst_usd")
    return CostRange(expected, worst) if expected is not None and worst is not None else None


def _section(reader: Reader, key: str) -> Reader:
    section = reader.section(key)
    if section is None:
        raise RecordError(f"decision: {key} is missing")
    return section


def _before(ids: list[str], rule: str | None) -> tuple[str, ...]:
    return tuple(ids) if rule is None else tuple(ids[: ids.index(rule)])
