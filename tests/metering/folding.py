"""The meter of a stream that is known from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from smallchat.metering.events import Event
from smallchat.metering.meter import Meter


def fold(
    events: Iterable[Event], count: Callable[[str], int], estimate_input: Callable[[], int] = lambda: 0
) -> Meter:
    """Return a meter that has taken all of ``events``."""
    meter = Meter(count, estimate_input)
    for event in events:
        meter.feed(event)
    return meter
