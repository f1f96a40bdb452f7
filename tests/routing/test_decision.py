from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.catalog.catalog import Catalog
from smallchat.catalog.model import Model
from smallchat.config.schema import RoutingSettings, Settings
from smallchat.metering.cost import estimate_range, usd_text
from smallchat.metering.record_reading import RecordError
from smallchat.routing.decision import decide, route_prompt
from smallchat.routing.facts import Facts
from smallchat.routing.limits import Situation
from smallchat.routing.presets import Presets
from smallchat.routing.record import decision_record
from smallchat.routing.record_reading import decision_from_record
from smallchat.routing.wording import answered_line, decision_line, short_names
from tests.routing.conftest import PRICES, own_presets

Situate = Callable[..., Situation]


def no_key(*providers: str) -> Callable[[Model], str | None]:
    return lambda model: f"no key for {model.provider}" if model.provider in providers else None


@pytest.mark.parametrize(
    ("preset", "facts", "model", "rule"),
    [
        ("cost-benefit", {"tokens": 160_000}, "gpt-5.4-mini", "long"),
        ("cost-benefit", {"data": "log", "task": "code"}, "gpt-5.4-mini", "bulk-data"),
        ("cost-benefit", {"format": "xml"}, "claude-haiku-4-5", "strict-format"),
        ("cost-benefit", {"task": "lookup"}, "gpt-5.4-mini", None),
        ("hybrid", {"task": "code", "format": "json"}, "gpt-5.4-mini", "structured"),
        ("hybrid", {"constraints": 3}, "claude-haiku-4-5", "instructions"),
        ("hybrid", {"turn": 3, "system_tokens": 200}, "claude-haiku-4-5", "conversation"),
        ("accuracy-first", {"maths": 3}, "claude-haiku-4-5", "accuracy"),
        ("accuracy-first", {"task": "classify", "rows": 50}, "gpt-4.1-mini", "simple-volume"),
        ("accuracy-first", {"speed": True}, "gpt-4.1-mini", "speed"),
        ("task-shape", {"task": "classify"}, "gpt-4o-mini", "short-strict"),
        ("task-shape", {"tokens": 20_000}, "claude-haiku-4-5", "long"),
        ("task-shape", {"tools": True}, "claude-haiku-4-5", "tools"),
        ("subagent", {"task": "classify"}, "gpt-5.4-nano", "simple"),
        ("subagent", {"ui": True}, "gpt-5.4-mini", "screen"),
        ("subagent", {"task": "writing", "format": "json"}, "claude-haiku-4-5", "writing"),
        ("subagent", {"safety": True}, "claude-haiku-4-5", "strict"),
        ("subagent", {"task": "reasoning"}, "gpt-5.4-mini", "complex"),
    ],
)
def test_presets_hold_their_opinion(
    presets: Presets, situate: Situate, preset: str, facts: dict[str, object], model: str, rule: str | None
) -> None:
    decision = decide(Facts(**{"tokens": 50, **facts}), presets.get(preset), situate())
    assert (decision.model, decision.rule) == (model, rule)
    assert decision.fallback is (rule is None)


def test_no_rule_says_so(presets: Presets, situate: Situate) -> None:
    decision = decide(Facts(tokens=5), presets.get("subagent"), situate())
    assert "no rule matched" in decision.why
    assert "no rule matched → fallback" in decision_line(decision)


@pytest.mark.parametrize(
    ("tokens", "dropped"),
    [
        (197_952, set()),
        (197_953, {"claude-haiku-4-5"}),
        (272_000, {"claude-haiku-4-5"}),
        (272_001, {"claude-haiku-4-5", "gpt-5.4-mini", "gpt-5.4-nano"}),
    ],
)
def test_windows_and_input_limits(presets: Presets, situate: Situate, tokens: int, dropped: set[str]) -> None:
    decision = decide(Facts(tokens=tokens), presets.get("subagent"), situate(tokens))
    assert {one.model for one in decision.dropped} == dropped
    if len(dropped) == 3:
        assert decision.model is None
        assert "split" in decision.why
        assert decision_line(decision).startswith("→ nobody")


def test_images_retirement_and_budget_drop(catalog: Catalog, situate: Situate) -> None:
    presets = own_presets(
        catalog,
        candidates=["claude-3-haiku", "groq-qwen3-32b", "gpt-5.4-nano", "claude-haiku-4-5"],
        fallback="claude-3-haiku",
    )
    decision = decide(
        Facts(tokens=5, images=1),
        presets.get("own"),
        situate(
            over_budget=lambda model, cost: (
                "exceeds $0.01" if cost and cost.worst > 0 and "nano" in model.name else None
            )
        ),
    )
    assert [one.reason for one in decision.dropped] == [
        "retired 2026-04-20",
        "can not see images",
        "exceeds $0.01",
    ]
    assert decision.model == "claude-haiku-4-5"
    assert decision.fallback
    assert "Haiku 3 is out (retired 2026-04-20)" in decision.why


