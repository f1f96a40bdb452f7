"""The adapter of each model: made when first asked for, shared by all models of one provider and wire."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from smallchat.catalog.model import Model
from smallchat.config.provider import Provider, Providers
from smallchat.providers.adapter import WireAdapter
from smallchat.providers.anthropic_messages import AnthropicMessages
from smallchat.providers.base import Adapter
from smallchat.providers.failures import explain_missing_key
from smallchat.providers.openai_chat import OpenAIChat
from smallchat.providers.origin import Origin

if TYPE_CHECKING:
    from smallchat.config.keys import Secret


class Adapters:
    """All adapters of a running program."""

    def __init__(self, providers: Providers) -> None:
        """Look providers and their keys up in ``providers``."""
        self._providers = providers
        self._adapters: dict[tuple[str, ...], Adapter] = {}
        self._lock = threading.Lock()

    def adapter_for(self, model: Model) -> Adapter:
        """Return the adapter of ``model``, the same one each time. May run a key command, and so block.

        Raises:
            ConfigError: There is no such provider, or its key can not be had.
            ProviderError: The provider needs a key and has none.
        """
        provider = self._providers.get(model.provider)
        if model.wire is not None and model.wire != provider.wire:
            provider = replace(provider, wire=model.wire)
        key = (provider.name, provider.wire, provider.base_url or "")
        with self._lock:
            if key not in self._adapters:
                self._adapters[key] = self._build(provider)
            return self._adapters[key]

    async def close(self) -> None:
        """Close every adapter."""
        adapters = list(self._adapters.values())
        self._adapters.clear()
        await asyncio.gather(*(adapter.close() for adapter in adapters), return_exceptions=True)

    def _build(self, provider: Provider) -> Adapter:
        key = self._providers.key_for(provider)
        if key is None and provider.needs_key:
            raise explain_missing_key(Origin(provider))
        return build_adapter(provider, key)


def build_adapter(provider: Provider, key: Secret | None) -> WireAdapter:
    """Return an adapter for ``provider`` at its base URL."""
    wire = AnthropicMessages() if provider.wire == "anthropic" else OpenAIChat(provider)
    return WireAdapter(provider, wire, key)
