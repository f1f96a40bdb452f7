"""Blind votes: nothing tells whose an answer is before the vote, and the vote is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from smallchat.metering.answer import Validity
from smallchat.sessions.vote import Vote
from smallchat.tui import blind
from smallchat.tui.opening import OpenRequested
from smallchat.tui.screens.blind import BlindScreen
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.help import HelpScreen
from smallchat.tui.screens.palette import PaletteScreen
from tests.tui.drawing import click_words
from tests.tui.fakes import CONFIG, Stage

ORDER = [2, 0, 1]  # gamma at the left, alpha in the middle, beta at the right
SECRETS = ("alpha", "beta", "gamma", "alpha 1", "beta 2", "gamma 3", "gateway", "$", "tok/s", "ttft", "503")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    def shuffle(panes: list[int]) -> None:
        panes[:] = [pane for pane in ORDER if pane in panes]

    monkeypatch.setattr(blind, "shuffle_panes", shuffle)
    return Stage(tmp_path, CONFIG)


def lines_of(stage: Stage) -> Iterator[str]:
    """Yield every line that is on the terminal now, and what it is called."""
    for strip in stage.app.screen._compositor.render_strips():
        yield strip.text
    yield f"{stage.app.title} {stage.app.sub_title} {stage.app.screen.title}"
    for widget in stage.app.screen.walk_children(Widget):
        yield f"{widget.tooltip or ''} {widget.border_title or ''}"


def assert_nothing_told(stage: Stage) -> None:
    for line in lines_of(stage):
        told = [secret for secret in SECRETS if secret in line.lower()]
        assert not told, line


async def ask_blind(stage: Stage, pilot: Pilot[None]) -> BlindScreen:
    await stage.ready(pilot)
    await pilot.press("alt+z")
    stage.app.clear_notifications()
    await stage.ask(pilot, "Which river is the longest?")
    screen = stage.app.screen
    assert isinstance(screen, BlindScreen)
    await pilot.pause()
    return screen


def answer_all(stage: Stage) -> None:
    engine = stage.engine
    engine.finish(engine.lane("alpha"), "The Nile, most say. " * 20, ttft_ms=212)
    engine.finish(engine.lane("beta"), "The Amazon. " * 30, ttft_ms=480)
    engine.fail(engine.lane("gamma"), "Gateway answered 503: gamma is overloaded.", "Try gamma later.")


def below(stage: Stage) -> CompareScreen:
    return next(screen for screen in stage.app.screen_stack if isinstance(screen, CompareScreen))


async def drawn(stage: Stage, pilot: Pilot[None]) -> None:
    compare = below(stage)
    while compare.frames.running:
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)])
async def test_nothing_is_told_before_the_vote(stage: Stage, size: tuple[int, int]) -> None:
    async with stage.app.run_test(size=size) as pilot:
        screen = await ask_blind(stage, pilot)
        assert_nothing_told(stage)
        engine = stage.engine
        engine.begin(engine.lane("alpha"), "The Nile")
        await pilot.pause(0.2)
        assert not any("Nile" in line for line in lines_of(stage))  # its pace would give it away
        assert_nothing_told(stage)
        answer_all(stage)
        await drawn(stage, pilot)
        for _ in ORDER:
            assert_nothing_told(stage)
            await pilot.press("tab")
        elsewhere = ("f2", "f3", "f4", "alt+i", "alt+y", "alt+s", "alt+m", "alt+k", "ctrl+s")
        for key in (*elsewhere, "enter", "escape", "1"):
            await pilot.press(key)  # 1: there is no answer at the left
            await pilot.pause()
            assert stage.app.screen is screen
            assert_nothing_told(stage)
        await pilot.press("f1")
        await pilot.pause()
        assert_nothing_told(stage)


async def test_a_vote_reveals_and_is_kept(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        await pilot.press("3")
        await pilot.pause()
        told = "\n".join(lines_of(stage))
        for name in ("Gamma 3", "Alpha 1", "Beta 2", "You liked Beta 2 best.", "✓ best", "503", "TTFT"):
            assert name in told
        assert stage.app.backend is not None
        store = stage.app.backend.store
        await pilot.press("enter")
        await pilot.pause()
        (turn,) = store.load(stage.screen.session_id).turns
        assert turn.vote == Vote(("gamma", "alpha", "beta"), "best", 2)
        assert "blind" in "\n".join(lines_of(stage))
        await pilot.press("alt+z")
        await stage.ask(pilot, "And the deepest?")
        assert stage.screen


@pytest.mark.parametrize(("key", "verdict"), [("t", "tie"), ("b", "all_bad"), ("u", None)])
async def test_there_may_be_no_best(stage: Stage, key: str, verdict: str | None) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        await pilot.press(key)
        assert screen.revealed
        await pilot.press("escape")
        await pilot.pause()
        assert stage.app.backend is not None
        (turn,) = stage.app.backend.store.load(stage.screen.session_id).turns
        assert (turn.vote.verdict if turn.vote else None) == verdict


async def test_escape_stops_and_one_answer_alone_is_not_judged(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await ask_blind(stage, pilot)
        await pilot.press("escape")
        await drawn(stage, pilot)
        assert sorted(stage.engine.stopped) == ["alpha", "beta", "gamma"]
        assert screen.revealed
        assert "no vote" in "\n".join(lines_of(stage))


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)])
async def test_a_vote_can_be_clicked_and_taken_back(stage: Stage, size: tuple[int, int]) -> None:
    async with stage.app.run_test(size=size) as pilot:
        screen = await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        told = "\n".join(lines_of(stage))
        assert "Which of the 3 answers is the best?" in told
        assert "1 first" not in str(
            screen.query_one("#blind-votes").render()
        )  # there is no answer at the left
        if size[0] < 120:
            await click_words(pilot, "#blind-title", "3 third")
            assert screen.row.panes[2].display
        await click_words(pilot, "#blind-votes", "bad")
        assert screen.revealed
        assert stage.app.backend is not None
        store, session = stage.app.backend.store, below(stage).session_id
        assert store.load(session).turns[0].vote is not None
        await click_words(pilot, "#blind-votes", "takes")
        assert store.load(session).turns[0].vote is None
        assert "none is counted" in "\n".join(lines_of(stage))
        await click_words(pilot, "#blind-votes", "panes")
        assert stage.screen


async def test_blind_can_be_turned_off_when_one_pane_is_left(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+z")
        assert stage.screen.blind
        for _ in range(2):
            await stage.screen.row.remove_current()
        await pilot.press("alt+z")
        assert not stage.screen.blind
        await pilot.press("alt+z")
        assert not stage.screen.blind


async def test_the_best_is_marked_until_the_vote_is_taken_back(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        await pilot.press("2")
        assert "✓ best  Alpha 1" in "\n".join(lines_of(stage))
        await pilot.press("ctrl+z")
        assert "✓ best" not in "\n".join(lines_of(stage))


async def test_whether_an_answer_follows_its_schema_is_told_after_the_vote(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        assert screen.outcome is not None
        answers = list(screen.outcome.answers)
        assert answers[0] is not None
        answers[0] = replace(answers[0], schema=Validity(True))
        screen.outcome = replace(screen.outcome, answers=tuple(answers))
        assert "valid JSON" not in "\n".join(lines_of(stage))
        await pilot.press("t")
        screen.row.panes[1].transcript.scroll_end(animate=False)
        await pilot.pause()
        assert "✓ valid JSON" in "\n".join(lines_of(stage))


@pytest.mark.parametrize("voted", [False, True], ids=["before", "after"])
@pytest.mark.usefixtures("still")
def test_its_looks(snap_compare: Callable[..., bool], stage: Stage, voted: bool) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        if voted:
            await pilot.press("2")
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=(120, 36), run_before=look)


async def test_the_palette_leads_nowhere_that_tells_names(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        palette = stage.app.screen
        assert isinstance(palette, PaletteScreen)
        assert palette.complete
        assert {command.kind for command in palette.list.commands} == {"action", "theme"}
        assert_nothing_told(stage)
        await pilot.press("escape")
        session = stage.app.find_chat().session_id  # type: ignore[union-attr]
        stage.app.post_message(OpenRequested(lambda store: session))
        await stage.app.open_preset("subagent")
        await stage.app.compare_models(["alpha"])
        await pilot.pause()
        assert stage.app.screen is screen
        assert "blind vote waits" in [note.message for note in stage.app._notifications][-1]
        await pilot.press("u", "ctrl+p")
        await pilot.pause()
        palette = stage.app.screen
        assert isinstance(palette, PaletteScreen)
        assert "model" in {command.kind for command in palette.list.commands}


async def test_ctrl_c_stops_the_answers(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await ask_blind(stage, pilot)
        await pilot.press("ctrl+c")
        assert sorted(stage.engine.stopped) == ["alpha", "beta", "gamma"]
        assert stage.app.is_running


async def test_what_is_typed_after_the_vote_is_the_next_prompt(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        screen = await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        await pilot.press("2")
        await pilot.pause()
        assert screen.revealed
        await pilot.press(*"tub")
        await pilot.pause()
        assert stage.app.screen is stage.screen
        assert stage.screen.composer.text == "tub"
        assert stage.screen.composer.has_focus


async def test_help_is_in_sight_before_the_vote_too(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await ask_blind(stage, pilot)
        answer_all(stage)
        await drawn(stage, pilot)
        await click_words(pilot, "KeyBar", "F1")
        assert isinstance(stage.app.screen, HelpScreen)
