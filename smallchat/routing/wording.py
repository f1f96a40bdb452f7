"""A decision in words, for a pane and for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from smallchat.catalog.model import Model
from smallchat.metering.cost import CostRange, format_usd
from smallchat.routing.decision import NO_RULE, Decision
from smallchat.routing.facts import FLAGS, Facts
from smallchat.safe_text import safe_line

UNPRICED = "no price"
FREE = "free"
_SHOWN = 40
_NUMBERS = ("history_tokens", "system_tokens", "images", "files", "constraints", "steps", "rows", "maths")


def decision_line(decision: Decision) -> str:
    """Return ``decision`` in one line: who answers, why, the price, other prices, the time it took.

    ``→ Haiku 4.5 · writing ("draft an email") · ~$0.0021 (mini $0.0018, nano $0.0005) · 0.1 ms``
    """
    if decision.model is None:
        return safe_line(f"→ nobody · {decision.why}", 400)
    parts = [f"→ {decision.label(decision.model)}", _reason(decision), _prices(decision)]
    if decision.micros:
        parts.append(f"{decision.micros / 1_000:.1f} ms")
    return safe_line(" · ".join(parts), 400)


def answered_line(decision: Decision) -> str | None:
    """Return the note that another model than the chosen one answered; ``None`` when it did not."""
    if decision.answered_by in (None, decision.model) or decision.model is None:
        return None
    assert decision.answered_by is not None
    return safe_line(
        f"{decision.label(decision.model)} did not answer: {decision.label(decision.answered_by)} did instead"
    )


def describe_cost(cost: CostRange | None) -> str:
    """Return what an answer is expected to cost and the most it can: ``~$0.0021, at most $0.0103``."""
    if cost is None:
        return UNPRICED
    return f"~{format_usd(cost.expected)}, at most {format_usd(cost.worst)}" if cost.worst else FREE


def describe_facts(facts: Facts) -> list[tuple[str, str]]:
    """Return the facts that say something, by name, in words."""
    told: list[tuple[str, str]] = [("task", _task_text(facts)), ("tokens", f"{facts.tokens:,}")]
    for name in _NUMBERS:
        if number := getattr(facts, name):
            told.append((name.replace("_", " "), f"{number:,}"))
    for name in ("format", "language", "data"):
        if value := getattr(facts, name):
            told.append((name, value))
    if also := [name for name in ("code", "traceback", "diff", *FLAGS) if getattr(facts, name)]:
        told.append(("also", ", ".join(also)))
    return told


def short_names(models: Sequence[Model]) -> dict[str, str]:
    """Return the shortest words that tell ``models`` apart: ``Haiku``, ``mini``, ``nano``."""
    words = {model.name: model.label.split() for model in models}
    short = {}
    for model in models:
        others = {word for name, labels in words.items() if name != model.name for word in labels}
        own = [word for word in words[model.name] if word.isalpha() and word not in others]
        short[model.name] = own[-1] if own else model.label
    return short


def _task_text(facts: Facts) -> str:
    if facts.task is None:
        return "not recognised"
    return facts.task if facts.intent in (None, facts.task) else f"{facts.task} ({facts.intent})"


def _reason(decision: Decision) -> str:
    if decision.rule is None:
        reason = f"{NO_RULE} → fallback" if decision.fallback else decision.why
    else:
        reason = decision.rule
        if matched := next((one for one in decision.because if one.text), None):
            reason += f' ("{safe_line(matched.text.lower(), _SHOWN)}")'
    if decision.kept_from is not None:
        return f"{reason}: {decision.label(decision.kept_from)}, but the session stays"
    if decision.fallback and decision.rule is not None:
        reason += " → fallback"
    if decision.missed is not None:
        reason += f": {decision.label(decision.missed)} is out"
    return reason


def _prices(decision: Decision) -> str:
    short = short_names(decision.candidates)
    assert decision.model is not None
    others = [
        f"{short.get(name, name)} {_price(decision, name)}"
        for name in reversed(list(decision.costs))
        if name != decision.model
    ]
    own = _price(decision, decision.model)
    price = own if own in (UNPRICED, FREE) else f"~{own}"
    return f"{price} ({', '.join(others)})" if others else price


def _price(decision: Decision, name: str) -> str:
    cost = decision.costs.get(name)
    if cost is None:
        return UNPRICED
    return format_usd(cost.expected) if cost.worst else FREE
