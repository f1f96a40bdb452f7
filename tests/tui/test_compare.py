"""The compare screen, driven by keys and by a scripted engine."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from textual.events import Paste

from smallchat.config.errors import ConfigError
from smallchat.metering.events import AttemptStarted, Failed, Failure, Noted, Payload, RetryScheduled
from smallchat.tui.phase import STARTING, Phase
from smallchat.tui.widgets.figures_line import FiguresLine
from tests.tui.fakes import CONFIG, MS, Stage

WORDS = " ".join(["word"] * 60)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def text_of(figures: FiguresLine) -> str:
    return str(figures.render())


async def test_a_prompt_goes_to_every_pane_and_the_figures_settle(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        assert stage.engine.warmed == ["alpha", "beta", "gamma"]
        await stage.ask(pilot, "Which river?")
        (order,) = stage.engine.orders
        assert [lane.messages[-1].text for lane in order.lanes] == ["Which river?"] * 3
        for number, name in enumerate(("alpha", "beta", "gamma")):
            stage.engine.finish(stage.engine.lane(name), WORDS, ttft_ms=200 + 100 * number)
        await stage.settled(pilot)
        panes = stage.screen.row.panes
        first = text_of(panes[0].figures)
        assert "TTFT 200 ms" in first
        assert "1,204 in · 1,024 cached · 100 out" in first
        assert "$0.0017" in first  # 1,204 x 1 + 100 x 5 dollars per million
        assert "~" not in first
        assert "no price" in text_of(panes[2].figures)
        assert panes[0].transcript.answer_text().split() == WORDS.split()
        assert [pane.header.phase.word for pane in panes] == ["done"] * 3


async def test_marks_of_this_run_need_the_figure_in_all_answers(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        stage.engine.finish(stage.engine.lane("alpha"), WORDS, ttft_ms=300)
        stage.engine.finish(stage.engine.lane("beta"), WORDS, ttft_ms=200)
        stage.engine.fail(stage.engine.lane("gamma"), "It broke.", "Mend it.")
        await stage.settled(pilot)
        alpha, beta, gamma = (text_of(pane.figures) for pane in stage.screen.row.panes)
        assert "this run ▲ first ▲ cheapest" in beta  # both were equally fast
        assert "▲" not in alpha
        assert "▲" not in gamma


async def test_a_failing_pane_leaves_the_others_alone(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        stage.engine.fail(stage.engine.lane("beta"), "The server said 500\x1b]0;evil\x07.", "Try later.")
        stage.engine.begin(stage.engine.lane("alpha"), "The Rhine")
        await pilot.pause(0.3)
        alpha, beta, _ = stage.screen.row.panes
        assert alpha.header.phase.word == "writing"
        assert beta.header.phase.word == "error"
        assert "~" in text_of(alpha.figures)
        assert stage.screen.running


async def test_escape_stops_all_and_the_text_is_kept(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        for name in ("alpha", "beta", "gamma"):
            stage.engine.begin(stage.engine.lane(name), "The Rhine")
        await pilot.press("escape")
        await stage.settled(pilot)
        assert sorted(stage.engine.stopped) == ["alpha", "beta", "gamma"]
        pane = stage.screen.row.panes[0]
        assert pane.header.phase.word == "stopped"
        assert pane.transcript.answer_text() == "The Rhine "
        assert "≥$" in text_of(pane.figures)


async def test_one_pane_can_be_stopped_and_asked_again(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        await pilot.press("ctrl+n", "ctrl+g")
        await pilot.pause()
        assert stage.engine.stopped == ["beta"]
        for name in ("alpha", "gamma"):
            stage.engine.finish(stage.engine.lane(name), WORDS)
        await stage.settled(pilot)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert [[lane.model.name for lane in order.lanes] for order in stage.engine.orders][1:] == [["beta"]]
        assert [message.text for message in stage.engine.orders[1].lanes[0].messages] == ["Which river?"]
        stage.engine.finish(stage.engine.lane("beta"), WORDS)
        await stage.settled(pilot)
        assert stage.screen.comparison is not None
        assert len(stage.screen.comparison.seats[1].conversation.turns) == 1


async def test_ctrl_c_stops_first_and_leaves_when_pressed_twice(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        for name in ("alpha", "beta", "gamma"):
            stage.engine.begin(stage.engine.lane(name))
        await pilot.press("ctrl+c")
        await stage.settled(pilot)
        assert len(stage.engine.stopped) == 3
        await pilot.press("ctrl+c")
        assert stage.app.is_running
        await pilot.press("ctrl+c")
        await pilot.pause()
    assert stage.app.return_code == 0


async def test_a_second_turn_carries_each_panes_own_history(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "One")
        for name in ("alpha", "beta"):
            stage.engine.finish(stage.engine.lane(name), f"{name} answers")
        stage.engine.fail(stage.engine.lane("gamma"), "It broke.")
        await stage.settled(pilot)
        await stage.ask(pilot, "Two")
        sent = [[message.text for message in lane.messages] for lane in stage.engine.orders[1].lanes]
        assert sent == [["One", "alpha answers ", "Two"], ["One", "beta answers ", "Two"], ["Two"]]


async def test_a_prompt_written_early_waits_for_the_start(stage: Stage) -> None:
    stage.curtain.clear()
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ask(pilot, "Too early")
        assert {pane.header.phase for pane in stage.screen.row.panes} == {STARTING}
        stage.curtain.set()
        await stage.ready(pilot)
        await pilot.pause()
        (order,) = stage.engine.orders
        assert order.lanes[0].messages[-1].text == "Too early"


async def test_escape_takes_an_early_prompt_back(stage: Stage) -> None:
    stage.curtain.clear()
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ask(pilot, "Too early")
        await pilot.press("escape")
        assert stage.screen.composer.text == "Too early"
        stage.curtain.set()
        await stage.ready(pilot)
        assert stage.engine.orders == []


async def test_what_is_sent_while_answers_stream_is_kept(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "One")
        await stage.ask(pilot, "Two")
        assert stage.screen.composer.text == "Two"
        assert len(stage.engine.orders) == 1


@pytest.mark.parametrize("draft", ["", "  \n "])
async def test_an_empty_prompt_is_not_sent(stage: Stage, draft: str) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, draft)
        assert stage.engine.orders == []


async def test_a_refused_send_gives_the_prompt_back(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        stage.engine.refusal = "The budget of today is spent."
        await stage.ask(pilot, "One")
        assert stage.screen.composer.text == "One"
        assert not stage.screen.running


async def test_notes_retries_and_reasoning_are_told(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "One")
        engine, lane, now = stage.engine, stage.engine.lane("alpha"), time.perf_counter_ns()
        engine.post(lane, Noted(now, "Alpha refuses temperature: left out."), AttemptStarted(now, 1))
        engine.post(lane, RetryScheduled(now, Failure("rate_limit", "Too many requests."), 3.0))
        pane = stage.screen.row.panes[0]
        while not pane.header.phase.word.startswith("retrying 1 of 2 in"):
            await pilot.pause(0.01)
        engine.post(lane, AttemptStarted(now, 2), Payload(now + MS, "reasoning", "Hm."))
        while pane.header.phase.word != "thinking":
            await pilot.pause(0.01)
        assert pane.transcript.answer_text(-1, "reasoning") == "Hm."
        assert pane.transcript.find("left out") == 1
        assert pane.transcript.find("Too many requests") == 1


async def test_the_same_failure_is_told_once_however_often_it_is_retried(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "One")
        engine, now = stage.engine, time.perf_counter_ns()
        dead = Failure("connection", "Nothing listens there.", "Is the server running?")
        for name, last in (("alpha", dead), ("beta", Failure("server", "It broke."))):
            lane = engine.lane(name)
            for number in (1, 2):
                engine.post(lane, AttemptStarted(now, number), RetryScheduled(now, dead, 0.5))
            engine.end(lane, AttemptStarted(now, 3), Failed(now, last))
        engine.finish(engine.lane("gamma"), WORDS)
        await stage.settled(pilot)
        alpha, beta, _ = (pane.transcript for pane in stage.screen.row.panes)
        assert alpha.find("Nothing listens") == beta.find("Nothing listens") == 1
        assert alpha.find("Gave up after 3 attempts") == alpha.find("Is the server running") == 1
        assert beta.find("It broke.") == 1


async def test_the_state_stays_in_sight_beside_a_long_name(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        header = stage.screen.row.panes[1].header
        header.introduce("a-model-with-quite-a-long-name", "A provider")
        header.show(Phase("↻", "retrying 2 of 2 in 1 s", "warn"))
        await pilot.pause()
        line = str(header.render())
        assert line.endswith("↻ retrying 2 of 2 in 1 s")
        assert "2 a-mo" in line


async def test_a_send_is_forecast_while_it_is_written(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        line = stage.screen.query_one("#send-line")
        stage.screen.composer.insert("What does this cost?")
        while "for 2 of 3 panes · no price for Gamma 3" not in str(line.render()):
            await pilot.pause(0.02)
        stage.screen.composer.clear()
        stage.screen.composer.insert("long text " * 6_000)
        while "too long for Alpha 1" not in str(line.render()):
            await pilot.pause(0.02)


async def test_a_large_paste_is_held_as_a_block_and_sent_whole(stage: Stage) -> None:
    blob = "0123456789" * 100_000
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        stage.screen.composer.post_message(Paste(blob))
        await pilot.pause()
        assert stage.screen.composer.text == "[pasted text 1: 1,000,000 characters]"
        await pilot.press("enter")
        await pilot.pause()
        assert stage.engine.orders[0].lanes[0].messages[0].text == blob


@pytest.mark.parametrize(("width", "shown"), [(120, 3), (100, 2), (80, 2), (60, 1), (40, 1)])
async def test_as_many_panes_as_fit_are_shown(stage: Stage, width: int, shown: int) -> None:
    async with stage.app.run_test(size=(width, 24)) as pilot:
        await pilot.pause()
        row = stage.screen.row
        assert [pane.display for pane in row.panes].count(True) == shown
        await pilot.press("ctrl+n", "ctrl+n")
        await pilot.pause()
        assert row.current is row.panes[2]
        assert row.panes[2].display


async def test_a_pane_fills_the_row_and_gives_it_back(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert [pane.display for pane in stage.screen.row.panes] == [True, False, False]
        await pilot.press("escape")
        await pilot.pause()
        assert [pane.display for pane in stage.screen.row.panes] == [True, True, True]


async def test_keys_of_the_configuration_are_used(tmp_path: Path) -> None:
    stage = Stage(tmp_path, CONFIG + '[keys]\nsend = "ctrl+j"\n')
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        stage.screen.composer.insert("One")
        await pilot.press("enter")
        assert stage.screen.composer.text == "One\n"
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert len(stage.engine.orders) == 1


async def test_the_models_take_turns_when_told(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await pilot.press("ctrl+t")
        await stage.ask(pilot, "One")
        assert stage.engine.orders[0].sequential
        words = [pane.header.phase.word for pane in stage.screen.row.panes]
        assert words == ["waiting", "waits for its turn", "waits for its turn"]


async def test_local_panes_say_that_they_share_a_cpu(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("smollm2", "smollm2-warm"))
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        assert "shares this CPU · Ctrl+T takes turns" in text_of(stage.screen.row.panes[0].figures)


async def test_an_answer_is_copied_without_control_characters(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "One")
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), "Say \x1b[201~rm")
        await stage.settled(pilot)
        await pilot.press("f8")
        await pilot.pause()
        assert stage.app.clipboard == "Say ␛[201~rm "


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(CONFIG.replace("[app]", "[ap]"), 'Did you mean "app"?', id="table"),
        pytest.param(CONFIG + '[keys]\nsendd = "ctrl+j"\n', 'line 21: unknown binding "sendd"', id="key"),
    ],
)
async def test_a_mistake_in_the_configuration_ends_the_app_with_its_message(
    tmp_path: Path, config: str, message: str
) -> None:
    stage = Stage(tmp_path, config)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        while stage.app.is_running and stage.app.problem is None:
            await pilot.pause(0.01)
    assert isinstance(stage.app.problem, ConfigError)
    assert message in str(stage.app.problem)
    assert stage.app.return_code == 2


async def test_an_unknown_model_ends_the_app_with_its_message(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("alpa",))
    async with stage.app.run_test(size=(120, 36)) as pilot:
        async with asyncio.timeout(10):
            while stage.app.problem is None:
                await pilot.pause(0.01)
    assert "alpha" in str(stage.app.problem)


async def test_the_current_pane_is_scrolled_from_the_composer(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Count.")
        stage.engine.finish(stage.engine.lane("alpha"), "\n\n".join(map(str, range(80))))
        transcript = stage.screen.row.current.transcript
        while transcript.max_scroll_y < 80:
            await pilot.pause(0.01)
        await pilot.press("ctrl+home")
        assert (transcript.scroll_offset.y, transcript.follow) == (0, False)
        await pilot.press("pagedown")
        assert 0 < transcript.scroll_offset.y < transcript.max_scroll_y
        await pilot.press("ctrl+end")
        await pilot.pause()
        assert (transcript.scroll_offset.y, transcript.follow) == (transcript.max_scroll_y, True)
        assert stage.screen.composer.has_focus
