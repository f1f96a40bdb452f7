"""The whole way: configuration, engine, both SDKs, and a server with a known schedule."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from smallchat.engine.conversation import Conversation
from smallchat.engine.engine import Engine
from smallchat.engine.order import Order
from smallchat.engine.sending import Send
from smallchat.engine.services import Services
from smallchat.metering.answer import Answer
from smallchat.metering.usage import Usage
from tests.engine.conftest import tasks_left
from tests.servers.script import Script, Seen
from tests.servers.sse import SSEServer, serve

GOOD = Script(ttft_s=0.02, tokens_per_s=300, tokens=120, bundle=3, input_tokens=50)
MODELS = {"good": GOOD, "slow": Script(tokens_per_s=5, tokens=10_000)}

Ask = Callable[..., Send]


@pytest.fixture
def server() -> Iterator[SSEServer]:
    with serve(scripts=MODELS) as server:
        yield server


@pytest.fixture
def engine(server: SSEServer, tmp_path: Path) -> Iterator[Engine]:
    names = ["good", "slow", "fault-cut", "fault-529x1", "fault-401", "fault-drop", "fault-429-long"]
    price = "price = { input = 1.0, output = 5.0, as_of = 2026-11-20 }"
    models = [
        f'[models."{wire}-{name}"]\nprovider = "{wire}-test"\nid = "{name}"\n{price}\n'
        for wire in ("openai", "anthropic")
        for name in names
    ]
    config = tmp_path / "config.toml"
    config.write_text(
        f'[providers.openai-test]\nwire = "openai"\nbase_url = "{server.openai_url}"\napi_key = "sk-secret"\n'
        f'[providers.anthropic-test]\nwire = "anthropic"\nbase_url = "{server.anthropic_url}"\n'
        'api_key = "sk-secret"\n' + "".join(models),
        encoding="utf-8",
    )
    config.chmod(0o600)
    engine = Engine(Services.load(config, {}))
    engine.start()
    yield engine
    for send in engine._sends:
        send.wait(10)
    assert engine._network.submit(tasks_left()).result(5) == set()
    engine.close()
    assert server.wait_until(lambda server: server.open_connections == 0)


@pytest.fixture
def ask(engine: Engine) -> Ask:
    def ask(*names: str) -> Send:
        lanes = (Conversation(engine.services.catalog.get(name)).lane_for("hi", 1000) for name in names)
        return engine.send(Order(tuple(lanes)))

    return ask


def settled(send: Send) -> list[Answer]:
    assert send.wait(30)
    return [running.answer for running in send.answers if running.answer is not None]


def last_chat(server: SSEServer, model: str, wire: str) -> Seen:
    return [seen for seen in server.chats if (seen.model, seen.wire) == (model, wire)][-1]


def test_both_wires_are_measured_alike(ask: Ask, server: SSEServer) -> None:
    answers = settled(ask("openai-good", "anthropic-good"))
    for answer, wire in zip(answers, ("openai", "anthropic"), strict=True):
        seen = last_chat(server, "good", wire)
        assert (answer.status, answer.attempts, answer.error) == ("ok", 1, None)
        assert answer.text == "".join(sent.text for sent in seen.sent)
        assert answer.usage == Usage(50, 120)
        assert (answer.cost.usd, answer.cost.state) == (Decimal("0.00065"), "exact")
        figures = answer.figures
        # Causes come first: nobody sees a token sooner after the request than the server sent it.
        assert figures.ttft_ms is not None
        assert figures.ttft_ms >= (seen.sent[0].at - seen.received_at) / 1e6
        assert figures.ttft_ms <= (figures.total_ms or 0)
        assert figures.payload_events == len(seen.sent) == 40
        assert figures.tokens_per_event == 3
        assert figures.tokens_per_s is not None
        assert not figures.estimated


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_failing_lanes_leave_the_others_alone(ask: Ask, wire: str) -> None:
    names = ("good", "fault-cut", "fault-529x1", "fault-401", "fault-drop", "fault-429-long")
    good, cut, retried, denied, dropped, limited = settled(ask(*(f"{wire}-{name}" for name in names)))
    assert (good.status, good.attempts, good.usage) == ("ok", 1, Usage(50, 120))
    assert (cut.status, cut.cost.state) == ("cut", "lower_bound")
    assert cut.text
    assert (retried.status, retried.attempts) == ("ok", 2)
    assert denied.error is not None
    assert (denied.status, denied.error.kind, denied.attempts, denied.usage) == ("error", "auth", 1, None)
    assert "sk-secret" not in str(denied)
    assert dropped.error is not None
    assert (dropped.status, dropped.error.kind, dropped.attempts) == ("error", "connection", 1)
    assert dropped.text
    assert limited.error is not None
    assert (limited.error.kind, limited.error.hint) == ("rate_limit", "Try again in 3600 s.")


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_stopping_closes_the_connection_and_keeps_the_text(ask: Ask, server: SSEServer, wire: str) -> None:
    send = ask(f"{wire}-slow")
    (running,) = send.answers
    meter = running.new_meter()
    news = threading.Event()
    running.on_change(news.set)
    while not meter.text():
        assert news.wait(10)
        news.clear()
        for event in running.drain():
            meter.feed(event)
    send.stop()
    (answer,) = settled(send)
    assert (answer.status, answer.cost.state) == ("cancelled", "lower_bound")
    assert answer.text.startswith(meter.text())
    assert server.wait_until(lambda server: last_chat(server, "slow", wire).ended == "gone")
