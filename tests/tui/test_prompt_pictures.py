"""What prompts with things around them look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from smallchat.engine.attaching import Attachment, read_attachment
from smallchat.tui.app import SmallchatApp
from smallchat.tui.enclosed import Enclosed
from smallchat.tui.screens.choosing import ChoosingScreen
from tests.tui.fakes import Stage
from tests.tui.test_prompt_keys import LIBRARY, PNG, SEEING, ask_and_answer, until

Compare = Callable[..., bool]

pytestmark = pytest.mark.usefixtures("still")
SCHEMA = {"type": "object", "required": ["age"]}


async def listed(stage: Stage, pilot: Pilot[None], key: str) -> None:
    """Open a list and wait for its items."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(stage.app.screen, ChoosingScreen))
    await until(pilot, lambda: bool(stage.app.screen._items))  # type: ignore[attr-defined]
    await pilot.pause()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_chips(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    stage = Stage(tmp_path, SEEING)

    async def look(pilot: Pilot[None]) -> None:
        stage.screen.composer.cursor_blink = False
        await stage.ready(pilot)
        tokens = stage.screen.backend.services.tokens  # type: ignore[union-attr]
        await until(pilot, lambda: tokens.loaded)
        files = (read_attachment(tmp_path / "cat.png"), Attachment("notes.txt", 12_345, text="milk " * 500))
        stage.screen.enclose(Enclosed(files, SCHEMA, "person.json"))
        stage.screen.composer.post_message(events.Paste("word " * 3000))
        await until(pilot, lambda: len(stage.screen._chips()) == 4)
        await until(pilot, lambda: "tokens" in str(stage.screen.query_one("#send-line").render()))
        await pilot.pause(0.2)

    assert snap_compare(stage.app, terminal_size=size, run_before=look)


def test_answers_marked_by_the_schema(snap_compare: Compare, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[None]) -> None:
        stage.screen.composer.cursor_blink = False
        await stage.ready(pilot)
        stage.screen.enclose(Enclosed((), SCHEMA, "person.json"))
        await stage.ask(pilot, "How old?")
        for name, text in [("alpha", json.dumps({"age": 36})), ("beta", "Quite old."), ("gamma", "{}")]:
            stage.engine.finish(stage.engine.lane(name), text)
        await stage.settled(pilot)
        while any(pane.transcript.busy for pane in stage.screen.row.panes):
            await pilot.pause(0.01)

    assert snap_compare(stage.app, terminal_size=(120, 36), run_before=look)


def test_history(snap_compare: Compare, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[None]) -> None:
        stage.screen.composer.cursor_blink = False
        await stage.ready(pilot)
        for prompt in ("Tell me about rivers.", "And about\nseas?"):
            await ask_and_answer(stage, pilot, prompt)
        await listed(stage, pilot, "alt+h")
        stage.app.screen.query_one("#find-item").cursor_blink = False  # type: ignore[attr-defined]

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=look)


def test_library(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smallchat.tui.prompt_library._write_path", lambda path: "~/smallchat/prompts.toml")
    stage = Stage(tmp_path)
    (tmp_path / "prompts.toml").write_text(LIBRARY + '[review]\ntext = "Review this: {code}"\n')

    async def look(pilot: Pilot[None]) -> None:
        stage.screen.composer.cursor_blink = False
        await stage.ready(pilot)
        await listed(stage, pilot, "alt+l")
        stage.app.screen.query_one("#find-item").cursor_blink = False  # type: ignore[attr-defined]

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=look)


async def test_files_of_the_command_line_go_with_the_first_prompt(tmp_path: Path) -> None:
    stage = Stage(tmp_path, SEEING)
    file = Attachment("notes.txt", 4, text="milk")
    stage.app = SmallchatApp(stage.load, ("alpha",), files=(file,))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        assert stage.screen.enclosed_line.display
        await stage.ask(pilot, "What?")
        assert stage.engine.orders[-1].lanes[0].messages[-1].text.startswith("What?\n\nFile notes.txt:")
        assert not stage.screen.enclosed_line.display
