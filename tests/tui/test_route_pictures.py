"""What the routed chat looks like; ``pytest --snapshot-update`` takes new pictures, to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from smallchat.engine.choice import Choice
from smallchat.tui.routed_chat import RoutedChat
from smallchat.tui.screens.decision import DecisionScreen
from tests.tui.routes import SORTING, WRITING, RouteStage

pytestmark = pytest.mark.usefixtures("still")
ANSWER = "Dear Ms Weber,\n\nthe heating in my flat has been **broken** since Monday.\n"

Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every decision take the same time."""
    draft = RoutedChat.draft

    def decide(chat: RoutedChat, prompt: str) -> Choice:
        choice = draft(chat, prompt)
        return replace(choice, decision=replace(choice.decision, micros=120))

    monkeypatch.setattr(RoutedChat, "draft", decide)


async def chat(stage: RouteStage, pilot: Pilot[None]) -> None:
    """Two prompts to two models, and a draft of a third."""
    stage.screen.composer.cursor_blink = False
    await stage.ready(pilot)
    assert stage.app.backend is not None
    stage.app.backend.services.tokens.load()
    await stage.ask(pilot, WRITING)
    await stage.answered(pilot, "alpha", ANSWER)
    await stage.ask(pilot, SORTING)
    await stage.answered(pilot, "beta", "positive")
    stage.app.clear_notifications()
    stage.screen.composer.insert("Write a limerick.")
    while "→ Alpha 1" not in stage.screen.query_one("#send-line").render().plain:  # type: ignore[union-attr]
        await pilot.pause(0.01)
    while stage.screen.row.panes[0].transcript.busy:
        await pilot.pause(0.01)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_routed_chat(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    stage = RouteStage(tmp_path)
    assert snap_compare(stage.app, terminal_size=size, run_before=lambda pilot: chat(stage, pilot))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_whole_decision(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    stage = RouteStage(tmp_path)

    async def explain(pilot: Pilot[None]) -> None:
        await chat(stage, pilot)
        await pilot.press("alt+d")
        while not isinstance(stage.app.screen, DecisionScreen):
            await pilot.pause(0.01)
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=size, run_before=explain)
