"""The retry policy. The SDKs' own retries are off: ours are visible, and each starts a new clock."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from smallchat.metering.events import (
    AttemptStarted,
    Event,
    Failed,
    Failure,
    Payload,
    RetryScheduled,
    StreamEnded,
)
from smallchat.providers.base import Adapter, ChatRequest, ProviderError

MOST_RETRIES = 2
LONGEST_WAIT_S = 60.0
BACKOFF_S = (0.5, 1.0)
JITTER = 0.25

Emit = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Timing:
    """The passing of time, which tests replace.

    Attributes:
        clock: Reads the time in ns.
        sleep: Waits for so many seconds.
        random: Draws from [0, 1), for jitter.
    """

    clock: Callable[[], int] = time.perf_counter_ns
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    random: Callable[[], float] = random.random


async def run_attempts(adapter: Adapter, request: ChatRequest, emit: Emit, timing: Timing) -> None:
    """Send ``request``, again where that may help, and emit every event up to the one that ends the answer.

    Tries again only what the adapter calls retryable, and only before the first payload: a second answer
    after half of a first one would be neither. At most two retries, after the wait the provider asks for,
    or 0.5 s and 1 s and a little more. A wait of more than a minute is left to the user.

    Cancelling the task closes the connection and emits nothing.
    """
    number = 1
    while (error := await _attempt(adapter, request, emit, timing, number)) is not None:
        wait = _wait_before_retry(error, number, timing)
        if wait is None:
            emit(Failed(timing.clock(), _say_when(error.failure)))
            return
        emit(RetryScheduled(timing.clock(), error.failure, wait))
        await timing.sleep(wait)
        number += 1


async def _attempt(
    adapter: Adapter, request: ChatRequest, emit: Emit, timing: Timing, number: int
) -> ProviderError | None:
    """Send ``request`` once. Return the error, which can not be retried once there was a payload."""
    had_payload = False
    emit(AttemptStarted(timing.clock(), number))
    try:
        async with aclosing(adapter.stream(request)) as events:
            async for event in events:
                emit(event)
                if isinstance(event, Payload):
                    had_payload = True
                elif isinstance(event, StreamEnded):
                    return None
    except ProviderError as error:
        return ProviderError(error.failure, retryable=error.retryable and not had_payload)
    emit(StreamEnded(timing.clock(), marked=False))
    return None


def _wait_before_retry(error: ProviderError, number: int, timing: Timing) -> float | None:
    """Return the seconds to wait after attempt ``number`` failed, or ``None`` not to try again."""
    if not error.retryable or number > MOST_RETRIES:
        return None
    asked = error.failure.retry_after_s
    if asked is not None:
        return asked if 0 <= asked <= LONGEST_WAIT_S else None
    return BACKOFF_S[number - 1] * (1 + JITTER * timing.random())


def _say_when(failure: Failure) -> Failure:
    """Return ``failure`` with the hint when to try again, if the provider asked for a long wait."""
    asked = failure.retry_after_s
    if asked is None or not asked > LONGEST_WAIT_S:
        return failure
    return replace(failure, hint=f"Try again in {asked:.0f} s.")
