"""OpenAI Chat Completions, as OpenAI and everybody compatible speak it."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import AsyncGenerator, Iterator
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.metering.events import (
    Channel,
    Ending,
    Event,
    Finished,
    Payload,
    Served,
    ServerTimings,
    StreamEnded,
    UsageReported,
)
from smallchat.providers.base import ChatRequest, Message
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


class ServerError(Exception):
    """An error that came as an ordinary event; ``body`` as in the SDK's own errors."""

    def __init__(self, body: object) -> None:
        """Keep ``body``."""
        super().__init__()
        self.body = body


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
        if self._stream_options:
            # Obfuscation pads each event to hide its length; a compatible server may refuse the switch.
            padding = {"include_obfuscation": False} if self._obfuscation else {}
            body["stream_options"] = {"include_usage": True, **padding}
        messages = [_message(message) for message in request.messages]
        if request.system:
            messages.insert(0, {"role": "system", "content": replace_surrogates(request.system)})
        return await client.chat.completions.create(
            model=request.model, messages=messages, stream=True, extra_body=body
        )

    async def read(self, stream: Stream, watch: Watch) -> AsyncGenerator[Event, None]:
        """Yield the events of ``stream``. Usage follows the finish reason, or comes with every chunk."""
        served = reason = ""
        refused = False
        async for chunk in stream:
            at = perf_counter_ns()
            watch.events += 1
            watch.pending = 0
            model = getattr(chunk, "model", None)
            if model and model != served:
                served = model
                yield Served(at, replace_surrogates(served))
            for choice in _choices(chunk):
                delta = getattr(choice, "delta", None)
                for channel, text in _pieces(delta):
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
            if chunk.model_extra and (timings := _numbers(chunk.model_extra.get("timings"))):
                yield ServerTimings(at, timings)
        yield StreamEnded(perf_counter_ns(), watch.done)

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


def _pieces(delta: Any) -> Iterator[tuple[Channel, str]]:
    """Yield what a delta carries; raise ``TypeError`` or ``AttributeError`` for what is none."""
    if delta is None:
        return
    extra = delta.model_extra
    if extra:  # names differ: DeepSeek and llama.cpp, OpenRouter and Groq
        reasoning = extra.get("reasoning_content") or extra.get("reasoning")
        if reasoning:
            yield "reasoning", _text(reasoning)
    content = delta.content
    if content:
        if isinstance(content, list):
            yield from _parts(content)
        else:
            yield "text", _text(content)
    if delta.refusal:
        yield "text", _text(delta.refusal)
    if delta.tool_calls:
        for call in delta.tool_calls:
            if call.function is not None and call.function.arguments:
                yield "tool", _text(call.function.arguments)


def _parts(parts: list[Any]) -> Iterator[tuple[Channel, str]]:
    """Yield Mistral's content parts: texts, and thinking made of texts."""
    for part in parts:
        if part.get("text"):
            yield "text", _text(part["text"])
        thinking = part.get("thinking")
        if isinstance(thinking, str) and thinking:
            yield "reasoning", thinking
        elif thinking:
            yield from (("reasoning", text) for _, text in _parts(thinking))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is a {type(value).__name__}")
    return value


def _numbers(timings: Any) -> dict[str, float]:
    if not isinstance(timings, dict):
        return {}
    return {
        replace_surrogates(str(name)): float(value)
        for name, value in timings.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def _choices(chunk: Any) -> list[Any]:
    """Return the first choice's part of an event; raise what an event without choices reports."""
    choices = getattr(chunk, "choices", None)
    if choices is not None:
        # What is no object at all raises here.
        return [choice for choice in choices if not ("index" in choice.model_fields_set and choice.index)]
    extra = chunk.model_extra or {}
    if any(extra.get(name) for name in ("message", "detail", "msg")):
        raise ServerError(extra)  # not all servers wrap their errors as OpenAI does
    if chunk.model_fields_set and not chunk.usage and not extra.get("timings"):
        raise TypeError("an event is neither choices nor usage nor error")
    return []
