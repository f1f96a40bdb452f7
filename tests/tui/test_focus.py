"""What has the focus is seen, goes where it is wanted, and text never goes astray."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from smallchat.tui.widgets.find_bar import FindBar, FindCount
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.title_bar import TitleBar
from smallchat.tui.widgets.transcript import Transcript
from tests.tui.drawing import click_words
from tests.tui.fakes import Stage

SIZE = (120, 36)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def heads(stage: Stage) -> list[str]:
    return [str(pane.header.render())[:2] for pane in stage.screen.row.panes]


async def test_the_transcript_with_the_focus_is_seen(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        assert heads(stage) == ["▸1", " 2", " 3"]
        await pilot.press("tab")
        assert heads(stage) == ["▶1", " 2", " 3"]
        await pilot.press("ctrl+n")
        assert heads(stage) == [" 1", "▶2", " 3"]
        await pilot.press("escape")
        assert heads(stage) == [" 1", "▸2", " 3"]


async def test_the_focus_turns_with_the_pane_also_to_one_that_was_hidden(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("tab", "ctrl+b")
        assert stage.app.focused is stage.screen.row.panes[2].transcript
        await pilot.press("alt+1")
        assert stage.app.focused is stage.screen.row.panes[0].transcript
        await click_words(pilot, TitleBar, "3 Gamma")
        assert stage.app.focused is stage.screen.row.panes[2].transcript
        await pilot.press("enter", "alt+1")
        assert stage.app.focused is stage.screen.composer


async def test_a_click_into_a_transcript_leaves_the_typing_to_the_composer(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await pilot.click(stage.screen.row.panes[1].transcript)
        await pilot.press("h", "i")
        assert stage.screen.composer.text == "hi"
        assert stage.screen.row.current.index == 1


async def test_what_is_pasted_into_a_transcript_goes_to_the_composer(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await pilot.press("tab")
        stage.app.post_message(events.Paste("two\nlines"))
        await pilot.pause()
        await pilot.pause()
        assert stage.screen.composer.text == "two\nlines"
        assert stage.app.focused is stage.screen.composer


async def test_escape_says_what_it_does(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)

        def bar() -> str:
            return str(stage.screen.query_one(KeyBar).render())

        assert "Esc" not in bar()
        await pilot.press("ctrl+o")
        assert "Esc Back" in bar()
        await pilot.press("escape")
        assert not stage.screen.row.maximised
        await stage.ask(pilot, "Which river?")
        await pilot.press("tab")
        assert "Esc Stop" in bar()
        await pilot.press("escape")
        await stage.settled(pilot)
        assert isinstance(stage.app.focused, Transcript)
        assert "Esc Back" in bar()
        await pilot.press("escape")
        assert stage.app.focused is stage.screen.composer


async def test_a_search_is_led_and_ended_by_the_mouse(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "river")
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), "A river is a river.")
        await stage.settled(pilot)
        await pilot.press("alt+q", *"river")
        count = stage.screen.query_one(FindCount)
        while "3 places" not in str(count.render()):
            await pilot.pause(0.01)
        search = stage.screen.row.current.transcript._search
        seen = []
        for sign in "▲▼▼":
            await click_words(pilot, FindCount, sign)
            seen.append(search._current)
        assert len(set(seen)) > 1
        await click_words(pilot, FindCount, "✕")
        assert not stage.screen.query(FindBar)


async def test_a_low_window_keeps_the_keys_and_gives_the_empty_line_away(stage: Stage) -> None:
    async with stage.app.run_test(size=(40, 12)) as pilot:
        await stage.ready(pilot)
        bar, line = stage.screen.query_one(KeyBar), stage.screen.query_one("#send-line")
        assert "Ctrl+P Commands  F1 Help" in str(bar.render())
        assert bar.region.height == 1
        assert not line.display
        await pilot.press("h", "i")
        while not line.display:
            await pilot.pause(0.01)
        await pilot.press("backspace", "backspace")
        while line.display:
            await pilot.pause(0.01)


async def test_a_new_chat_shows_in_the_tabs_too(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        await pilot.press("escape")
        await stage.settled(pilot)
        title = stage.screen.query_one("TitleBar")
        assert "1 Alpha 1 ■" in str(title.render())
        await pilot.press("ctrl+l")
        assert "1 Alpha 1 ○" in str(title.render())
        assert "F2 has the one before" in [note.message for note in stage.app._notifications][-1]


async def test_a_selection_is_copied_by_the_mouse_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(stage.app, "copy_to_clipboard", copied.append)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river is the longest?")
        pane = stage.screen.row.panes[1].transcript
        bar = stage.screen.query_one(KeyBar)
        await pilot.mouse_down(pane, offset=(3, 0))
        await pilot.hover(pane, offset=(8, 0))
        await pilot.mouse_up(pane, offset=(8, 0))
        await pilot.pause()
        line = str(bar.render())
        assert line.startswith("Ctrl+C Copy selection")
        await pilot.click(bar, offset=(bar.gutter.left + 3, 0))
        await pilot.pause()
        assert len(copied) == 1
        assert copied[0] in "Which river is the longest?"
        assert "Copy selection" not in str(bar.render())
        assert stage.screen.running
        await pilot.press("ctrl+c")
        await stage.settled(pilot)
        assert len(copied) == 1


async def test_the_composer_says_who_is_asked(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        assert str(stage.screen.composer.placeholder) == "Ask all three models…"
        for told in ("Ask both models…", "Ask Gamma 3…"):
            await pilot.press("alt+m")
            await pilot.pause()
            await pilot.press("f7")
            while str(stage.screen.composer.placeholder) != told:
                await pilot.pause(0.01)


@pytest.mark.parametrize("way", ["ctrl+n", "click"])
async def test_a_search_ends_when_another_pane_is_turned_to(stage: Stage, way: str) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+q", "x")
        assert stage.screen.query(FindBar)
        if way == "click":
            await pilot.click(stage.screen.row.panes[1].transcript)
        else:
            await pilot.press(way)
        while stage.screen.query(FindBar):
            await pilot.pause(0.01)
        assert stage.app.focused is stage.screen.row.panes[1].transcript


async def test_what_is_told_takes_no_more_room_than_its_words(tmp_path: Path) -> None:
    for size, height in (((80, 24), 3), ((40, 12), 1)):
        stage = Stage(tmp_path)
        async with stage.app.run_test(size=size, notifications=True) as pilot:
            await stage.ready(pilot)
            stage.screen.toast("There is no answer yet.")
            while not stage.screen.query("Toast"):
                await pilot.pause(0.01)
            await pilot.pause()
            (toast,) = stage.screen.query("Toast")
            assert toast.size.width < 30
            assert toast.outer_size.height == height
