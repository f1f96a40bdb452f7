"""From a meter that has seen the end to the settled answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from smallchat.engine.structured import check_answer
from smallchat.metering.answer import Answer, Figures, Status
from smallchat.metering.cost import cost_of
from smallchat.metering.events import Failure

if TYPE_CHECKING:
    from smallchat.catalog.model import Model, Price
    from smallchat.metering.meter import Meter


class Learner(Protocol):
    """Learns how many tokens a model makes of a text."""

    def learn(self, model: Model, text: str, tokens: int) -> None:
        """Learn that ``text`` had ``tokens`` tokens."""


def settle(
    model: Model, meter: Meter, price: Price | None, schema: Mapping[str, Any] | None = None
) -> Answer:
    """Return the answer that ``meter`` saw, checked against ``schema`` where one was given.

    Counts, sorts and validates, so it belongs where no clock runs.
    """
    usage, status = meter.usage(), meter.status or "cut"
    return Answer(
        model=model.name,
        provider=model.provider,
        status=status,
        text=meter.text(),
        reasoning=meter.reasoning(),
        served_model=meter.served_model,
        finish_reason=meter.finish_reason,
        attempts=meter.attempts,
        figures=meter.figures() if meter.attempts else Figures(),
        usage=usage,
        cost=cost_of(usage, price, status),
        server_timings=meter.server_timings,
        error=meter.error,
        notes=tuple(meter.notes),
        schema=check_answer(meter.text(), schema, status) if schema is not None else None,
    )


def settle_in_trouble(model: Model, meter: Meter, error: BaseException) -> Answer:
    """Return an answer with the text received when ``settle`` itself failed with ``error``."""
    status: Status = "error"
    return Answer(
        model=model.name,
        provider=model.provider,
        status=status,
        text=meter.text(),
        reasoning=meter.reasoning(),
        attempts=meter.attempts,
        error=unexpected(error),
        notes=tuple(meter.notes),
    )


def unexpected(error: BaseException) -> Failure:
    """Return the failure of a lane that hit a fault of our own.

    Only the type is told: the message and the values around it may hold a key.
    """
    return Failure(
        kind="protocol",
        message=f"Something unexpected went wrong with this answer: {type(error).__name__}.",
        hint="Send the prompt again; smallchat --debug shows more.",
    )


def learn_from(answer: Answer, model: Model, learner: Learner) -> None:
    """Teach ``learner`` the tokens of a complete answer that the provider counted."""
    usage = answer.usage
    if answer.status != "ok" or usage is None or usage.source != "usage":
        return
    if usage.reasoning:
        learner.learn(model, answer.text, usage.output - usage.reasoning)
    else:
        # Anthropic does not count thinking apart: where it is shown, it goes with the text.
        learner.learn(model, answer.reasoning + answer.text, usage.output)
