"""Hard limits: what no rule can choose, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from smallchat.catalog.model import Model, Price
from smallchat.metering.cost import CostRange, estimate_range
from smallchat.routing.facts import Facts
from smallchat.routing.presets import Preset


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that can not answer, and the reason for people."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decision depends on besides the prompt's wording. The functions must be quick and pure.

    Attributes:
        today: The day, in local time, that models retire by.
        max_output: The most tokens of the answer.
        input_tokens: Estimates the whole input of the request for a model: system prompt, history, prompt
            and images, at the model's own ratio.
        price: Says what a model costs; ``None`` when nobody knows.
        cost: Says what such a request to a model costs, where more is known than its input; ``None`` without
            a price. Left out, it is the input at its price.
        missing_key: Says what a model's provider needs before it answers, such as ``no key for openai``;
            ``None`` when nothing. Left out, keys are not looked at.
        over_budget: Says why the worst case of a request to a model does not fit the budget; ``None`` when
            it does. Left out, there is no budget.
        takes_schema: Says whether a model can follow a JSON schema. Left out, all can.
        current: The model that answered the turn before; ``None`` on the first.
        pin: The candidate that the user named for this prompt.
    """

    today: date
    max_output: int
    input_tokens: Callable[[Model], int]
    price: Callable[[Model], Price | None]
    cost: Callable[[Model], CostRange | None] | None = None
    missing_key: Callable[[Model], str | None] | None = None
    over_budget: Callable[[Model, CostRange | None], str | None] | None = None
    takes_schema: Callable[[Model], bool] | None = None
    current: str | None = None
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Survivors:
    """The candidates that can answer, and those that can not.

    Attributes:
        costs: What each that can is expected to cost, in the preset's order; ``None`` without a price.
        dropped: The others, in the preset's order.
    """

    costs: dict[str, CostRange | None]
    dropped: tuple[Dropped, ...]


def apply_limits(preset: Preset, facts: Facts, situation: Situation) -> Survivors:
    """Return which candidates of ``preset`` can answer."""
    costs: dict[str, CostRange | None] = {}
    dropped: list[Dropped] = []
    for model in preset.candidates:
        tokens = situation.input_tokens(model)
        most = limit_output(model, situation.max_output)
        reason = _find_reason(model, tokens, most, facts, situation)
        if situation.cost is not None:
            cost = situation.cost(model)
        else:
            cost = estimate_range(situation.price(model), tokens, most)
        if reason is None and situation.missing_key is not None:
            reason = situation.missing_key(model)
        if reason is None and situation.over_budget is not None:
            reason = situation.over_budget(model, cost)
        if reason is None:
            costs[model.name] = cost
        else:
            dropped.append(Dropped(model.name, reason))
    return Survivors(costs, tuple(dropped))


def limit_output(model: Model, max_output: int) -> int:
    """Return the most tokens that ``model`` would be asked for."""
    return min(max_output, model.max_output or max_output)


def _find_reason(model: Model, tokens: int, most: int, facts: Facts, situation: Situation) -> str | None:
    checks = (
        partial(_check_pin, situation.pin),
        partial(_check_retired, situation.today),
        partial(_check_window, tokens, most),
        partial(_check_abilities, facts, situation),
    )
    return next((reason for check in checks if (reason := check(model)) is not None), None)


def _check_pin(pin: str | None, model: Model) -> str | None:
    return f"this prompt is pinned to {pin}" if pin not in (None, model.name) else None


def _check_retired(today: date, model: Model) -> str | None:
    return f"retired {model.retires_on}" if model.is_retired(today) else None


def _check_window(tokens: int, most: int, model: Model) -> str | None:
    if model.max_input is not None and tokens > model.max_input:
        return f"about {tokens:,} tokens exceed its input limit of {model.max_input:,}: split the prompt"
    if model.context is not None and tokens + most > model.context:
        return f"about {tokens:,} + {most:,} tokens exceed its window of {model.context:,}: split the prompt"
    return None


def _check_abilities(facts: Facts, situation: Situation, model: Model) -> str | None:
    if facts.images and not model.vision:
        return "can not see images"
    if facts.format == "schema" and situation.takes_schema is not None and not situation.takes_schema(model):
        return "can not follow a JSON schema"
    return None
