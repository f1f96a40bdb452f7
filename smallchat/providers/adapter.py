"""The adapter: one wire to one provider, its client built late, its failures explained."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.metering.events import Connected, Event, Failure, StreamEnded
from smallchat.providers.anthropic_messages import AnthropicMessages
from smallchat.providers.base import ChatRequest, ProviderError
from smallchat.providers.failures import NotAStream, explain
from smallchat.providers.openai_chat import OpenAIChat
from smallchat.providers.origin import Origin
from smallchat.providers.watch import Watch, watch_of
from smallchat.providers.wire import Client, Stream, Wire

if TYPE_CHECKING:
    import httpx2


class WireAdapter:
    """Speaks ``wire`` to ``provider``. All but the constructor belongs to the network thread."""

    def __init__(self, provider: Provider, wire: Wire, key: Secret | None) -> None:
        """Keep what is needed; nothing is imported or opened yet."""
        self._provider = provider
        self._wire = wire
        self._key = key
        self._client: Client = None
        self._http: httpx2.AsyncClient | None = None
        self._building = asyncio.Lock()

    async def warm(self) -> None:
        """Build the client, and leave one open connection for one request that is about to be sent.

        Several calls at once open several connections. Never raises: the request itself will tell.
        """
        from smallchat.providers.http import open_connection

        with contextlib.suppress(Exception):
            client = await self._build()
            assert self._http is not None
            await open_connection(self._http, str(client.base_url))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Send ``request`` once; see :class:`smallchat.providers.base.Adapter`."""
        stream: Stream = None
        watch: Watch | None = None
        # The error is raised outside the handler, so that the SDK's own, which may carry the key, is not
        # kept as its context.
        failed: ProviderError | None = None
        try:
            client = await self._build()
            async with asyncio.timeout(self._provider.payload_timeout_s):
                stream = await self._wire.send(client, request)
            watch = watch_of(stream.response)
            yield Connected(time.perf_counter_ns())
            async with contextlib.aclosing(self._wire.read(stream, watch)) as events:
                async for event in events:
                    if type(event) is StreamEnded and watch.is_no_stream:
                        raise NotAStream
                    yield event
        except Exception as error:
            failed = self._explain(error, request, watch)
        finally:
            if stream is not None:
                await stream.close()
        if failed is None:
            return
        if watch is not None and watch.finished and failed.failure.kind in ("connection", "timeout"):
            yield StreamEnded(
                time.perf_counter_ns(), marked=False
            )  # the answer was complete, its count is missing
            return
        raise failed

    async def close(self) -> None:
        """Close the client and its connections."""
        if self._client is not None:
            client, self._client, self._http = self._client, None, None
            await client.close()

    async def _build(self) -> Client:
        async with self._building:
            if self._client is None:
                self._client, self._http = await asyncio.to_thread(self._build_client)
            return self._client

    def _build_client(self) -> tuple[Client, httpx2.AsyncClient]:
        """Import, build and rehearse, in a thread with a loop of its own: other answers may be streaming."""
        from smallchat.providers.http import build_http_client
        from smallchat.providers.rehearsal import rehearse

        http = build_http_client(self._provider)
        client = self._wire.build_client(self._provider, self._key, http)
        asyncio.run(rehearse(self._wire))
        return client, http

    def _explain(self, error: Exception, request: ChatRequest, watch: Watch | None) -> ProviderError:
        secrets = [self._key] if self._key else []
        origin = Origin(
            self._provider, request.model, tuple(request.params), (*secrets, *self._provider.headers.values())
        )
        failed = explain(error, origin, watch)
        if learned := self._wire.learn(error, request):
            hint = f"Sent again {learned}."
            failure: Failure = replace(failed.failure, hint=hint, retry_after_s=0.0)
            return ProviderError(failure, retryable=True)
        return failed


def build_adapter(provider: Provider, key: Secret | None) -> WireAdapter:
    """Return an adapter for ``provider`` at its base URL, speaking its wire."""
    wire = AnthropicMessages() if provider.wire == "anthropic" else OpenAIChat(provider)
    return WireAdapter(provider, wire, key)
