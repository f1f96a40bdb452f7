from __future__ import annotations

from pathlib import Path

import pytest

from smallchat.tui.screens.help import HelpScreen
from smallchat.tui.widgets.key_bar import KeyBar
from tests.tui.drawing import click_words
from tests.tui.fakes import Stage
from tests.tui.routes import RouteStage


def bar_of(stage: Stage) -> str:
    return stage.screen.query_one(KeyBar).render().plain


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_help_and_commands_stand_at_the_right_end(tmp_path: Path, width: int) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(width, 24)) as pilot:
        await stage.ready(pilot)
        bar = bar_of(stage)
        assert bar.startswith("Enter Send")
        assert bar.endswith("  Ctrl+P Commands  F1 Help")
        assert len(bar) == width - 2
        assert bar.count("Help") == 1


async def test_a_narrow_one_keeps_them_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(40, 24)) as pilot:
        await stage.ready(pilot)
        assert bar_of(stage).endswith("  Ctrl+P Commands  F1 Help")
        assert "Enter Send" in bar_of(stage)


async def test_while_answers_come_in_it_begins_with_how_to_stop_them(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Hello")
        assert bar_of(stage).startswith("Esc Stop  Enter Send")


async def test_a_narrow_one_shows_the_way_back_before_the_palette(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(40, 24)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Hello")
        assert bar_of(stage).startswith("Esc Stop  Enter Send")
        assert bar_of(stage).endswith("  F1 Help")
        assert "Commands" not in bar_of(stage)


async def test_what_stands_at_the_right_end_can_be_clicked(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await click_words(pilot, KeyBar, "Help")
        assert isinstance(stage.app.screen, HelpScreen)


async def test_a_routed_chat_offers_its_sessions_at_80_columns(tmp_path: Path) -> None:
    stage = RouteStage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        assert "F2 Sessions" in bar_of(stage)
        await pilot.press("tab")
        assert bar_of(stage).startswith("Esc Back")
