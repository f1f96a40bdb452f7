"""The score table of the blind votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from smallchat.metering.answer import Validity
from smallchat.sessions.scores import count_votes
from smallchat.sessions.vote import Vote
from smallchat.tui.screens.scores import ScoresScreen, draw_scores
from tests.sessions.conversations import conversation
from tests.tui.fakes import Stage

VOTES = [Vote(("fast", "slow_2"), "best", 0)] * 3 + [
    Vote(("slow_2", "fast"), "best", 0),
    Vote(("fast",), "tie"),
]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def open_scores(stage: Stage, pilot: Pilot[None], *, votes: bool = True) -> ScoresScreen:
    await stage.ready(pilot)
    stage.screen.composer.cursor_blink = False
    assert stage.app.backend is not None
    if votes:
        session = conversation(*["text"] * 10)
        turns = [replace(turn, vote=vote) for turn, vote in zip(session.turns, VOTES, strict=True)]
        stage.app.backend.store.add(replace(session, turns=tuple(turns)))
    await pilot.press("alt+s")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, ScoresScreen)
    while screen.scores is None:
        await pilot.pause(0.01)
    await pilot.pause()
    return screen


def text_of(screen: ScoresScreen) -> str:
    return str(screen.query_one("#scores-text").render())


async def test_votes_cost_and_speed_stand_on_one_line(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_scores(stage, pilot)
        fast = next(line for line in text_of(screen).splitlines() if line.startswith("fast"))
        assert fast.split() == ["fast", "60%", "[23%–88%]", "5", "$0.0011", "84.1", "212", "ms", "1", "0"]
        assert "Too close to call between fast and slow_2." in text_of(screen)
        await pilot.press("y")
        assert "60% [23%–88%]" in stage.app.clipboard
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_without_a_vote_it_says_how_to_begin(stage: Stage, size: tuple[int, int]) -> None:
    async with stage.app.run_test(size=size) as pilot:
        told = text_of(await open_scores(stage, pilot, votes=False))
        assert (
            " ".join(told.split()) == "No blind vote yet. Alt+Z in the panes hides the names: ask, then vote."
        )
        assert max(map(len, told.splitlines())) < size[0]


def test_valid_answers_are_counted_where_there_is_little_room() -> None:
    session = conversation("text", "text")
    (turn,) = session.turns
    answers = tuple(
        replace(kept, answer=replace(kept.answer, schema=Validity(kept.pane == 0))) for kept in turn.answers
    )
    vote = Vote(("fast", "slow_2"), "tie")
    told = draw_scores(
        count_votes([replace(session, turns=(replace(turn, answers=answers, vote=vote),))]), 70
    )
    assert "VALID" in told[0].plain
    assert [" ".join(line.plain.split()[-4:]) for line in told[1:3]] == ["1 of 1 1", "0 of 1 1"]
    assert told[-1].plain == "A wider window has ALL BAD too."


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    session = conversation("text", "text")
    names = ("fast", "slow \x1b[2J日本")
    voted = replace(session, turns=(replace(session.turns[0], vote=Vote(names, "best", 1)),))
    lines = draw_scores(count_votes([voted]), width)
    assert max(line.cell_length for line in lines) <= width
    assert "\x1b" not in "".join(line.plain for line in lines)


@pytest.mark.usefixtures("still")
def test_its_looks(snap_compare: Callable[..., bool], stage: Stage) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await open_scores(stage, pilot)

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=look)
