"""What happens while a model answers: the values a provider's stream yields and the meter folds.

Every event carries ``at``, a ``time.perf_counter_ns`` reading taken in the code that reads the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from smallchat.metering.usage import Usage

Channel = Literal["text", "reasoning", "tool"]
Ending = Literal["ok", "length", "refused"]
FailureKind = Literal[
    "auth", "permission", "not_found", "rate_limit", "overloaded", "server", "timeout", "connection", "tls",
    "protocol", "bad_request", "content", "no_key",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, in the user's words.

    Attributes:
        kind: The sort of failure; scripts match on it.
        message: What happened and where, without keys and without control characters.
        hint: What the user can do about it; empty when there is nothing to do.
        retry_after_s: How long the provider asked us to wait, in seconds.
    """

    kind: FailureKind
    message: str
    hint: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """The request is about to be handed to the SDK: the attempt's clock starts. ``number`` counts from 1."""

    at: int
    number: int


@dataclass(frozen=True, slots=True)
class Connected:
    """The response's headers arrived. Not a first token."""

    at: int


@dataclass(frozen=True, slots=True)
class Payload:
    """A non-empty piece of what the model generated."""

    at: int
    channel: Channel
    text: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The provider's count so far. A later report replaces an earlier one; it is never added to it."""

    at: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Served:
    """The name of the model that really answers, as the provider states it."""

    at: int
    model: str


@dataclass(frozen=True, slots=True)
class ServerTimings:
    """The server's own timing, kept beside ours and never blended into it."""

    at: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Finished:
    """The provider said why generation ended. Usage may still follow.

    Attributes:
        at: When, in ns.
        reason: The provider's own word, such as ``stop``, ``end_turn``, ``max_tokens``.
        ending: What that word means here.
    """

    at: int
    reason: str
    ending: Ending


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The stream ended without an error. ``marked`` tells whether ``[DONE]`` or ``message_stop`` was seen."""

    at: int
    marked: bool


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """The attempt failed in a way worth another try; the next one starts after ``wait_s`` seconds."""

    at: int
    failure: Failure
    wait_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer ended with an error."""

    at: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The user stopped the answer."""

    at: int


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the user should know about this request, such as a parameter that was left out."""

    at: int
    text: str


Event = (
    AttemptStarted
    | Connected
    | Payload
    | UsageReported
    | Served
    | ServerTimings
    | Finished
    | StreamEnded
    | RetryScheduled
    | Failed
    | Cancelled
    | Noted
)
