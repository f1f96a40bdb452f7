"""The welcome screen: three ways to begin."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select, Static

from smallchat.cli import main
from smallchat.config.keys import Secret
from smallchat.config.peek import peek
from smallchat.metering.events import Failure
from smallchat.providers import key_check
from smallchat.providers.key_check import KeyCheck
from smallchat.providers.local import weights
from smallchat.tui import probe
from smallchat.tui.app import SmallchatApp
from smallchat.tui.screens import welcome
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.screens.welcome import WelcomeScreen
from smallchat.tui.widgets.check_list import CheckList
from tests.tui.fakes import Stage

LOCAL = ("smollm2", "smollm2-warm")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(weights, "has_engine", lambda: True)
    monkeypatch.setattr(welcome, "find_servers", lambda: [])
    monkeypatch.setattr(key_check, "check_key", lambda provider, key: KeyCheck("accepted"))
    stage = Stage(tmp_path, config="")
    stage.app = SmallchatApp(stage.load, (), welcome=lambda: WelcomeScreen(stage.config, tmp_path, LOCAL))
    return stage


async def wait_for_panes(stage: Stage, pilot: Pilot[None], count: int) -> None:
    while not isinstance(stage.app.screen, CompareScreen) or len(stage.app.screen.row.panes) != count:
        await pilot.pause(0.01)


async def test_enter_fetches_the_local_model_and_compares(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def install(data_dir: Path, progress: weights.Progress, cancelled: threading.Event) -> Path:
        progress(50_000_000, 100_000_000)
        assert go_on.wait(10)
        return data_dir

    monkeypatch.setattr(weights, "install", install)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        while "50%" not in str(stage.app.screen.query_one("#progress").render()):
            await pilot.pause(0.01)
        go_on.set()
        await wait_for_panes(stage, pilot, 2)
        await stage.ready(pilot)
        assert stage.engine.warmed == list(LOCAL)


async def test_escape_cancels_the_download_and_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(data_dir: Path, progress: weights.Progress, cancelled: threading.Event) -> Path:
        assert cancelled.wait(10)
        raise weights.Interrupted("stopped")

    monkeypatch.setattr(weights, "install", install)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter", "escape")
        while "Stopped" not in str(stage.app.screen.query_one("#local-text", Static).render()):
            await pilot.pause(0.01)


async def test_an_error_of_the_download_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(data_dir: Path, progress: weights.Progress, cancelled: threading.Event) -> Path:
        raise weights.WeightsError("No space left.")

    monkeypatch.setattr(weights, "install", install)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        while "No space left." not in str(stage.app.screen.query_one("#local-text", Static).render()):
            await pilot.pause(0.01)
        assert str(stage.app.screen.query_one("#try", Button).label) == "Try it now ⏎"


async def test_without_the_extra_it_says_how_to_get_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "has_engine", lambda: False)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "smallchat[local]" in str(stage.app.screen.query_one("#local-text", Static).render())
        assert stage.app.screen.query_one("#try", Button).disabled


async def test_a_key_is_kept_and_its_default_models_are_compared(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        key = stage.app.screen.query_one("#key", Input)
        key.focus()
        key.value = "sk-test-0123456789"
        await pilot.press("enter")
        await wait_for_panes(stage, pilot, 2)
        await stage.ready(pilot)
        assert stage.engine.warmed == ["gpt-5.4-mini", "gpt-5.4-nano"]
    assert 'api_key = "sk-test-0123456789"' in stage.config.read_text(encoding="utf-8")
    assert stage.config.stat().st_mode & 0o777 == 0o600


async def test_where_nothing_can_be_written_it_says_what_else_to_do(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = stage.app.screen
        assert isinstance(screen, WelcomeScreen)
        screen.config = Path("/proc/nowhere/config.toml")
        key = screen.query_one("#key", Input)
        key.focus()
        key.value = "sk-test-0123456789"
        await pilot.press("enter")
        while "can not be written" not in (told := str(screen.query_one("#key-text", Static).render())):
            await pilot.pause(0.01)
        assert "In the variable OPENAI_API_KEY it works, too." in told
        assert key.value == "sk-test-0123456789"


async def test_a_bad_key_is_refused_with_its_reason(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        key = stage.app.screen.query_one("#key", Input)
        key.focus()
        key.value = "sk test"
        await pilot.press("enter")
        while "space" not in str(stage.app.screen.query_one("#key-text", Static).render()):
            await pilot.pause(0.01)
    assert stage.config.read_text(encoding="utf-8") == ""


async def test_a_key_that_can_not_be_tested_is_kept_if_the_user_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = KeyCheck("unknown", Failure("connection", "No way to api.openai.com.", "Is the network up?"))
    monkeypatch.setattr(key_check, "check_key", lambda provider, key: gone)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        anyway = stage.app.screen.query_one("#key-anyway", Button)
        assert not anyway.display
        key = stage.app.screen.query_one("#key", Input)
        key.focus()
        key.value = "sk-test-0123456789"
        await pilot.press("enter")
        while not anyway.display:
            await pilot.pause(0.01)
        assert "No way to" in str(stage.app.screen.query_one("#key-text", Static).render())
        assert stage.config.read_text(encoding="utf-8") == ""
        await pilot.press("enter")  # the button has the focus
        await wait_for_panes(stage, pilot, 2)
    assert 'api_key = "sk-test-0123456789"' in stage.config.read_text(encoding="utf-8")


async def test_models_of_a_server_found_listening_are_compared(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [probe.FoundServer("ollama", "Ollama", ("qwen3:4b", "llama3.2", "gemma"))]
    monkeypatch.setattr(welcome, "find_servers", lambda: found)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        listed = stage.app.screen.query_one(CheckList)
        while not listed.choices:
            await pilot.pause(0.01)
        assert listed.chosen == ("ollama/qwen3:4b", "ollama/llama3.2")
        await pilot.pause()
        await pilot.click(listed, offset=(5, 2))
        listed.focus()
        await pilot.press("up", "space")
        assert listed.chosen == ("ollama/qwen3:4b", "ollama/gemma")
        await pilot.click(listed, offset=(5, 1))
        await pilot.press("down", "space", "enter")
        await wait_for_panes(stage, pilot, 2)
        await stage.ready(pilot)
        assert stage.engine.warmed == ["ollama/qwen3:4b", "ollama/llama3.2"]
        assert peek(stage.config, {}).models == ("ollama/qwen3:4b", "ollama/llama3.2")


async def test_a_server_that_was_started_later_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[probe.FoundServer] = []
    monkeypatch.setattr(welcome, "find_servers", lambda: found)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        text = stage.app.screen.query_one("#server-text", Static)

        async def told(words: str) -> None:
            for _ in range(2000):
                if words in str(text.render()):
                    return
                await pilot.pause(0.01)
            pytest.fail(f"told instead: {text.render()}")

        await told("look again")
        found = [probe.FoundServer("ollama", "Ollama", ())]
        await pilot.click("#look")
        await told("ollama pull")
        found = [probe.FoundServer("lmstudio", "LM Studio", ("gemma",))]
        stage.app.screen.query_one("#look", Button).press()
        await told("LM Studio is listening")
        assert stage.app.screen.query_one(CheckList).chosen == ("lmstudio/gemma",)
        assert stage.app.focused is stage.app.screen.query_one(CheckList)
        assert not stage.app.screen.query_one("#look").display


async def test_models_that_can_not_be_kept_are_compared_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [probe.FoundServer("ollama", "Ollama", ("qwen3:4b",))]
    monkeypatch.setattr(welcome, "find_servers", lambda: found)
    async with stage.app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = stage.app.screen
        assert isinstance(screen, WelcomeScreen)
        screen.config = Path("/proc/nowhere/config.toml")
        while not screen.query_one(CheckList).choices:
            await pilot.pause(0.01)
        screen.query_one("#pick", Button).press()
        await wait_for_panes(stage, pilot, 1)
        while not any("They are not kept" in notice.message for notice in stage.app._notifications):
            await pilot.pause(0.01)


async def test_a_key_of_any_provider_gives_models(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        stage.app.screen.query_one("#provider", Select).value = "openrouter"
        await pilot.pause()
        key = stage.app.screen.query_one("#key", Input)
        assert stage.app.focused is key
        key.value = "sk-or-0123456789"
        await pilot.press("enter")
        await wait_for_panes(stage, pilot, 2)
        await stage.ready(pilot)
        assert stage.engine.warmed == ["openrouter-gpt-5.4-mini", "openrouter-haiku-4.5"]


@pytest.fixture
def model_server() -> Iterator[tuple[str, list[object]]]:
    reply: list[object] = [{"data": [{"id": "one"}, {"id": 7}, {"id": "embed-x"}, "no", {"id": "x" * 300}]}]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(reply[0]).encode())

        def log_message(self, *_: object) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", reply
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_is_asked_for_its_models(model_server: tuple[str, list[object]]) -> None:
    url, reply = model_server
    assert [server.models for server in probe.find_servers({"ollama": url})] == [("one",)]
    for odd in ([], {}, {"data": 1}, "text", None):
        reply[0] = odd
        assert probe.find_servers({"ollama": url}) == []
    for none in ([], None):
        reply[0] = {"data": none}
        assert [server.models for server in probe.find_servers({"ollama": url})] == [()]


def test_only_this_machine_is_asked(model_server: tuple[str, list[object]]) -> None:
    assert probe.find_servers({"ollama": "http://192.0.2.1/v1"}) == []
    elsewhere = f"HTTP/1.1 302 Found\r\nLocation: {model_server[0]}/models\r\n\r\n".encode()
    with raw_server([elsewhere]) as url:
        assert probe.find_servers({"ollama": url}) == []


@contextmanager
def raw_server(parts: list[bytes], stop: threading.Event | None = None) -> Iterator[str]:
    """Serve bytes to whoever asks; with ``stop`` one part in 10 ms, until that is set."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            for part in parts:
                self.request.sendall(part)
                if stop is not None and stop.wait(0.01):
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


def test_what_is_no_server_of_models_is_passed_over(model_server: tuple[str, list[object]]) -> None:
    with raw_server([b"SSH-2.0-OpenSSH_9.6\r\n\r\n"]) as url:
        found = probe.find_servers({"ollama": url, "lmstudio": model_server[0]})
        assert [server.provider for server in found] == ["lmstudio"]


def test_a_server_that_never_comes_to_an_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "LIMIT_S", 0.1)
    stop = threading.Event()
    drip = [b" "] * 100  # a second without the limit
    with raw_server([b"HTTP/1.1 200 OK\r\n\r\n", *drip, b'{"data": [{"id": "one"}]}'], stop) as url:
        assert probe.find_servers({"ollama": url}) == []
        stop.set()


def test_a_key_on_its_way_is_not_printed() -> None:
    from smallchat.tui.widgets.key_form import KeyOffer

    assert "sk-" not in repr(KeyOffer.Entered("openai", "sk-test-0123456789"))
    assert "sk-" not in repr(Secret("sk-test-0123456789"))


def test_a_broken_configuration_is_told_before_anything_is_offered(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text("[app]\nmodel = []\n")
    assert main([]) == 2
    assert 'Did you mean "models"?' in capsys.readouterr().err