def test_a_schema_needs_a_model_that_takes_one(presets: Presets, situate: Situate) -> None:
    situation = situate(takes_schema=lambda model: model.provider == "openai")
    decision = decide(Facts(tokens=5, format="schema"), presets.get("hybrid"), situation)
    assert [one.reason for one in decision.dropped] == ["can not follow a JSON schema"]


def test_without_a_key_another_candidate_answers_and_says_so(presets: Presets, situate: Situate) -> None:
    facts = Facts(tokens=5, task="writing")
    decision = decide(facts, presets.get("subagent"), situate(missing_key=no_key("anthropic")))
    assert (decision.model, decision.rule, decision.fallback) == ("gpt-5.4-mini", "writing", True)
    assert "no key for anthropic" in decision.why
    assert decision.then == ("gpt-5.4-nano",)


def test_a_rule_tries_its_models_in_order(presets: Presets, situate: Situate) -> None:
    decision = decide(Facts(tokens=210_000), presets.get("subagent"), situate(210_000))
    assert (decision.model, decision.then) == ("gpt-5.4-mini", ("gpt-5.4-nano",))


def test_a_pin_wins_over_rules_but_not_over_limits(presets: Presets, situate: Situate) -> None:
    facts = Facts(tokens=5, task="writing")
    pinned = decide(facts, presets.get("subagent"), situate(pin="gpt-5.4-nano"))
    assert (pinned.model, pinned.rule, pinned.fallback) == ("gpt-5.4-nano", None, False)
    missing = situate(pin="gpt-5.4-nano", missing_key=no_key("openai"))
    refused = decide(facts, presets.get("subagent"), missing)
    assert refused.model is None
    assert "no key for openai" in refused.why


@pytest.mark.parametrize(
    ("sticky", "current", "task", "model"),
    [
        ("off", "claude-haiku-4-5", "classify", "gpt-5.4-nano"),
        ("session", "claude-haiku-4-5", "classify", "claude-haiku-4-5"),
        ("session", "gpt-5.4-nano", "writing", "gpt-5.4-nano"),
        ("session", None, "writing", "claude-haiku-4-5"),
        ("upgrade", "gpt-5.4-mini", "classify", "gpt-5.4-mini"),
        ("upgrade", "gpt-5.4-mini", "writing", "claude-haiku-4-5"),
        ("session", "gpt-4o-mini", "writing", "claude-haiku-4-5"),
    ],
)
def test_sticky(
    presets: Presets, situate: Situate, sticky: str, current: str | None, task: str, model: str
) -> None:
    preset = replace(presets.get("subagent"), sticky=sticky)
    decision = decide(Facts(tokens=5, task=task), preset, situate(current=current))
    assert decision.model == model
    assert (decision.kept_from is not None) == (sticky != "off" and current == model)


def test_costs_are_those_of_the_ledger(presets: Presets, situate: Situate) -> None:
    decision = decide(Facts(tokens=2_000), presets.get("subagent"), situate(2_000, max_output=2_000))
    assert decision.costs == {name: estimate_range(price, 2_000, 2_000) for name, price in PRICES.items()}
    worst = {name: usd_text(cost.worst) for name, cost in decision.costs.items() if cost}
    assert worst == {"gpt-5.4-nano": "0.0029", "gpt-5.4-mini": "0.0105", "claude-haiku-4-5": "0.012"}


def test_the_record_has_the_agreed_shape(presets: Presets, situate: Situate) -> None:
    decision = route_prompt("Draft an email to Ann", presets.get("subagent"), situate(), tokens=9)
    record = decision_record(decision)
    assert list(record) == [
        "preset", "rule", "why", "model", "fallback", "facts", "dropped", "costs", "micros", "answered_by",
    ]  # fmt: skip
    assert list(record["facts"]) == ["task", "tokens", "constraints", "format", "images", "matched"]
    assert record["facts"]["matched"] == [{"fact": "task", "text": "Draft an email", "at": 0}]
    assert record["costs"]["claude-haiku-4-5"] == {"estimate_usd": "0.0016", "worst_usd": "0.01034"}
    assert record["micros"] > 0
    assert record["answered_by"] is None
    assert decision_record(decision.answered("gpt-5.4-mini"))["answered_by"] == "gpt-5.4-mini"


