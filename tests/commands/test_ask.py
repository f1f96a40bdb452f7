"""``ask`` as a script sees it: real SDKs, a real server, exit codes, what is on which stream."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smallchat.cli import main
from smallchat.commands.prompt_input import decode_piped, read_prompt
from smallchat.config.errors import ConfigError
from tests.commands.gateway import KEY, write_config
from tests.servers.script import Script
from tests.servers.sse import SSEServer

SCRIPTS = {
    "fast": Script(ttft_s=0.05, tokens_per_s=400, tokens=122, input_tokens=1204, cached=1024, bundle=1),
    "calm": Script(tokens=30, tokens_per_s=300),
    "long": Script(tokens=100_000, tokens_per_s=50),
    "hostile": Script(text="bell \x07 title \x1b]0;owned\x07 end", tokens=None),
}
ANSWER_KEYS = [
    *("model", "provider", "served_model", "status", "finish_reason", "text", "reasoning"),
    *("ttft_ms", "ttfa_ms", "total_ms", "attempts"),
    *("tokens_per_s", "tokens_per_s_overall", "chars_per_s", "payload_events", "tokens_per_event", "stalls"),
    *("usage", "cost", "server_timings", "error"),
]


@pytest.fixture
def config(server: SSEServer, home: Path) -> Path:
    models = "".join(
        f'[models."{name}"]\nprovider = "{provider}"\nid = "{wire_id}"\n{price}\n'
        for name, provider, wire_id, price in [
            (
                "fast",
                "gateway",
                "fast",
                "price = { input = 0.75, cached_input = 0.075, output = 4.5, as_of = 2026-11-20 }",
            ),
            ("calm", "claude", "calm", "price = { input = 1, output = 5 }"),
            ("broken", "claude", "fault-401", ""),
            ("limit", "gateway", "fault-length", ""),
            ("long", "gateway", "long", ""),
            ("hostile", "gateway", "hostile", ""),
        ]
    )
    return write_config(home, server, models)


def ask_json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert main(["ask", "--json", *arguments]) == code
    printed = capsys.readouterr()
    assert KEY not in printed.out + printed.err
    record: dict[str, Any] = json.loads(printed.out)
    return record


def test_json_has_the_promised_keys_and_the_exact_cost(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = ask_json(capsys, "-m", "fast", "Hello")
    assert list(record) == ["prompt", "answers", "decision", "budget"]
    assert (record["prompt"], record["decision"]) == ("Hello", None)
    (answer,) = record["answers"]
    assert list(answer) == ANSWER_KEYS
    assert (answer["status"], answer["finish_reason"], answer["attempts"]) == ("ok", "stop", 1)
    assert answer["usage"] == {
        "input": 1204, "cached": 1024, "cache_write": 0, "output": 122, "reasoning": 0, "source": "usage",
    }  # fmt: skip
    # 180 x 0.75 + 1,024 x 0.075 + 122 x 4.50 dollars per million
    assert answer["cost"] == {
        "usd": "0.0007608", "state": "exact", "price_as_of": "2026-11-20", "price_source": "config",
    }  # fmt: skip
    assert answer["payload_events"] == 122
    assert answer["tokens_per_event"] == 1.0
    assert record["budget"]["settled_usd"] == "0.0007608"
    assert float(record["budget"]["reserved_usd"]) > 2048 * 4.5e-6


def test_two_wires_answer_one_prompt(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = ask_json(capsys, "-m", "fast,calm", "Hello")
    assert [answer["model"] for answer in record["answers"]] == ["fast", "calm"]
    assert all(answer["status"] == "ok" and answer["text"] for answer in record["answers"])


def test_one_failure_leaves_the_other_answer(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = ask_json(capsys, "-m", "broken,calm", "Hello", code=1)
    broken, calm = record["answers"]
    assert broken["error"]["kind"] == "auth"
    assert broken["text"] == ""
    assert broken["ttft_ms"] is None
    assert broken["cost"]["usd"] is None
    assert calm["status"] == "ok"


def test_hitting_the_limit_is_no_failure(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask_json(capsys, "-m", "limit", "Hello")["answers"][0]["status"] == "length"


def test_a_single_answer_is_alone_on_stdout(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "-m", "calm", "Hello"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "".join(f"word{n} " for n in range(30)) + "\n"
    assert "TTFT" in printed.err
    assert "$" in printed.err


def test_several_answers_come_under_their_names(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "-m", "fast,calm", "Hello"]) == 0
    out = capsys.readouterr().out
    assert out.index("## calm") < out.index("word0")
    assert out.count("## fast") == out.count("## calm") == 1


def test_text_for_another_program_is_what_the_model_sent(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "-m", "hostile", "Hello"]) == 0
    assert capsys.readouterr().out == "bell \x07 title \x1b]0;owned\x07 end\n"


def test_text_for_a_person_has_no_powers(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert main(["ask", "-m", "hostile", "Hello"]) == 0
    out = capsys.readouterr().out
    assert "owned" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_piped_text_joins_the_prompt(
    config: Path, capsys: pytest.CaptureFixture[str], server: SSEServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a diff\n")))
    assert ask_json(capsys, "-m", "calm", "Review this")["prompt"] == "Review this\n\na diff"
    assert server.chats[-1].body["messages"][-1]["role"] == "user"


def test_system_prompt_and_limit_are_sent(
    config: Path, capsys: pytest.CaptureFixture[str], server: SSEServer
) -> None:
    ask_json(capsys, "-m", "fast", "--system", "Be brief.", "--max-output", "77", "Hello")
    body = server.chats[-1].body
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert body["max_tokens"] == 77


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "-m", "nobody", "Hi"], "Unknown model"),
        (["ask", "-m", "a,b,c,d", "Hi"], "4 models"),
        (["ask", "-m", "calm,calm", "Hi"], "twice"),
        (["ask", "-m", "calm"], "empty"),
        (["ask", "-m", "calm", "   "], "empty"),
        (["ask", "-m", "calm", "--max-output", "0", "Hi"], "at least one"),
        (["ask", "-m", "calm", "--image", "/nowhere.png", "Hi"], "/nowhere.png"),
        (["ask", "Hi"], "keys set"),
        (["ask", "-m", "calm", "--config", "/nowhere.toml", "Hi"], "/nowhere.toml"),
    ],
)
def test_usage_errors_are_two_lines_and_exit_2(
    arguments: list[str], words: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert 1 <= len(printed.err.splitlines()) <= 2


def test_an_image_is_refused_where_the_model_is_blind(
    config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    image = tmp_path / "dot.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n rest")
    assert main(["ask", "-m", "calm", "--image", str(image), "Hi"]) == 2
    assert "can not see" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"abc\x00def", b"\x89PNG\r\n\x1a\n"])
def test_binary_input_is_refused_with_a_cure(data: bytes) -> None:
    with pytest.raises(ConfigError, match="--image"):
        decode_piped(data)


def test_a_dash_is_the_piped_text_alone() -> None:
    assert read_prompt("-", io.BytesIO("Grüße\n".encode())) == "Grüße"


def start(config: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "smallchat", "ask", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "SMALLCHAT_CONFIG": str(config)},
    )


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_came_and_closes_the_connection(
    sent: signal.Signals, config: Path, server: SSEServer
) -> None:
    with start(config, "-m", "long", "Hello") as process:
        assert process.stdout is not None
        first = process.stdout.read(12)
        process.send_signal(sent)
        rest, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (first + rest).startswith(b"word0 word1 ")
    assert b"cancelled" in errors
    assert b"Traceback" not in errors
    assert server.wait_until(lambda server: server.open_connections == 0)


def test_a_reader_that_leaves_ends_it_quietly(config: Path, server: SSEServer) -> None:
    with start(config, "-m", "long", "Hello") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(5)
        process.stdout.close()
        assert process.wait(20) == 141
        assert b"Traceback" not in process.stderr.read()
    assert server.wait_until(lambda server: server.open_connections == 0)


def test_the_exchange_is_kept_as_a_session(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = ask_json(capsys, "-m", "fast,calm", "Hello there")
    assert main(["sessions", "--json"]) == 0
    (session,) = json.loads(capsys.readouterr().out)
    assert (session["title"], session["mode"], session["turns"]) == ("Hello there", "compare", 1)
    assert session["models"] == ["fast", "calm"]
    assert session["usd"] == record["budget"]["settled_usd"]
    assert main(["export", "--format", "json"]) == 0
    (turn,) = json.loads(capsys.readouterr().out)["turns"]
    assert {key: turn[key] for key in ("prompt", "decision", "budget")} == {
        key: record[key] for key in ("prompt", "decision", "budget")
    }
    for kept, answer in zip(turn["answers"], record["answers"], strict=True):
        assert kept.items() >= answer.items()


def test_no_save_keeps_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask_json(capsys, "-m", "calm", "--no-save", "Hello")
    assert main(["sessions", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_budget_refuses_before_anything_leaves(
    config: Path, capsys: pytest.CaptureFixture[str], server: SSEServer
) -> None:
    config.write_text(config.read_text() + "[budget]\nday = 0.005\n")
    sent = len(server.chats)
    assert main(["ask", "-m", "fast,calm", "Hello"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "--force" in printed.err
    assert len(server.chats) == sent
    assert main(["sessions", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    record = ask_json(capsys, "-m", "fast,calm", "--force", "Hello")
    assert all(answer["status"] == "ok" for answer in record["answers"])


def test_a_budget_may_let_the_cheapest_model_answer_alone(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text() + '[budget]\nday = 0.0105\non_exceed = "degrade"\n')
    assert main(["ask", "--json", "-m", "calm,fast", "Hello"]) == 0  # up to $0.0102 and $0.0092
    printed = capsys.readouterr()
    assert [answer["model"] for answer in json.loads(printed.out)["answers"]] == ["fast"]
    assert "Asking fast alone" in printed.err
    assert main(["ask", "-m", "calm", "Hello"]) == 3  # nothing fits


def test_processes_that_share_a_cap_can_not_break_it(config: Path, server: SSEServer) -> None:
    # One answer of up to $0.01025, and no second one after what the first did cost.
    config.write_text(config.read_text() + "[budget]\nday = 0.0103\n")
    sent = len(server.chats)
    processes = [start(config, "-m", "calm", "Hello") for _ in range(3)]
    for process in processes:
        process.communicate(timeout=30)
    assert sorted(process.returncode for process in processes) == [0, 3, 3]
    assert len(server.chats) == sent + 1
