from __future__ import annotations

from pathlib import Path

import pytest

from smallchat.config.errors import ConfigError
from smallchat.tui.app import SmallchatApp
from smallchat.tui.theme import find_theme, flatten, load_theme, shipped_themes
from tests.tui.fakes import Stage

GOOD = '[colors]\nprimary = "#ffffff"\nforeground = "#eeeeee"\nbackground = "#000000"\npanel = "#222222"\n'


@pytest.mark.parametrize("path", sorted(shipped_themes().glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_theme_is_good(path: Path) -> None:
    theme = load_theme(path)
    assert theme.name == path.stem
    assert {"quiet", "line"} <= theme.variables.keys()


def test_the_users_own_theme_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "smallchat-dark.toml"
    own.write_text(GOOD, encoding="utf-8")
    assert find_theme("smallchat-dark", tmp_path) == own


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("#ffffff", "bluish"), "colors.primary must be a colour"),
        (GOOD.replace("primary", "primry"), 'Did you mean "primary"?'),
        (GOOD.replace('panel = "#222222"\n', ""), "colors.panel is missing"),
        ("dark = 1\n" + GOOD, "dark must be true or false"),
        ("colors = 3\n", "colors must be a table"),
        (GOOD.replace('"#ffffff"', "7"), "colors.primary must be a colour"),
        ("[colors\n", "theme.toml"),
    ],
)
def test_what_is_wrong_with_a_theme_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "theme.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_theme(path)
    assert message in str(caught.value)
    assert "theme.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["smallchat-drak", "../../etc/passwd", "", "\x1b[2J"])
def test_a_theme_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(ConfigError):
        find_theme(name)


async def test_a_bad_theme_is_told_and_the_app_goes_on(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[colors\n", encoding="utf-8")
    stage = Stage(tmp_path)
    stage.app = SmallchatApp(stage.load, ("alpha",), theme="mine", user_themes=tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert stage.app.theme == "smallchat-dark"
        assert any("mine.toml" in note.message for note in stage.app._notifications)


async def test_every_theme_of_textual_has_what_our_styles_need(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        for name in ("textual-light", "nord", "gruvbox"):
            stage.app.theme = name
            await pilot.pause()


async def test_what_is_saved_in_the_users_theme_is_taken_up(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(GOOD, encoding="utf-8")
    stage = Stage(tmp_path)
    stage.app = SmallchatApp(stage.load, ("alpha",), theme="mine", user_themes=tmp_path)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        own.write_text(GOOD.replace("#eeeeee", "#abcdef") + "# saved", encoding="utf-8")
        stage.app.reload_theme()
        await pilot.pause()
        assert stage.app.theme_variables["foreground"].lower() == "#abcdef"
        own.write_text("[colors", encoding="utf-8")
        stage.app.reload_theme()
        stage.app.reload_theme()
        await pilot.pause()
        assert len([note for note in stage.app._notifications if "mine.toml" in note.message]) == 1
        assert stage.app.theme_variables["foreground"].lower() == "#abcdef"
        own.unlink()
        stage.app.reload_theme()
        assert stage.app.theme == "mine"


def test_sixteen_colours_are_no_ground_for_quiet_text(tmp_path: Path) -> None:
    theme = flatten(load_theme(find_theme("smallchat-dark")))
    assert theme.panel == theme.surface == theme.background
