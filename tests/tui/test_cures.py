"""What can be done about what went wrong, or is out of sight, is said there, and can be clicked."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from smallchat.metering.events import Failed, Failure
from smallchat.tui.screens.keys import KeysScreen
from smallchat.tui.screens.link import LinkScreen, open_browser
from smallchat.tui.widgets.figures_line import FiguresLine
from smallchat.tui.widgets.transcript import Transcript
from tests.tui.drawing import click_words
from tests.tui.fakes import Stage

URL = "https://example.org/"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_a_failed_answer_is_asked_for_again_by_a_click(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        kinds = {"alpha": "connection", "beta": "auth", "gamma": "bad_request"}
        for name, kind in kinds.items():
            lane = stage.engine.lane(name)
            at = stage.engine.begin(lane)
            stage.engine.end(lane, Failed(at, Failure(kind, "It broke.")))  # type: ignore[arg-type]
        await stage.settled(pilot)
        alpha, beta, gamma = (pane.transcript for pane in stage.screen.row.panes)
        assert alpha.find("Ctrl+R in this pane") == 1
        assert beta.find("enters another key") == 1
        assert gamma.find("asks again") == gamma.find("another key") == 0
        await click_words(pilot, alpha, "Ctrl+R")
        await stage.sent(pilot)
        assert [lane.model.name for lane in stage.engine.orders[-1].lanes] == ["alpha"]


async def test_a_click_on_a_refused_key_leads_to_the_keys(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.app.config = stage.config
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await stage.ready(pilot)
        transcript = stage.screen.row.panes[0].transcript
        transcript.add_note("Alt+K enters another key.", about="enter a key")
        transcript.post_message(Transcript.NoteClicked(transcript, "enter a key"))
        await pilot.pause()
        await pilot.pause()
        assert isinstance(stage.app.screen, KeysScreen)


async def test_the_end_is_shown_again_by_a_click(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 24)) as pilot:
        await stage.ready(pilot)
        await stage.ask(pilot, "Which river?")
        for name in ("alpha", "beta", "gamma"):
            stage.engine.finish(stage.engine.lane(name), "word\n\n" * 60)
        await stage.settled(pilot)
        pane = stage.screen.row.panes[0]
        assert "more below" not in str(pane.figures.render())
        pane.transcript.scroll_home(animate=False)
        await pilot.pause()
        assert str(pane.figures.render()).startswith("─ ↓ more below ─")
        await pilot.click(pane.query_one(FiguresLine), offset=(5, 0))
        await pilot.pause()
        assert pane.transcript.follow
        assert "more below" not in str(pane.figures.render())


async def test_a_link_that_no_browser_opens_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smallchat.tui.screens.link.open_browser", lambda url: False)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        stage.app.push_screen(LinkScreen(URL))
        await pilot.pause()
        await pilot.press("enter")
        while not stage.app._notifications:
            await pilot.pause(0.01)
        assert "copy the address" in next(iter(stage.app._notifications)).message


def test_no_browser_draws_into_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("false"))
    assert not open_browser(URL)
    opened: list[str] = []

    class Window(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            opened.append(url)
            return True

    monkeypatch.setattr(webbrowser, "get", Window)
    assert open_browser(URL)
    assert opened == [URL]
