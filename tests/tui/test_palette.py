from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from smallchat.tui.app import SmallchatApp
from smallchat.tui.screens.palette import PaletteScreen
from smallchat.tui.screens.route import RouteScreen
from tests.tui.fakes import Stage, hide

HOSTILE = "rivers [/] \x1b]52;c;aGk=\x07 [link=x]"


async def open_palette(stage: Stage, pilot: Pilot[None], words: str = "") -> PaletteScreen:
    await pilot.press("ctrl+p")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, PaletteScreen)
    while not screen.complete:
        await pilot.pause(0.01)
    screen.query_one(Input).value = words
    await pilot.pause()
    return screen


def titles(screen: PaletteScreen) -> list[str]:
    return [command.title for command in screen.list.commands]


async def test_it_reaches_every_kind_of_thing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, HOSTILE)
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), "They flow.")
        await stage.settled(pilot)
        screen = await open_palette(stage, pilot)
        commands = screen.list.commands
        assert {command.kind for command in commands} == {"action", "session", "preset", "model", "theme"}
        for title in ("Take turns", "Spend", "Alpha 1", "subagent", "smallchat-light"):
            assert title in titles(screen)
        (session,) = [command for command in commands if command.kind == "session"]
        assert "rivers" in session.title
        assert "\x1b" not in session.title
        screen.query_one(Input).value = "rivers"
        await pilot.pause()
        assert screen.list.current == session  # drawn, markup and all


async def test_an_action_is_done_on_the_screen_below(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        screen = await open_palette(stage, pilot, "take turns")
        assert titles(screen)[0] == "Take turns"
        await pilot.press("enter")
        await pilot.pause()
        comparison = stage.screen.comparison
        assert comparison is not None
        assert comparison.sequential


async def test_a_preset_begins_a_routed_chat(tmp_path: Path) -> None:
    config = """
[providers.gateway]
wire = "openai"
base_url = "http://127.0.0.1:9/v1"
[models.alpha]
provider = "gateway"
price = { input = 1, output = 5, as_of = 2026-11-20 }
[models.beta]
provider = "gateway"
price = { input = 1, output = 5, as_of = 2026-11-20 }
[routing.presets.mine]
candidates = ["alpha", "beta"]
fallback = "beta"
"""
    stage = Stage(tmp_path, config=config, models=("alpha", "beta"))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await open_palette(stage, pilot, "mine preset")
        await pilot.press("enter")
        await pilot.pause()
        while not isinstance(stage.app.screen, RouteScreen) or stage.app.screen.chat is None:
            await pilot.pause(0.01)


async def test_a_preset_that_can_not_route_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        before = stage.app.screen
        await open_palette(stage, pilot, "subagent")
        await pilot.press("enter")
        while not stage.app._notifications:
            await pilot.pause(0.01)
        assert stage.app.screen is before


async def test_a_session_is_opened(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Tell me about rivers.")
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), "They flow.")
        await stage.settled(pilot)
        session = stage.screen.session_id
        await pilot.press("ctrl+l")
        assert not stage.screen.session_id
        await open_palette(stage, pilot, "rivers")
        await pilot.press("enter")
        while not stage.screen.session_id:
            await pilot.pause(0.01)
        assert stage.screen.session_id == session


async def test_letters_are_typed_not_obeyed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        screen = await open_palette(stage, pilot)
        await pilot.press(*"jkgG/n")
        assert screen.query_one(Input).value == "jkgG/n"
        assert "Nothing" in str(screen.query_one("#command-detail").render())
        await pilot.press("enter", "escape")
        assert stage.app.screen is stage.screen


async def test_a_command_that_is_clicked_is_done(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await open_palette(stage, pilot, "take turns")
        await pilot.click("#commands", offset=(5, 0))
        await pilot.pause()
        comparison = stage.screen.comparison
        assert comparison is not None
        assert comparison.sequential


async def test_a_model_goes_into_the_current_pane(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("alpha", "beta"))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await open_palette(stage, pilot, "gamma model")
        await pilot.press("enter")
        await pilot.pause()
        comparison = stage.screen.comparison
        assert comparison is not None
        assert [seat.model.name for seat in comparison.seats] == ["gamma", "beta"]


async def test_themes_are_tried_on_and_taken_off(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("f12", "down")
        while stage.app.theme == "smallchat-dark":
            await pilot.pause(0.01)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.app.theme == "smallchat-dark"


async def test_the_mouse_tries_a_theme_on_before_a_click_keeps_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("f12")
        await pilot.pause()
        screen = stage.app.screen
        assert isinstance(screen, PaletteScreen)
        wanted = screen.list.commands[3].theme
        await pilot.hover(screen.list, offset=(5, 3))
        while stage.app.theme != wanted:
            await pilot.pause(0.01)
        assert stage.app.screen is screen
        await pilot.click(offset=(2, 20))
        await pilot.pause()
        assert stage.app.theme == "smallchat-dark"


async def test_a_theme_is_kept_in_the_configuration(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.app = SmallchatApp(stage.load, ("alpha",), config=stage.config)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("f12", *"contrast-light")
        await pilot.pause()
        await pilot.press("enter")
        while not stage.app._notifications:
            await pilot.pause(0.01)
        assert stage.app.theme == "smallchat-contrast-light"
        assert 'theme = "smallchat-contrast-light"' in stage.config.read_text(encoding="utf-8")


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_its_looks(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int]) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[None]) -> None:
        await stage.ready(pilot)
        chat = stage.screen
        screen = await open_palette(stage, pilot, "copy")
        screen.query_one(Input).cursor_blink = False
        hide(chat)
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=look)


@pytest.mark.usefixtures("still")
def test_the_looks_of_the_theme_picker(snap_compare: Callable[..., bool], tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[None]) -> None:
        await stage.ready(pilot)
        chat = stage.screen
        await pilot.press("f12")
        await pilot.pause()
        stage.app.screen.query_one(Input).cursor_blink = False
        hide(chat)
        await pilot.press("down")
        while stage.app.theme == "smallchat-dark":
            await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=look)
