"""What the screens look like; ``pytest --snapshot-update`` takes new pictures, to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from smallchat.providers.local import weights
from smallchat.tui.app import SmallchatApp
from smallchat.tui.screens import welcome
from smallchat.tui.screens.welcome import WelcomeScreen
from smallchat.tui.theme import shipped_themes
from tests.tui.fakes import Stage

ANSWER = """# Rivers

The **Rhine** rises in the Alps and flows `1,230 km` to the sea.

1. It passes Basel.
2. It passes *Cologne*.

```python
def length(river: str) -> int:
    return {"rhine": 1230}[river]
```
"""

Compare = Callable[..., bool]

pytestmark = pytest.mark.usefixtures("still")


async def answer_all(stage: Stage, pilot: Pilot[None]) -> None:
    """Bring every pane to an end: one well and first, one well, one with an error."""
    stage.screen.composer.cursor_blink = False
    await stage.ready(pilot)
    await stage.ask(pilot, "Tell me about rivers.")
    alpha, beta, gamma = (stage.engine.lane(name) for name in ("alpha", "beta", "gamma"))
    stage.engine.finish(alpha, ANSWER * 2, ttft_ms=212, output=180)
    stage.engine.finish(beta, ANSWER, ttft_ms=480, output=90)
    stage.engine.fail(gamma, "Gateway answered 503: overloaded.", "Try again in a moment.")
    await stage.settled(pilot)
    while any(pane.transcript.busy for pane in stage.screen.row.panes):
        await pilot.pause(0.01)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_answers_side_by_side(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    stage = Stage(tmp_path)
    assert snap_compare(stage.app, terminal_size=size, run_before=lambda pilot: answer_all(stage, pilot))


@pytest.mark.parametrize("theme", sorted(path.stem for path in shipped_themes().glob("*.toml")))
def test_every_theme(snap_compare: Compare, tmp_path: Path, theme: str) -> None:
    stage = Stage(tmp_path)
    stage.app = SmallchatApp(stage.load, ("alpha", "beta", "gamma"), theme=theme)
    assert snap_compare(stage.app, terminal_size=(120, 36), run_before=lambda pilot: answer_all(stage, pilot))


def test_before_anything_is_asked(snap_compare: Compare, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def wait(pilot: Pilot[None]) -> None:
        stage.screen.composer.cursor_blink = False
        await stage.ready(pilot)
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=wait)


def test_welcome(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "has_engine", lambda: True)
    monkeypatch.setattr(welcome, "find_servers", lambda: [])
    stage = Stage(tmp_path, config="")
    app = SmallchatApp(stage.load, (), welcome=lambda: WelcomeScreen(stage.config, tmp_path, ()))

    async def wait(pilot: Pilot[None]) -> None:
        while "Neither" not in str(app.screen.query_one("#server-text").render()):
            await pilot.pause(0.01)

    assert snap_compare(app, terminal_size=(80, 24), run_before=wait)
