"""The routed chat: who answers, what heads an answer, what the keys do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from smallchat.metering.events import Failed, Failure
from smallchat.tui.app import SmallchatApp
from smallchat.tui.screens.decision import DecisionScreen
from smallchat.tui.screens.over_budget import OverBudgetScreen
from smallchat.tui.screens.pick_candidate import PickCandidateScreen
from smallchat.tui.screens.route import RouteScreen
from smallchat.tui.screens.side_compare import SideCompareScreen
from smallchat.tui.widgets.route_lines import RouteLine, RouteTotal
from tests.tui.fakes import CONFIG, Stage
from tests.tui.routes import ROUTES, SORTING, UNCLEAR, WRITING, RouteStage

SIZE = (120, 36)


async def pick(pilot: Pilot[None], stage: Stage, index: int = 0) -> None:
    """Choose from the list of candidates."""
    while not isinstance(stage.app.screen, PickCandidateScreen):
        await pilot.pause(0.01)
    stage.app.screen.query_one(OptionList).highlighted = index
    await pilot.press("enter")
    await pilot.pause()


async def test_each_prompt_goes_to_the_model_that_the_rules_choose(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        await stage.ask(pilot, SORTING)
        await stage.answered(pilot, "beta", "positive")
        first, second = stage.engine.orders
        assert [order.lanes[0].model.name for order in (first, second)] == ["alpha", "beta"]
        assert first.session == second.session
        texts = [message.text.strip() for message in second.lanes[0].messages]
        assert texts == [WRITING, "Dear landlord,", SORTING]  # one history for all
        assert stage.shows('→ Alpha 1 · prose ("write')
        assert stage.shows("→ Beta 2 · sorting")
        header = stage.screen.row.panes[0].header
        assert (header.model, stage.screen.asking) == ("own → Beta 2", False)
        assert stage.screen.query_one(RouteTotal).render().plain.startswith("spent $")


async def test_the_decisions_are_kept_with_who_answered(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        assert stage.app.backend is not None
        store = stage.app.backend.store
        store.flush()
        session = store.load(stage.screen.session_id)
    assert session.mode == "route"
    assert [model.name for model in session.models] == ["beta", "alpha", "delta", "locked"]
    decision = session.turns[0].decision
    assert decision is not None
    assert (decision["rule"], decision["model"], decision["answered_by"]) == ("prose", "alpha", "alpha")


async def test_the_draft_shows_who_would_answer_it(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        line = stage.screen.query_one(RouteLine)
        stage.screen.composer.insert(WRITING)
        while "→ Alpha 1" not in line.render().plain:
            await pilot.pause(0.01)
        stage.screen.composer.empty()
        while line.render().plain:
            await pilot.pause(0.01)
        stage.screen.composer.insert("@locked hello")
        while "→ nobody" not in line.render().plain:
            await pilot.pause(0.01)


async def test_a_pin_holds_for_one_prompt(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, f"@delta {WRITING}")
        assert stage.engine.orders[-1].lanes[0].messages[-1].text == WRITING
        await stage.answered(pilot, "delta")
        assert stage.shows("you named Delta 4")
        await stage.ask(pilot, WRITING)
        assert stage.engine.orders[-1].lanes[0].model.name == "alpha"


async def test_what_nobody_can_answer_comes_back(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        for prompt in (f"@locked {WRITING}", "@delta "):
            await stage.ask(pilot, prompt)
            assert stage.screen.composer.prompt == prompt
            stage.screen.composer.empty()
        assert stage.engine.orders == []


async def test_who_is_out_of_reach_is_replaced_with_a_note(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        stage.engine.fail(stage.engine.lane("alpha"), "Gateway answered 503.")
        while len(stage.engine.orders) < 2:
            await pilot.pause(0.01)
        await stage.left(pilot)
        await stage.answered(pilot, "delta")
        assert stage.shows("Alpha 1 did not answer: Gateway answered 503. Delta 4 is asked instead.")
        choice = stage.screen.choice
        assert choice is not None
        assert (choice.decision.model, choice.decision.answered_by) == ("alpha", "delta")
        await stage.ask(pilot, SORTING)
        texts = [message.text.strip() for message in stage.engine.orders[-1].lanes[0].messages]
        assert texts == [WRITING, "Dear landlord,", SORTING]


async def test_what_the_user_can_mend_is_not_passed_on(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        running = stage.engine.lane("alpha")
        stage.engine.end(running, Failed(stage.engine.begin(running), Failure("auth", "Wrong key.")))
        await stage.settled(pilot)
        assert len(stage.engine.orders) == 1
        assert not stage.screen.asking


async def test_the_whole_decision_is_a_key_away(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        await pilot.press("alt+d")
        await pilot.pause()
        screen = stage.app.screen
        assert isinstance(screen, DecisionScreen)
        text = screen._text.plain
        for words in (
            "[Write an email]",
            "✗ sorting: simple and repetitive",
            "✓ prose: user-facing writing → Alpha 1, Delta 4",
            "✗ Locked 5: no key for anthropic",
            "Delta 4: ~$0.000609, at most $0.0041 · asked next if it does not answer",
        ):
            assert words in text
        await pilot.press("escape")
        assert isinstance(stage.app.screen, RouteScreen)


async def test_another_candidate_answers_the_same_prompt_and_both_are_kept(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        await pilot.press("alt+o")
        await pick(pilot, stage, 1)  # beta is the first, alpha answered
        await stage.left(pilot)
        order = stage.engine.orders[-1]
        assert (order.lanes[0].model.name, order.lanes[0].messages[-1].text) == ("delta", WRITING)
        assert len(order.lanes[0].messages) == 1
        await stage.answered(pilot, "delta", "Hi landlord,")
        assert stage.shows("→ Delta 4 · you asked it too")
        assert stage.app.backend is not None
        stage.app.backend.store.flush()
        turn = stage.app.backend.store.load(stage.screen.session_id).turns[0]
    assert [kept.answer.model for kept in turn.all_answers()] == ["delta", "alpha"]
    assert turn.decision is not None
    assert turn.decision["answered_by"] == "alpha"


async def test_a_wrong_route_becomes_a_label(tmp_path: Path, home: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        await pilot.press("alt+w")
        await pick(pilot, stage)
        assert stage.shows("marked as wrong: Beta 2 was right")
    file = home / "smallchat-data" / "route-labels.jsonl"
    (label,) = [json.loads(line) for line in file.read_text().splitlines()]
    assert (label["prompt"], label["preset"]) == (WRITING, "own")
    assert (label["chosen"], label["right"]) == ("alpha", "beta")
    assert label["told"] == {"task": "writing", "rule": "prose"}
    assert file.stat().st_mode & 0o777 == 0o600


async def test_compare_opens_with_the_prompt_and_the_same_key_comes_back(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        await pilot.press("alt+v")
        while not isinstance(stage.app.screen, SideCompareScreen):
            await pilot.pause(0.01)
        side = stage.app.screen
        await pilot.pause()
        assert side.composer.prompt == WRITING
        assert side.comparison is not None
        assert [seat.model.name for seat in side.comparison.seats] == ["beta", "alpha", "delta"]
        await pilot.press("alt+v")
        assert isinstance(stage.app.screen, RouteScreen)
        assert stage.shows("Dear landlord,")


async def test_the_budget_asks_before_a_routed_prompt_breaks_it(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path, CONFIG + ROUTES + "[budget]\nper_send = 0.0000001\n")
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        while not isinstance(stage.app.screen, OverBudgetScreen):
            await pilot.pause(0.01)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen.composer.prompt == WRITING


async def test_a_prompt_written_before_the_start_is_routed_too(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    stage.curtain.clear()
    async with stage.app.run_test(size=SIZE) as pilot:
        stage.screen.composer.insert(WRITING)
        await pilot.press("enter")
        stage.curtain.set()
        await stage.ready(pilot)
        await stage.left(pilot)
        await stage.answered(pilot, "alpha")
        assert stage.screen.row.panes[0].transcript.find(WRITING[:20]) == 1


async def test_the_second_stage_speaks_before_the_answer(tmp_path: Path) -> None:
    more = '[routing.second_stage]\nmodel = "beta"\ntimeout_s = 60\n'
    stage = RouteStage(tmp_path, CONFIG + ROUTES + more)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.begin(pilot, UNCLEAR)
        while not stage.engine.orders:
            await pilot.pause(0.01)
        assert stage.engine.orders[0].lanes[0].schema is not None
        stage.engine.finish(stage.engine.lane("beta"), '{"task":"writing"}')
        await stage.left(pilot)
        assert stage.engine.orders[1].lanes[0].model.name == "alpha"
        await stage.answered(pilot, "alpha")
        assert stage.shows("Beta 2 says: writing")
        comparison = stage.screen.comparison
        assert comparison is not None
        assert comparison.total.usd > comparison.seats[0].total.usd


async def test_escape_ends_the_second_stage_and_gives_the_prompt_back(tmp_path: Path) -> None:
    more = '[routing.second_stage]\nmodel = "beta"\ntimeout_s = 60\n'
    stage = RouteStage(tmp_path, CONFIG + ROUTES + more)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.begin(pilot, UNCLEAR)
        while not stage.engine.orders:
            await pilot.pause(0.01)
        stage.engine.begin(stage.engine.lane("beta"))
        await pilot.press("escape")
        await stage.left(pilot)
        assert stage.screen.composer.prompt == UNCLEAR
        assert len(stage.engine.orders) == 1


async def test_a_new_chat_begins_without_history(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, WRITING)
        await stage.answered(pilot, "alpha")
        await pilot.press("ctrl+l")
        await stage.ask(pilot, SORTING)
        assert len(stage.engine.orders[-1].lanes[0].messages) == 1


@pytest.mark.parametrize("preset", ["nowhere", "subagent"])
async def test_a_preset_that_can_not_be_used_ends_the_app_with_the_reason(
    tmp_path: Path, preset: str
) -> None:
    stage = Stage(tmp_path)
    app = SmallchatApp(stage.load, (), route=preset)
    async with app.run_test(size=SIZE) as pilot:
        while app.problem is None:
            await pilot.pause(0.01)
    told = {"nowhere": 'unknown preset "nowhere"', "subagent": "No candidate of the preset subagent"}
    assert told[preset] in str(app.problem)
