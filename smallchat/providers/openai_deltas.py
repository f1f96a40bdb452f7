"""What an event of the OpenAI wire carries, as many servers write it.

The SDK checks nothing: what has not the shape of an event raises ``AttributeError`` or ``TypeError`` here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from smallchat.metering.events import Channel
from smallchat.providers.surrogates import replace_surrogates


class ServerError(Exception):
    """An error that came as an ordinary event; ``body`` as in the SDK's own errors."""

    def __init__(self, body: object) -> None:
        """Keep ``body``."""
        super().__init__()
        self.body = body


def choices_of(chunk: Any) -> list[Any]:
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


def pieces_of(delta: Any) -> Iterator[tuple[Channel, str]]:
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


def timings_of(chunk: Any) -> dict[str, float]:
    """Return llama.cpp's own timing of an event, empty without one."""
    timings = chunk.model_extra.get("timings") if chunk.model_extra else None
    if not isinstance(timings, dict):
        return {}
    return {
        replace_surrogates(str(name)): float(value)
        for name, value in timings.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }
