"""The adapter of each model: made when first asked for, shared by all models of one provider and wire."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from smallchat.catalog.model import Model
from smallchat.config.paths import data_dir
from smallchat.config.provider import Provider, Providers
from smallchat.providers.adapter import build_adapter
from smallchat.providers.base import Adapter
from smallchat.providers.failures import explain_missing_key
from smallchat.providers.origin import Origin

if TYPE_CHECKING:
    from smallchat.providers.local.server import LocalServers


class Adapters:
    """All adapters of a running program, and the servers of its local models."""

    def __init__(self, providers: Providers, servers: LocalServers | None = None) -> None:
        """Look providers and their keys up in ``providers``.

        Args:
            providers: All of them.
            servers: Serve local models; without them, those of the user's data directory.
        """
        self._providers = providers
        self._servers = servers
        self._adapters: dict[tuple[str, ...], Adapter] = {}
        self._locks: dict[tuple[str, ...], threading.Lock] = {}

    def adapter_for(self, model: Model) -> Adapter:
        """Return the adapter of ``model``, the same one until its key changes. May run a command, and block.

        Raises:
            ConfigError: There is no such provider, or its key can not be had.
            ProviderError: The provider needs a key and has none.
        """
        provider = self._providers.get(model.provider)
        if model.wire is not None and model.wire != provider.wire:
            provider = replace(provider, wire=model.wire)
        path = str(model.path or "") if provider.client == "local" else ""
        name = (provider.name, provider.wire, path, str(self._providers.edition(provider.name)))
        with self._locks.setdefault(name, threading.Lock()):
            if name not in self._adapters:
                self._adapters[name] = self._build(provider, model)
            return self._adapters[name]

    async def close(self) -> None:
        """Close every adapter and end the local servers."""
        closing = [adapter.close() for adapter in self._adapters.values()]
        self._adapters.clear()
        if self._servers is not None:
            closing.append(self._servers.close())
        await asyncio.gather(*closing, return_exceptions=True)

    def _build(self, provider: Provider, model: Model) -> Adapter:
        if provider.client == "local":
            return self._build_local(provider, model)
        key = self._providers.key_for(provider)
        if key is None and provider.needs_key:
            raise explain_missing_key(Origin(provider))
        return build_adapter(provider, key)

    def _build_local(self, provider: Provider, model: Model) -> Adapter:
        from smallchat.providers.local.server import LocalServers
        from smallchat.providers.local_adapter import LocalAdapter

        if self._servers is None:
            self._servers = LocalServers(data_dir())
        return LocalAdapter(provider, model, self._servers)
