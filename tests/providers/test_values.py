"""Parameters, surrogates, token counts and the watch: pure functions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.catalog.model import Model
from smallchat.metering.usage import Usage
from smallchat.providers.params import accepted_params
from smallchat.providers.surrogates import replace_surrogates
from smallchat.providers.usage_reports import read_anthropic_usage, read_openai_usage
from smallchat.providers.watch import NoPayload, TooMuch, Watch


def test_refused_and_reserved_parameters_are_left_out_and_said() -> None:
    model = Model("haiku", "anthropic", "h", "Haiku 5.5", refused_params=frozenset({"temperature"}))
    kept, notes = accepted_params(model, {"temperature": 0.5, "top_k": 3, "stream": False})
    assert kept == {"top_k": 3}
    assert notes == (
        "Haiku 5.5 does not take temperature: left out",
        "stream is not a parameter that can be set: left out",
    )


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_no_surrogate_is_left(text: str) -> None:
    replaced = replace_surrogates(text)
    replaced.encode("utf-8")
    if text.isascii():
        assert replaced == text


def test_pairs_of_surrogates_become_their_character() -> None:
    assert replace_surrogates("a\ud83d\ude00b\udc00") == "a\U0001f600b�"


def test_openai_reports() -> None:
    report = {
        "prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 80},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }  # fmt: skip
    assert read_openai_usage(report) == Usage(100, 50, cached=80, reasoning=20)
    beside = {**report, "total_tokens": 170}
    assert read_openai_usage(beside) == Usage(100, 70, cached=80, reasoning=20)
    assert read_openai_usage({"prompt_tokens": 10, "prompt_cache_hit_tokens": 4}) == Usage(10, 0, cached=4)
    assert read_openai_usage({}) is None
    assert read_openai_usage("many") is None


def test_anthropic_reports() -> None:
    start = {
        "input_tokens": 50, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
        "output_tokens": 1,
    }  # fmt: skip
    first = read_anthropic_usage(start)
    assert first == Usage(5350, 1, cached=5000, cache_write=300, cache_write_1h=200)
    assert read_anthropic_usage({"output_tokens": 77}, first) == Usage(
        5350, 77, cached=5000, cache_write=300, cache_write_1h=200
    )
    cumulative = {
        **start,
        "output_tokens": 77,
        "cache_creation": None,
        "output_tokens_details": {"thinking_tokens": 9},
    }
    assert read_anthropic_usage(cumulative, first) == Usage(
        5350, 77, cached=5000, cache_write=300, cache_write_1h=200, reasoning=9
    )


counts = st.none() | st.booleans() | st.integers(-5, 10**9) | st.floats() | st.text(max_size=3)
reports = st.dictionaries(
    st.sampled_from([
        "prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens",
        "cache_read_input_tokens", "cache_creation_input_tokens",
    ]),
    counts,
)  # fmt: skip
details = st.dictionaries(
    st.sampled_from([
        "cached_tokens", "cache_write_tokens", "reasoning_tokens", "thinking_tokens",
        "ephemeral_1h_input_tokens", "ephemeral_5m_input_tokens",
    ]),
    counts,
)  # fmt: skip


@given(reports, details | counts)
def test_nonsense_counts_never_raise(report: dict[str, Any], inner: Any) -> None:
    for name in (
        "prompt_tokens_details",
        "completion_tokens_details",
        "cache_creation",
        "output_tokens_details",
    ):
        report[name] = inner
    read_openai_usage(report)
    read_anthropic_usage(report, read_anthropic_usage(report))


def watch_all(*chunks: bytes) -> Watch:
    watch = Watch("text/event-stream", 60)
    for chunk in chunks:
        watch.see(chunk)
    return watch


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_mark_is_found_however_it_is_cut(one: int, two: int) -> None:
    body = b'data: {"a": "b"}\n\ndata: [DONE]\n\n'
    first, second = sorted((one, two))
    assert watch_all(body[:first], body[first:second], body[second:]).done_at


def test_a_mark_within_a_text_is_none() -> None:
    assert not watch_all(b'data: {"content": "data: [DONE] and \\ndata: [DONE]"}\n\n').done_at
    assert not watch_all(b'data: {"content": "x', b"data: [DONE]", b'"}\n\n').done_at


@pytest.mark.parametrize(
    ("body", "is_none"),
    [
        (b"", True), (b"<!doctype html>", True), (b'{"error": 1}', True), (b"data: {}\n\n", False),
        (b": ping\n\n", False), (b"\r\n\r\nevent: x\n", False), (b"\xef\xbb\xbfdata: 1", False),
    ],
)  # fmt: skip
def test_what_begins_like_a_stream(body: bytes, is_none: bool) -> None:
    assert watch_all(body).is_no_stream is is_none


def test_bytes_without_events_come_to_an_end() -> None:
    with pytest.raises(TooMuch):
        watch_all(*[b"x" * 1_000_000] * 40)
    with pytest.raises(NoPayload):
        Watch("", -1).see(b"x")
