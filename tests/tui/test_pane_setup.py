"""Panes with other models, other parameters, more of them and fewer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from smallchat.providers.local import weights
from smallchat.sessions.seating import find_seated
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.model_picker import ModelPickerScreen
from smallchat.tui.screens.pane_settings import PaneSettingsScreen
from smallchat.tui.widgets.pick import Pick
from tests.tui.fakes import CONFIG, Stage

WORDS = " ".join(["word"] * 60)
SIZES = [(120, 36), (80, 24), (40, 12)]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, models=("alpha", "beta"))


async def open_picker(stage: Stage, pilot: Pilot[None]) -> ModelPickerScreen:
    await pilot.press("alt+m")
    await pilot.pause()
    assert isinstance(stage.app.screen, ModelPickerScreen)
    return stage.app.screen


async def pick(stage: Stage, pilot: Pilot[None], words: str, key: str = "enter") -> None:
    await open_picker(stage, pilot)
    await pilot.press(*words)
    await pilot.press(key)
    await pilot.pause()
    while not isinstance(stage.app.screen, CompareScreen):
        await pilot.pause(0.01)
    await pilot.pause()


async def answer(stage: Stage, pilot: Pilot[None], prompt: str) -> None:
    await stage.ask(pilot, prompt)
    for lane in stage.engine.orders[-1].lanes:
        stage.engine.finish(stage.engine.lane(lane.model.name), f"{lane.model.name} says {WORDS}")
    await stage.settled(pilot)


async def test_another_model_takes_over_the_history_and_the_session_keeps_both(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await answer(stage, pilot, "Which river?")
        await pick(stage, pilot, "gamma")
        assert stage.engine.warmed == ["gamma"]
        assert stage.screen.row.panes[0].header.model == "Gamma 3"
        await answer(stage, pilot, "And the next?")
        lane = stage.engine.orders[-1].lanes[0]
        assert lane.model.name == "gamma"
        assert [message.text[:9] for message in lane.messages] == ["Which riv", "alpha say", "And the n"]
        assert stage.app.backend is not None
        session = stage.app.backend.store.load(stage.screen.session_id)
        assert [model.name for model in session.models] == ["gamma", "beta", "alpha"]
        assert [[kept.answer.model for kept in turn.answers] for turn in session.turns] == [
            ["alpha", "beta"],
            ["gamma", "beta"],
        ]


async def test_a_change_is_kept_at_once(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await answer(stage, pilot, "Which river?")
        await pick(stage, pilot, "gamma")
        assert stage.app.backend is not None
        session = stage.app.backend.store.load(stage.screen.session_id)
        assert [model.name for model in session.models] == ["gamma", "beta", "alpha"]
        assert find_seated(session) == {0: "gamma", 1: "beta"}


async def test_models_that_were_only_tried_are_not_remembered(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await answer(stage, pilot, "Which river?")
        await pick(stage, pilot, "gpt-5.4-nano")
        await pick(stage, pilot, "gamma")
        assert stage.app.backend is not None
        session = stage.app.backend.store.load(stage.screen.session_id)
        assert [model.name for model in session.models] == ["gamma", "beta", "alpha"]


async def test_panes_come_and_go_and_a_resumed_session_has_those_who_stayed(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await answer(stage, pilot, "One")
        await pick(stage, pilot, "gamma", "f6")
        assert [pane.header.model for pane in stage.screen.row.panes] == ["Alpha 1", "Beta 2", "Gamma 3"]
        assert stage.screen.row.current.index == 2
        await pilot.press("alt+1")
        await pick(stage, pilot, "", "f7")
        assert [pane.header.model for pane in stage.screen.row.panes] == ["Beta 2", "Gamma 3"]
        await answer(stage, pilot, "Two")
        lanes = stage.engine.orders[-1].lanes
        assert [(lane.model.name, len(lane.messages)) for lane in lanes] == [("beta", 3), ("gamma", 1)]
        assert stage.app.backend is not None
        session = stage.app.backend.store.load(stage.screen.session_id)
        assert [[kept.pane for kept in turn.answers] for turn in session.turns] == [[0, 1], [1, 2]]

        from smallchat.tui.opening import prepare

        resumed = prepare(session, stage.app.backend.services.catalog)
        assert [model.name for model in resumed.models] == ["beta", "gamma"]
        assert resumed.places == (1, 2)


async def test_a_pane_goes_on_alone_with_what_its_earlier_model_said(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await answer(stage, pilot, "One")
        await pick(stage, pilot, "gamma")
        await answer(stage, pilot, "Two")
        session = stage.screen.session_id
        await pilot.press("f5")
        while not (isinstance(stage.app.screen, CompareScreen) and stage.screen.session_id != session):
            await pilot.pause(0.01)
        (pane,) = stage.screen.row.panes
        assert pane.header.model == "Gamma 3"
        assert pane.transcript.answer_text(0).startswith("alpha says")
        assert pane.transcript.answer_text(1).startswith("gamma says")
        await answer(stage, pilot, "Three")
        messages = stage.engine.orders[-1].lanes[0].messages
        assert [message.text[:9] for message in messages[:2]] == ["One", "alpha say"]


async def test_the_last_pane_stays_and_there_is_no_fourth(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("alpha",))
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        picker = await open_picker(stage, pilot)
        await pilot.press("f7")
        assert "has to stay" in str(picker.query_one("#model-detail").render())
        await pilot.press("escape")
        for name in ("beta", "gamma"):
            await pick(stage, pilot, name, "f6")
        picker = await open_picker(stage, pilot)
        await pilot.press(*"gpt-5.4-nano", "f6")
        assert "3 panes already" in str(picker.query_one("#model-detail").render())


async def test_any_other_model_is_written_with_its_provider(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await pick(stage, pilot, "ollama/qwen9:1b")
        assert stage.screen.comparison is not None
        assert stage.screen.comparison.seats[0].model.name == "ollama/qwen9:1b"
        picker = await open_picker(stage, pilot)
        await pilot.press(*"grok/knows")
        assert picker.list.row_count == 0
        await pilot.pause()
        assert 'Did you mean "groq"?' in str(picker.query_one("#model-detail").render())
        await pilot.press("enter")  # nothing to take
        assert stage.app.screen is picker


async def test_a_model_of_another_pane_is_not_taken_twice(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        picker = await open_picker(stage, pilot)
        await pilot.press(*"beta", "enter")
        assert "in pane 2: choose another." in str(picker.query_one("#model-detail").render())
        await pilot.press("f6")
        assert "in pane 2: choose another." in str(picker.query_one("#model-detail").render())


async def test_the_picker_begins_at_the_panes_model_and_finds_by_what_a_model_can(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "has_engine", lambda: True)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("ctrl+n")
        picker = await open_picker(stage, pilot)
        assert picker.list.choices[picker.list.cursor].model.name == "beta"
        await pilot.press("enter")
        await pilot.pause()
        assert stage.screen.comparison is not None
        assert [seat.model.name for seat in stage.screen.comparison.seats] == ["alpha", "beta"]

        async def find(words: str) -> set[str]:
            search.value = words
            await pilot.pause()
            return {choice.model.name for choice in picker.list.choices}

        picker = await open_picker(stage, pilot)
        search, detail = picker.query_one(Input), picker.query_one("#model-detail")
        assert "claude-haiku-4-5" in await find("anthropic images 200k")
        assert await find("mistral sees no key") == {"mistral-small", "ministral-8b"}
        assert {"claude-3-haiku", "gpt-4o-mini"} <= await find("retire")
        assert await find("not fetched") == {"smollm2", "smollm2-warm"}
        await find("gpt-4o-mini")
        while "price of" not in str(detail.render()):
            await pilot.pause(0.01)
        assert "openai/gpt-4o-mini · replaced by gpt-6-luna · writes up to" in str(detail.render())
        assert "alpha" in await find("ready")


async def test_panes_do_not_change_while_answers_run(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        await pilot.press("alt+m", "alt+p")
        await pilot.pause()
        assert isinstance(stage.app.screen, CompareScreen)


async def test_parameters_hold_from_the_next_prompt_and_are_kept_and_told(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+p", *"0.2", "tab", "tab", *"500")
        form = stage.app.screen
        form.query_one("#term-system", TextArea).text = "Be brief."
        await pilot.press("ctrl+s")
        await pilot.pause()
        await answer(stage, pilot, "Which river?")
        first, second = stage.engine.orders[-1].lanes
        assert (dict(first.params), first.max_output, first.system) == (
            {"temperature": 0.2},
            500,
            "Be brief.",
        )
        assert (dict(second.params), second.max_output, second.system) == ({}, 2048, "")
        heads = [str(pane.header.render()) for pane in stage.screen.row.panes]
        assert "t 0.2 · max 500" in heads[0]
        assert "usual settings" in heads[1]
        assert stage.app.backend is not None
        kept = stage.app.backend.store.load(stage.screen.session_id).turns[0].answers[0]
        assert kept.params == {"temperature": 0.2, "max_output": 500}
        assert kept.system == "Be brief."


async def test_names_are_never_read_as_markup(tmp_path: Path) -> None:
    odd = CONFIG.replace('"Alpha 1"', '"[/x][link=file:///etc]A\\u001b[31m"').replace('"Gateway"', '"[/y]G"')
    stage = Stage(tmp_path, odd, ("alpha", "beta"))
    stage.app.config = stage.config
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        for key in ("alt+p", "alt+m", "alt+k", "f10"):
            await pilot.press(key)
            await pilot.pause()
            assert not isinstance(stage.app.screen, CompareScreen)
            await pilot.press("escape")
            await pilot.pause()
            assert isinstance(stage.app.screen, CompareScreen)


async def test_a_bad_value_is_told_in_place(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+p")
        form = stage.app.screen
        assert isinstance(form, PaneSettingsScreen)
        told = form.query_one("#terms-told", Static)
        assert str(told.render()) == "0 to 2: the higher, the more varied. Empty: the provider's usual."
        await pilot.press(*"hot")
        assert str(told.render()) == "✗ temperature must be a number from 0 to 2."
        await pilot.press("tab")
        assert "0 to 1" in str(told.render())
        await pilot.press("enter")
        assert stage.app.screen is form
        assert stage.app.focused is form.query_one("#term-temperature")
        assert "✗ temperature" in str(told.render())
        await pilot.press("escape")
        assert str(told.render()) == "! Not used yet: Esc again throws it away, Ctrl+S uses it."
        await pilot.press(*["backspace"] * 3)
        assert "0 to 2" in str(told.render())
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(stage.app.screen, CompareScreen)


async def test_what_a_model_refuses_is_disabled_with_its_reason(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("gpt-6-luna", "claude-haiku-5-5"))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+p")
        form = stage.app.screen
        assert form.query_one("#term-temperature", Input).disabled
        assert "while it reasons" in str(form.query_one("#term-temperature-why", Static).render())
        form.query_one("#term-reasoning_effort", Pick).value = "none"
        await pilot.pause()
        assert not form.query_one("#term-temperature", Input).disabled
        await pilot.press("escape", "escape", "ctrl+n", "alt+p")
        form = stage.app.screen
        assert "Haiku 5.5 refuses it" in str(form.query_one("#term-temperature-why", Static).render())
        assert form.query_one("#term-reasoning_effort", Pick).disabled


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_picker(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int]) -> None:
    stage = Stage(tmp_path, CONFIG, ("alpha", "beta"))

    async def show(pilot: Pilot[None]) -> None:
        await stage.ready(pilot)
        picker = await open_picker(stage, pilot)
        picker.query_one(Input).cursor_blink = False
        while not picker.list.prices:
            await pilot.pause(0.01)
        await pilot.press(*"gpt")
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=show)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_parameters(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int]) -> None:
    stage = Stage(tmp_path, CONFIG, ("gpt-6-luna", "beta"))

    async def show(pilot: Pilot[None]) -> None:
        await stage.ready(pilot)
        await pilot.press("alt+p")
        for field in stage.app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=show)
