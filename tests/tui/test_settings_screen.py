"""The settings and the keys, changed in the app."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static, TextArea

from smallchat.config import writing
from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.providers import key_check
from smallchat.providers.key_check import KeyCheck
from smallchat.tui.app import SmallchatApp
from smallchat.tui.screens.keys import KeysScreen
from smallchat.tui.screens.model_picker import ModelPickerScreen
from smallchat.tui.screens.settings import SettingsScreen
from smallchat.tui.widgets.key_form import KeyForm
from smallchat.tui.widgets.pick import Pick
from tests.servers.sse import SSEServer, serve
from tests.tui.fakes import CONFIG, Stage

SIZES = [(80, 24), (40, 12)]
COMMENTED = CONFIG.replace("[app]", "# mine\n[app]\nmax_output = 900")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_with(tmp_path, COMMENTED)


def stage_with(tmp_path: Path, config: str) -> Stage:
    stage = Stage(tmp_path, config, ("alpha", "beta"))
    stage.app = SmallchatApp(stage.load, ("alpha", "beta"), config=stage.config)
    stage.app.animation_level = "none"
    return stage


async def open_settings(stage: Stage, pilot: Pilot[None]) -> SettingsScreen:
    await stage.ready(pilot)
    await pilot.press("f10")
    while not isinstance(stage.app.screen, SettingsScreen) or stage.app.focused is None:
        await pilot.pause(0.01)
    return stage.app.screen


async def told(screen: SettingsScreen, pilot: Pilot[None], words: str) -> None:
    line = screen.query_one("#settings-told")
    for _ in range(2000):
        if words in str(line.render()):
            return
        await pilot.pause(0.01)
    pytest.fail(f"told instead: {line.render()}")


async def test_what_was_changed_is_written_and_holds_at_once(stage: Stage) -> None:
    before = stage.config.read_text(encoding="utf-8")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_settings(stage, pilot)
        screen.query_one("#setting-app-max_output", Input).value = "500"
        screen.query_one("#setting-app-run", Pick).value = "sequential"
        screen.query_one("#setting-app-theme", Pick).value = "smallchat-light"
        screen.query_one("#setting-budget-day", Input).value = "$0.50"
        screen.query_one("#setting-app-system", TextArea).text = "Be brief."
        await pilot.press("ctrl+s")
        await told(screen, pilot, "Saved; before: config.toml.bak.")
        await pilot.press("escape")
        await pilot.pause()
        assert stage.app.theme == "smallchat-light"
        await stage.ask(pilot, "Which river?")
        order = stage.engine.orders[-1]
        assert order.sequential
        assert [(lane.max_output, lane.system) for lane in order.lanes] == [(500, "Be brief.")] * 2
        assert stage.app.backend is not None
        assert stage.app.backend.budget.ledger.budget.day == Decimal("0.50")
    text = stage.config.read_text(encoding="utf-8")
    assert "# mine" in text
    data = tomllib.loads(text)
    assert data["app"]["models"] == ["alpha", "beta", "gamma"]
    assert data["budget"] == {"day": 0.5}
    assert stage.config.with_name("config.toml.bak").read_text(encoding="utf-8") == before


async def test_mistakes_are_told_beside_the_field_and_nothing_is_written(stage: Stage) -> None:
    before = stage.config.read_text(encoding="utf-8")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_settings(stage, pilot)
        for name, value in (("app-models", "alpa"), ("app-max_output", "many"), ("budget-day", "-1")):
            screen.query_one(f"#setting-{name}", Input).value = value
        await pilot.press("ctrl+s")
        await told(screen, pilot, 'Did you mean "alpha"?')
        for name in ("app-models", "app-max_output", "budget-day"):
            assert str(screen.query_one(f"#setting-{name}-name", Static).render()).startswith("✗ ")
        assert stage.app.focused is screen.query_one("#setting-app-models")
    assert stage.config.read_text(encoding="utf-8") == before


async def test_the_line_below_explains_the_field_and_judges_what_is_typed(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_settings(stage, pilot)
        await told(screen, pilot, "Names with commas between; F6 adds one")
        await pilot.press("tab", "tab", *"0x")
        await told(screen, pilot, "✗ A whole number of tokens")
        await pilot.press("escape")
        await told(screen, pilot, "Not saved yet: Esc again throws it away")
        assert stage.app.screen is screen
        await pilot.press("backspace", "backspace", *"900")
        await told(screen, pilot, "Tokens, reasoning included.")
        await pilot.press("escape")
        await pilot.pause()
        assert stage.app.screen is not screen


async def test_who_leaves_while_it_is_written_has_it_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    written = writing.update_config

    def write(*arguments: Any) -> writing.Written:
        assert go_on.wait(20)
        return written(*arguments)

    monkeypatch.setattr(writing, "update_config", write)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_settings(stage, pilot)
        screen.query_one("#setting-app-max_output", Input).value = "77"
        await pilot.press("ctrl+s", "escape")
        await told(screen, pilot, "Saving")
        go_on.set()
        while stage.app.screen is screen:
            await pilot.pause(0.01)
        await stage.ask(pilot, "Which river?")
        assert {lane.max_output for lane in stage.engine.orders[-1].lanes} == {77}


async def test_a_model_is_added_from_the_list(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_settings(stage, pilot)
        await pilot.press("f6")
        await told(screen, pilot, "There are 3 models already")
        field = screen.query_one("#setting-app-models", Input)
        field.value = "beta"
        await pilot.press("f6")
        while not isinstance(stage.app.screen, ModelPickerScreen):
            await pilot.pause(0.01)
        await pilot.pause()
        await pilot.press("f7", *"gamma", "enter")
        await pilot.pause()
        assert field.value == "beta, gamma"
        assert stage.app.focused is field
        await pilot.press("enter")
        await told(screen, pilot, "Saved")
    data = tomllib.loads(stage.config.read_text(encoding="utf-8"))
    assert data["app"]["models"] == ["beta", "gamma"]


async def test_an_emptied_field_leaves_the_configuration(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_settings(stage, pilot)
        screen.query_one("#setting-app-max_output", Input).value = ""
        await pilot.press("ctrl+s")
        await told(screen, pilot, "Saved")
    assert "max_output" not in stage.config.read_text(encoding="utf-8")


async def test_a_file_broken_meanwhile_is_told_and_left_alone(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await open_settings(stage, pilot)
        stage.config.write_text("[app", encoding="utf-8")
        screen.query_one("#setting-app-max_output", Input).value = "500"
        await pilot.pause()
        await pilot.press("ctrl+s")
        await told(screen, pilot, "not valid TOML")
    assert stage.config.read_text(encoding="utf-8") == "[app"


@pytest.fixture
def server() -> Iterator[SSEServer]:
    with serve() as server:
        server.key = "sk-good-0123456789"
        yield server


async def enter_key(stage: Stage, pilot: Pilot[None], key: str) -> KeysScreen:
    await stage.ready(pilot)
    if not isinstance(stage.app.screen, KeysScreen):
        await pilot.press("alt+k")
        await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, KeysScreen)
    while screen.list.current.name != "gateway":
        await pilot.press("down")
    screen.query_one("#key", Input).value = key
    await pilot.press("enter")
    return screen


async def test_a_key_is_tested_kept_and_used_without_a_restart(tmp_path: Path, server: SSEServer) -> None:
    stage = stage_with(tmp_path, CONFIG.replace("http://127.0.0.1:9/v1", server.openai_url))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await enter_key(stage, pilot, "sk-wrong-0123456789")
        text = screen.query_one("#key-text", Static)
        while "refused the key" not in str(text.render()):
            await pilot.pause(0.01)
        assert "sk-wrong" not in str(text.render())
        assert not screen.query_one("#key-anyway", Button).display
        screen.query_one("#key", Input).value = "sk-good-0123456789"
        await pilot.press("enter")
        while "is kept" not in str(text.render()):
            await pilot.pause(0.01)
        assert stage.app.backend is not None
        providers = stage.app.backend.services.providers
        assert providers.key_for(providers.get("gateway")) == Secret("sk-good-0123456789")
        assert stage.engine.warmed == ["alpha", "beta"]
        assert not server.chats
    assert 'api_key = "sk-good-0123456789"' in stage.config.read_text(encoding="utf-8")


async def test_a_key_is_kept_untested_when_nobody_can_be_asked(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await enter_key(stage, pilot, "sk-any-0123456789")
        anyway = screen.query_one("#key-anyway", Button)
        while not anyway.display:
            await pilot.pause(0.01)
        assert "sk-any" not in stage.config.read_text(encoding="utf-8")
        await pilot.press("enter")
        while "sk-any-0123456789" not in stage.config.read_text(encoding="utf-8"):
            await pilot.pause(0.01)


async def test_a_key_never_reaches_the_clipboard(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await enter_key(stage, pilot, "sk-any-0123456789")
        while not screen.query_one("#key-anyway", Button).display:
            await pilot.pause(0.01)
        field = screen.query_one("#key", Input)
        field.focus()
        field.select_all()
        await pilot.press("ctrl+c")
        assert field.value
        await pilot.press("ctrl+x")
        assert not field.value
        assert stage.app.clipboard == ""


async def test_a_key_that_was_changed_since_is_not_kept_as_it_was(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await enter_key(stage, pilot, "sk-any-0123456789")
        anyway = screen.query_one("#key-anyway", Button)
        while not anyway.display:
            await pilot.pause(0.01)
        screen.query_one("#key", Input).value = "sk-other-0123456789"
        await pilot.pause()
        assert not anyway.display


async def wait_for(screen: KeysScreen, pilot: Pilot[None], words: str) -> None:
    text = screen.query_one("#key-text", Static)
    for _ in range(2000):
        if words in str(text.render()).replace("\n", " "):
            return
        await pilot.pause(0.01)
    pytest.fail(f"told instead: {text.render()}")


async def test_a_key_that_could_not_be_tested_can_be_tested_again(tmp_path: Path, server: SSEServer) -> None:
    stage = stage_with(tmp_path, CONFIG)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await enter_key(stage, pilot, "sk-good-0123456789")
        await wait_for(screen, pilot, "could not be tested")
        stage.config.write_text(
            stage.config.read_text(encoding="utf-8").replace("http://127.0.0.1:9/v1", server.openai_url),
            encoding="utf-8",
        )
        await pilot.click("#key-enter")
        await wait_for(screen, pilot, "works and is kept; its address has changed: start smallchat again")
        assert stage.app.backend is not None
        providers = stage.app.backend.services.providers
        assert providers.key_for(providers.get("gateway")) is None, "it was meant for the new address"


async def test_who_leaves_during_the_test_has_the_key_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def check(provider: Provider, key: Secret) -> KeyCheck:
        assert go_on.wait(20)
        return KeyCheck("accepted")

    monkeypatch.setattr(key_check, "check_key", check)
    async with stage.app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await enter_key(stage, pilot, "sk-new-0123456789")
        await wait_for(screen, pilot, "Testing the key")
        await pilot.press("enter")
        assert screen.query_one("#key", Input).value == "sk-new-0123456789"
        await pilot.press("escape")
        while screen.is_running:
            await pilot.pause(0.01)
        stage.engine.warmed = []
        go_on.set()
        assert stage.app.backend is not None
        providers = stage.app.backend.services.providers
        while providers.key_for(providers.get("gateway")) != Secret("sk-new-0123456789"):
            await pilot.pause(0.01)
        await pilot.pause()
        assert [notice.message for notice in stage.app._notifications] == [
            "The last one is still being tested.",
            "The key for Gateway works and is kept; it is used from now on.",
        ]
        assert stage.engine.warmed == ["alpha", "beta"]


async def test_a_click_on_a_provider_asks_for_its_key(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+k")
        await pilot.pause()
        screen = stage.app.screen
        assert isinstance(screen, KeysScreen)
        await pilot.click(screen.list, offset=(4, 3))
        await pilot.pause()
        chosen = screen.list.current
        assert screen.query_one(KeyForm).provider == chosen.name == "azure"
        assert str(screen.query_one("#key-title", Static).render()) == "The key for Azure OpenAI"
        assert stage.app.focused is screen.query_one("#key")


async def test_a_key_is_tested_and_removed(tmp_path: Path, server: SSEServer) -> None:
    here = CONFIG.replace("http://127.0.0.1:9/v1", server.openai_url)
    stage = stage_with(tmp_path, here.replace("[models", f'api_key = "{server.key}"\n[models', 1))
    stage.config.chmod(0o600)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await enter_key(stage, pilot, "")
        await wait_for(screen, pilot, "Paste the key")
        await pilot.press("f5")
        await wait_for(screen, pilot, "works")
        await pilot.press("f7")
        await wait_for(screen, pilot, "F7 again does it")
        await pilot.press("up", "down")
        await wait_for(screen, pilot, "It is in your configuration")
        await pilot.press("f7", "f7")
        await wait_for(screen, pilot, "Removed; config.toml.bak still has it.")
        assert stage.app.backend is not None
        providers = stage.app.backend.services.providers
        assert providers.key_source(providers.get("gateway")) is None
        await pilot.press("f7")
        await wait_for(screen, pilot, "There is none to remove.")
        await pilot.press("f5")
        await wait_for(screen, pilot, "has no key yet")
    assert "api_key" not in stage.config.read_text(encoding="utf-8")


async def test_a_key_of_the_environment_can_not_be_removed_here(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        assert stage.app.backend is not None
        stage.app.backend.services.providers._environ = {"GROQ_API_KEY": "gsk-0123456789"}
        await pilot.press("alt+k")
        await pilot.pause()
        screen = stage.app.screen
        assert isinstance(screen, KeysScreen)
        while screen.list.current.name != "groq":
            await pilot.press("down")
        await wait_for(screen, pilot, "It comes from GROQ_API_KEY")
        await pilot.press("f7")
        await wait_for(screen, pilot, "unset that in your shell")


def still_cursors(stage: Stage) -> None:
    for field in stage.app.screen.query(Input):
        field.cursor_blink = False


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_settings(
    snap_compare: Callable[..., bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("smallchat.tui.screens.settings.name_of", lambda path: "~/smallchat/config.toml")
    stage = stage_with(tmp_path, COMMENTED)

    async def show(pilot: Pilot[None]) -> None:
        screen = await open_settings(stage, pilot)
        still_cursors(stage)
        screen.query_one("#setting-app-models", Input).value = "alpa"
        await pilot.press("ctrl+s")
        await told(screen, pilot, "Nothing was saved")
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=show)


@pytest.mark.usefixtures("still")
def test_the_keys(snap_compare: Callable[..., bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smallchat.tui.screens.keys.name_of", lambda path: "~/smallchat/config.toml")
    stage = stage_with(tmp_path, CONFIG)

    async def show(pilot: Pilot[None]) -> None:
        screen = await enter_key(stage, pilot, "sk-any-0123456789")
        while not screen.query_one("#key-anyway").display:
            await pilot.pause(0.01)
        still_cursors(stage)
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=show)
