from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.help import HelpScreen
from tests.tui.fakes import CONFIG, Stage, hide


async def open_help(stage: Stage, pilot: Pilot[None]) -> HelpScreen:
    await stage.ready(pilot)
    await pilot.press("f1")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, HelpScreen)
    return screen


def text_of(screen: HelpScreen) -> str:
    return str(screen.query_one("#help-keys", Static).content)


async def test_it_tells_the_keys_of_widget_screen_and_app(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        text = text_of(await open_help(stage, pilot))
        for told in (
            "Compare screen",
            "Prompt",
            "Answers",
            "Everywhere",
            "In a transcript",
            "Editing text",
            "[send]",
            "[take_turns]",
            "[quit]",
        ):
            assert told in text
        order = ["Compare screen", "Prompt", "Answers", "Panes", "Everywhere", "Session", "Editing text"]
        heads = [line for line in text.split("\n") if line in order]
        assert heads == order
        assert "Ctrl+Z Undo" in text
        assert len(text[text.index("Editing text") :].split("\n")) < 20
        await pilot.press("f1", "escape")
        assert isinstance(stage.app.screen, CompareScreen)


async def test_it_tells_keys_as_the_user_mapped_them(tmp_path: Path) -> None:
    stage = Stage(tmp_path, config=CONFIG + '[keys]\ntake_turns = "f6"\n')
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_help(stage, pilot)
        (line,) = [line for line in text_of(screen).split("\n") if "Take turns" in line]
        assert line.split()[0] == "F6"


async def test_what_is_typed_is_searched_for(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_help(stage, pilot)
        await pilot.press(*"leave smallchat")
        await pilot.pause()
        assert "[quit]" in text_of(screen)
        assert "[send]" not in text_of(screen)
        await pilot.press(*"xyz")
        await pilot.pause()
        assert "No key" in text_of(screen)
        await pilot.press("escape")
        await pilot.pause()
        assert "[send]" in text_of(screen)


async def test_over_another_dialog_it_tells_that_ones_keys(tmp_path: Path) -> None:
    from smallchat.tui.screens.link import LinkScreen

    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        stage.app.push_screen(LinkScreen("https://example.org/"))
        await pilot.pause()
        text = text_of(await open_help_over(stage, pilot))
        assert "[open_link]" in text
        assert "[quit]" in text
        assert "[take_turns]" not in text
        assert "[spend]" not in text  # a key of the app that is not heard over a dialog


async def open_help_over(stage: Stage, pilot: Pilot[None]) -> HelpScreen:
    await pilot.press("f1")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, HelpScreen)
    return screen


async def test_a_backend_that_is_ready_while_help_is_open_is_used(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.curtain.clear()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        stage.curtain.set()
        while stage.app.backend is None:
            await pilot.pause(0.01)
        await pilot.press("escape")
        await stage.ready(pilot)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_its_looks(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int]) -> None:
    from smallchat.tui.screens.link import LinkScreen

    stage = Stage(tmp_path)

    async def look(pilot: Pilot[None]) -> None:
        await stage.ready(pilot)
        chat = stage.screen
        stage.app.push_screen(LinkScreen("https://example.org/"))
        await pilot.pause()
        screen = await open_help_over(stage, pilot)
        screen.query_one(Input).cursor_blink = False
        hide(chat)
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=look)
