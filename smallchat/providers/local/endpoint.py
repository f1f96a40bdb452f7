"""Where a local model answers."""

from __future__ import annotations

from dataclasses import dataclass

from smallchat.catalog.model import Wire
from smallchat.config.keys import Secret


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a local model answers, and the key it wants.

    Attributes:
        address: Scheme, host and port, such as ``http://127.0.0.1:41234``.
        key: A random key, made for this process.
    """

    address: str
    key: Secret

    def base_url(self, wire: Wire) -> str:
        """Return the base URL as the client of ``wire`` wants it: Anthropic's adds ``/v1`` itself."""
        return f"{self.address}/v1" if wire == "openai" else self.address