@pytest.mark.parametrize(
    "change",
    [
        *({"facts": value} for value in (None, [], {"task": "plot"}, {"tokens": -1})),
        *({"costs": value} for value in (3, {"m": None}, {"m": {"estimate_usd": "NaN", "worst_usd": "1"}})),
        *({"costs": {"m": {"estimate_usd": usd, "worst_usd": usd}}} for usd in ("1e400", "1e-999999")),
        *({"dropped": value} for value in ("all", [7], [{"model": 1, "reason": "x"}])),
        *({key: 7.5} for key in ("rule", "why", "model", "fallback", "micros", "answered_by")),
    ],
)
def test_a_record_of_somebody_else_is_read_with_care(
    presets: Presets, situate: Situate, change: dict[str, object]
) -> None:
    preset = presets.get("subagent")
    record = decision_record(route_prompt("Draft an email to Ann", preset, situate(), tokens=9))
    with pytest.raises(RecordError):
        decision_from_record({**record, **change}, preset)


def test_a_record_of_rules_and_models_that_are_gone_is_told_as_it_is(
    presets: Presets, situate: Situate
) -> None:
    preset = presets.get("subagent")
    record = decision_record(route_prompt("Draft an email to Ann", preset, situate(), tokens=9))
    record |= {"rule": "gone", "model": "old-model", "costs": {"older": record["costs"]["gpt-5.4-nano"]}}
    restored = decision_from_record(record, preset)
    assert restored.tried == ()
    assert decision_line(decision_from_record({**record, "micros": 10**4000}, preset))
    assert decision_line(restored).startswith("→ old-model · gone · no price (older $0.00")


def test_the_line_of_a_pane(presets: Presets, situate: Situate) -> None:
    decision = route_prompt("Draft an email to Ann", presets.get("subagent"), situate(), tokens=9)
    assert decision_line(replace(decision, micros=96)) == (
        '→ Haiku 4.5 · writing ("draft an email") · ~$0.0016 (mini $0.0014, nano $0.000395) · 0.1 ms'
    )
    assert answered_line(decision) is None
    assert "GPT-5.4 mini did instead" in str(answered_line(decision.answered("gpt-5.4-mini")))


def test_what_all_lack_is_said_once(presets: Presets, situate: Situate) -> None:
    decision = decide(Facts(tokens=9), presets.get("subagent"), situate(missing_key=lambda model: "no key"))
    assert decision.why == "no candidate can answer (GPT-5.4 nano, GPT-5.4 mini, Haiku 4.5: no key)"


def test_the_line_names_who_was_wanted_and_is_out(presets: Presets, situate: Situate) -> None:
    situation = situate(missing_key=no_key("anthropic"))
    decision = route_prompt("Draft an email to Ann", presets.get("subagent"), situation, tokens=9)
    assert decision_line(decision).startswith(
        '→ GPT-5.4 mini · writing ("draft an email") → fallback: Haiku 4.5 is out · ~$0.0014'
    )


def test_no_price_is_not_free(presets: Presets, situate: Situate) -> None:
    decision = decide(
        Facts(tokens=5, task="code"), presets.get("subagent"), situate(price=lambda model: None)
    )
    assert "no price (Haiku no price, nano no price)" in decision_line(decision)
    assert decision_record(decision)["costs"]["gpt-5.4-nano"] == {"estimate_usd": None, "worst_usd": None}


def test_short_names_tell_apart(catalog: Catalog) -> None:
    models = [catalog.get(name) for name in ("claude-haiku-4-5", "claude-haiku-5-5", "gpt-5.4-mini")]
    assert list(short_names(models).values()) == ["Haiku 4.5", "Haiku 5.5", "mini"]


@given(
    prompt=st.text(max_size=200),
    tokens=st.integers(0, 400_000),
    keyless=st.sampled_from(["openai", "anthropic", ""]),
)
def test_same_decision_each_time_and_never_a_dropped_candidate(
    prompt: str, tokens: int, keyless: str
) -> None:
    presets = Presets(RoutingSettings(), Catalog(Settings()))
    situation = Situation(
        today=date(2026, 11, 20),
        max_output=2048,
        input_tokens=lambda model: round(tokens * model.tokens_factor),
        price=lambda model: PRICES.get(model.name),
        missing_key=no_key(keyless),
    )
    for name in presets.names():
        preset = presets.get(name)
        decision = route_prompt(prompt, preset, situation, tokens=tokens)
        assert decision == route_prompt(prompt, preset, situation, tokens=tokens)
        dropped = {one.model for one in decision.dropped}
        assert decision.model not in dropped
        assert dropped.isdisjoint(decision.then)
        assert {*decision.costs, *dropped} == {model.name for model in preset.candidates}
        assert (decision.model is None) == (not decision.costs)
        assert "\n" not in decision_line(decision)
        restored = decision_from_record(decision_record(decision), preset)
        assert decision_record(restored) == decision_record(decision)
        assert (restored.tried, restored.missed) == (decision.tried, decision.missed)
