"""One answer from nowhere through the SDK's whole code, before a clock runs.

The first request of a process pays for lazy imports, type adapters and caches: about 30 ms.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.providers.base import ChatRequest, Message
from smallchat.providers.http import build_http_client
from smallchat.providers.watch import watch_of
from smallchat.providers.wire import Wire

if TYPE_CHECKING:
    import httpx2

_rehearsed: set[type[Wire]] = set()


async def rehearse(wire: Wire) -> None:
    """Send one request that never leaves the process. Does so once for each wire, and never raises."""
    if type(wire) in _rehearsed:
        return
    _rehearsed.add(type(wire))
    with contextlib.suppress(Exception):
        await _send(wire)


async def _send(wire: Wire) -> None:
    import httpx2

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=wire.rehearsal)

    nowhere = Provider(
        name="rehearsal", wire="openai", client="openai", base_url="http://rehearsal.invalid", label=""
    )
    http = build_http_client(nowhere, httpx2.MockTransport(answer))
    async with http:
        client = wire.build_client(nowhere, Secret("rehearsal"), http)
        stream = await wire.send(client, ChatRequest("m", (Message("user", "Hi"),)))
        async for _ in wire.read(stream, watch_of(stream.response)):
            pass
