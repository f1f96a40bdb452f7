from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from smallchat.catalog.model import Price
from smallchat.config.schema import BudgetSettings, Settings
from smallchat.engine.attempts import Timing
from smallchat.engine.budgeting import Budget
from smallchat.engine.engine import Engine
from tests.engine.budgets import FakeProviders
from tests.engine.fakes import PRICE, FakeAdapter, FakeAdapters, fake_services

StartEngine = Callable[..., Engine]
MakeBudget = Callable[..., Budget]
PLAIN = ("unknown_price", "hard_stop")  # settings that are no dollars


async def tasks_left() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


@pytest.fixture
def start_engine() -> Iterator[StartEngine]:
    """Start engines over fake adapters, by model name; at the end they must have left nothing behind."""
    engines: list[tuple[Engine, FakeAdapters]] = []

    async def no_sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    def start(adapters: dict[str, FakeAdapter | BaseException], **options: Any) -> Engine:
        source = FakeAdapters(adapters)
        ticks = itertools.count(1)
        timing = Timing(clock=lambda: next(ticks), sleep=no_sleep)
        engine = Engine(fake_services(), lambda _: source, timing=timing, **options)
        engine.start()
        engines.append((engine, source))
        return engine

    yield start
    for engine, source in engines:
        if engine._network.running and all(send.wait(5) for send in engine._sends):
            assert engine._network.submit(tasks_left()).result(5) == set()
        engine.close()
        assert source.closed
        assert all(
            adapter.open == 0 for adapter in source.adapters.values() if isinstance(adapter, FakeAdapter)
        )


@pytest.fixture
def make_budget(tmp_path: Path) -> Iterator[MakeBudget]:
    budgets: list[Budget] = []

    def make(price: Price | None = PRICE, **caps: Any) -> Budget:
        fields = {name: usd if name in PLAIN else Decimal(usd) for name, usd in caps.items()}
        services = replace(
            fake_services(),
            settings=Settings(budget=BudgetSettings(**fields)),
            providers=FakeProviders(),  # type: ignore[arg-type]
            data_dir=tmp_path / "data",
        )
        services.prices.price = lambda model: price  # type: ignore[method-assign, assignment, misc]
        budgets.append(Budget(services))
        return budgets[-1]

    yield make
    for budget in budgets:
        budget.close()
