"""What every wire adapter takes and gives."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from smallchat.metering.events import Event, Failure


@dataclass(frozen=True, slots=True)
class Image:
    """A picture sent with a prompt.

    Attributes:
        media_type: What it is, such as ``image/png``.
        data: Its bytes.
        name: Its file's name, for people; it is not sent.
    """

    media_type: str
    data: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; ``images`` go before ``text``."""

    role: Literal["user", "assistant"]
    text: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request, in no wire's own shape.

    Attributes:
        model: The model's name on the wire.
        messages: The conversation, ending with the user's prompt.
        system: The system prompt; empty for none.
        max_output: The most tokens the model may generate, reasoning included.
        params: Further parameters, such as ``temperature``, by their name on the wire.
        schema: The JSON schema that the answer must follow; ``None`` for free text.
    """

    model: str
    messages: tuple[Message, ...]
    system: str = ""
    max_output: int = 2048
    params: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None


class ProviderError(Exception):
    """An attempt failed. The SDK's own exception is not chained: it may carry the key."""

    def __init__(self, failure: Failure, *, retryable: bool = False) -> None:
        """Keep ``failure``; ``retryable`` says whether the same request may be tried again."""
        super().__init__(failure.message)
        self.failure = failure
        self.retryable = retryable


class Adapter(Protocol):
    """Speaks one wire to one provider at one base URL."""

    async def warm(self) -> None:
        """Import the SDK, build the client and open a connection, so that no clock has to wait for it.

        Called once for each request about to be sent, at the same time for those that start together,
        as each needs a connection. Never raises: the request itself will tell.
        """

    def stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Send ``request`` once and yield its events, stamped as they leave the SDK.

        The first event is ``Connected``, the last one ``StreamEnded``. Closing the generator, or
        cancelling the task that reads it, closes the connection at once.

        Raises:
            ProviderError: The attempt failed, before or after some payload.
        """

    async def close(self) -> None:
        """Close the client and its connections."""
