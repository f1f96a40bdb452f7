from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from smallchat.catalog.model import Model, Price, PriceStep, Rates
from smallchat.metering.cost import CostRange
from smallchat.tui.forecast import Forecast, describe_price, format_range, warn_of_limits
from smallchat.tui.latest import LatestOnly

MODEL = Model("m", "p", "m", "Model", context=1_000, max_input=800)
CHEAP = Rates(Decimal(1), Decimal(5))
STEPPED = Price(CHEAP, (PriceStep(500, Rates(Decimal(2), Decimal(10))),))


@pytest.mark.parametrize(
    ("tokens", "max_output", "warning"),
    [
        (700, 100, ""),
        (721, 100, "near Model's limit: ~721 of 800 tokens"),
        (801, 100, "too long for Model: ~801 of 800 tokens"),
        (551, 400, "near Model's limit: ~551 of 600 tokens"),  # the answer needs room in the window too
    ],
)
def test_a_window_that_comes_near_is_told(tokens: int, max_output: int, warning: str) -> None:
    assert "".join(warn_of_limits(MODEL, None, tokens, max_output)) == warning


@pytest.mark.parametrize(
    ("tokens", "warning"),
    [
        (449, ""),
        (450, "Model costs more above 500 tokens"),
        (500, "Model costs more above 500 tokens"),
        (501, "Model's higher price holds above 500 tokens"),
    ],
)
def test_a_price_step_that_comes_near_is_told(tokens: int, warning: str) -> None:
    assert "".join(warn_of_limits(MODEL, STEPPED, tokens, 100)) == warning


def test_an_unknown_limit_gives_no_warning() -> None:
    assert warn_of_limits(Model("m", "p", "m", "Model"), None, 10_000_000, 100) == []


def test_a_forecast_names_its_panes_and_what_has_no_price() -> None:
    usd = CostRange(Decimal("0.0006"), Decimal("0.0195"))
    assert describe_price(Forecast(42, usd), 2) == "~42 tokens · $0.000600–$0.0195 for 2 panes"
    assert describe_price(Forecast(42, usd, ("X",)), 2).endswith("for 1 of 2 panes · no price for X")
    assert describe_price(Forecast(42, None, ("X",)), 1) == "~42 tokens · no price for X"
    assert format_range(CostRange(Decimal(0), Decimal(0))) == "free"


def test_only_the_newest_job_is_done_and_a_failing_one_harms_no_other() -> None:
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()
    found: list[int] = []
    worker = LatestOnly("test")

    def first() -> None:
        begun.set()
        assert go_on.wait(10)
        raise RuntimeError

    worker.do(first)
    assert begun.wait(10)
    worker.do(lambda: found.append(1))
    worker.do(lambda: (found.append(2), done.set()))
    go_on.set()
    assert done.wait(10)
    assert found == [2]


def test_a_thread_lasts_as_long_as_its_jobs() -> None:
    worker = LatestOnly("test-lasting")
    threads: list[threading.Thread] = []
    for _ in range(2):  # again after it has ended
        done = threading.Event()
        worker.do(lambda done=done: (threads.append(threading.current_thread()), done.set()))
        assert done.wait(10)
        threads[-1].join(10)
        assert not threads[-1].is_alive()
    worker.end()
    worker.do(lambda: threads.append(threading.current_thread()))
    assert len(threads) == 2
