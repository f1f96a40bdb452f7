"""A key that can do nothing now says why; keys of which nobody expects much stay quiet."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from smallchat.tui.screens.link import LinkScreen
from tests.tui.fakes import CONFIG, Stage

NOTHING = "Nothing has been said yet"


def told(stage: Stage) -> list[str]:
    return [note.message for note in stage.app._notifications]


async def press(stage: Stage, pilot: Pilot[None], key: str) -> list[str]:
    """Press ``key`` and return what was told about it."""
    stage.app.clear_notifications()
    await pilot.press(key)
    await pilot.pause()
    return told(stage)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("f3", NOTHING),
        ("ctrl+s", NOTHING),
        ("alt+c", NOTHING),
        ("alt+e", NOTHING),
        ("alt+a", NOTHING),
        ("alt+i", "There are no figures yet"),
        ("f5", NOTHING),
        ("alt+y", "needs two answers"),
        ("ctrl+r", "Nothing was asked here yet"),
        ("ctrl+g", "No answer comes in"),
        ("ctrl+l", "new chat already"),
        ("f8", "no answer to copy"),
        ("f9", "no answer to copy"),
        ("alt+b", "Alt+B does nothing here: F1"),
        ("f11", "F11 does nothing here"),
        ("escape", None),
        ("up", None),
        ("home", None),
    ],
)
async def test_before_the_first_prompt(tmp_path: Path, key: str, why: str | None) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        lines = await press(stage, pilot, key)
        assert len(lines) == (why is not None)
        assert all(why in line for line in lines if why)


@pytest.mark.parametrize("key", ["ctrl+n", "ctrl+o", "ctrl+t"])
async def test_with_one_pane(tmp_path: Path, key: str) -> None:
    stage = Stage(tmp_path, config=CONFIG + '[keys]\nmodels = "f7"\n', models=("alpha",))
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        assert await press(stage, pilot, key) == ["There is one pane only: F7 adds another."]


@pytest.mark.parametrize("key", ["f3", "ctrl+s", "ctrl+r", "ctrl+l", "f5", "f8"])
async def test_while_an_answer_comes_in(tmp_path: Path, key: str) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        (line,) = await press(stage, pilot, key)
        assert "top" in line
        assert "(Esc)" in line


async def test_in_a_transcript_letters_say_that_they_do_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        stage.screen.row.panes[0].transcript.focus()
        assert await press(stage, pilot, "w") == ["w does nothing here: F1 tells which keys do."]
        assert await press(stage, pilot, "p") == [f"{NOTHING}: ask something first."]
        assert await press(stage, pilot, "j") == []


async def test_what_is_typed_and_what_works_tells_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        for key in ("w", "/", "space", "shift+enter", "ctrl+a", "ctrl+n", "alt+2", "backspace", "ctrl+z"):
            assert await press(stage, pilot, key) == []


async def test_over_a_dialog_the_keys_below_say_that_they_do_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        stage.app.push_screen(LinkScreen("https://example.org/"))
        await pilot.pause()
        assert await press(stage, pilot, "f4") == ["F4 does nothing here: F1 tells which keys do."]


async def test_a_word_typed_in_the_wrong_place_is_told_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        stage.app.toast("Something else.")
        await pilot.press("alt+b", "f11", "alt+f", "f11")
        await pilot.pause()
        assert [line.split()[0] for line in told(stage)] == ["Something", "F11"]


async def test_a_word_that_comes_in_one_piece_is_told_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        for key in (
            "alt+b",
            "f11",
            "alt+f",
        ):  # as from a slow line: the first is not yet told when the last comes
            await stage.app._check_bindings(key)
        await pilot.pause()
        assert [line.split()[0] for line in told(stage)] == ["Alt+F"]


async def test_that_a_key_does_nothing_is_not_told_over_the_screen_that_another_key_opens(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        stage.app.toast("Something else.")
        await pilot.press("f11", "f1")
        await pilot.pause()
        assert told(stage) == ["Something else."]
