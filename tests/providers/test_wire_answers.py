"""What both wires make of answers that go well, and what they send for them."""

from __future__ import annotations

from typing import Any

import pytest

from smallchat.metering.events import (
    Connected,
    Event,
    Finished,
    Payload,
    Served,
    ServerTimings,
    StreamEnded,
    UsageReported,
)
from smallchat.metering.usage import Usage
from smallchat.providers.base import ChatRequest, Image, Message
from tests.providers.asking import WIRES, adapter_at, hear, request
from tests.servers.script import MARKDOWN, Script
from tests.servers.sse import SSEServer


@pytest.mark.parametrize("wire", WIRES)
async def test_an_answer_is_events_in_order(server: SSEServer, wire: str) -> None:
    server.scripts["m"] = Script(tokens=3, reasoning=2, served_model="m-0915", text="ab cd ef")
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request())
    kinds = [type(event) for event in heard.events]
    assert kinds[0] is Connected
    assert kinds[-1] is StreamEnded
    assert kinds.index(Served) < kinds.index(Payload)
    assert heard.of(Served)[0].model == "m-0915"
    assert heard.text() == "ab cd ef"
    assert heard.text("reasoning") == "thought0 thought1 "
    assert heard.of(Finished)[0].ending == "ok"
    assert heard.of(StreamEnded)[0].marked
    times = [event.at for event in heard.events]
    assert times == sorted(times)


@pytest.mark.parametrize("wire", WIRES)
async def test_usage_is_inclusive(server: SSEServer, wire: str) -> None:
    counts = {"input_tokens": 1204, "cached": 1000, "cache_write": 100, "cache_write_1h": 40, "tokens": 7}
    server.scripts["m"] = Script(**counts)  # type: ignore[arg-type]
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request())
    hour = 40 if wire == "anthropic" else 0
    expected = Usage(input=1204, output=7, cached=1000, cache_write=100, cache_write_1h=hour)
    assert heard.of(UsageReported)[-1].usage == expected


async def test_hidden_reasoning_is_counted(server: SSEServer) -> None:
    server.scripts["m"] = Script(tokens=7, hidden_reasoning=30)
    async with adapter_at(server, "openai") as adapter:
        heard = await hear(adapter, request())
    usage = heard.of(UsageReported)[-1].usage
    assert (usage.output, usage.reasoning) == (37, 30)


async def test_usage_in_every_chunk_replaces_itself(server: SSEServer) -> None:
    server.scripts["m"] = Script(tokens=4, usage_every=True)
    async with adapter_at(server, "openai") as adapter:
        heard = await hear(adapter, request())
    assert [report.usage.output for report in heard.of(UsageReported)][-3:] == [4, 4, 4]
    assert heard.meter().usage() == heard.of(UsageReported)[-1].usage


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
async def test_reasoning_under_either_name(server: SSEServer, key: str) -> None:
    server.scripts["m"] = Script(tokens=2, reasoning=2, reasoning_key=key)
    async with adapter_at(server, "openai") as adapter:
        heard = await hear(adapter, request())
    assert heard.text("reasoning") == "thought0 thought1 "


async def test_the_servers_own_timings_are_kept(server: SSEServer) -> None:
    server.scripts["m"] = Script(timings=True)
    async with adapter_at(server, "openai") as adapter:
        heard = await hear(adapter, request())
    assert heard.of(ServerTimings)[0].values["predicted_per_second"] == 123.5


@pytest.mark.parametrize("wire", WIRES)
async def test_markdown_arrives_as_it_was_sent(server: SSEServer, wire: str) -> None:
    server.scripts["m"] = Script(text=MARKDOWN, tokens=None, bundle=3)
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request())
    assert heard.text() == MARKDOWN


async def hear_raw(server: SSEServer, wire: str, *events: str) -> list[Event]:
    server.scripts["raw"] = Script(raw=("\n\n".join([*events, ""]).encode(),))
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request("raw"))
    assert heard.error is None, heard.error
    return heard.events


