"""Draws the pictures of this folder from a run of the real built-in model.

    python screenshots/make.py

Needs the extra ``local``; fetches the model's weights once. The sessions, keys and configuration of whoever
runs it are not touched. Prices are given to the built-in model here, so that there is something to guard.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

FOLDER = Path(__file__).parent
CACHE = FOLDER.parent / ".cache" / "data"
SIZE = (120, 36)
WAIT_S = 60.0

CONFIG = """
[app]
models = ["smollm2", "smollm2-warm"]
max_output = 220

[models.small]
provider = "local"
label = "SmolLM2"
price = { input = 0.20, output = 1.25, as_of = 2026-11-20 }
params = { temperature = 0 }
[models.warm]
provider = "local"
wire = "anthropic"
label = "SmolLM2 warm"
price = { input = 1.00, output = 5.00, as_of = 2026-11-20 }
params = { temperature = 0.8 }

[routing]
default = "demo"
[routing.presets.demo]
description = "Prose by the warm one"
candidates = ["small", "warm"]
fallback = "small"
[[routing.presets.demo.rules]]
id = "writing"
when = { task = "writing" }
use = "warm"
why = "prose"
"""
BUDGET = "\n[budget]\nday = 0.001\n"

Draw = Callable[["Stage"], Awaitable[None]]


class Stage:
    """The app as its user sees it, with somebody who types."""

    def __init__(self, pilot: Pilot[None], name: str) -> None:
        self.pilot = pilot
        self.name = name

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until ``holds`` does."""
        async with asyncio.timeout(WAIT_S):
            while not holds():
                await self.pilot.pause(0.05)

    async def ready(self) -> None:
        """Wait until everything is loaded."""
        app = self.pilot.app
        await self.until(lambda: app.backend is not None and app.screen.comparison is not None)  # type: ignore[attr-defined]
        await self.until(lambda: app.backend.services.prices.loaded)  # type: ignore[attr-defined]

    async def ask(self, prompt: str, *, settle: bool = True) -> None:
        """Type ``prompt``, send it, and wait for the answers."""
        screen = self.pilot.app.screen
        screen.composer.insert(prompt)  # type: ignore[attr-defined]
        await self.pilot.press("enter")
        if settle:
            await self.pilot.pause(0.3)
            await self.until(lambda: not screen.running)  # type: ignore[attr-defined]
            await self.pilot.pause(0.3)

    def save(self) -> None:
        """Save what the screen shows."""
        path = FOLDER / f"{self.name}.svg"
        path.write_text(self.pilot.app.export_screenshot(title="smallchat"), encoding="utf-8")
        print(path.relative_to(FOLDER.parent))  # noqa: T201


async def compare(stage: Stage) -> None:
    """Two turns of two panes."""
    await stage.ask("Explain what a hash table is, with a short Python example.")
    await stage.ask("Name three of its uses as a list.")
    stage.save()


async def route(stage: Stage) -> None:
    """A chat in which rules choose who answers."""
    await stage.ask("What is 17 * 23?")
    await stage.ask("Draft a short email that thanks Ada for her help.")
    stage.save()


async def budget(stage: Stage) -> None:
    """A send that does not fit."""
    await stage.ask("Write a story about a lighthouse.", settle=False)
    await stage.until(lambda: type(stage.pilot.app.screen).__name__ == "OverBudgetScreen")
    await stage.pilot.pause(0.3)
    stage.save()


async def sessions(stage: Stage) -> None:
    """What was said."""
    await press_and_save(stage, "f2")


async def spend(stage: Stage) -> None:
    """What it cost."""
    await press_and_save(stage, "f4")


async def blind(stage: Stage) -> None:
    """Two answers without names, to be voted on."""
    await stage.pilot.press("alt+z")
    await stage.ask("In one paragraph: why is the sea salty?")
    await stage.pilot.pause(1.0)
    stage.save()


async def press_and_save(stage: Stage, key: str) -> None:
    """Open a screen by its key."""
    await stage.pilot.press(key)
    await stage.pilot.pause(1.0)
    stage.save()


async def show(
    name: str, draw: Draw, config: Path, *, theme: str = "smallchat-dark", **options: object
) -> None:
    """Open the app, draw one picture and close it again."""
    from smallchat.tui.app import SmallchatApp
    from smallchat.tui.backend import load_backend

    models = options.pop("models", ("smollm2", "smollm2-warm"))
    app = SmallchatApp(partial(load_backend, config), models, theme=theme, config=config, **options)  # type: ignore[arg-type]
    app.animation_level = "none"
    try:
        async with app.run_test(size=SIZE) as pilot:
            stage = Stage(pilot, name)
            await stage.ready()
            await draw(stage)
    finally:
        if app.backend is not None:
            app.backend.close()


async def draw_all(folder: Path) -> None:
    """Draw every picture; later ones show the sessions and the spending of the earlier."""
    from smallchat.tui.theme import shipped_themes

    config = folder / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    for theme in sorted(path.stem for path in shipped_themes().glob("*.toml")):
        name = "compare" if theme == "smallchat-dark" else f"compare-{theme.removeprefix('smallchat-')}"
        await show(name, compare, config, theme=theme)
    await show("route", route, config, models=(), route="demo")
    await show("blind", blind, config)
    await show("sessions", sessions, config)
    await show("spend", spend, config)
    config.write_text(CONFIG + BUDGET, encoding="utf-8")
    await show("budget", budget, config, models=("small", "warm"))


def main() -> None:
    """Draw in a home of our own."""
    from smallchat.providers.local import weights

    weights.install(CACHE, lambda done, total: None, threading.Event())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.update(HOME=name, SMALLCHAT_DATA_DIR=str(folder / "data"), COLORTERM="truecolor")
        for variable in [key for key in os.environ if key.endswith("_API_KEY") or key == "NO_COLOR"]:
            del os.environ[variable]
        shutil.copytree(CACHE / "weights", folder / "data" / "weights")
        asyncio.run(draw_all(folder))


if __name__ == "__main__":
    main()
