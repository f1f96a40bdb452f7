"""What routed prompts would have cost had one candidate answered them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from smallchat.metering.answer import Answer
from smallchat.metering.cost import ZERO, add, usd_of
from smallchat.metering.usage import Usage

if TYPE_CHECKING:
    from smallchat.catalog.model import Model, Price


def single_costs(
    answers: Sequence[Answer],
    models: Sequence[Model],
    price_of: Callable[[Model], Price | None],
    ratio_of: Callable[[Model], float],
) -> dict[str, Decimal | None]:
    """Return the US dollars that all of ``answers`` would have cost on each of ``models``, by its name.

    What a model did answer counts as it was. Of the others' answers it is assumed that the text would have
    been the same and the same share of the input cached; their tokens are those that the model would make
    of it.

    Args:
        answers: One for each prompt.
        models: The candidates; those that answered are among them.
        price_of: Says what a model costs; ``None`` when nobody knows, and then nor does this.
        ratio_of: Says how many tokens a model makes of one of a common table's.
    """
    ratios = {model.name: ratio_of(model) for model in models}
    costs: dict[str, Decimal | None] = {}
    for model in models:
        price = price_of(model)
        costs[model.name] = None if price is None else _sum_up(answers, model, price, ratios)
    return costs


def _sum_up(answers: Sequence[Answer], model: Model, price: Price, ratios: dict[str, float]) -> Decimal:
    total = ZERO
    for answer in answers:
        if answer.usage is None:
            continue
        if answer.model == model.name and answer.cost.usd is not None:
            total = add(total, answer.cost.usd)
        else:
            factor = ratios[model.name] / ratios.get(answer.model, ratios[model.name])
            total = add(total, usd_of(_scale(answer.usage, factor), price))
    return total


def _scale(usage: Usage, factor: float) -> Usage:
    # Parts are rounded down, so that together they stay within their whole.
    return Usage(
        round(usage.input * factor),
        round(usage.output * factor),
        cached=int(usage.cached * factor),
        cache_write=int(usage.cache_write * factor),
        cache_write_1h=int(usage.cache_write_1h * factor),
        reasoning=int(usage.reasoning * factor),
        source="estimate",
    )
