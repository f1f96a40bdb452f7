"""OpenAI Chat Completions, as OpenAI and everybody compatible speak it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncGenerator
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.metering.events import (
    Ending,
    Event,
    Finished,
    Noted,
    Payload,
    Served,
    ServerTimings,
    StreamEnded,
    UsageReported,
)
from smallchat.providers.base import ChatRequest, Message
from smallchat.providers.openai_deltas import choices_of, pieces_of, timings_of
from smallchat.providers.surrogates import replace_surrogates
from smallchat.providers.usage_reports import read_openai_usage
from smallchat.providers.watch import Watch
from smallchat.providers.wire import Client, Stream

if TYPE_CHECKING:
    import httpx2

_ENDINGS: dict[str, Ending] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "refused",
}
_LIMITS = {"max_tokens", "max_completion_tokens"}
_NOT_KNOWN = re.compile(
    r"unknown|unrecognized|unsupported|not supported|unexpected|extra|not permitted|not allowed", re.I
)
_REHEARSAL = b"""\
data: {"id":"0","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}

data: {"id":"0","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"0","model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}

data: [DONE]

"""


class OpenAIChat:
    """The OpenAI wire; remembers which of two dialects a server speaks."""

    rehearsal = _REHEARSAL

    def __init__(self, provider: Provider) -> None:
        """Start with the dialect that ``provider`` is known for.

        OpenAI's newer models refuse ``max_tokens``; many compatible servers know nothing else.
        """
        is_openai = provider.client == "azure" or (provider.is_known_url and provider.name == "openai")
        self._limit = "max_completion_tokens" if is_openai else "max_tokens"
        self._limits: dict[str, str] = {}  # by model: one gateway serves models of both dialects
        self._obfuscation = is_openai
        self._stream_options = True

    def build_client(self, provider: Provider, key: Secret | None, http: httpx2.AsyncClient) -> Client:
        """Import the SDK and return its client."""
        from smallchat.providers.clients import build_openai_client

        return build_openai_client(provider, key, http)

    async def send(self, client: Client, request: ChatRequest) -> Stream:
        """Send ``request`` and return the SDK's stream."""
        body: dict[str, Any] = {self._limit_of(request): request.max_output, **request.params}
        if request.schema is not None:
            named = {"name": "answer", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if self._stream_options:
            # Obfuscation pads each event to hide its length; a compatible server may refuse the switch.
            padding = {"include_obfuscation": False} if self._obfuscation else {}
            body["stream_options"] = {"include_usage": True, **padding}
        messages = [_message(message) for message in request.messages]
        if request.system:
            messages.insert(0, {"role": "system", "content": replace_surrogates(request.system)})
        # Given as such, each message costs 0.1 ms of the time to first token: the SDK walks through it.
        body["messages"] = messages
        return await client.chat.completions.create(
            model=request.model, messages=[], stream=True, extra_body=body
        )

    async def read(self, stream: Stream, watch: Watch) -> AsyncGenerator[Event, None]:
        """Yield the events of ``stream``. Usage follows the finish reason, or comes with every chunk."""
        served = reason = ""
        refused = False
        if not self._stream_options:
            yield Noted(perf_counter_ns(), "the server refuses stream_options: usage may be missing")
        async for chunk in stream:
            at = perf_counter_ns()
            watch.events += 1
            watch.pending = 0
            model = getattr(chunk, "model", None)
            if model and model != served:
                served = model
                yield Served(at, replace_surrogates(served))
            for choice in choices_of(chunk):
                delta = getattr(choice, "delta", None)
                for channel, text in pieces_of(delta):
                    watch.payload_at, watch.has_payload = at, True
                    yield Payload(at, channel, replace_surrogates(text))
                if delta is not None and delta.refusal:
                    refused = True
                said = getattr(choice, "finish_reason", None)
                if said and said != reason:
                    reason = said
                    watch.finished = True
                    ending = "refused" if refused else _ENDINGS.get(reason, "ok")
                    yield Finished(at, replace_surrogates(reason), ending)
            if chunk.usage is not None and (usage := read_openai_usage(chunk.usage)) is not None:
                yield UsageReported(at, usage)
            if timings := timings_of(chunk):
                yield ServerTimings(at, timings)
        yield StreamEnded(watch.done_at or perf_counter_ns(), watch.done_at > 0)

    def learn(self, error: Exception, request: ChatRequest) -> str:
        """Return what changes from now on when the server refuses to know an option; see ``Wire``."""
        if getattr(error, "status_code", None) not in (400, 422):
            return ""
        said = json.dumps(getattr(error, "body", None), default=str)
        if "stream_options" in said and self._stream_options:
            self._stream_options = False
            return "without stream_options"
        limit = self._limit_of(request)
        if request.model in self._limits or not (
            re.search(rf"\b{limit}\b", said) and _NOT_KNOWN.search(said)
        ):
            return ""
        self._limits[request.model] = other = (_LIMITS - {limit}).pop()
        return f"with {other} instead of {limit}"

    def _limit_of(self, request: ChatRequest) -> str:
        return self._limits.get(request.model, self._limit)


def _message(message: Message) -> dict[str, Any]:
    text = replace_surrogates(message.text)
    if not message.images:
        return {"role": message.role, "content": text}
    parts: list[dict[str, Any]] = []
    for image in message.images:
        url = f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    if text:
        parts.append({"type": "text", "text": text})
    return {"role": message.role, "content": parts}
