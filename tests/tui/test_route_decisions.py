"""Why a model answers, what can be done about it, and what is told of earlier answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from smallchat.tui.screens.decision import DecisionScreen
from smallchat.tui.screens.pick_candidate import PickCandidateScreen
from smallchat.tui.screens.route import RouteScreen
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.route_lines import RouteLine
from tests.tui.drawing import click_words
from tests.tui.fakes import Stage
from tests.tui.routes import SORTING, WRITING, RouteStage


@pytest.fixture
def stage(tmp_path: Path) -> RouteStage:
    return RouteStage(tmp_path)


async def pick(pilot: Pilot[None], stage: Stage, index: int = 0) -> None:
    """Choose from the list of candidates."""
    while not isinstance(stage.app.screen, PickCandidateScreen):
        await pilot.pause(0.01)
    stage.app.screen.query_one(OptionList).highlighted = index
    await pilot.press("enter")
    await pilot.pause()


async def test_the_whole_decision_is_a_key_away(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
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
            "Delta 4: ~$0.0006",  # more or less: the token table may not be loaded yet
            ", at most $0.0041\n",
            "If Alpha 1 is out of reach: Delta 4, then Beta 2",
        ):
            assert words in text
        await pilot.press("escape")
        assert isinstance(stage.app.screen, RouteScreen)


async def click_note(pilot: Pilot[None], stage: RouteStage, words: str) -> None:
    """Click the line of the transcript that has ``words`` in it."""
    transcript = stage.screen.row.panes[0].transcript
    while transcript.busy:
        await pilot.pause(0.01)
    await click_words(pilot, transcript, words)


def decision_shown(stage: RouteStage) -> str:
    screen = stage.app.screen
    assert isinstance(screen, DecisionScreen)
    return screen._text.plain


async def test_the_line_above_each_answer_opens_its_decision(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        await stage.exchange(pilot, SORTING, "beta", "positive")
        await click_note(pilot, stage, "→ Alpha 1")
        assert "[Write an email]" in decision_shown(stage)
        hints = str(stage.app.screen.query_one(HintLine).render())
        assert "asks another" not in hints  # that is over
        assert "w marks it wrong" in hints
        await pilot.press("o", "w")
        await pick(pilot, stage)
        assert stage.shows("turn 1 marked as wrong: Beta 2 was right")
        await click_note(pilot, stage, "→ Beta 2")
        assert "[Classify]" in decision_shown(stage)
        await pilot.press("escape")
        await click_note(pilot, stage, "Dear landlord")
        assert isinstance(stage.app.screen, RouteScreen)  # an answer is not a link


async def test_a_decision_leads_to_another_candidate_and_to_a_label(stage: RouteStage, home: Path) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        await click_note(pilot, stage, "→ Alpha 1")
        await pilot.press("o")
        await pick(pilot, stage, 1)
        await stage.left(pilot)
        await stage.answered(pilot, "delta")
        await click_note(pilot, stage, "you asked it too")
        await pilot.press("w")
        await pick(pilot, stage)
        assert stage.shows("marked as wrong: Beta 2 was right")


async def test_the_draft_is_explained_by_a_click_and_by_the_key(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        line = stage.screen.query_one(RouteLine)
        await pilot.click(RouteLine)
        assert isinstance(stage.app.screen, RouteScreen)  # there is no draft
        await stage.exchange(pilot, WRITING, "alpha")
        stage.screen.composer.insert(SORTING)
        while line.choice is None:
            await pilot.pause(0.01)
        await pilot.click(RouteLine)
        await pilot.pause()
        assert "[Classify]" in decision_shown(stage)
        await pilot.press("escape", "alt+d")
        await pilot.pause()
        assert "[Classify]" in decision_shown(stage)
        await pilot.press("escape")
        stage.screen.row.panes[0].transcript.focus()
        await pilot.press("d")
        await pilot.pause()
        assert "[Write an email]" in decision_shown(stage)  # in the transcript, what was asked last
        await pilot.press("escape")
        stage.screen.composer.focus()
        stage.screen.composer.replace_draft("")
        await pilot.press("alt+d")
        await pilot.pause()
        assert "[Write an email]" in decision_shown(stage)


async def test_another_answer_is_chosen_under_its_own_name(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        await pilot.press("alt+o")
        await pick(pilot, stage, 1)
        await stage.left(pilot)
        await stage.answered(pilot, "delta", "Hi landlord,")
        header = stage.screen.row.panes[0].header
        assert header.model == "own → Delta 4"
        await pilot.press("alt+a")
        while header.model != "own → Alpha 1":
            await pilot.pause(0.01)
        assert stage.shows('→ Alpha 1 · prose ("write')
        await pilot.press("alt+d")
        await pilot.pause()
        assert "If Alpha 1 is out of reach" in decision_shown(stage)  # all of it, not only what is kept
        await pilot.press("escape", "alt+a")
        while header.model != "own → Delta 4":
            await pilot.pause(0.01)
        assert stage.shows("→ Delta 4 answered")


async def test_another_candidate_answers_the_same_prompt_and_both_are_kept(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
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


async def test_a_wrong_route_becomes_a_label(stage: RouteStage, home: Path) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
        await pilot.press("alt+w")
        await pick(pilot, stage)
        assert stage.shows("marked as wrong: Beta 2 was right")
    file = home / "smallchat-data" / "route-labels.jsonl"
    (label,) = [json.loads(line) for line in file.read_text().splitlines()]
    assert (label["prompt"], label["preset"]) == (WRITING, "own")
    assert (label["chosen"], label["right"]) == ("alpha", "beta")
    assert label["told"] == {"task": "writing", "rule": "prose"}
    assert file.stat().st_mode & 0o777 == 0o600
