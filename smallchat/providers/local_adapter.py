"""The adapter of a model on this machine: a child process serves it, over either wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING

from smallchat.catalog.model import Model
from smallchat.config.provider import Provider
from smallchat.metering.events import Event
from smallchat.providers.adapter import WireAdapter, build_adapter
from smallchat.providers.base import ChatRequest

if TYPE_CHECKING:
    from smallchat.providers.local.endpoint import Endpoint
    from smallchat.providers.local.server import LocalServers


class LocalAdapter:
    """Speaks to whatever child serves ``model`` now: one that died comes back at another address."""

    def __init__(self, provider: Provider, model: Model, servers: LocalServers) -> None:
        """Keep what is needed; the child is started when first needed."""
        self._provider = provider
        self._model = model
        self._servers = servers
        self._endpoint: Endpoint | None = None
        self._adapter: WireAdapter | None = None
        self._structured: WireAdapter | None = None
        self._finding = asyncio.Lock()

    async def warm(self) -> None:
        """Load the model, then warm what speaks to it. Never raises: the request itself will tell."""
        with contextlib.suppress(Exception):
            adapter = await self._find()
            await adapter.warm()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Send ``request`` once; see :class:`smallchat.providers.base.Adapter`."""
        adapter = await self._find()
        if request.schema is not None and self._structured is not None:
            adapter = self._structured
        async with contextlib.aclosing(adapter.stream(request)) as events:
            async for event in events:
                yield event

    async def close(self) -> None:
        """Close the connections; the child is not ours."""
        for adapter in (self._adapter, self._structured):
            if adapter is not None:
                await adapter.close()

    async def _find(self) -> WireAdapter:
        async with self._finding:
            endpoint = await self._servers.endpoint(self._model)
            if self._adapter is None or endpoint != self._endpoint:
                await self.close()
                provider = replace(self._provider, base_url=endpoint.base_url(self._provider.wire))
                self._adapter = build_adapter(provider, endpoint.key)
                self._endpoint = endpoint
                if provider.wire == "anthropic":  # on which llama.cpp takes no schema
                    address = endpoint.base_url("openai")
                    self._structured = build_adapter(
                        replace(provider, wire="openai", base_url=address), endpoint.key
                    )
            return self._adapter
