"""``ask`` with files and schemas: what goes over each wire, what comes out, what is refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from smallchat.cli import main
from tests.commands.gateway import write_config
from tests.servers.script import Script
from tests.servers.sse import SSEServer

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
SCRIPTS = {
    "right": Script(text='{"age": 36}', tokens=None),
    "wrong": Script(text='{"age": "old"}', tokens=None),
    "fast": Script(tokens=10),
}


@pytest.fixture
def config(server: SSEServer, home: Path) -> Path:
    models = "".join(
        f'[models.{name}]\nprovider = "{provider}"\nid = "{wire_id}"\nvision = {vision}\n'
        for name, provider, wire_id, vision in [
            ("right", "gateway", "right", "false"),
            ("wrong", "claude", "wrong", "false"),
            ("seer", "gateway", "fast", "true"),
            ("viewer", "claude", "fast", "true"),
        ]
    )
    return write_config(home, server, models)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "notes.txt").write_text("Buy milk.\n")
    (tmp_path / "person.json").write_text(json.dumps(SCHEMA))
    return tmp_path


def run(config: Path, *arguments: str) -> int:
    return main(["ask", "--config", str(config), *arguments])


def test_each_answer_is_marked(config: Path, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = str(files / "person.json")
    assert run(config, "-m", "right,wrong", "--schema", schema, "--json", "How old?") == 0
    out, err = capsys.readouterr()
    marks = [answer["schema"] for answer in json.loads(out)["answers"]]
    assert marks == [
        {"valid": True, "error": None},
        {"valid": False, "error": "$.age: 'old' is not of type 'integer'"},
    ]
    assert "✓ valid JSON" in err
    assert "✗ $.age" in err


def test_without_a_schema_nothing_is_marked(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "-m", "right", "--json", "How old?") == 0
    assert "schema" not in json.loads(capsys.readouterr().out)["answers"][0]


def test_files_go_over_both_wires(
    config: Path, files: Path, server: SSEServer, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(server.chats)
    image, text = str(files / "cat.png"), str(files / "notes.txt")
    assert run(config, "-m", "seer,viewer", "--image", image, "--file", text, "--json", "What is it?") == 0
    prompt = "What is it?\n\nFile notes.txt:\n```\nBuy milk.\n```"
    assert json.loads(capsys.readouterr().out)["prompt"] == prompt
    contents: list[list[dict[str, Any]]] = [
        chat.body["messages"][-1]["content"] for chat in server.chats[before:]
    ]
    encoded = base64.b64encode(PNG).decode()
    url = f"data:image/png;base64,{encoded}"
    source = {"type": "base64", "media_type": "image/png", "data": encoded}
    text_part = {"type": "text", "text": prompt}
    assert [{"type": "image_url", "image_url": {"url": url}}, text_part] in contents
    assert [{"type": "image", "source": source}, text_part] in contents


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--schema", "notes.txt"], "notes.txt, line 1: not JSON"),
        (["--schema", "none.json"], "No such file"),
        (["--file", "cat.png"], "Send it with --image"),
        (["--image", "notes.txt"], "not a PNG"),
        (["--image", "cat.png"], "can not see images"),
    ],
)
def test_what_can_not_be_sent_is_told(
    config: Path,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(files)
    assert run(config, "-m", "right", *arguments, "Hello") == 2
    assert words in capsys.readouterr().err
