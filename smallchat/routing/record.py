"""A decision as JSON: the object that ``route --json`` prints and ``ask --json`` carries."""

from __future__ import annotations

from typing import Any

from smallchat.metering.cost import CostRange, usd_text
from smallchat.routing.decision import Decision

Record = dict[str, Any]


def decision_record(decision: Decision) -> Record:
    """Return ``decision`` ready for ``json.dumps``: the unknown is ``None``, dollars are decimal strings."""
    facts = decision.facts
    return {
        "preset": decision.preset,
        "rule": decision.rule,
        "why": decision.why,
        "model": decision.model,
        "fallback": decision.fallback,
        "facts": {
            "task": facts.task,
            "tokens": facts.tokens,
            "constraints": facts.constraints,
            "format": facts.format,
            "images": facts.images,
            "matched": [{"fact": one.fact, "text": one.text, "at": one.at} for one in facts.matched],
        },
        "dropped": [{"model": one.model, "reason": one.reason} for one in decision.dropped],
        "costs": {name: _cost_record(cost) for name, cost in decision.costs.items()},
        "micros": decision.micros,
        "answered_by": decision.answered_by,
    }


def _cost_record(cost: CostRange | None) -> Record:
    if cost is None:
        return {"estimate_usd": None, "worst_usd": None}
    return {"estimate_usd": usd_text(cost.expected), "worst_usd": usd_text(cost.worst)}
