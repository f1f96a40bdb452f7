from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from smallchat.tui.widgets.find_bar import FindBar
from smallchat.tui.widgets.transcript import Transcript
from tests.tui.fakes import Stage

TEXT = "\n\n".join(
    f"Line {number} tells of {'herons' if number % 10 == 0 else 'geese'}." for number in range(100)
)


async def answer(stage: Stage, pilot: Pilot[None]) -> Transcript:
    await stage.ready(pilot)
    await stage.ask(pilot, "Birds?")
    stage.engine.finish(stage.engine.lane("alpha"), TEXT)
    await stage.settled(pilot)
    transcript = stage.screen.row.current.transcript
    while transcript.busy:
        await pilot.pause(0.01)
    return transcript


async def found(stage: Stage, pilot: Pilot[None], words: str) -> str:
    bar = stage.screen.query_one(FindBar)
    while bar._settling is not None or bar.query_one(Input).value != words:
        await pilot.pause(0.01)
    await pilot.pause()
    return str(bar.query_one("#find-count").render())


async def test_words_are_found_in_the_pane(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("alpha",))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        transcript = await answer(stage, pilot)
        transcript.focus()
        await pilot.press("slash", *"heron")
        assert "10 places" in await found(stage, pilot, "heron")
        await pilot.press("enter")
        assert stage.app.focused is transcript
        places = []
        for key in ("n", "n", "N"):
            await pilot.press(key)
            places.append(transcript.scroll_offset.y)
        assert places[0] == places[2] != places[1]
        await pilot.press("slash", "x")  # in the place of the words before
        assert "nowhere" in await found(stage, pilot, "x")
        await pilot.press("escape")
        assert not stage.screen.query(FindBar)
        assert stage.app.focused is transcript


async def test_a_search_from_the_prompt_goes_back_to_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("alpha",))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await answer(stage, pilot)
        await pilot.press("alt+q", "x", "escape", "r")
        assert not stage.screen.query(FindBar)
        assert stage.screen.composer.text == "r"


async def test_the_search_ends_when_the_user_turns_away(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("alpha",))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await answer(stage, pilot)
        await pilot.press("alt+q", *"geese")
        assert "90 places" in await found(stage, pilot, "geese")
        stage.screen.composer.focus()
        await pilot.pause()
        assert not stage.screen.query(FindBar)
        await pilot.press(*"jkgGnN/")
        assert stage.screen.composer.text == "jkgGnN/"


async def test_letters_scroll_a_transcript(tmp_path: Path) -> None:
    stage = Stage(tmp_path, models=("alpha",))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        transcript = await answer(stage, pilot)
        transcript.focus()
        await pilot.press("g")
        assert (transcript.scroll_offset.y, transcript.follow) == (0, False)
        await pilot.press("j", "j", "k")
        assert transcript.scroll_offset.y == 1
        half = transcript.size.height // 2
        await pilot.press("ctrl+d")
        assert transcript.scroll_offset.y == 1 + half
        await pilot.press("ctrl+u")
        assert transcript.scroll_offset.y == 1
        await pilot.press("G")
        assert transcript.follow


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_the_bar_leaves_room_for_the_text(tmp_path: Path, size: tuple[int, int]) -> None:
    stage = Stage(tmp_path, models=("alpha",))
    async with stage.app.run_test(size=size) as pilot:
        transcript = await answer(stage, pilot)
        await pilot.press("alt+q")
        await pilot.pause()
        assert stage.screen.query_one(FindBar).region.width == size[0]
        assert transcript.size.height >= 3
