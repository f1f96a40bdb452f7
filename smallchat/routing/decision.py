"""The decision: which model answers a prompt, and why. Same prompt, preset and situation, same decision."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import perf_counter_ns

from smallchat.catalog.model import Model
from smallchat.metering.cost import CostRange
from smallchat.routing.conditions import deciding_facts, holds
from smallchat.routing.facts import Facts, Match, extract_facts
from smallchat.routing.limits import Dropped, Situation, Survivors, apply_limits
from smallchat.routing.presets import Preset, Rule

NO_RULE = "no rule matched"

_TOLD_BY = {"intent": "task", "language": "code", "rows": "data"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Which model answers, and everything that led there.

    Attributes:
        preset: The preset that decided.
        rule: The rule that matched; ``None`` when none did, or the user chose.
        why: The reason for people.
        model: The model that answers; ``None`` when every candidate was dropped.
        fallback: Whether the model is not one that a matching rule wanted.
        facts: What was known about the prompt.
        dropped: The candidates that can not answer, with reasons.
        costs: Expected and worst cost for each of the others; ``None`` without a price.
        candidates: All candidates.
        tried: The rules that did not match, in order.
        because: Those of the matched words that the rule looked at.
        then: Who answers when the model can not be reached: further models of the rule, then the fallback,
            then the others.
        kept_from: The model that the rules would have chosen, when the session stuck to another.
        missed: The model that was wanted first, when it can not answer.
        micros: Microseconds that the decision took; not compared.
        answered_by: The model that did answer; ``None`` before.
    """

    preset: str
    rule: str | None
    why: str
    model: str | None
    fallback: bool
    facts: Facts
    dropped: tuple[Dropped, ...]
    costs: dict[str, CostRange | None]
    candidates: tuple[Model, ...]
    tried: tuple[str, ...] = ()
    because: tuple[Match, ...] = ()
    then: tuple[str, ...] = ()
    kept_from: str | None = None
    missed: str | None = None
    micros: int = field(default=0, compare=False)
    answered_by: str | None = None

    def answered(self, model: str) -> Decision:
        """Return the decision with the name of the model that answered."""
        return replace(self, answered_by=model)

    def label(self, name: str) -> str:
        """Return the short name for people of the candidate ``name``."""
        return next((model.label for model in self.candidates if model.name == name), name)


def route_prompt(
    prompt: str,
    preset: Preset,
    situation: Situation,
    *,
    tokens: int,
    history_tokens: int = 0,
    system_tokens: int = 0,
    images: int = 0,
    files: int = 0,
    turn: int = 1,
    schema: bool = False,
) -> Decision:
    """Return the decision on ``prompt``, with the time it took; see ``extract_facts`` for the arguments."""
    started = perf_counter_ns()
    facts = extract_facts(
        prompt,
        tokens=tokens,
        history_tokens=history_tokens,
        system_tokens=system_tokens,
        images=images,
        files=files,
        turn=turn,
        schema=schema,
    )
    decision = decide(facts, preset, situation)
    return replace(decision, micros=(perf_counter_ns() - started) // 1_000)


def decide(facts: Facts, preset: Preset, situation: Situation) -> Decision:
    """Return which model of ``preset`` answers a prompt with ``facts``.

    Hard limits drop candidates; of the others the first matching rule chooses, or else the fallback. When
    what they want was dropped, the fallback answers, or the first candidate left, and the reason says so.
    """
    survivors = apply_limits(preset, facts, situation)
    rule, tried = _first_match(preset, facts)
    decision = Decision(
        preset=preset.name,
        rule=rule.id if rule else None,
        why="",
        model=None,
        fallback=rule is None,
        facts=facts,
        dropped=survivors.dropped,
        costs=survivors.costs,
        candidates=preset.candidates,
        tried=tried,
        because=find_because(rule, facts) if rule else (),
    )
    if situation.pin is not None:
        return _decide_pinned(decision, situation.pin)
    wanted = rule.use if rule else (preset.fallback,)
    order = _order(preset, wanted, survivors)
    if not order:
        return replace(decision, why=_explain_none(decision), then=())
    model = order[0]
    why = rule.why if rule else f"{NO_RULE}: the fallback answers"
    missed = None if model in wanted else wanted[0]
    if missed is not None:
        why = f"{why}; {_explain_missing(decision, missed)}, so {decision.label(model)}"
    decision = replace(
        decision,
        model=model,
        why=why,
        fallback=rule is None or missed is not None,
        then=order[1:],
        missed=missed,
    )
    return _stick(decision, preset, situation.current, order)


def find_because(rule: Rule, facts: Facts) -> tuple[Match, ...]:
    """Return those of the words that told ``facts`` which ``rule`` looked at."""
    looked_at = {_TOLD_BY.get(name, name) for name in deciding_facts(rule.when, facts)}
    return tuple(match for match in facts.matched if match.fact in looked_at)


def _first_match(preset: Preset, facts: Facts) -> tuple[Rule | None, tuple[str, ...]]:
    tried: list[str] = []
    for rule in preset.rules:
        if holds(rule.when, facts):
            return rule, tuple(tried)
        tried.append(rule.id)
    return None, tuple(tried)


def _order(preset: Preset, wanted: tuple[str, ...], survivors: Survivors) -> tuple[str, ...]:
    """Return who may answer, best first: what is wanted, the fallback, the others by strength."""
    others = [model.name for model in reversed(preset.candidates)]
    names = dict.fromkeys((*wanted, preset.fallback, *others))
    return tuple(name for name in names if name in survivors.costs)


def _decide_pinned(decision: Decision, pin: str) -> Decision:
    pinned = replace(decision, rule=None, tried=(), because=(), fallback=False)
    if pin in decision.costs:
        return replace(pinned, model=pin, why=f"you named {decision.label(pin)}")
    return replace(pinned, why=_explain_none(pinned))


def _explain_none(decision: Decision) -> str:
    labels: dict[str, list[str]] = {}
    for one in decision.dropped:
        labels.setdefault(one.reason, []).append(decision.label(one.model))
    reasons = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in labels.items())
    return f"no candidate can answer ({reasons})"


def _explain_missing(decision: Decision, name: str) -> str:
    reason = next((one.reason for one in decision.dropped if one.model == name), "not a candidate")
    return f"{decision.label(name)} is out ({reason})"


def _stick(decision: Decision, preset: Preset, current: str | None, order: tuple[str, ...]) -> Decision:
    """Return ``decision`` with the session's model kept, as far as the preset is sticky and it can answer."""
    if preset.sticky == "off" or current in (None, decision.model) or current not in decision.costs:
        return decision
    names = [model.name for model in preset.candidates]
    wanted = decision.model
    assert wanted is not None
    assert current is not None
    if preset.sticky == "upgrade" and names.index(wanted) > names.index(current):
        return decision
    return replace(
        decision,
        model=current,
        kept_from=wanted,
        why=f"{decision.why}; the session stays with {decision.label(current)}",
        then=tuple(name for name in order if name != current),
    )
