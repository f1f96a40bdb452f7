"""Earlier prompts, the library and the editor in the composer."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from smallchat.tui.screens.choosing import ChoosingScreen, Item, Listing
from smallchat.tui.screens.compare import CompareScreen
from tests.tui.fakes import CONFIG, Stage

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 2000
SIZE = (100, 30)
SEEING = CONFIG.replace('label = "Alpha 1"', 'label = "Alpha 1"\nvision = true')
LIBRARY = '[sum]\ntitle = "Summarise"\ntext = "Sum up {text} in {count} words."\n'


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    while not holds():
        await pilot.pause(0.01)


async def ask_and_answer(stage: Stage, pilot: Pilot[None], prompt: str, text: str = "Yes.") -> None:
    await stage.ask(pilot, prompt)
    for running in tuple(stage.engine.running):
        if not running.done:
            stage.engine.finish(running, text)
    await stage.settled(pilot)


async def test_up_goes_through_earlier_prompts_and_down_back_to_the_draft(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await ask_and_answer(stage, pilot, "first")
        await ask_and_answer(stage, pilot, "second\nline")
        composer = stage.screen.composer
        composer.insert("my draft ")
        composer.insert_pasted("word " * 3000)
        await pilot.press("up")
        await until(pilot, lambda: composer.text == "second\nline")
        await pilot.press("up")
        assert composer.text == "second\nline"  # the cursor was on its last line
        await pilot.press("up")
        assert composer.text == "first"
        await pilot.press("up")
        assert composer.text == "first"
        await pilot.press("down")
        assert composer.text == "second\nline"
        await pilot.press("down")
        assert composer.text == "my draft [pasted text 1: 15,000 characters]"
        assert composer.prompt == "my draft " + "word " * 3000


async def test_the_history_is_searched_over_all_sessions(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        await ask_and_answer(stage, pilot, "about rivers")
        stage.screen.action_start_over()
        await ask_and_answer(stage, pilot, "100% of _all_ seas\x1b[31m")
        listed = (await open_list(stage, pilot, "alt+h")).query_one(OptionList)
        await until(pilot, lambda: listed.option_count == 2)
        assert "\x1b" not in str(listed.get_option_at_index(0).prompt)
        await pilot.press(*"rivers")
        await until(pilot, lambda: listed.option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen))
        assert stage.screen.composer.text == "about rivers"


async def open_list(stage: Stage, pilot: Pilot[None], key: str) -> ChoosingScreen:
    """Open a list and wait for its items."""
    await pilot.press(key)
    screen = stage.app.screen
    assert isinstance(screen, ChoosingScreen)  # at once: the next keys belong to it
    await until(pilot, lambda: screen.query_one(OptionList).option_count > 0)
    return screen


async def other_list(stage: Stage, pilot: Pilot[None], before: ChoosingScreen) -> ChoosingScreen:
    """Wait for the list that comes after ``before``."""
    while stage.app.screen is before or not isinstance(stage.app.screen, ChoosingScreen):
        await pilot.pause(0.01)
    return stage.app.screen


def lines(screen: ChoosingScreen) -> list[str]:
    return [str(option.prompt) for option in screen.query_one(OptionList).options]


async def test_placeholders_of_a_library_prompt_are_filled_in_with_tab(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "mine.toml").write_text(LIBRARY)
    (tmp_path / "prompts" / "bad.toml").write_text('[x]\ntext = "fine"\n[y\n')
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        screen = await open_list(stage, pilot, "alt+l")
        assert "bad.toml, line 3" in str(screen.query_one("#trouble").render())
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen))
        composer = stage.screen.composer
        assert composer.selected_text == "{text}"
        await pilot.press(*"this")
        await pilot.press("enter")
        assert composer.text == "Sum up this in {count} words."  # not sent, and the field selected
        await pilot.press(*"5", "enter")
        await stage.sent(pilot)
        assert stage.engine.orders[-1].lanes[0].messages[-1].text == "Sum up this in 5 words."


async def test_an_empty_library_begins_with_examples(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        screen = await open_list(stage, pilot, "alt+l")
        assert str(tmp_path / "prompts.toml") in str(screen.query("Static").first().render())
        (offer,) = lines(screen)
        assert offer.startswith("+ Begin with three examples")
        await pilot.press("enter")
        await until(
            pilot, lambda: stage.app.screen is not screen and isinstance(stage.app.screen, ChoosingScreen)
        )
        again = stage.app.screen
        await until(pilot, lambda: len(lines(again)) == 3)
        await pilot.press(*"code")
        await until(pilot, lambda: [line.partition("  ")[0] for line in lines(again)] == ["Review code"])


async def test_what_is_written_is_kept_in_the_library(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    (tmp_path / "prompts.toml").write_text(LIBRARY)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        stage.screen.composer.insert("Translate {words}")
        screen = await open_list(stage, pilot, "alt+l")
        assert lines(screen)[-1].startswith("+ Keep what you have written")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(stage.app.screen, CompareScreen))
        assert stage.screen.composer.text == "Translate {words}"
        screen = await open_list(stage, pilot, "alt+l")
        assert lines(screen)[1].split() == ["Translate", "{words}", "{words}"]
        await pilot.press(*"transl")
        await until(pilot, lambda: len(lines(screen)) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: stage.screen.composer.selected_text == "{words}")


async def test_a_large_library_is_listed_in_part_and_searched_whole(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    many = "".join(
        f'[p{number}]\ntitle = "Prompt {number:04}"\ntext = "Say {number}"\n' for number in range(1200)
    )
    (tmp_path / "prompts.toml").write_text(many)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        stage.screen.composer.insert("draft")
        screen = await open_list(stage, pilot, "alt+l")
        assert [line.partition("  ")[0] for line in lines(screen)[-3:]] == [
            "Prompt 0099",
            "… and 1,100 more",
            "+ Keep what you have written",
        ]
        await pilot.press(*"1177")
        await until(pilot, lambda: len(lines(screen)) == 1)


async def test_enter_takes_what_was_typed_for_however_late_it_is_found(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    found = threading.Event()

    def find(words: str) -> Listing:
        assert not words or found.wait(10)
        return Listing([Item(words or "anything", "", words)])

    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        given: list[object] = []
        screen = ChoosingScreen("Some", find, hints=())
        stage.app.push_screen(screen, given.append)
        await until(pilot, lambda: bool(screen.query(OptionList)) and lines(screen) == ["anything"])
        await pilot.press(*"ab", "enter")
        assert not given
        found.set()
        await until(pilot, lambda: given == [("choose", "ab")])


async def test_a_library_that_can_not_be_written_says_why(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    (tmp_path / "prompts.toml").write_text("[x\n")
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        stage.screen.composer.insert("Translate")
        await open_list(stage, pilot, "alt+l")
        await pilot.press("enter")
        await until(pilot, lambda: any("Mend this" in note.message for note in stage.app._notifications))
        assert stage.screen.composer.text == "Translate"


async def test_the_editor_takes_the_draft_and_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "edited: " > "$1.new"; cat "$1" >> "$1.new"; mv "$1.new" "$1"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=SIZE) as pilot:
        await stage.ready(pilot)
        monkeypatch.setattr(stage.app, "suspend", nullcontext)
        monkeypatch.setattr("smallchat.tui.editor.USUAL", ())
        composer = stage.screen.composer
        composer.insert("draft")
        for editor, words in [("", "No editor is set"), ("/none/such", "No such file"), ("false", "code 1")]:
            monkeypatch.setenv("VISUAL", "")
            monkeypatch.setenv("EDITOR", editor)
            await pilot.press("alt+g")
            await until(pilot, lambda w=words: any(w in n.message for n in stage.app._notifications))  # type: ignore[misc]
            assert composer.text == "draft"
        monkeypatch.setenv("EDITOR", str(script))
        await pilot.press("alt+g")
        await until(pilot, lambda: composer.text == "edited: draft")
