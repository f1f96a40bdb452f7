"""Screens open without having to import or to parse anything first."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from smallchat.tui import first_openings
from smallchat.tui.first_openings import add_styles, prepare_screens
from tests.tui.fakes import Stage

KEYS = (
    *("f1", "f2", "f3", "f4", "f10", "f12", "ctrl+p"),
    *(f"alt+{letter}" for letter in "hijkmpsuy"),
)
SIZE = (120, 36)


async def prepared(stage: Stage, pilot: Pilot[None]) -> None:
    """Wait until the screens are made ready."""
    await stage.ready(pilot)
    while not any(name.endswith("spend.tcss") for name, _ in stage.app.stylesheet.source):
        await pilot.pause(0.01)


async def test_no_screen_imports_or_parses_anything_when_it_opens(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.app.config = stage.config
    async with stage.app.run_test(size=SIZE) as pilot:
        await prepared(stage, pilot)
        await stage.ask(pilot, "Hello")
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), f"Hello from {name}")
        await stage.settled(pilot)
        sources, chat = set(stage.app.stylesheet.source), stage.app.screen
        for key in KEYS:
            before = set(sys.modules)
            await pilot.press(key)
            await pilot.pause()
            assert stage.app.screen is not chat, key
            assert set(stage.app.stylesheet.source) == sources, key
            assert not [name for name in set(sys.modules) - before if "screens" in name], key
            await pilot.press("escape")
            await pilot.pause()
            assert stage.app.screen is chat, key


async def test_styles_of_a_theme_that_is_no_longer_worn_are_not_used(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await prepared(stage, pilot)
        worn = stage.app.stylesheet
        late = stage.app.StylesReady(worn.copy(), {**stage.app.get_css_variables(), "panel": "#123456"})
        stage.app.post_message(late)
        await pilot.pause()
        assert stage.app.stylesheet is worn


async def test_what_a_screen_brought_meanwhile_stays(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await prepared(stage, pilot)
        ready = add_styles(stage.app.stylesheet)
        stage.app.stylesheet.add_source("Screen { tint: red; }", ("own.tcss", ""))
        stage.app.post_message(stage.app.StylesReady(ready, stage.app.get_css_variables()))
        await pilot.pause()
        assert stage.app.stylesheet is ready
        assert ready.has_source("own.tcss")


class Answering:
    """An engine at work until it was asked a few times."""

    def __init__(self, asked: int) -> None:
        self.left = asked

    @property
    def busy(self) -> bool:
        self.left -= 1
        return self.left >= 0


def test_nothing_is_made_ready_while_an_answer_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Answering(5)
    left: list[int] = []
    monkeypatch.setattr(first_openings, "import_module", lambda name: left.append(engine.left))
    monkeypatch.setattr(first_openings, "add_styles", lambda styles: styles)
    styles = Stylesheet()
    assert prepare_screens(styles, engine) is styles  # type: ignore[arg-type]
    assert left
    assert max(left) < 0
