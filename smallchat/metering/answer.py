"""One model's answer to one prompt, settled: text, figures, usage, cost, ending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from smallchat.metering.events import Failure
from smallchat.metering.usage import Usage

Status = Literal["ok", "length", "refused", "cancelled", "cut", "error"]
CostState = Literal["exact", "estimate", "lower_bound", "no_price"]


@dataclass(frozen=True, slots=True)
class Figures:
    """The clock's findings for one answer. Times are in milliseconds; ``None`` is "not known", never 0.

    Attributes:
        ttft_ms: Start to the first non-empty generated payload of any channel.
        ttfa_ms: Start to the first non-empty answer text.
        total_ms: Start to the end of the stream.
        tokens_per_s: (N - m1) / (t_last - t_first); N tokens of the window, m1 those of its first event.
        tokens_per_s_overall: Output tokens / total time.
        chars_per_s: Characters of text after the first event / the same window as ``tokens_per_s``.
        payload_events: Number of payload events.
        tokens_per_event: N / ``payload_events``: above 1 when the server bundles tokens.
        stalls: Gaps between payload events longer than max(500 ms, 10 x the median gap).
        estimated: Whether the token-based figures rest on an estimate (shown with "~").
    """

    ttft_ms: float | None = None
    ttfa_ms: float | None = None
    total_ms: float | None = None
    tokens_per_s: float | None = None
    tokens_per_s_overall: float | None = None
    chars_per_s: float | None = None
    payload_events: int = 0
    tokens_per_event: float | None = None
    stalls: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What an answer cost, with how sure that is.

    Attributes:
        usd: US dollars, exact decimal; ``None`` when nothing is known (``no_price``, or no usage at all).
        state: ``exact`` from usage and a known price; ``estimate`` without usage; ``lower_bound`` for an
            answer cut or cancelled, some providers bill on; ``no_price`` for an unknown model.
        price_as_of: The day the price was last checked.
        price_source: Where the price is from, such as ``genai-prices`` or ``config``.
    """

    usd: Decimal | None
    state: CostState
    price_as_of: date | None = None
    price_source: str | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """Whether an answer follows the JSON schema that it was asked for.

    Attributes:
        valid: Whether it does; ``None`` when that could not be found out.
        error: What is wrong first, with its path in the answer; ``None`` when it is valid.
    """

    valid: bool | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A settled answer. Text is as received, lone surrogates replaced; making it safe is the screen's work.

    Attributes:
        model: The model's name in smallchat.
        provider: The provider's name in smallchat.
        served_model: The model's name as the provider stated it.
        status: How it ended.
        finish_reason: The provider's own word for the end.
        text: The answer.
        reasoning: Reasoning or thinking text, kept apart.
        attempts: Requests made, own retries included.
        figures: Times and speeds of the last attempt.
        usage: Token counts; ``None`` when nothing was sent.
        cost: The price of ``usage``.
        server_timings: The server's own timing, as it sent it.
        error: Why it failed; also set for ``cut``.
        notes: What the user should know, such as a parameter left out.
        schema: Whether it follows the JSON schema it was asked for; ``None`` when none was given.
    """

    model: str
    provider: str
    status: Status
    text: str = ""
    reasoning: str = ""
    served_model: str | None = None
    finish_reason: str | None = None
    attempts: int = 0
    figures: Figures = field(default_factory=Figures)
    usage: Usage | None = None
    cost: Cost = Cost(usd=None, state="no_price")
    server_timings: Mapping[str, float] | None = None
    error: Failure | None = None
    notes: tuple[str, ...] = ()
    schema: Validity | None = None
