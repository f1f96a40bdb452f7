"""The second stage: asked when no rule matched, in time, for little; and every way it can go wrong."""

from __future__ import annotations

import asyncio
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from smallchat.config.errors import ConfigError
from smallchat.engine.choice import Choice, Consulted
from smallchat.engine.choice_wording import opening_note
from smallchat.engine.consulting import Consultant
from smallchat.metering.events import Connected, Failure
from smallchat.metering.usage import Usage
from smallchat.providers.base import ProviderError
from smallchat.routing.second_stage import SCHEMA
from tests.engine.fakes import FakeAdapter, answer_events
from tests.engine.routed import SECOND_STAGE, UNCLEAR, WRITING, Routed, routed

USED = Usage(400, 6)


def consult(stage: Routed, prompt: str = UNCLEAR) -> tuple[Choice, Consulted]:
    router, consultant = stage.router(), Consultant(stage.services, stage.engine, stage.budget)
    choice = router.decide(prompt)
    assert router.may_consult(choice)
    consulted = consultant.ask(choice)
    assert consulted is not None
    return router.reconsider(choice, consulted), consulted


def test_the_named_task_finds_its_rule_and_is_paid_for(tmp_path: Path) -> None:
    sorter = FakeAdapter(answer_events('{"task": "writing"}', usage=USED))
    with routed(tmp_path, SECOND_STAGE + "[budget]\nday = 1\n", sorter=sorter) as stage:
        choice, consulted = consult(stage)
        spent = stage.budget.headroom(choice.order("small")).needs[0].settled
    decision = choice.decision
    assert (decision.model, decision.rule, decision.facts.task) == ("large", "prose", "writing")
    assert decision.facts.matched[0].text == "named by sorter"
    assert consulted.cost is not None
    assert consulted.cost.usd == Decimal("0.0000424") == spent
    record = choice.record()["second_stage"]
    assert (record["model"], record["task"], record["usd"]) == ("sorter", "writing", "0.0000424")
    request = sorter.requests[0]
    assert (request.schema, request.max_output) == (SCHEMA, 32)
    assert UNCLEAR in request.messages[0].text
    model = stage.services.catalog.get("sorter")
    assert opening_note(choice, model).startswith("Sorter 5 says: writing · ")


@pytest.mark.parametrize("text", ["", "writing", '{"task": "cooking"}', '{"task": "none"}', "[" * 5_000])
def test_garbage_leaves_the_fallback_and_says_so(tmp_path: Path, text: str) -> None:
    with routed(tmp_path, SECOND_STAGE, sorter=FakeAdapter(answer_events(text, usage=USED))) as stage:
        choice, consulted = consult(stage)
    assert (choice.decision.model, choice.decision.fallback) == ("small", True)
    assert (consulted.task, consulted.trouble) == (None, "it named no task")
    assert consulted.cost is not None
    assert "could not say what this is (it named no task)" in opening_note(
        choice, stage.services.catalog.get("sorter")
    )


def test_an_error_leaves_the_fallback_and_says_so(tmp_path: Path) -> None:
    down = ProviderError(Failure("auth", "Gateway refuses the key."))
    with routed(tmp_path, SECOND_STAGE, sorter=FakeAdapter([down])) as stage:
        choice, consulted = consult(stage)
    assert choice.decision.model == "small"
    assert consulted.trouble == "Gateway refuses the key"


def test_what_takes_too_long_is_stopped_and_settled(tmp_path: Path) -> None:
    sorter = FakeAdapter([Connected(1), asyncio.Event()])
    more = SECOND_STAGE.replace("0.5", "0.05")
    with routed(tmp_path, more + "[budget]\nday = 1\n", sorter=sorter) as stage:
        choice, consulted = consult(stage)
        need = stage.budget.headroom(choice.order("small")).needs[0]
    assert choice.decision.model == "small"
    assert consulted.trouble == "no reply within 0.05 s"
    assert consulted.cost is not None
    assert consulted.cost.state == "lower_bound"
    assert not need.reserved
    assert sorter.open == 0


def test_the_user_can_stop_it(tmp_path: Path) -> None:
    sorter = FakeAdapter([Connected(1), asyncio.Event()])
    with routed(tmp_path, SECOND_STAGE.replace("0.5", "60"), sorter=sorter) as stage:
        consultant = Consultant(stage.services, stage.engine, stage.budget)
        choice = stage.router().decide(UNCLEAR)
        heard: list[Consulted | None] = []
        asking = threading.Thread(target=lambda: heard.append(consultant.ask(choice)))
        asking.start()
        assert sorter.streaming.wait(10)
        consultant.stop()
        asking.join(10)
    assert heard[0] is not None
    assert heard[0].trouble == "stopped"


def test_a_stop_that_comes_early_holds_until_it_is_renewed(tmp_path: Path) -> None:
    late = [Connected(1), asyncio.Event()]
    sorter = FakeAdapter(late, answer_events('{"task": "writing"}', usage=USED))
    with routed(tmp_path, SECOND_STAGE.replace("0.5", "60"), sorter=sorter) as stage:
        consultant = Consultant(stage.services, stage.engine, stage.budget)
        choice = stage.router().decide(UNCLEAR)
        consultant.stop()
        early = consultant.ask(choice)
        consultant.renew()
        sorter.scripts = sorter.scripts[-1:]  # the first may not even have been begun
        second = consultant.ask(choice)
    assert early is not None
    assert early.trouble == "stopped"
    assert second is not None
    assert second.task == "writing"


@pytest.mark.parametrize(
    ("more", "trouble"),
    [
        (SECOND_STAGE + "most_usd = 0.00001\n", "asking may cost"),
        (SECOND_STAGE + "[budget]\nper_send = 0.000001\n", "Sending this to sorter may cost"),
        (SECOND_STAGE.replace("sorter", "gateway/unpriced"), "no price is known"),
    ],
)
def test_it_is_not_asked_for_more_than_it_may_cost(tmp_path: Path, more: str, trouble: str) -> None:
    sorter = FakeAdapter()
    with routed(tmp_path, more, sorter=sorter) as stage:
        choice, consulted = consult(stage)
    assert consulted.trouble.startswith(trouble)
    assert consulted.cost is None
    assert sorter.requests == []
    assert choice.decision.fallback


def test_it_is_not_asked_when_a_rule_matched_the_user_chose_or_it_is_off(tmp_path: Path) -> None:
    with routed(tmp_path, SECOND_STAGE) as stage:
        router = stage.router()
        assert not router.may_consult(router.decide(WRITING))
        assert not router.may_consult(router.decide(f"@large {UNCLEAR}"))
    with routed(tmp_path) as stage:
        router = stage.router()
        assert not router.may_consult(router.decide(UNCLEAR))


def test_an_unknown_model_is_told_with_its_place(tmp_path: Path) -> None:
    with (
        routed(tmp_path, SECOND_STAGE.replace("sorter", "sort")) as stage,
        pytest.raises(ConfigError, match=r'\[routing.second_stage\] model: Unknown model "sort"'),
    ):
        Consultant(stage.services, stage.engine, stage.budget)
