"""Each wire and each way to go wrong, through the real SDKs: the right ending, the text kept, no key told."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from smallchat.metering.events import StreamEnded
from tests.providers.asking import CANARY, WIRES, adapter_at, hear, request
from tests.servers.script import FAULTS, Script
from tests.servers.sse import SSEServer

SENT = "word0 word1 word2 word3 word4 "  # before a fault
QUICK = {"idle_timeout_s": 0.3, "payload_timeout_s": 0.5}

# fault: kind, whether the text before it is kept, whether the request may be sent again, words of the message
ERRORS = {
    "400": ("bad_request", "", False, "Invalid request."),
    "401": ("auth", "", False, "refused the key (401)"),
    "403": ("permission", "", False, "may not use this model"),
    "404": ("not_found", "", False, "does not know fault-404"),
    "422": ("bad_request", "", False, "Unprocessable"),
    "429": ("rate_limit", "", True, "too many requests"),
    "quota": ("rate_limit", "", False, "no credit left"),
    "500": ("server", "", True, "Internal error."),
    "502": ("server", "", True, "failed (502)."),
    "503": ("overloaded", "", True, "overloaded (503)"),
    "529": ("overloaded", "", True, "overloaded (529)"),
    "context": ("bad_request", "", False, "maximum context length"),
    "policy": ("content", "", False, "content filter"),
    "param": ("bad_request", "", False, "temperature"),
    "redirect": ("protocol", "", False, "redirects to /v1/elsewhere"),
    "html": ("protocol", "", False, "sent text/html instead of an event stream"),
    "json": ("protocol", "", False, "sent application/json instead of an event stream"),
    "json-error": ("overloaded", "", True, "model is still loading"),
    "empty": ("protocol", "", False, "empty answer"),
    "empty-stream": ("protocol", "", False, "empty answer"),
    "silent": ("timeout", "", False, "nothing came"),
    "stall-first": ("timeout", "", False, "nothing came"),
    "pings-only": ("timeout", "", False, "no text came"),
    "drop-first": ("connection", "", True, "closed the connection"),
    "endless-first": ("protocol", "", False, "without a complete event"),
    "drop": ("connection", SENT, False, "closed the connection"),
    "stall": ("timeout", SENT, False, "nothing came"),
    "pings": ("timeout", SENT, False, "no text came"),
    "malformed": ("protocol", SENT, False, "not JSON"),
    "utf8": ("protocol", SENT, False, "not UTF-8"),
    "shape": ("protocol", SENT, False, "unknown shape"),
    "endless": ("protocol", SENT, False, "without a complete event"),
}
# fault: how the answer ends without an error of the transport
ENDINGS = {
    "length": "length",
    "refusal": "refused",
    "filtered": "refused",
    "unmarked": "ok",
    "unfinished": "ok",
    "no-usage": "ok",
    "cut": "cut",
}


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", ERRORS)
async def test_a_fault_becomes_one_error_and_loses_no_text(server: SSEServer, wire: str, fault: str) -> None:
    kind, kept, retryable, words = ERRORS[fault]
    before = asyncio.all_tasks()
    async with adapter_at(server, wire, **QUICK) as adapter:
        heard = await hear(adapter, request(f"fault-{fault}", params={"temperature": 0.5}))
    failure = heard.failure
    assert (failure.kind, heard.text(), heard.error and heard.error.retryable) == (kind, kept, retryable)
    assert words in failure.message
    assert failure.hint
    assert "\n" not in failure.message + failure.hint
    assert heard.meter().status == "error"
    assert not heard.of(StreamEnded)
    await no_new_tasks(before)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", ENDINGS)
async def test_an_answer_that_ends_by_itself(server: SSEServer, wire: str, fault: str) -> None:
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request(f"fault-{fault}"))
    assert heard.error is None
    assert heard.meter().status == ENDINGS[fault]
    assert heard.text().startswith(SENT)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", ["error", "named-error"])
async def test_an_error_event_inside_an_answer(server: SSEServer, wire: str, fault: str) -> None:
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request(f"fault-{fault}"))
    # Anthropic's event names its kind; OpenAI's has a message only.
    assert heard.failure.kind == ("overloaded" if wire == "anthropic" else "server")
    assert "The server is overloaded." in heard.failure.message
    assert heard.text() == SENT
    assert heard.error is not None
    assert not heard.error.retryable


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_that_dies_after_its_finish_reason_is_complete(server: SSEServer, wire: str) -> None:
    server.scripts["m"] = Script(ending="unmarked", tokens=5, then_stall=True)
    async with adapter_at(server, wire, **QUICK) as adapter:
        heard = await hear(adapter, request())
    assert heard.error is None
    assert heard.of(StreamEnded)[0].marked is False
    assert heard.meter().status == "ok"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_error_tells_the_key(server: SSEServer, wire: str, fault: str) -> None:
    async with adapter_at(server, wire, **QUICK) as adapter:
        heard = await hear(adapter, request(f"fault-{fault}"))
    if heard.error is None:
        return
    assert heard.error.__cause__ is None
    assert heard.error.__context__ is None
    told = "".join(traceback.TracebackException.from_exception(heard.error, capture_locals=True).format())
    assert CANARY not in told
    assert CANARY[:12] not in repr(heard.failure)


@pytest.mark.parametrize(
    ("fault", "wait"), [("429", 1.0), ("429-now", 0.0), ("429-long", 3600.0), ("500", None), ("503", None)]
)
async def test_how_long_to_wait_is_kept(server: SSEServer, fault: str, wait: float | None) -> None:
    async with adapter_at(server, "openai") as adapter:
        heard = await hear(adapter, request(f"fault-{fault}"))
    assert heard.failure.retry_after_s == wait


@pytest.mark.parametrize("wire", WIRES)
async def test_the_parameter_that_was_refused_is_named(server: SSEServer, wire: str) -> None:
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request("fault-param", params={"top_p": 1, "temperature": 0.5}))
    assert "Leave temperature out" in heard.failure.hint


@pytest.mark.parametrize("wire", WIRES)
async def test_after_a_fault_the_adapter_answers_as_before(server: SSEServer, wire: str) -> None:
    async with adapter_at(server, wire) as adapter:
        for fault in ("fault-drop", "fault-500", "fault-cut", "fault-html"):
            await hear(adapter, request(fault))
        heard = await hear(adapter, request())
    assert heard.meter().status == "ok"


async def no_new_tasks(before: set[asyncio.Task[object]]) -> None:
    """Fail unless the tasks that generators leave to the loop end by themselves."""
    left = asyncio.all_tasks() - before
    if left:
        await asyncio.wait(left, timeout=5)
    assert not asyncio.all_tasks() - before
