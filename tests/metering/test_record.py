from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.metering.answer import Answer, Cost, CostState, Figures, Status
from smallchat.metering.events import Failure, FailureKind
from smallchat.metering.record import answer_record, exchange_record
from smallchat.metering.record_reading import RecordError, answer_from_record
from smallchat.metering.usage import Usage, UsageSource

ANSWER = Answer(
    model="fast",
    provider="gateway",
    served_model="fast-1-0915",
    status="ok",
    finish_reason="stop",
    text="…",
    attempts=1,
    figures=Figures(
        ttft_ms=212.41, ttfa_ms=212.41, total_ms=1830.249, tokens_per_s=84.07, tokens_per_s_overall=70.24,
        chars_per_s=391.0, payload_events=120, tokens_per_event=1.0166, stalls=0,
    ),
    usage=Usage(1204, 122, cached=1024),
    cost=Cost(Decimal("0.00110880"), "exact", date(2026, 11, 10), "genai-prices"),
)  # fmt: skip

# As documented, down to the order of the keys.
DOCUMENTED = """{"prompt": "…", "answers": [{
  "model": "fast", "provider": "gateway", "served_model": "fast-1-0915", "status": "ok", "finish_reason": "stop",
  "text": "…", "reasoning": "",
  "ttft_ms": 212.4, "ttfa_ms": 212.4, "total_ms": 1830.2, "attempts": 1,
  "tokens_per_s": 84.1, "tokens_per_s_overall": 70.2, "chars_per_s": 391.0, "payload_events": 120, "tokens_per_event": 1.02, "stalls": 0,
  "usage": {"input": 1204, "cached": 1024, "cache_write": 0, "output": 122, "reasoning": 0, "source": "usage"},
  "cost": {"usd": "0.0011088", "state": "exact", "price_as_of": "2026-11-10", "price_source": "genai-prices"},
  "server_timings": null, "error": null}],
 "decision": null, "budget": {"reserved_usd": "0.0254", "settled_usd": "0.0011088"}}"""  # noqa: E501


def test_an_exchange_is_written_as_documented() -> None:
    budget = {"reserved_usd": "0.0254", "settled_usd": "0.0011088"}
    record = exchange_record("…", [ANSWER], budget=budget)
    assert json.dumps(record) == json.dumps(json.loads(DOCUMENTED))


def test_what_is_missing_is_null() -> None:
    record = answer_record(Answer(model="m", provider="p", status="error"))
    nulls = {key for key, value in record.items() if value is None}
    assert nulls == {
        "served_model", "finish_reason", "ttft_ms", "ttfa_ms", "total_ms", "tokens_per_s",
        "tokens_per_s_overall", "chars_per_s", "tokens_per_event", "usage", "server_timings", "error",
    }  # fmt: skip
    assert record["cost"] == {"usd": None, "state": "no_price", "price_as_of": None, "price_source": None}


def test_an_error_is_written_as_documented() -> None:
    failure = Failure("rate_limit", "Too many.", "Try again in 61 s.", 61.0)
    record = answer_record(Answer(model="m", provider="p", status="error", error=failure))
    assert json.dumps(record["error"]) == (
        '{"kind": "rate_limit", "message": "Too many.", "hint": "Try again in 61 s.", "retry_after_s": 61.0}'
    )


optional_text = st.none() | st.text()
numbers = st.none() | st.floats(0, 1e9, allow_nan=False)
counts = st.integers(0, 10**9)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    cached, write, fresh, reasoning, visible = draw(st.tuples(*[counts] * 5))
    source: UsageSource = draw(st.sampled_from(get_args(UsageSource)))
    return Usage(
        cached + write + fresh, reasoning + visible, cached, write, reasoning=reasoning, source=source
    )


answers = st.builds(
    Answer,
    model=st.text(),
    provider=st.text(),
    status=st.sampled_from(get_args(Status)),
    text=st.text(),
    reasoning=st.text(),
    served_model=optional_text,
    finish_reason=optional_text,
    attempts=st.integers(0, 3),
    figures=st.builds(
        Figures, numbers, numbers, numbers, numbers, numbers, numbers, counts, numbers, counts,
    ),
    usage=st.none() | usages(),
    cost=st.builds(
        Cost,
        usd=st.none() | st.decimals(0, 10**6, places=18),
        state=st.sampled_from(get_args(CostState)),
        price_as_of=st.none() | st.dates(),
        price_source=optional_text,
    ),
    server_timings=st.none() | st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)),
    error=st.none()
    | st.builds(Failure, st.sampled_from(get_args(FailureKind)), st.text(), st.text(), numbers),
)  # fmt: skip


@given(answers)
def test_a_record_read_back_is_the_same(answer: Answer) -> None:
    record = json.loads(json.dumps(answer_record(answer)))
    assert answer_record(answer_from_record(record)) == record


def test_reading_back_restores_the_answer() -> None:
    restored = answer_from_record(answer_record(ANSWER))
    assert restored.usage == ANSWER.usage
    assert restored.cost == ANSWER.cost
    assert restored.text == ANSWER.text


def _with(path: str, value: Any) -> dict[str, Any]:
    record = json.loads(json.dumps(answer_record(ANSWER)))
    *parents, last = path.split(".")
    target = record
    for key in parents:
        target = target[key]
    target[last] = value
    return record  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("model", None), ("model", 3), ("status", "fine"), ("ttft_ms", float("nan")), ("ttft_ms", True),
        ("attempts", -1), ("attempts", 1.5), ("usage", []), ("usage.cached", 9999), ("usage.source", ""),
        ("cost", None), ("cost.usd", "NaN"), ("cost.usd", "-1"), ("cost.usd", 0.1),
        ("cost.price_as_of", "today"),
        ("cost.state", "free"), ("error", {"kind": "auth"}), ("server_timings", {"ms": "1"}),
    ],
)  # fmt: skip
def test_a_record_of_another_shape_is_refused(path: str, value: Any) -> None:
    with pytest.raises(RecordError):
        answer_from_record(_with(path, value))


@given(
    st.dictionaries(
        st.sampled_from(list(answer_record(ANSWER))), st.none() | st.integers() | st.text() | st.just({})
    )
)
def test_any_other_mapping_is_refused_with_one_kind_of_error(record: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        answer_from_record(record)
