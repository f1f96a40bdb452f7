"""Anthropic Messages, as Anthropic, its clouds and compatible servers speak it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncGenerator
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
    StreamEnded,
    UsageReported,
)
from smallchat.metering.usage import Usage
from smallchat.providers.base import ChatRequest, Message
from smallchat.providers.surrogates import replace_surrogates
from smallchat.providers.usage_reports import read_anthropic_usage
from smallchat.providers.watch import Watch
from smallchat.providers.wire import Client, Stream

if TYPE_CHECKING:
    import httpx2

# About the 1,024 tokens that the least demanding models need to cache a prompt; where more is needed the
# mark does nothing and costs nothing.
CACHED_FROM_CHARS = 4_000
_REST_S = 0.1
_CACHE = {"type": "ephemeral"}
_ENDINGS: dict[str, Ending] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refused",
}
# Of each delta: where its payload is, and what that is. A signature is no payload.
_PAYLOADS: dict[str, tuple[str, Channel]] = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "reasoning"),
    "input_json_delta": ("partial_json", "tool"),
}
_BLOCKS: dict[str, tuple[str, Channel]] = {"text": ("text", "text"), "thinking": ("thinking", "reasoning")}


_REHEARSAL = b"""\
event: message_start
data: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}

event: message_stop
data: {"type":"message_stop"}

"""


class AnthropicMessages:
    """The Anthropic wire."""

    rehearsal = _REHEARSAL

    def build_client(self, provider: Provider, key: Secret | None, http: httpx2.AsyncClient) -> Client:
        """Import the SDK and return its client."""
        from smallchat.providers.clients import build_anthropic_client

        return build_anthropic_client(provider, key, http)

    async def send(self, client: Client, request: ChatRequest) -> Stream:
        """Send ``request`` and return the SDK's stream."""
        body = dict(request.params)
        if request.system:
            body["system"] = _system(request.system)
        if request.schema is not None:
            wanted = {"type": "json_schema", "schema": request.schema}
            body["output_config"] = {**body.get("output_config", {}), "format": wanted}
        body["messages"] = _messages(request)  # as such the SDK would walk through each of them
        return await client.messages.create(
            model=request.model,
            max_tokens=request.max_output,
            messages=[],
            stream=True,
            extra_body=body,
        )

    async def read(self, stream: Stream, watch: Watch) -> AsyncGenerator[Event, None]:
        """Yield the events of ``stream``. Usage comes first with the input, at the end as the whole."""
        usage: Usage | None = None
        stopped_at = 0
        async for event in stream:
            at = perf_counter_ns()
            watch.events += 1
            watch.pending = 0
            kind = event.type
            if kind == "content_block_delta":
                name, channel = _PAYLOADS.get(event.delta.type, ("", "text"))
                if name and (text := getattr(event.delta, name)):
                    watch.payload_at, watch.has_payload = at, True
                    yield Payload(at, channel, replace_surrogates(text))
            elif kind == "content_block_start":  # empty from Anthropic; other servers may begin here
                name, channel = _BLOCKS.get(event.content_block.type, ("", "text"))
                if name and (text := getattr(event.content_block, name, "")):
                    watch.payload_at, watch.has_payload = at, True
                    yield Payload(at, channel, replace_surrogates(text))
            elif kind == "message_start":
                if event.message.model:
                    yield Served(at, replace_surrogates(event.message.model))
                if (reported := read_anthropic_usage(event.message.usage)) is not None:
                    usage = reported
                    yield UsageReported(at, usage)
            elif kind == "message_delta":
                if reason := event.delta.stop_reason:
                    watch.finished = True
                    yield Finished(at, replace_surrogates(reason), _ENDINGS.get(reason, "ok"))
                if (reported := read_anthropic_usage(event.usage, usage)) is not None:
                    usage = reported
                    yield UsageReported(at, usage)
            elif kind == "message_stop":
                stopped_at = at
                break
        if stopped_at:
            await _read_rest(stream)
        yield StreamEnded(stopped_at or perf_counter_ns(), stopped_at > 0)

    def learn(self, error: Exception, request: ChatRequest) -> str:
        """Return nothing: this wire has one dialect."""
        return ""


async def _read_rest(stream: Stream) -> None:
    """Read to the end of the body, so that the connection can be used again; not for long."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_REST_S):
            async for _ in stream:
                pass


def _system(text: str) -> str | list[dict[str, Any]]:
    text = replace_surrogates(text)
    if len(text) < CACHED_FROM_CHARS:
        return text
    return [{"type": "text", "text": text, "cache_control": _CACHE}]


def _messages(request: ChatRequest) -> list[dict[str, Any]]:
    """Return the messages; of a long history the last one is marked, for the next turn to read the cache."""
    messages: list[dict[str, Any]] = [
        {"role": message.role, "content": _content(message)} for message in request.messages
    ]
    chars = len(request.system) + sum(len(message.text) for message in request.messages)
    if len(messages) > 1 and chars >= CACHED_FROM_CHARS:
        messages[-1]["content"][-1]["cache_control"] = _CACHE
    return messages


def _content(message: Message) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    for image in message.images:
        data = base64.b64encode(image.data).decode()
        source = {"type": "base64", "media_type": image.media_type, "data": data}
        blocks.append({"type": "image", "source": source})
    if message.text or not blocks:  # an empty text beside a picture is refused
        blocks.append({"type": "text", "text": replace_surrogates(message.text)})
    return blocks
