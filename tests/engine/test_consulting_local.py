"""The second stage asked of the real built-in model."""

from __future__ import annotations

from pathlib import Path

import pytest

from smallchat.engine.budgeting import Budget
from smallchat.engine.consulting import Consultant
from smallchat.engine.engine import Engine
from smallchat.engine.routing import Router
from smallchat.engine.services import Services
from smallchat.routing.meanings import TASKS
from tests.fixtures.local_model import local_data

__all__ = ["local_data"]

CONFIG = """
[routing]
default = "own"
[routing.presets.own]
candidates = ["smollm2", "smollm2-warm"]
fallback = "smollm2"
[routing.second_stage]
model = "smollm2"
timeout_s = 120
"""


@pytest.mark.local_model
def test_a_real_model_follows_the_schema(local_data: Path, home: Path) -> None:
    data = home / "smallchat-data"
    data.mkdir()
    (data / "weights").symlink_to(local_data / "weights")
    path = home / "config.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    services = Services.load(path, {})
    budget = Budget(services)
    engine = Engine(services, admission=budget)
    engine.start()
    try:
        router = Router(services, budget)
        choice = router.decide("blue otters, please")
        assert router.may_consult(choice)
        consulted = Consultant(services, engine, budget).ask(choice)
    finally:
        engine.close()
        budget.close()
    assert consulted is not None
    # Such a small model may well say "none", but never anything else than one of the words.
    assert consulted.task in TASKS or consulted.trouble == "it named no task"
    assert consulted.cost is not None
    assert (consulted.cost.usd, consulted.cost.price_source) == (0, "local")
