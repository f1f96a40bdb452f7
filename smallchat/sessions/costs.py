"""What turns and sessions cost: their answers, and what it cost to ask which model should answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast, get_args

from smallchat.metering.answer import Cost, CostState
from smallchat.metering.cost import Total, usd_text
from smallchat.metering.record_reading import read_amount

_SUMS = ("exact", "estimated", "lower_bound")
_COUNTS = ("unpriced", "lost")


def consulted_cost(decision: Mapping[str, Any] | None) -> Cost | None:
    """Return what the second stage of a routing decision cost; ``None`` when it was not asked.

    The decision may come from somebody else's file: what is no amount costs nothing.
    """
    stage = decision.get("second_stage") if decision else None
    if not isinstance(stage, Mapping) or not isinstance(usd := stage.get("usd"), str):
        return None
    if (amount := read_amount(usd)) is None:
        return None
    state = stage.get("state")
    return Cost(amount, cast(CostState, state) if state in get_args(CostState) else "exact")


def total_to_json(total: Total) -> str:
    """Return ``total`` as compact JSON, without what is nothing."""
    sums = {name: usd_text(usd) for name in _SUMS if (usd := getattr(total, name))}
    counts = {name: number for name in _COUNTS if (number := getattr(total, name))}
    return json.dumps({**sums, **counts}, separators=(",", ":"))


def read_total(text: str) -> Total:
    """Return the total that :func:`total_to_json` was given."""
    record = json.loads(text)
    exact, estimated, lower_bound = (Decimal(record.get(name, 0)) for name in _SUMS)
    unpriced, lost = (record.get(name, 0) for name in _COUNTS)
    return Total(exact, estimated, lower_bound, unpriced, lost)
