"""Who answers a prompt with these keys and this budget, and who answers when nobody picks up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from smallchat.config.errors import ConfigError
from smallchat.engine.budgeting import OverBudget
from smallchat.engine.candidates import require_candidate
from smallchat.engine.choice import describe_passing_on, is_passed_on
from smallchat.engine.choice_wording import choice_line
from smallchat.engine.conversation import Turn
from smallchat.engine.order import Order
from smallchat.engine.scene import Said
from smallchat.metering.answer import Answer, Figures
from smallchat.metering.events import Connected, Failure, Payload
from smallchat.providers.base import ProviderError
from tests.engine.fakes import OVERLOADED, FakeAdapter, answer_events
from tests.engine.routed import WRITING, Routed, routed


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Routed]:
    with routed(tmp_path) as stage:
        yield stage


def test_the_rule_chooses_and_what_lacks_a_key_is_dropped(stage: Routed) -> None:
    choice = stage.router().decide(WRITING)
    decision = choice.decision
    assert (decision.model, decision.rule, decision.fallback) == ("large", "prose", False)
    assert [(one.model, one.reason) for one in decision.dropped] == [("closed", "no key for anthropic")]
    assert decision.then == ("spare", "small")
    assert choice.record()["answered_by"] is None


def test_a_pin_is_taken_off_the_prompt_and_passed_on_to_nobody(stage: Routed) -> None:
    choice = stage.router().decide(f"@spare {WRITING}")
    assert (choice.decision.model, choice.prompt, choice.typed) == ("spare", WRITING, f"@spare {WRITING}")
    assert choice.lanes["spare"].messages[-1].text == WRITING
    assert choice.next_after(["spare"]) is None


def test_the_decisions_costs_are_the_ledgers(stage: Routed) -> None:
    for prompt in (WRITING, WRITING + " word" * 5_000):
        choice = stage.router().decide(prompt)
        for name, cost in choice.decision.costs.items():
            (claim,) = stage.budget.claims(choice.order(name))
            assert cost is not None
            assert cost.worst == claim.worst_usd


def test_files_and_a_schema_are_facts_too(stage: Routed) -> None:
    facts = stage.router(schema={"type": "object"}).decide(WRITING, files=2).decision.facts
    assert (facts.files, facts.format) == (2, "schema")
    facts = stage.router().decide(WRITING).decision.facts
    assert (facts.files, facts.format) == (0, None)


def test_what_is_not_sent_needs_no_keys(stage: Routed) -> None:
    router = stage.router("shut")
    router.assume_equipped()
    assert router.decide(WRITING).decision.model == "closed"
    assert router.missing() == {"closed": "no key for anthropic"}


def test_what_the_budget_has_no_room_for_is_dropped(tmp_path: Path) -> None:
    with routed(tmp_path, "[budget]\nper_send = 0.003\n") as stage:
        choice = stage.router().decide(WRITING)
    assert choice.decision.model == "small"
    reasons = {one.model: one.reason for one in choice.decision.dropped}
    assert reasons["large"] == "may cost $0.0103, and $0.0030 is left of the $0.0030 for one send"


def test_when_only_money_is_missing_the_budget_has_the_last_word(tmp_path: Path) -> None:
    with routed(tmp_path, "[budget]\nper_send = 0.0001\n") as stage:
        choice = stage.router().decide(WRITING)
        assert choice.decision.model == "large"
        with pytest.raises(OverBudget):
            stage.engine.send(choice.order("large"))


def test_without_any_key_it_says_which_are_missing(stage: Routed) -> None:
    require_candidate(stage.router())
    with pytest.raises(ConfigError, match=r"preset shut can answer: no key for anthropic\.\nAdd a key"):
        require_candidate(stage.router("shut"))
    assert stage.router("shut").decide("Hello").decision.model is None


def test_another_model_reads_the_history_anew_and_that_is_told(stage: Routed) -> None:
    turns = [Turn("word " * 900, Answer("small", "gateway", "ok", text="word " * 100))]
    stage.services.tokens.load()
    router = stage.router()
    switched = router.decide(WRITING, Said(turns, "small"))
    stayed = router.decide(WRITING, Said(turns, "large"))
    assert stayed.history_usd is None
    assert switched.history_usd is not None
    assert Decimal("0.0009") < switched.history_usd < Decimal("0.0013")
    assert "history anew $0.0010" in choice_line(switched)
    assert switched.decision.facts.turn == 2


@pytest.mark.parametrize(
    ("kind", "payloads", "expected"),
    [
        *((kind, 0, True) for kind in ("overloaded", "connection", "timeout", "rate_limit", "server")),
        *((kind, 0, False) for kind in ("auth", "bad_request", "not_found", "content")),
        ("connection", 3, False),
    ],
)
def test_only_who_is_out_of_reach_before_a_word_is_replaced(kind: str, payloads: int, expected: bool) -> None:
    failure = Failure(kind, "It broke.")  # type: ignore[arg-type]
    answer = Answer("large", "gateway", "error", figures=Figures(payload_events=payloads), error=failure)
    assert is_passed_on(answer) is expected


def test_a_good_answer_is_not_passed_on() -> None:
    assert not is_passed_on(Answer("large", "gateway", "ok", text="Hi"))


def test_a_failure_has_not_answered_and_the_first_answer_stays_the_one(stage: Routed) -> None:
    choice = stage.router().decide(WRITING)
    failed = Answer("large", "gateway", "error", error=Failure("auth", "Wrong key."))
    assert choice.settled(failed) is choice
    answered = choice.settled(Answer("spare", "gateway", "cancelled", text="Dear"))
    assert answered.decision.answered_by == "spare"
    assert answered.settled(Answer("small", "gateway", "ok", text="Hi")) is answered


def ask(stage: Routed, order: Order) -> Answer:
    send = stage.engine.send(order)
    assert send.wait(10)
    answer = send.answers[0].answer
    assert answer is not None
    return answer


def test_the_next_of_the_rule_answers_then_the_fallback_each_under_the_budget(tmp_path: Path) -> None:
    down = ProviderError(Failure("connection", "large-host can not be reached."))
    large, spare = FakeAdapter([down]), FakeAdapter([OVERLOADED], [OVERLOADED], [OVERLOADED])
    small = FakeAdapter(answer_events("Dear", " landlord"))
    with routed(tmp_path, large=large, spare=spare, small=small) as stage:
        choice = stage.router().decide(WRITING)
        asked: list[str] = []
        notes: list[str] = []
        name = choice.decision.model
        while name is not None:
            asked.append(name)
            answer = ask(stage, choice.order(name))
            name = choice.next_after(asked) if is_passed_on(answer) else None
            if name is not None:
                notes.append(describe_passing_on(choice, answer, name))
        headroom = stage.budget.ledger.headroom(stage.budget.claims(choice.order("small")))
    assert asked == ["large", "spare", "small"]
    assert notes[0] == "Large 2 did not answer: Spare 3 is asked instead."
    assert notes[1].endswith("Small 1 is asked instead.")
    assert len(spare.requests) == 3  # the engine's own tries come first
    assert (answer.text, choice.settled(answer).record()["answered_by"]) == ("Dear landlord", "small")
    assert headroom.level == "ok"


def test_half_an_answer_is_kept_rather_than_asked_elsewhere(tmp_path: Path) -> None:
    cut = ProviderError(Failure("connection", "The connection broke."))
    with routed(tmp_path, large=FakeAdapter([Connected(1), Payload(2, "text", "Dear"), cut])) as stage:
        answer = ask(stage, stage.router().decide(WRITING).order("large"))
    assert answer.text == "Dear"
    assert not is_passed_on(answer)
