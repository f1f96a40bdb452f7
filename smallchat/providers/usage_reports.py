"""Token counts as the providers report them, brought into the one inclusive shape.

Takes the SDKs' objects or plain mappings, and believes nothing: what is no count is 0, what is no report
is ``None``, and a part larger than its whole is cut to it.
"""

from __future__ import annotations

from typing import Any

from smallchat.metering.usage import Usage


def read_openai_usage(report: Any) -> Usage | None:
    """Return the usage of a chat completion, which counts cached and reasoning tokens within the totals."""
    if not (_has(report, "prompt_tokens") or _has(report, "completion_tokens")):
        return None
    prompt = _get(report, "prompt_tokens_details")
    completion = _get(report, "completion_tokens_details")
    total_input = _count(report, "prompt_tokens")
    output = _count(report, "completion_tokens")
    reasoning = _count(completion, "reasoning_tokens")
    if reasoning and total_input + output + reasoning == _count(report, "total_tokens"):
        output += reasoning  # a few servers report reasoning beside the completion, not within
    # DeepSeek and older llama.cpp name the cached part on the top level.
    cached = _count(prompt, "cached_tokens") or _count(report, "prompt_cache_hit_tokens")
    return _assemble(total_input, output, cached, _count(prompt, "cache_write_tokens"), 0, reasoning)


def read_anthropic_usage(report: Any, before: Usage | None = None) -> Usage | None:
    """Return the usage of a message, whose ``input_tokens`` leave out what the cache read or wrote.

    Args:
        report: ``usage`` of ``message_start`` or ``message_delta``; the latter is cumulative and may name
            the output only.
        before: The usage reported before in the same stream, for the counts that ``report`` does not name.
    """
    if not (_has(report, "input_tokens") or _has(report, "output_tokens")):
        return None
    details = _get(report, "output_tokens_details")
    output = _count(report, "output_tokens")
    reasoning = _count(details, "thinking_tokens")
    if before is not None and not _count(report, "input_tokens"):
        return _assemble(
            before.input, output, before.cached, before.cache_write, before.cache_write_1h, reasoning
        )
    cached = _count(report, "cache_read_input_tokens")
    by_lifetime = _get(report, "cache_creation")
    hour = _count(by_lifetime, "ephemeral_1h_input_tokens")
    write = _count(report, "cache_creation_input_tokens")
    write = max(write, hour + _count(by_lifetime, "ephemeral_5m_input_tokens"))
    if before is not None and write == before.cache_write and not hour:
        hour = before.cache_write_1h  # message_delta does not split the writes by lifetime
    return _assemble(_count(report, "input_tokens") + cached + write, output, cached, write, hour, reasoning)


def _assemble(total_input: int, output: int, cached: int, write: int, hour: int, reasoning: int) -> Usage:
    cached = min(cached, total_input)
    write = min(write, total_input - cached)
    return Usage(
        input=total_input,
        output=output,
        cached=cached,
        cache_write=write,
        cache_write_1h=min(hour, write),
        reasoning=min(reasoning, output),
    )


def _get(report: Any, name: str) -> Any:
    return report.get(name) if isinstance(report, dict) else getattr(report, name, None)


def _has(report: Any, name: str) -> bool:
    return type(_get(report, name)) is int


def _count(report: Any, name: str) -> int:
    value = _get(report, name)
    return max(0, value) if type(value) is int else 0
