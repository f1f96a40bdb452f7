"""What the two wires have to be able to do; all else is common to both."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, Protocol

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.metering.events import Event
from smallchat.providers.base import ChatRequest
from smallchat.providers.watch import Watch

if TYPE_CHECKING:
    import httpx2

# The SDKs' clients and streams: their types can not be named without importing them.
Client = Any
Stream = Any


class Wire(Protocol):
    """One protocol, spoken through its SDK. Remembers what it learned of a server, nothing of a request.

    Attributes:
        rehearsal: The body of a short answer, to go through the SDK's code once before a clock runs.
    """

    rehearsal: bytes

    def build_client(self, provider: Provider, key: Secret | None, http: httpx2.AsyncClient) -> Client:
        """Import the SDK and return its client. Slow: called in a thread."""

    async def send(self, client: Client, request: ChatRequest) -> Stream:
        """Send ``request`` and return the SDK's stream once the response's headers are there."""

    def read(self, stream: Stream, watch: Watch) -> AsyncGenerator[Event, None]:
        """Yield the events of ``stream``, stamped as each leaves the SDK, ``StreamEnded`` the last."""

    def learn(self, error: Exception, request: ChatRequest) -> str:
        """Return what changes from now on if ``error`` says that the server does not know an option.

        The words continue "Sent again …"; empty when nothing was learned. Each thing is learned once.
        """
