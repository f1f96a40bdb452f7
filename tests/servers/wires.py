"""The events of both wires, as bytes of an SSE body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from tests.servers.script import Script


class WireEvents(Protocol):
    """Builds one answer's events in order; each method returns the bytes of zero or more events."""

    def start(self) -> bytes: ...
    def token(self, text: str, count: int, *, reasoning: bool) -> bytes: ...
    def refusal(self, text: str) -> bytes: ...
    def finish(self, ending: str) -> bytes: ...
    def usage(self) -> bytes: ...
    def mark(self) -> bytes: ...
    def ping(self) -> bytes: ...
    def wrong_shape(self) -> bytes: ...
    def error(self, message: str, *, named: bool) -> bytes: ...


def events_for(wire: str, script: Script, model: str, body: Mapping[str, Any]) -> WireEvents:
    """Return the events' builder for one request."""
    if wire == "anthropic":
        return AnthropicEvents(script, model, body)
    return OpenAIEvents(script, model, body)


class _Counts:
    """The token counts of one answer, both wires'."""

    def __init__(self, script: Script, body: Mapping[str, Any]) -> None:
        said = json.dumps([body.get("system", ""), body.get("messages", "")], ensure_ascii=False)
        self.input = script.input_tokens if script.input_tokens is not None else max(1, len(said) // 4)
        self.input = max(self.input, script.cached + script.cache_write)
        self.reasoning = script.hidden_reasoning
        self.output = script.hidden_reasoning

    def add(self, count: int, *, reasoning: bool) -> None:
        self.output += count
        if reasoning:
            self.reasoning += count


class OpenAIEvents:
    """Chat Completions."""

    def __init__(self, script: Script, model: str, body: Mapping[str, Any]) -> None:
        self._script = script
        self._model = script.served_model or model
        self._counts = _Counts(script, body)
        wanted = body.get("stream_options") or {}
        self._wants_usage = script.usage and bool(wanted.get("include_usage"))

    def _chunk(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        chunk = {
            "id": "c-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self._model,
            "choices": choices,
        }
        return _data({**chunk, **more})

    def _delta(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        more = {"usage": self._usage()} if self._script.usage_every else {}
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": finish}], **more)

    def _usage(self) -> dict[str, Any]:
        script, counts = self._script, self._counts
        details = {"cached_tokens": script.cached}
        if script.cache_write:
            details["cache_write_tokens"] = script.cache_write
        return {
            "prompt_tokens": counts.input,
            "completion_tokens": counts.output,
            "total_tokens": counts.input + counts.output,
            "prompt_tokens_details": details,
            "completion_tokens_details": {"reasoning_tokens": counts.reasoning},
        }

    def start(self) -> bytes:
        return self._delta({"role": "assistant", "content": ""})

    def token(self, text: str, count: int, *, reasoning: bool) -> bytes:
        self._counts.add(count, reasoning=reasoning)
        return self._delta({self._script.reasoning_key if reasoning else "content": text})

    def refusal(self, text: str) -> bytes:
        return self._delta({"refusal": text})

    def finish(self, ending: str) -> bytes:
        reason = {"length": "length", "filtered": "content_filter"}.get(ending, "stop")
        return self._delta({}, reason)

    def usage(self) -> bytes:
        out = self._counts.output
        more: dict[str, Any] = {}
        if self._script.timings:
            more["timings"] = {
                "prompt_n": self._counts.input,
                "predicted_n": out,
                "predicted_per_second": 123.5,
            }
        if self._wants_usage:
            return self._chunk([], usage=self._usage(), **more)
        return self._chunk([], **more) if more else b""

    def mark(self) -> bytes:
        return b"data: [DONE]\n\n"

    def ping(self) -> bytes:
        return b": keep-alive\n\n"

    def wrong_shape(self) -> bytes:
        return _data({"choices": [7, {"delta": "text"}], "usage": "many"})

    def error(self, message: str, *, named: bool) -> bytes:
        return _data({"error": {"message": message, "type": "server_error"}}, "error" if named else "")


class AnthropicEvents:
    """Messages."""

    def __init__(self, script: Script, model: str, body: Mapping[str, Any]) -> None:
        self._script = script
        self._model = script.served_model or model
        self._counts = _Counts(script, body)
        self._block = -1
        self._kind = ""

    def _usage(self) -> dict[str, Any]:
        script = self._script
        short = script.cache_write - script.cache_write_1h
        return {
            "input_tokens": self._counts.input - script.cached - script.cache_write,
            "cache_read_input_tokens": script.cached,
            "cache_creation_input_tokens": script.cache_write,
            "cache_creation": {
                "ephemeral_5m_input_tokens": short,
                "ephemeral_1h_input_tokens": script.cache_write_1h,
            },
            "output_tokens": self._counts.output,
        }

    def start(self) -> bytes:
        message: dict[str, Any] = {
            "id": "msg_1", "type": "message", "role": "assistant", "model": self._model, "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {**self._usage(), "output_tokens": 1},
        }  # fmt: skip
        return _typed("message_start", message=message) + self.ping()

    def _open(self, kind: str) -> bytes:
        if kind == self._kind:
            return b""
        closing = self._close()
        self._block, self._kind = self._block + 1, kind
        block = (
            {"type": "thinking", "thinking": "", "signature": ""}
            if kind == "thinking"
            else {"type": "text", "text": ""}
        )
        return closing + _typed("content_block_start", index=self._block, content_block=block)

    def _close(self) -> bytes:
        if not self._kind:
            return b""
        signed = b""
        if self._kind == "thinking":
            delta = {"type": "signature_delta", "signature": "c2lnbmVk"}
            signed = _typed("content_block_delta", index=self._block, delta=delta)
        self._kind = ""
        return signed + _typed("content_block_stop", index=self._block)

    def token(self, text: str, count: int, *, reasoning: bool) -> bytes:
        self._counts.add(count, reasoning=reasoning)
        kind = "thinking" if reasoning else "text"
        opening = self._open(kind)
        delta = {"type": f"{kind}_delta", kind: text}
        return opening + _typed("content_block_delta", index=self._block, delta=delta)

    def refusal(self, text: str) -> bytes:
        return self.token(text, 1, reasoning=False)

    def finish(self, ending: str) -> bytes:
        reason = {"length": "max_tokens", "filtered": "refusal", "refusal": "refusal"}.get(ending, "end_turn")
        more = {"usage": self._usage()} if self._script.usage else {"usage": {"output_tokens": 0}}
        return self._close() + _typed(
            "message_delta", delta={"stop_reason": reason, "stop_sequence": None}, **more
        )

    def usage(self) -> bytes:
        return b""

    def mark(self) -> bytes:
        return _typed("message_stop")

    def ping(self) -> bytes:
        return _typed("ping")

    def wrong_shape(self) -> bytes:
        return _data({"type": "content_block_delta", "index": 0, "delta": 7}, "content_block_delta")

    def error(self, message: str, *, named: bool) -> bytes:
        return _typed("error", error={"type": "overloaded_error", "message": message})


def _typed(kind: str, **fields: Any) -> bytes:
    return _data({"type": kind, **fields}, kind)


def _data(value: Any, event: str = "") -> bytes:
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(value, ensure_ascii=False)}\n\n".encode("utf-8", "surrogatepass")
