"""A JSON schema goes to each wire in that wire's own words."""

from __future__ import annotations

import pytest

from tests.providers.asking import WIRES, adapter_at, hear, request
from tests.servers.script import Script
from tests.servers.sse import serve

SCHEMA = {"type": "object", "properties": {"task": {"type": "string"}}, "required": ["task"]}


@pytest.mark.parametrize("wire", WIRES)
async def test_a_schema_is_sent_as_the_wire_wants_it(wire: str) -> None:
    with serve(Script(text='{"task": "code"}', tokens=None)) as server:
        async with adapter_at(server, wire) as adapter:
            heard = await hear(adapter, request(schema=SCHEMA))
        body = server.chats[0].body
    assert heard.text().strip() == '{"task": "code"}'
    if wire == "openai":
        named = {"name": "answer", "strict": True, "schema": SCHEMA}
        assert body["response_format"] == {"type": "json_schema", "json_schema": named}
    else:
        assert body["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}


@pytest.mark.parametrize("wire", WIRES)
async def test_without_a_schema_nothing_is_said_of_it(wire: str) -> None:
    with serve() as server:
        async with adapter_at(server, wire) as adapter:
            await hear(adapter, request())
        body = server.chats[0].body
    assert not {"response_format", "output_config"} & body.keys()
