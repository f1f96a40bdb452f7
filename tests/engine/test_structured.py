"""JSON schemas read from files, and answers held against them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.catalog.model import Model
from smallchat.config.errors import ConfigError
from smallchat.config.provider import Provider
from smallchat.engine.structured import check_answer, read_schema
from smallchat.metering.answer import Answer, Validity
from smallchat.metering.record import answer_record
from smallchat.metering.record_reading import answer_from_record
from smallchat.metering.wording import describe_validity
from smallchat.providers.base import ChatRequest, Message
from smallchat.providers.local.server import LocalServers
from smallchat.providers.local_adapter import LocalAdapter
from tests.fixtures.local_model import local_data
from tests.providers.asking import WIRES, hear

__all__ = ["local_data"]

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"name": "Ada", "age": 36}', None),
        (' {"name": "Ada", "age": 36}\n', None),
        ('{"name": "Ada", "age": "36"}', "$.age: '36' is not of type 'integer'"),
        ('{"name": "Ada"}', "$: 'age' is a required property"),
        ("Sure! Here it is.", "not JSON: Expecting value, line 1, column 1"),
        ("", "not JSON: Expecting value, line 1, column 1"),
    ],
)
def test_the_first_error_is_told_with_its_path(text: str, error: str | None) -> None:
    assert check_answer(text, PERSON) == Validity(error is None, error)


def test_an_answer_that_did_not_end_is_not_valid() -> None:
    assert not check_answer('{"name": "Ada", "age": 36}', PERSON, "cancelled").valid
    cut = check_answer('{"name": "Ad', PERSON, "length")
    assert cut.error is not None
    assert cut.error.startswith("cut at the limit of output: ")


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 10_000, '{"a": 1}\x1b]0;owned\x07'])
def test_hostile_answers_are_only_wrong(text: str) -> None:
    found = check_answer(text, PERSON)
    assert not found.valid
    assert found.error
    assert found.error.isprintable()


@given(st.text())
def test_any_text_gets_a_verdict(text: str) -> None:
    assert isinstance(check_answer(text, PERSON).valid, bool)


TWICE = {"$ref": "#"}
ENDLESS = {"properties": {"a": {"anyOf": [TWICE, TWICE]}}, "required": ["x"]}


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"properties": {"name": {"pattern": "^(a+)+$"}}}, json.dumps({"name": "a" * 40 + "!"})),
        (ENDLESS, '{"a": ' * 60 + "{}" + "}" * 60),
    ],
    ids=["pattern", "itself"],
)
def test_a_check_that_would_take_years_is_given_up(schema: dict[str, Any], text: str) -> None:
    found = check_answer(text, schema, limit_s=0.5)
    assert found == Validity(None, "not checked: it took longer than 0.5 s")
    assert describe_validity(found) == found.error
    marked = replace(Answer("fast", "gateway", "ok", text="{}"), schema=found)
    assert answer_from_record(json.loads(json.dumps(answer_record(marked)))).schema == found


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"name": "aaa"}, None),
        ({"name": "b\x1b"}, "$.name: 'b\\x1b' does not match '^a+$'"),
        ({"1st": 1}, "$: '1st' does not match any of the regexes: '^[a-z]+$'"),
        ({"list": [1, {"a": 2}, {"a": 2}]}, "$.list: [1, {'a': 2}, {'a': 2}] has non-unique elements"),
    ],
)
def test_what_may_take_long_is_checked_all_the_same(value: object, error: str | None) -> None:
    schema = {
        "properties": {"name": {"pattern": "^a+$"}, "list": {"uniqueItems": True}},
        "patternProperties": {"^[a-z]+$": {}},
        "additionalProperties": False,
    }
    assert check_answer(json.dumps(value), schema, limit_s=60) == Validity(error is None, error)


def test_a_pattern_that_is_none_is_told() -> None:
    found = check_answer('"x"', {"pattern": "("}, limit_s=60)
    assert found.valid is False
    assert str(found.error).startswith("the schema can not be applied: ")


def test_a_reference_is_never_fetched() -> None:
    found = check_answer("1", {"$ref": "http://127.0.0.1:9/schema.json"})
    assert not found.valid
    assert "can not be applied" in str(found.error)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1: not JSON"),
        ("[1]", "is an object"),
        ('{"type": "objekt"}', "not a JSON schema: $.type"),
        ("\xff", "not UTF-8"),
    ],
)
def test_a_bad_schema_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "person.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"person\.json") as raised:
        read_schema(path)
    assert words in str(raised.value)


def test_a_missing_schema_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_schema(tmp_path / "none.json")


def test_a_schema_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        read_schema(Path("/dev/zero"))


def test_the_verdict_is_in_the_record_only_when_a_schema_was_given() -> None:
    answer = Answer("fast", "gateway", "ok", text="{}")
    assert "schema" not in answer_record(answer)
    marked = replace(answer, schema=Validity(False, "$: 'age' is a required property"))
    record = json.loads(json.dumps(answer_record(marked)))
    assert record["schema"] == {"valid": False, "error": "$: 'age' is a required property"}
    assert answer_from_record(record).schema == marked.schema


@pytest.mark.local_model
@pytest.mark.parametrize("wire", WIRES)
async def test_the_real_local_model_follows_a_schema(wire: str, local_data: Path) -> None:
    provider = Provider("local", wire, "local", None, "Local")  # type: ignore[arg-type]
    model = Model("smollm2", "local", "smollm2", "SmolLM2", context=8192)
    schema = {
        "type": "object",
        "properties": {"color": {"enum": ["red", "green"]}, "count": {"type": "integer", "maximum": 9}},
        "required": ["color", "count"],
        "additionalProperties": False,
    }
    messages = (Message("user", "Tell me something about a red ball."),)
    servers = LocalServers(local_data)
    adapter = LocalAdapter(provider, model, servers)
    try:
        heard = await hear(adapter, ChatRequest("smollm2", messages, max_output=100, schema=schema))
    finally:
        await adapter.close()
        await servers.close()
    assert heard.error is None
    assert check_answer(heard.text(), schema) == Validity(True)