def payloads(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.channel, event.text) for event in events if isinstance(event, Payload)]


async def test_openai_deltas_of_many_servers(server: SSEServer) -> None:
    events = await hear_raw(
        server,
        "openai",
        'data: {"choices":[{"delta":{"role":"assistant","content":null}}]}',
        'data: {"choices":[{"delta":{"content":""},"index":0}]}',
        'data: {"choices":[{"delta":{"content":"a"},"index":0},{"delta":{"content":"other"},"index":1}]}',
        'data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},'
        '{"type":"text","text":"b"}]}}]}',
        'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{"}}]}}]}',
        'data: {"choices":[{"index":0,"finish_reason":"tool_calls"}]}',
        "data: {}",
        'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}',
        "data: [DONE]",
    )
    assert payloads(events) == [("text", "a"), ("reasoning", "t"), ("text", "b"), ("tool", "{")]
    assert [(event.reason, event.ending) for event in events if isinstance(event, Finished)] == [
        ("tool_calls", "ok")
    ]
    assert events[-1] == StreamEnded(events[-1].at, marked=True)


async def test_an_error_that_a_server_does_not_wrap(server: SSEServer) -> None:
    server.scripts["raw"] = Script(raw=(b'data: {"object":"error","message":"Too long","code":400}\n\n',))
    async with adapter_at(server, "openai") as adapter:
        heard = await hear(adapter, request("raw"))
    assert heard.failure.kind == "bad_request"
    assert "Too long" in heard.failure.message


async def test_anthropic_deltas_of_all_kinds(server: SSEServer) -> None:
    def event(kind: str, rest: str) -> str:
        return f'event: {kind}\ndata: {{"type":"{kind}",{rest}}}'

    events = await hear_raw(
        server,
        "anthropic",
        event("content_block_start", '"index":0,"content_block":{"type":"text","text":"begun "}'),
        event("content_block_delta", '"index":0,"delta":{"type":"thinking_delta","thinking":"hm"}'),
        event("content_block_delta", '"index":0,"delta":{"type":"signature_delta","signature":"xx"}'),
        event("content_block_delta", '"index":0,"delta":{"type":"input_json_delta","partial_json":"{"}'),
        event("content_block_delta", '"index":0,"delta":{"type":"news_delta","news":"?"}'),
        event("some_future_event", '"x":1'),
        event(
            "message_delta",
            '"delta":{"stop_reason":"model_context_window_exceeded"},"usage":{"output_tokens":4}',
        ),
        event("message_stop", '"x":1'),
    )
    assert payloads(events) == [("text", "begun "), ("reasoning", "hm"), ("tool", "{")]
    assert [event.ending for event in events if isinstance(event, Finished)] == ["length"]


@pytest.mark.parametrize("wire", WIRES)
async def test_lone_surrogates_are_replaced_both_ways(server: SSEServer, wire: str) -> None:
    delta = r"half \ud83d and whole \ud83d\ude00"
    event = (
        f'data: {{"choices":[{{"delta":{{"content":"{delta}"}},"finish_reason":"stop"}}]}}'
        if wire == "openai"
        else 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        f'"delta":{{"type":"text_delta","text":"{delta}"}}}}'
    )
    assert payloads(await hear_raw(server, wire, event)) == [("text", "half � and whole \U0001f600")]
    async with adapter_at(server, wire) as adapter:
        heard = await hear(adapter, request(text="prompt \udc00", system="system \udc00"))
    assert heard.error is None
    sent = str(server.chats[-1].body)
    assert "prompt �" in sent
    assert "system �" in sent


def body_of(server: SSEServer) -> dict[str, Any]:
    return server.chats[-1].body


async def test_the_openai_request(server: SSEServer) -> None:
    asked = ChatRequest(
        "m",
        (Message("user", "What is it?", (Image("image/png", b"\x89PNG"),)),),
        "Be brief.",
        99,
        {"top_p": 0.5},
    )
    async with adapter_at(server, "openai") as adapter:
        await hear(adapter, asked)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
    assert body_of(server) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [image, {"type": "text", "text": "What is it?"}]},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 99,
        "top_p": 0.5,
    }


