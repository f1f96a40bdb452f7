"""From a routed chat to a comparison of its candidates, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from smallchat.tui.screens.route import RouteScreen
from smallchat.tui.screens.side_compare import SideCompareScreen
from smallchat.tui.widgets.key_bar import KeyBar
from tests.tui.drawing import click_words
from tests.tui.routes import WRITING, RouteStage


@pytest.fixture
def stage(tmp_path: Path) -> RouteStage:
    return RouteStage(tmp_path)


async def test_compare_opens_with_the_prompt_and_the_same_key_comes_back(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        await stage.exchange(pilot, WRITING, "alpha")
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


async def open_compare(pilot: Pilot[None], stage: RouteStage) -> SideCompareScreen:
    await pilot.press("alt+v")
    while not isinstance(stage.app.screen, SideCompareScreen) or stage.app.screen.comparison is None:
        await pilot.pause(0.01)
    await pilot.pause()
    return stage.app.screen


async def test_compare_is_left_step_by_step_with_escape_and_keeps_the_draft(stage: RouteStage) -> None:
    async with stage.open() as pilot:
        stage.screen.composer.insert("blue")
        side = await open_compare(pilot, stage)
        side.composer.insert(" otters")
        side.row.panes[1].transcript.focus()
        await pilot.press("escape")
        assert stage.app.screen is side
        assert side.composer.has_focus
        await pilot.press("escape")
        assert stage.screen.composer.prompt == "blue otters"
        await open_compare(pilot, stage)
        await pilot.press("alt+v")
        assert stage.screen.composer.prompt == "blue otters"


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)])
async def test_compare_is_left_by_the_mouse(stage: RouteStage, size: tuple[int, int]) -> None:
    async with stage.open(size) as pilot:
        side = await open_compare(pilot, stage)
        await click_words(pilot, side.query_one(KeyBar), "Alt+V")
        assert isinstance(stage.app.screen, RouteScreen)
