"""How ``ask`` ends: what it cost, the JSON object, the exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smallchat.metering.cost import ZERO, add, usd_text
from smallchat.metering.record import exchange_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from smallchat.engine.keeping import Keeper
    from smallchat.engine.running import Running

EXIT_FAILED, EXIT_OVER_BUDGET, EXIT_INTERRUPTED = 1, 3, 130
GOOD = ("ok", "length")


def end_ask(
    asked: Sequence[Running],
    prompt: str,
    keeper: Keeper | None,
    decision: Mapping[str, Any] | None = None,
    *,
    finished: bool,
    as_json: bool,
) -> int:
    """Keep what was spent, print the exchange if it is wanted as JSON, and return the exit code.

    Args:
        asked: What was asked; with a ``decision``, of several only the last answer counts.
        prompt: The prompt.
        keeper: Keeps the session; ``None`` when it is not kept.
        decision: How routing chose.
        finished: Whether the answers were followed to their end.
        as_json: Whether to print.
    """
    money = describe_budget(asked)
    if keeper is not None:
        keeper.note_budget(money)
    counting = asked if decision is None else asked[-1:]
    answers = [running.answer for running in counting if running.answer is not None]
    if as_json:
        print(json.dumps(exchange_record(prompt, answers, decision, money), ensure_ascii=False, indent=1))
    if not finished:
        return EXIT_INTERRUPTED
    good = len(answers) == len(counting) and all(answer.status in GOOD for answer in answers)
    return 0 if good else EXIT_FAILED


def describe_budget(answers: Sequence[Running]) -> dict[str, str | None]:
    """Return the US dollars set aside for ``answers`` and spent; ``None`` where a price is not known."""
    reserved = [running.reserved_usd for running in answers]
    settled = [one.answer.cost.usd if one.answer.usage else ZERO for one in answers if one.answer is not None]
    return {"reserved_usd": add_known(reserved), "settled_usd": add_known(settled)}


def add_known(amounts: Sequence[Decimal | None]) -> str | None:
    """Return the sum of ``amounts`` as text, ``None`` when one of them is not known."""
    known = [amount for amount in amounts if amount is not None]
    return usd_text(add(*known)) if len(known) == len(amounts) else None
