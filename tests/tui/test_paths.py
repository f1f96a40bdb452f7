"""A file is found by its path or in the list, with the keyboard alone and with the mouse alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from smallchat.config.errors import ConfigError
from smallchat.tui.paths import complete_path, folder_above, list_paths
from smallchat.tui.screens.path import PathScreen
from smallchat.tui.widgets.hint_line import HintLine


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    (here / "folder" / "inner").mkdir(parents=True)
    for name in ("cat.png", "notes.txt", "notes.json", ".hidden", "a\x1b]0;x\x07b", "folder/deep.txt"):
        (here / name).write_text(name)
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(here))
    return here


class PathApp(App[None]):
    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options
        self.found: list[object] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"quiet": "#888888", "line": "#444444"}

    def on_mount(self) -> None:
        options: dict[str, Any] = {"doing": "uses it", "example": "~/x.json", **self.options}
        self.push_screen(PathScreen("A file", self.read, **options), self.found.append)

    def read(self, path: Path) -> str:
        if path.suffix == ".json":
            raise ConfigError(f"{path.name}: not liked.")
        try:
            return path.read_text()
        except OSError as error:
            raise ConfigError(str(error)) from None


@asynccontextmanager
async def asking(**options: Any) -> AsyncIterator[tuple[PathApp, Pilot[None]]]:
    app = PathApp(**options)
    async with app.run_test(size=(80, 24)) as pilot:
        while not isinstance(app.screen, PathScreen) or not listed(app):
            await pilot.pause(0.01)
        await pilot.pause()
        yield app, pilot


def listed(app: PathApp) -> list[str]:
    options = app.screen.query_one(OptionList).options
    return [str(option.prompt).partition("  ")[0] for option in options]


def written(app: PathApp) -> str:
    return app.screen.query_one(Input).value


def told(app: PathApp) -> str:
    return str(app.screen.query_one("#trouble", Static).render())


async def until_listed(app: PathApp, pilot: Pilot[None], *names: str) -> None:
    while listed(app) != list(names):
        await pilot.pause(0.01)


def test_names_that_go_on_are_listed_folders_first(files: Path) -> None:
    assert list_paths("") == ["folder/", "cat.png", "notes.json", "notes.txt"]
    assert list_paths("n", (".json",)) == ["notes.json"]
    assert list_paths(f"{files}/fo") == [f"{files}/folder/"]
    assert list_paths("~/ca") == ["~/cat.png"]
    assert list_paths("./.h") == ["./.hidden"]
    assert list_paths("nothing like it") == list_paths("/none/such/") == list_paths("~no-such-user/") == []


def test_a_link_in_a_circle_hides_no_other_name(files: Path) -> None:
    (files / "circle").symlink_to("circle")
    assert list_paths("") == ["folder/", "cat.png", "circle", "notes.json", "notes.txt"]


def test_what_is_common_is_completed() -> None:
    assert complete_path("no", ["notes.json", "notes.txt"]) == "notes."
    assert complete_path("x", []) == "x"


def test_the_folder_above_is_found_from_anywhere(files: Path) -> None:
    above = ("", "folder/", "a/b/", "../", "../../", "./", "/", "/tmp/")
    assert [folder_above(typed) for typed in above] == [
        "../",
        "./",
        "a/",
        "../../",
        "../../../",
        "./../",
        "",
        "/",
    ]
    assert folder_above("~/") == f"{files.parent}/"
    assert folder_above("~no-such-user/") == ""


async def test_with_the_keyboard_alone() -> None:
    async with asking() as (app, pilot):
        await pilot.press("n", "tab")
        assert written(app) == "notes."
        await until_listed(app, pilot, "notes.json", "notes.txt")
        await pilot.press("tab")
        assert written(app) == "notes.json"
        await pilot.press("enter")
        while "not liked" not in told(app):
            await pilot.pause(0.01)
        await pilot.press("down")
        assert (written(app), told(app)) == ("notes.txt", "")
        await pilot.press("up", "up")
        assert written(app) == "notes."  # what was typed
        await pilot.press("down", "down", "enter")
        while not app.found:
            await pilot.pause(0.01)
        assert app.found == ["notes.txt"]


async def test_a_folder_is_entered() -> None:
    async with asking() as (app, pilot):
        await pilot.press(*"folder", "enter")
        await until_listed(app, pilot, "../", "inner/", "deep.txt")
        assert written(app) == "folder/"
        await pilot.press("tab")
        assert written(app) == "folder/inner/"


async def test_with_the_mouse_alone() -> None:
    async with asking() as (app, pilot):
        assert listed(app) == ["../", "folder/", "cat.png", "notes.json", "notes.txt"]
        await pilot.click(OptionList, offset=(2, 1))
        await until_listed(app, pilot, "../", "inner/", "deep.txt")
        await pilot.click(OptionList, offset=(2, 0))
        await until_listed(app, pilot, "../", "folder/", "cat.png", "notes.json", "notes.txt")
        await pilot.click(OptionList, offset=(2, 3))
        while "not liked" not in told(app):
            await pilot.pause(0.01)
        assert written(app) == "./notes.json"
        await pilot.click(OptionList, offset=(2, 4))  # the others are still there
        while not app.found:
            await pilot.pause(0.01)
        assert app.found == ["notes.txt"]


async def test_the_dialog_says_what_it_does() -> None:
    async with asking(suffixes=(".json",)) as (app, pilot):
        assert listed(app) == ["../", "folder/", "notes.json"]
        assert app.screen.query_one(Input).placeholder == "~/x.json"
        assert "enter uses it" in str(app.screen.query_one(HintLine).render()).casefold()
        await pilot.press("enter")
        await pilot.pause()
        assert "Type a path" in told(app)