async def test_openai_itself_is_asked_in_its_own_dialect(server: SSEServer) -> None:
    async with adapter_at(server, "openai", name="openai", is_known_url=True) as adapter:
        await hear(adapter, request(max_output=99))
    body = body_of(server)
    assert body["max_completion_tokens"] == 99
    assert "max_tokens" not in body
    assert body["stream_options"] == {"include_usage": True, "include_obfuscation": False}


async def test_the_anthropic_request(server: SSEServer) -> None:
    asked = ChatRequest(
        "m",
        (Message("user", "What is it?", (Image("image/png", b"\x89PNG"),)),),
        "Be brief.",
        99,
        {"top_k": 5},
    )
    async with adapter_at(server, "anthropic") as adapter:
        await hear(adapter, asked)
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    assert body_of(server) == {
        "model": "m",
        "messages": [{"role": "user", "content": content}],
        "system": "Be brief.",
        "stream": True,
        "max_tokens": 99,
        "top_k": 5,
    }


async def test_long_prompts_are_marked_for_the_cache(server: SSEServer) -> None:
    long = "word " * 1000
    turns = (Message("user", long), Message("assistant", "Yes."), Message("user", "And now?"))
    async with adapter_at(server, "anthropic") as adapter:
        await hear(adapter, ChatRequest("m", turns, system=long))
        marked = body_of(server)
        await hear(adapter, ChatRequest("m", turns[:1], system="short"))
    assert marked["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert [block["content"][-1].get("cache_control") for block in marked["messages"]] == [
        None, None, {"type": "ephemeral"},
    ]  # fmt: skip
    assert "cache_control" not in str(body_of(server))  # nothing will read a single prompt again


async def test_stream_options_that_a_server_refuses_are_not_sent_again(server: SSEServer) -> None:
    server.scripts["strict"] = Script(refuses="stream_options")
    async with adapter_at(server, "openai") as adapter:
        first = await hear(adapter, request("strict"))
        second = await hear(adapter, request("strict"))
    assert first.error is not None
    assert first.error.retryable
    assert first.failure.retry_after_s == 0
    assert "without stream_options" in first.failure.hint
    assert second.meter().status == "ok"
    assert "stream_options" in second.meter().notes[0]
    assert "stream_options" not in body_of(server)


async def test_the_other_name_of_the_output_limit_is_learned_for_each_model(server: SSEServer) -> None:
    server.scripts["new"] = Script(refuses="max_tokens")
    async with adapter_at(server, "openai") as adapter:
        first = await hear(adapter, request("new"))
        second = await hear(adapter, request("new"))
        assert body_of(server)["max_completion_tokens"] == 2048
        await hear(adapter, request("old"))
    assert first.error is not None
    assert first.error.retryable
    assert second.meter().status == "ok"
    assert "max_tokens" in body_of(server)


@pytest.mark.parametrize("wire", WIRES)
async def test_an_answer_ends_with_its_mark_though_the_body_stays_open(server: SSEServer, wire: str) -> None:
    server.scripts["m"] = Script(then_stall=True)
    async with adapter_at(server, wire, idle_timeout_s=60) as adapter:
        heard = await hear(adapter, request())
    assert heard.error is None
    assert heard.of(StreamEnded)[0].marked


@pytest.mark.parametrize("wire", WIRES)
async def test_time_to_first_token_is_the_servers_own(server: SSEServer, wire: str) -> None:
    server.scripts["m"] = Script(ttft_s=0.05, tokens_per_s=200, tokens=5)
    async with adapter_at(server, wire) as adapter:
        await adapter.warm()
        heard = await hear(adapter, request())
    late = (heard.of(Payload)[0].at - server.chats[0].sent[0].at) / 1e6
    assert -0.1 < late < 250  # ms; generous, as the machine is shared: the benchmark says how good it is
