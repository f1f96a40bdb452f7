"""A model as smallchat knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

Wire = Literal["openai", "anthropic"]

NO_REASONING = "none"
"""The ``reasoning_effort`` at which a model does not reason."""


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per million tokens. ``None`` means the provider names no price for that kind of token."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceStep:
    """Rates of the *whole* request once its input exceeds ``above`` tokens."""

    above: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, where that is from, and the day it was checked.

    Attributes:
        base: Rates of an ordinary request.
        steps: Rates of long requests, by ascending ``above``.
        as_of: The day the price was last checked.
        source: ``genai-prices``, ``config``, or ``local`` (a model on the user's own machine is free).
        batch: Rates of the provider's batch service, where it has one.
    """

    base: Rates
    steps: tuple[PriceStep, ...] = ()
    as_of: date | None = None
    source: str = "config"
    batch: Rates | None = None

    def rates_for(self, input_tokens: int) -> Rates:
        """Return the rates of a request with ``input_tokens`` tokens of input, cached ones included."""
        rates = self.base
        for step in self.steps:
            if input_tokens > step.above:
                rates = step.rates
        return rates


@dataclass(frozen=True, slots=True)
class Model:
    """What is known about one model: limits, abilities, retirement. Unknown limits are ``None``.

    Attributes:
        name: Its name in smallchat.
        provider: The name of the provider that serves it.
        wire_id: Its name on the wire.
        label: A short name for narrow places, such as ``Haiku 4.5``.
        wire: The wire it speaks where the provider speaks several; ``None`` for the provider's own.
        context: Tokens of input and output together.
        max_input: Tokens of input; less than ``context`` for some models.
        max_output: Tokens of output.
        vision: Whether it reads images.
        refused_params: Parameters that it always answers with an error.
        refused_when_reasoning: Parameters that it takes only at reasoning effort ``none``.
        reasons_by_default: Whether it reasons when the request names no effort.
        params: Parameters sent with each request, by their name on the wire.
        system: Its own system prompt; ``None`` for the app's.
        retires_on: The day the provider stops serving it; a day in the past means retired.
        replaced_by: The model that the provider names as its successor.
        tokens_factor: Its tokens per o200k_base token, for estimates before anything was learned.
        image_tokens: Tokens of one large picture, for estimates.
        path: The GGUF file of a model on this machine; ``None`` for the built-in one and for all others.
        price: Its price as the config states it; rates that are not stated are looked up.
    """

    name: str
    provider: str
    wire_id: str
    label: str
    wire: Wire | None = None
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    vision: bool = False
    refused_params: frozenset[str] = frozenset()
    refused_when_reasoning: frozenset[str] = frozenset()
    reasons_by_default: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)
    system: str | None = None
    retires_on: date | None = None
    replaced_by: str | None = None
    tokens_factor: float = 1.0
    image_tokens: int = 1600
    path: Path | None = None
    price: Price | None = None

    def is_retired(self, today: date) -> bool:
        """Return whether the provider no longer serves it on ``today``."""
        return self.retires_on is not None and self.retires_on <= today

    def refused(self, params: Mapping[str, Any]) -> frozenset[str]:
        """Return the names among ``params`` that the model would answer with an error.

        They are to be left out of the request, and the pane says so.
        """
        effort = params.get("reasoning_effort")
        reasons = self.reasons_by_default if effort is None else effort != NO_REASONING
        refused = self.refused_params | self.refused_when_reasoning if reasons else self.refused_params
        return refused & params.keys()
