"""Nothing but text reaches the terminal, whoever wrote it, and a crash tells no secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static
from textual.widgets._toast import Toast

from smallchat.metering.answer import Answer
from smallchat.metering.events import Failure
from smallchat.tui.app import SmallchatApp
from smallchat.tui.crash import describe_crash
from smallchat.tui.endings import explain_ending
from smallchat.tui.forecast import Forecast
from smallchat.tui.phase import READY
from smallchat.tui.probe import FoundServer
from smallchat.tui.screens.link import LinkScreen, is_web_address
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.enclosed_line import Chip, EnclosedLine
from smallchat.tui.widgets.figures_line import FiguresLine
from smallchat.tui.widgets.key_form import KeyForm
from smallchat.tui.widgets.offers import LocalOffer, ServerOffer
from smallchat.tui.widgets.pane_header import PaneHeader
from smallchat.tui.widgets.path_list import PathList
from smallchat.tui.widgets.send_line import SendLine
from smallchat.tui.widgets.title_bar import Tab, TitleBar
from tests.tui.fakes import CONFIG, Stage

EVIL = (
    "\x1b]52;c;ZXZpbA==\x07 \x9b31m \x1bP+q\x1b\\ \u202eevil \U000e0041 [@click=app.quit]go[/] [/] [link=x]"
    "\x00\x08\r\x7f\u2028"
)
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\U000e0000-\U000e007f]"
)


def drawn_text(widget: Widget) -> str:
    strips: list[Strip] = [widget.render_line(y) for y in range(widget.size.height)]
    return "\n".join(segment.text for strip in strips for segment in strip if not segment.control)


async def _header(header: PaneHeader) -> None:
    header.introduce(EVIL, EVIL)


async def _title(title: TitleBar) -> None:
    title.show([Tab(EVIL, READY, True), Tab(EVIL, READY, False)], None, "")


async def _send_line(line: SendLine) -> None:
    line.show(Forecast(1, None, (EVIL,), (EVIL,)), 2)


async def _figures(figures: FiguresLine) -> None:
    figures.note(EVIL)


async def _composer(composer: Composer) -> None:
    composer.insert(EVIL)


async def _servers(offer: ServerOffer) -> None:
    offer.show([FoundServer("ollama", "Ollama", (EVIL, "qwen3:4b"))])


async def _enclosed(line: EnclosedLine) -> None:
    line.show([Chip("text", f"evil {EVIL}", "")], "alt+x")


async def _paths(paths: PathList) -> None:
    paths.show("", [EVIL])


async def _key_form(form: KeyForm) -> None:
    form.ask_for("evil", EVIL, EVIL)
    form.show_test(EVIL)
    form.show_problem(EVIL)


async def _local(offer: LocalOffer) -> None:
    offer.show_end(EVIL)


@pytest.mark.parametrize(
    ("make", "act"),
    [
        pytest.param(lambda: PaneHeader(EVIL, 1), _header, id="header"),
        pytest.param(TitleBar, _title, id="title"),
        pytest.param(SendLine, _send_line, id="send line"),
        pytest.param(FiguresLine, _figures, id="figures"),
        pytest.param(Composer, _composer, id="composer"),
        pytest.param(EnclosedLine, _enclosed, id="chips"),
        pytest.param(PathList, _paths, id="paths"),
        pytest.param(ServerOffer, _servers, id="servers"),
        pytest.param(lambda: LocalOffer(93, EVIL), _local, id="local"),
        pytest.param(lambda: KeyForm("evil", EVIL, EVIL), _key_form, id="key form"),
    ],
)
async def test_no_widget_leaks_control_characters(
    make: Callable[[], Widget], act: Callable[[Any], Any]
) -> None:
    class Bench(App[None]):
        def get_theme_variable_defaults(self) -> dict[str, str]:
            return {"quiet": "#868e9b", "line": "#4a505c"}

        def compose(self) -> ComposeResult:
            yield make()

    app = Bench()
    async with app.run_test(size=(120, 30)) as pilot:
        widget = app.screen.children[0]
        await act(widget)
        await pilot.pause()
        drawn = "\n".join(drawn_text(one) for one in [widget, *widget.query(Widget)])
        assert not FORBIDDEN.search(drawn), FORBIDDEN.findall(drawn)
        assert "evil" in drawn or "click" in drawn  # it was drawn, and not as markup


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("alt+p", "#term-temperature"),
        ("alt+p", "#term-system"),
        ("f10", "Input"),
        ("f10", "TextArea"),
        ("ctrl+p", "#words"),
        ("f1", "#words"),
        ("alt+m", "#model-search"),
        ("alt+q", "#find-words"),
    ],
)
async def test_what_is_pasted_into_a_field_is_shown_as_text(tmp_path: Path, key: str, field: str) -> None:
    stage = Stage(tmp_path)
    stage.app = SmallchatApp(stage.load, ("alpha", "beta"), config=stage.config)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await pilot.press(key)
        while not stage.app.screen.query(field):
            await pilot.pause(0.01)
        pasted = stage.app.screen.query(field).first(Widget).focus()
        pasted.post_message(events.Paste(EVIL.partition("\r")[0]))
        await pilot.pause()
        drawn = drawn_text(pasted)
        assert "]52" in drawn or "evil" in drawn  # where there is no room for all, the end is in sight
        assert not FORBIDDEN.search(drawn), FORBIDDEN.findall(drawn)


async def test_a_toast_tells_by_a_sign_what_it_is_and_the_same_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(80, 24), notifications=True) as pilot:
        for _ in range(3):
            stage.app.toast("Well done.")
            stage.screen.toast("Take care.", "warning")
            stage.screen.notify("It broke: [/]", severity="error", markup=True)
            await pilot.pause()
        told = [note.message for note in stage.app._notifications]
        assert told == ["Well done.", "! Take care.", "✗ It broke: [/]"]
        assert len(stage.screen.query(Toast)) == 3


async def test_toasts_and_links_show_text_only(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        stage.screen.toast(EVIL)
        await pilot.pause(0.2)
        (note,) = stage.app._notifications
        assert not FORBIDDEN.search(note.message)
        assert not note.markup
        stage.app.push_screen(LinkScreen("https://example.com/" + EVIL))
        await pilot.pause()
        drawn = "".join(drawn_text(one) for one in stage.app.screen.query(Static))
        assert not FORBIDDEN.search(drawn)


def test_endings_are_told_on_safe_lines() -> None:
    answer = Answer("m", "p", "error", error=Failure("server", EVIL, EVIL))
    told = explain_ending(answer)
    assert told is not None
    assert not FORBIDDEN.search(told[0])


async def test_the_composer_names_a_model_as_text_whatever_it_is_called(tmp_path: Path) -> None:
    label = "Small [/] [b]one[/b]"
    stage = Stage(tmp_path, CONFIG.replace('"Alpha 1"', f'"{label}"'), models=("alpha",))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.pause()
        drawn = drawn_text(stage.screen.composer).replace("\n", "")  # the cursor's cell is drawn apart
        assert f"Ask {label}…" in drawn


async def test_what_a_model_sends_by_itself_is_shown_as_text(tmp_path: Path) -> None:
    params = r'params = { temperature = "\u001b]52;c;x\u0007" }'
    stage = Stage(tmp_path, CONFIG.replace('label = "Alpha 1"', f'label = "Alpha 1"\n{params}'))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        await pilot.press("alt+p")
        await pilot.pause()
        drawn = drawn_text(stage.app.screen.query_one("#term-temperature"))
        assert "own: ␛]52" in drawn
        assert not FORBIDDEN.search(drawn)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.com/a?b=c", True),
        ("http://127.0.0.1:8080", True),
        ("file:///etc/passwd", False),
        ("fil%65:///etc/passwd", False),
        ("vscode://x", False),
        ("-https://example.com", False),
        ("https://", False),
        ("https://exa mple.com", False),
        ("https://example.com/\x1b", False),
        ("https://[", False),
    ],
)
def test_only_plain_web_addresses_may_be_opened(url: str, good: bool) -> None:
    assert is_web_address(url) is good


def test_a_crash_tells_neither_variables_nor_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-1234567890abcdef")
    try:
        secret_in_a_variable = "hunter2hunter2"
        raise RuntimeError(f"refused {os.environ['OPENAI_API_KEY']} \x1b[2J{len(secret_in_a_variable)}")
    except RuntimeError as error:
        told = describe_crash(error, debug=True)
    assert "sk-test" not in told
    assert "\x1b" not in told
    assert "RuntimeError: refused" in told


async def test_an_unexpected_error_closes_the_app_without_its_variables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = Stage(tmp_path)

    def explode() -> None:
        key_in_a_variable = "sk-live-" + "0123456789"
        raise RuntimeError("bang " + str(len(key_in_a_variable)))

    async def run() -> None:
        async with stage.app.run_test(size=(120, 36)) as pilot:
            await stage.ready(pilot)
            stage.app.call_later(explode)
            await pilot.pause(0.1)

    with pytest.raises(RuntimeError, match="bang"):
        await run()
    told = capsys.readouterr().err
    assert "RuntimeError: bang" in told
    assert "sk-live-0123456789" not in told
    assert "locals" not in told
