"""Watches the bytes of a response on their way to the SDK, which hides what they tell.

The SDKs swallow ``[DONE]``, comments and pings, and read an endless line until memory ends.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

HEAD_BYTES = 64 * 1024  # kept of a body in which no event was found: it may be an error in another form
MOST_PENDING_BYTES = 16 * 1024 * 1024  # that may arrive without any event in them
_DONE = re.compile(rb"[\r\n]data: ?\[DONE\]")
_DONE_TAIL = 16  # bytes kept of a chunk, so that a mark cut in two is found
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry)?:")
_NAME = "smallchat_watch"


class NoPayload(Exception):  # noqa: N818 - reads as what happened
    """Bytes keep coming, but nothing that the model generated."""


class TooMuch(Exception):  # noqa: N818 - reads as what happened
    """A body, or one event of it, is larger than any answer."""


class Watch:
    """What is known of one response's body. The wire writes what it reads from the events.

    Attributes:
        content_type: The media type that the server named.
        payload_at: When the last payload left the SDK, in ns; at first, when the response began.
        has_payload: Whether any payload came.
        finished: Whether the provider said why generation ended.
        events: Events that left the SDK.
        pending: Bytes since the last of these events.
        done_at: When ``data: [DONE]`` was seen, in ns; 0 before.
        head: The body's first bytes, up to the first event.
    """

    __slots__ = (
        "_limit_ns",
        "_tail",
        "content_type",
        "done_at",
        "events",
        "finished",
        "has_payload",
        "head",
        "payload_at",
        "pending",
    )

    def __init__(self, content_type: str, payload_timeout_s: float) -> None:
        """Begin before the first byte; ``payload_timeout_s`` may pass with bytes but no payload."""
        self.content_type = content_type.partition(";")[0].strip().lower()
        self.payload_at = time.perf_counter_ns()
        self.has_payload = False
        self.finished = False
        self.events = 0
        self.pending = 0
        self.done_at = 0
        self.head = b""
        self._tail = b"\n"
        self._limit_ns = int(payload_timeout_s * 1e9)

    def see(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            NoPayload: The time without payload is up.
            TooMuch: No event ends in sight.
        """
        now = time.perf_counter_ns()
        if now - self.payload_at > self._limit_ns:
            raise NoPayload
        self.pending += len(chunk)
        if self.pending > MOST_PENDING_BYTES:
            raise TooMuch
        if not self.events and len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        if not self.done_at:
            window = self._tail + chunk
            if b"[DONE]" in window and _DONE.search(window):
                self.done_at = now
            self._tail = window[-_DONE_TAIL:]

    @property
    def is_no_stream(self) -> bool:
        """Whether no event came and what came does not begin like an event stream."""
        return not self.events and "amazon" not in self.content_type and _FIELD.match(self.head) is None


def watching(payload_timeout_s: float) -> Callable[[Any], Any]:
    """Return a hook for an HTTP client that puts a watch on every response."""

    async def watch(response: httpx2.Response) -> None:
        seen = Watch(response.headers.get("content-type", ""), payload_timeout_s)
        read = response.aiter_bytes

        async def aiter_bytes(chunk_size: int | None = None) -> AsyncGenerator[bytes, None]:
            async with contextlib.aclosing(read(chunk_size)) as chunks:
                async for chunk in chunks:
                    seen.see(chunk)
                    yield chunk

        response.aiter_bytes = aiter_bytes  # type: ignore[method-assign]
        response.extensions[_NAME] = seen

    return watch


def watch_of(response: httpx2.Response) -> Watch:
    """Return the watch that the client's hook put on ``response``."""
    watch: Watch = response.extensions[_NAME]
    return watch
