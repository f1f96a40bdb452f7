"""A preset of three candidates over fake adapters, for tests of routed sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from smallchat.engine.attempts import Timing
from smallchat.engine.budgeting import Budget
from smallchat.engine.engine import Engine
from smallchat.engine.routing import Router
from smallchat.engine.services import Services
from tests.engine.fakes import FakeAdapter, FakeAdapters

CONFIG = """
[providers.gateway]
wire = "openai"
base_url = "http://127.0.0.1:9/v1"
api_key = "k"
[models.small]
provider = "gateway"
label = "Small 1"
price = { input = 0.2, output = 1 }
[models.large]
provider = "gateway"
label = "Large 2"
price = { input = 1, output = 5 }
[models.spare]
provider = "gateway"
label = "Spare 3"
price = { input = 0.5, output = 2 }
[models.closed]
provider = "anthropic"
label = "Closed 4"
price = { input = 0.5, output = 2 }
[models.sorter]
provider = "gateway"
label = "Sorter 5"
price = { input = 0.1, output = 0.4 }
[routing]
default = "own"
[routing.presets.own]
candidates = ["small", "large", "spare", "closed"]
fallback = "small"
[[routing.presets.own.rules]]
id = "prose"
when = { task = "writing" }
use = ["large", "spare"]
why = "prose"
[routing.presets.shut]
candidates = ["closed"]
fallback = "closed"
"""
SECOND_STAGE = '[routing.second_stage]\nmodel = "sorter"\ntimeout_s = 0.5\n'
WRITING = "Write an email to my landlord about the broken heating."
UNCLEAR = "blue otters"


@dataclass
class Routed:
    services: Services
    budget: Budget
    engine: Engine
    adapters: FakeAdapters

    def router(self, name: str = "auto", **options: object) -> Router:
        return Router(self.services, self.budget, name, **options)  # type: ignore[arg-type]


@contextmanager
def routed(folder: Path, more: str = "", **adapters: FakeAdapter | BaseException) -> Iterator[Routed]:
    """Yield a started engine under a budget, with the adapters by their models' names."""
    path = folder / "routed.toml"
    path.write_text(CONFIG + more, encoding="utf-8")
    path.chmod(0o600)
    services = Services.load(path, {})
    source = FakeAdapters(adapters)
    budget = Budget(services)

    async def no_sleep(seconds: float) -> None: ...

    engine = Engine(services, lambda _: source, admission=budget, timing=Timing(sleep=no_sleep))
    engine.start()
    try:
        yield Routed(services, budget, engine, source)
    finally:
        engine.close()
        budget.close()
