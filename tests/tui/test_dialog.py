"""Dialogs with the mouse alone: what their hints name can be clicked, and a click beside them goes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from smallchat.tui.screens.choosing import ChoosingScreen, Item, Listing
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.screens.help import HelpScreen
from smallchat.tui.screens.link import LinkScreen
from smallchat.tui.screens.palette import PaletteScreen
from smallchat.tui.screens.path import PathScreen
from smallchat.tui.screens.rename import RenameScreen
from smallchat.tui.widgets.choice_list import ChoiceList
from smallchat.tui.widgets.hint_line import HintLine
from tests.tui.drawing import click_words
from tests.tui.fakes import CONFIG, Stage

BESIDE = (2, 22)


def make_choosing() -> ChoosingScreen:
    listing = Listing([Item("one", "", "1"), Item("two", "", "2")])
    return ChoosingScreen("Some", lambda words: listing, hints=[("enter", "takes it")])


async def open_dialog(stage: Stage, pilot: Pilot[None], dialog: Dialog[object]) -> list[object]:
    await stage.ready(pilot)
    given: list[object] = []
    stage.app.push_screen(dialog, given.append)
    await pilot.pause()
    return given


@pytest.mark.parametrize("key", ["f1", "ctrl+p", "f12"])
async def test_a_click_beside_a_dialog_goes_back(tmp_path: Path, key: str) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await stage.ready(pilot)
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(stage.app.screen, HelpScreen | PaletteScreen)
        await pilot.click(offset=(30, 1))
        await pilot.pause()
        inside = isinstance(stage.app.screen, HelpScreen | PaletteScreen)
        assert inside == (key != "f12")  # the list of themes stands at the right
        await pilot.click(offset=(0, 39))
        await pilot.pause()
        assert isinstance(stage.app.screen, CompareScreen)


async def test_a_click_beside_gives_back_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        given = await open_dialog(stage, pilot, make_choosing())
        await pilot.click(offset=BESIDE)
        await pilot.pause()
        assert given == [None]


async def test_a_click_beside_a_form_keeps_what_was_written(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        for form in (
            RenameScreen("Old"),
            PathScreen("Which?", lambda path: path, doing="takes it", example=""),
        ):
            given = await open_dialog(stage, pilot, form)
            await pilot.click(offset=BESIDE)
            await pilot.pause()
            assert stage.app.screen is form
            assert given == []
            await pilot.press("escape")


async def test_hints_can_be_clicked(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        given = await open_dialog(stage, pilot, make_choosing())
        while stage.app.screen.query_one("#items").option_count < 2:
            await pilot.pause(0.01)
        await click_words(pilot, HintLine, "takes")
        assert given == [("choose", "1")]
        given = await open_dialog(stage, pilot, make_choosing())
        await click_words(pilot, HintLine, "goes")
        assert given == [None]


async def test_a_link_is_copied_by_the_mouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path)
    copied: list[str] = []
    monkeypatch.setattr(stage.app, "copy_to_clipboard", copied.append)
    async with stage.app.run_test(size=(40, 12)) as pilot:
        await open_dialog(stage, pilot, LinkScreen("https://example.org/a"))
        await click_words(pilot, HintLine, "copies")
        assert copied == ["https://example.org/a"]
        assert isinstance(stage.app.screen, CompareScreen)


async def test_hints_tell_keys_as_the_user_mapped_them(tmp_path: Path) -> None:
    stage = Stage(tmp_path, config=CONFIG + '[keys]\ncancel_link = "ctrl+w"\n')
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await open_dialog(stage, pilot, LinkScreen("https://example.org/"))
        assert "Ctrl+W goes back" in str(stage.app.screen.query_one(HintLine).render())
        await click_words(pilot, HintLine, "goes")
        assert isinstance(stage.app.screen, CompareScreen)


async def test_letters_are_keys_in_a_list_without_a_search(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    listing = Listing([Item(str(number), "", str(number)) for number in range(30)])
    dialog = ChoosingScreen("Some", lambda words: listing, hints=[], searchable=False, removable=True)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        given = await open_dialog(stage, pilot, dialog)
        items = dialog.query_one(ChoiceList)
        while items.option_count < 30:
            await pilot.pause(0.01)
        items.focus()
        for keys, where in (("jj", 2), ("k", 1), ("G", 29), ("g", 0)):
            await pilot.press(*keys)
            assert items.highlighted == where
        while not items.scrollable_content_region:
            await pilot.press("ctrl+d")
            await pilot.pause(0.01)
        await pilot.press("g", "ctrl+d")
        assert items.highlighted
        assert given == []
        await pilot.press("g", "delete")
        assert given == [("remove", "0")]


async def test_items_that_are_found_at_once_have_room(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        dialog = make_choosing()
        await open_dialog(stage, pilot, dialog)
        items = dialog.query_one(ChoiceList)
        while items.option_count < 2:
            await pilot.pause(0.01)
        await pilot.pause()
        assert items.region.height == 2
