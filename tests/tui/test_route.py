"""The routed chat: who answers, what heads an answer, what the keys do."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from smallchat.metering.events import Failed, Failure
from smallchat.tui.app import SmallchatApp
from smallchat.tui.screens.over_budget import OverBudgetScreen
from smallchat.tui.screens.settings import SettingsScreen
from smallchat.tui.widgets.route_lines import RouteLine, RouteTotal
from tests.tui.fakes import Stage
from tests.tui.routes import SIZE, SORTING, UNCLEAR, WRITING, RouteStage

SECOND_STAGE = '[routing.second_stage]\nmodel = "beta"\ntimeout_s = 60\n'


@pytest.fixture
def stage(tmp_path: Path) -> RouteStage:
    return RouteStage(tmp_path)


def make_sticky(stage: RouteStage, sticky: str) -> None:
    config = stage.config.read_text()
    stage.config.write_text(config.replace('fallback = "beta"', f'fallback = "beta"\nsticky = "{sticky}"'))


async def test_each_prompt_goes_to_the_model_that_the_rules_choose(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        await stage.exchange(pilot, SORTING, "beta", "positive")
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


async def test_a_small_window_keeps_room_for_the_answer(stage: RouteStage) -> None:
    async with stage.open((40, 12)):
        assert stage.screen.row.panes[0].transcript.size.height > stage.screen.composer.size.height + 3


async def test_settings_hold_from_the_next_prompt_on(stage: RouteStage) -> None:
    stage.app.config = stage.config
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        await pilot.press("f10")
        while not isinstance(stage.app.screen, SettingsScreen):
            await pilot.pause(0.01)
        stage.app.screen.query_one("#setting-app-max_output", Input).value = "77"
        stage.app.screen.query_one("#setting-app-system", TextArea).text = "Be brief."
        await pilot.press("ctrl+s")
        while not str(stage.app.screen.query_one("#settings-told").render()).startswith("✓"):
            await pilot.pause(0.01)
        await pilot.press("escape")
        await stage.exchange(pilot, SORTING, "beta", "positive")
        lanes = [order.lanes[0] for order in stage.engine.orders]
        assert [(lane.max_output, lane.system) for lane in lanes] == [(2048, ""), (77, "Be brief.")]


async def test_the_decisions_are_kept_with_who_answered(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        assert stage.app.backend is not None
        store = stage.app.backend.store
        store.flush()
        session = store.load(stage.screen.session_id)
    assert session.mode == "route"
    assert [model.name for model in session.models] == ["beta", "alpha", "delta", "locked"]
    decision = session.turns[0].decision
    assert decision is not None
    assert (decision["rule"], decision["model"], decision["answered_by"]) == ("prose", "alpha", "alpha")


async def test_the_draft_shows_who_would_answer_it(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        line = stage.screen.query_one(RouteLine)
        stage.screen.composer.insert(WRITING)
        while "→ Alpha 1" not in line.render().plain:
            await pilot.pause(0.01)
        stage.screen.composer.clear()
        while line.render().plain:
            await pilot.pause(0.01)
        stage.screen.composer.insert("@locked hello")
        while "✗ nobody" not in line.render().plain:
            await pilot.pause(0.01)


async def test_a_pin_holds_for_one_prompt(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.ask(pilot, f"@delta {WRITING}")
        assert stage.engine.orders[-1].lanes[0].messages[-1].text == WRITING
        await stage.answered(pilot, "delta")
        assert stage.shows("you named Delta 4")
        await stage.ask(pilot, WRITING)
        assert stage.engine.orders[-1].lanes[0].model.name == "alpha"


@pytest.mark.parametrize(
    ("sticky", "prompts", "asked", "kept_from"),
    [
        ("off", (WRITING, SORTING), ["alpha", "beta"], ""),
        ("upgrade", (WRITING, SORTING), ["alpha", "alpha"], "Beta 2"),
        ("upgrade", (SORTING, WRITING), ["beta", "alpha"], ""),
        ("session", (WRITING, SORTING), ["alpha", "alpha"], "Beta 2"),
        ("session", (SORTING, WRITING), ["beta", "beta"], "Alpha 1"),
    ],
)
async def test_a_sticky_preset_keeps_the_model_and_says_so(
    stage: RouteStage, sticky: str, prompts: tuple[str, str], asked: list[str], kept_from: str
) -> None:
    make_sticky(stage, sticky)
    async with stage.open() as pilot:
        for prompt, name in zip(prompts, asked, strict=True):
            await stage.exchange(pilot, prompt, name)
        assert [order.lanes[0].model.name for order in stage.engine.orders] == asked
        assert stage.shows("but the session stays") is bool(kept_from)
        assert stage.shows(f": {kept_from}, but the session") is bool(kept_from)


async def test_a_sticky_chat_shows_in_the_draft_who_is_kept(stage: RouteStage) -> None:
    make_sticky(stage, "session")
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        stage.screen.composer.insert(SORTING)
        while "→ Alpha 1 · sorting" not in (shown := stage.screen.query_one(RouteLine).render().plain):
            await pilot.pause(0.01)
        assert ": Beta 2, but the session stays" in shown


async def test_what_nobody_can_answer_comes_back(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        for prompt in (f"@locked {WRITING}", "@delta "):
            await stage.ask(pilot, prompt)
            assert stage.screen.composer.prompt == prompt
            stage.screen.composer.clear()
        assert stage.engine.orders == []


async def test_who_is_out_of_reach_is_replaced_with_a_note(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.ask(pilot, WRITING)
        stage.engine.fail(stage.engine.lane("alpha"), "Gateway answered 503.")
        while len(stage.engine.orders) < 2:
            await pilot.pause(0.01)
        await stage.left(pilot)
        await stage.answered(pilot, "delta")
        assert stage.shows("Alpha 1 did not answer: Delta 4 is asked instead.")
        choice = stage.screen.choice
        assert choice is not None
        assert (choice.decision.model, choice.decision.answered_by) == ("alpha", "delta")
        await stage.ask(pilot, SORTING)
        texts = [message.text.strip() for message in stage.engine.orders[-1].lanes[0].messages]
        assert texts == [WRITING, "Dear landlord,", SORTING]


async def test_what_the_user_can_mend_is_not_passed_on(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.ask(pilot, WRITING)
        running = stage.engine.lane("alpha")
        stage.engine.end(running, Failed(stage.engine.begin(running), Failure("auth", "Wrong key.")))
        await stage.settled(pilot)
        assert len(stage.engine.orders) == 1
        assert not stage.screen.asking


async def test_the_budget_asks_before_a_routed_prompt_breaks_it(stage: RouteStage) -> None:
    stage.configure("[budget]\nper_send = 0.0000001\n")
    async with stage.open() as pilot:
        await stage.ask(pilot, WRITING)
        while not isinstance(stage.app.screen, OverBudgetScreen):
            await pilot.pause(0.01)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen.composer.prompt == WRITING


async def test_a_prompt_written_before_the_start_is_routed_too(stage: RouteStage) -> None:
    stage.curtain.clear()
    async with stage.app.run_test(size=SIZE) as pilot:
        stage.screen.composer.insert(WRITING)
        await pilot.press("enter")
        stage.curtain.set()
        await stage.ready(pilot)
        await stage.left(pilot)
        await stage.answered(pilot, "alpha")
        assert stage.screen.row.panes[0].transcript.find(WRITING[:20]) == 1


async def test_the_second_stage_speaks_before_the_answer(stage: RouteStage) -> None:
    stage.configure(SECOND_STAGE)
    async with stage.open() as pilot:
        stage.screen.composer.insert(UNCLEAR)
        line = stage.screen.query_one(RouteLine)
        while not (shown := line.render().plain):
            await pilot.pause(0.01)
        assert shown.startswith("Beta 2 is asked first; else → Beta 2 · no rule matched")
        await pilot.press("enter")
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


async def test_escape_ends_the_second_stage_and_gives_the_prompt_back(stage: RouteStage) -> None:
    stage.configure(SECOND_STAGE)
    async with stage.open() as pilot:
        await stage.begin(pilot, UNCLEAR)
        while not stage.engine.orders:
            await pilot.pause(0.01)
        stage.engine.begin(stage.engine.lane("beta"))
        await pilot.press("escape")
        await stage.left(pilot)
        assert stage.screen.composer.prompt == UNCLEAR
        assert len(stage.engine.orders) == 1


async def test_a_new_chat_begins_without_history(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
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
