"""``ask --route`` as a script sees it: who answers, what is said about it, what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smallchat.cli import main
from tests.commands.gateway import KEY, write_config
from tests.servers.script import Canned, Script
from tests.servers.sse import SSEServer

SCRIPTS = {
    "small": Script(tokens=12, input_tokens=40),
    "large": Script(tokens=30, input_tokens=50),
    "busy": Script(canned=Canned(503, "overloaded", "overloaded_error", headers=(("retry-after", "0"),))),
    "barred": Script(canned=Canned(401, "no", "authentication_error")),
    "sorter": Script(text='{"task": "writing"}', tokens=None, input_tokens=300),
    "vague": Script(text="I think it is a poem.", tokens=None),
}
WRITING = "Write an email to my landlord about the broken heating."


@pytest.fixture
def config(server: SSEServer, home: Path) -> Path:
    models = "".join(
        f'[models.{name}]\nprovider = "{provider}"\nprice = {{ input = 1, output = {output} }}\n'
        for name, provider, output in [
            *(("small", "gateway", 2), ("large", "claude", 5), ("busy", "gateway", 3)),
            *(("barred", "gateway", 3), ("sorter", "claude", 2), ("vague", "gateway", 2)),
        ]
    )
    presets = "".join(
        f'[routing.presets.{name}]\ncandidates = ["small", "{first}", "large"]\nfallback = "small"\n'
        f'[[routing.presets.{name}.rules]]\nid = "prose"\nwhen = {{ task = "writing" }}\nuse = "{first}"\n'
        for name, first in [("down", "busy"), ("locked", "barred")]
    )
    return write_config(
        home,
        server,
        f'{models}[routing]\ndefault = "own"\n{presets}'
        '[routing.presets.own]\ncandidates = ["small", "large"]\nfallback = "small"\n'
        '[[routing.presets.own.rules]]\nid = "prose"\nwhen = { task = "writing" }\nuse = "large"\n'
        'why = "prose for people"\n',
    )


def ask(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[dict[str, Any], str]:
    assert main(["ask", "--json", *arguments]) == code
    printed = capsys.readouterr()
    assert KEY not in printed.out + printed.err
    return json.loads(printed.out), printed.err


def sessions(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main(["sessions", "list", "--json"]) == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return listed


def test_the_preset_chooses_and_the_record_says_who_answered(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, told = ask(capsys, "--route", "auto", WRITING)
    decision = record["decision"]
    assert (decision["preset"], decision["rule"], decision["model"]) == ("own", "prose", "large")
    assert (decision["answered_by"], record["answers"][0]["model"]) == ("large", "large")
    assert decision["facts"]["matched"][0]["text"].startswith("Write")
    assert decision["costs"]["large"]["worst_usd"] == record["budget"]["reserved_usd"]
    assert told.startswith('→ large · prose ("write')
    (kept,) = sessions(capsys)
    assert (kept["mode"], kept["models"], kept["turns"]) == ("route", ["small", "large"], 1)
    assert main(["export", kept["id"], "--format", "json"]) == 0
    exported = json.loads(capsys.readouterr().out)
    assert exported["turns"][0]["decision"]["answered_by"] == "large"


def test_route_decides_as_ask_does(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", "--preset", "own", "--json", WRITING]) == 0
    decision = json.loads(capsys.readouterr().out)
    record, _ = ask(capsys, "--route", "own", "--no-save", WRITING)  # second: asking improves the estimates
    assert decision == {**record["decision"], "answered_by": None, "micros": decision["micros"]}


def test_a_prompt_that_no_rule_matches_goes_to_the_fallback(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, told = ask(capsys, "--route", "own", "--no-save", "blue otters")
    assert (record["decision"]["model"], record["decision"]["fallback"]) == ("small", True)
    assert "no rule matched → fallback" in told
    assert sessions(capsys) == []


def test_a_busy_model_is_passed_on_with_a_note(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, told = ask(capsys, "--route", "down", WRITING)
    assert (record["decision"]["model"], record["decision"]["answered_by"]) == ("busy", "small")
    assert [answer["model"] for answer in record["answers"]] == ["small"]
    assert "busy did not answer:" in told
    assert "small is asked instead." in told
    (kept,) = sessions(capsys)
    assert main(["export", kept["id"], "--format", "json"]) == 0
    turn = json.loads(capsys.readouterr().out)["turns"][0]
    assert turn["decision"]["answered_by"] == "small"


def test_a_refused_key_is_not_passed_on(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, _ = ask(capsys, "--route", "locked", WRITING, code=1)
    assert record["decision"]["answered_by"] is None
    assert record["answers"][0]["error"]["kind"] == "auth"


def test_a_pin_holds_for_the_prompt(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, told = ask(capsys, "--route", "own", f"@small {WRITING}")
    assert (record["prompt"], record["decision"]["answered_by"]) == (WRITING, "small")
    assert "you named small" in told


def test_text_streams_to_standard_output_alone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--route", "own", WRITING]) == 0
    printed = capsys.readouterr()
    assert "→" not in printed.out
    assert printed.out.strip()
    assert printed.err.startswith("→ large")


@pytest.mark.parametrize(("model", "task"), [("sorter", "writing"), ("vague", None)])
def test_the_second_stage_over_both_wires(
    config: Path, server: SSEServer, capsys: pytest.CaptureFixture[str], model: str, task: str | None
) -> None:
    with config.open("a") as file:
        file.write(f'[routing.second_stage]\nmodel = "{model}"\ntimeout_s = 20\n')
    record, told = ask(capsys, "--route", "own", "blue otters")
    stage = record["decision"]["second_stage"]
    assert (stage["model"], stage["task"]) == (model, task)
    assert float(stage["usd"]) > 0
    assert record["decision"]["model"] == ("large" if task else "small")
    assert f"{model} says: writing" in told if task else f"{model} could not say what this is" in told
    body = next(seen.body for seen in reversed(server.chats) if seen.model == model)
    assert ("output_config" if model == "sorter" else "response_format") in body


def test_a_budget_without_room_refuses(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with config.open("a") as file:
        file.write("[budget]\nday = 0.00001\n")
    assert main(["ask", "--route", "own", "--json", WRITING]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "may cost" in printed.err
    record, _ = ask(capsys, "--route", "own", "--force", WRITING)
    assert record["decision"]["answered_by"] == "large"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--route", "subagnt", "Hi"], 'unknown preset "subagnt". Did you mean "subagent"?'),
        (["--route", "subagent", "Hi"], "No candidate of the preset subagent can answer: no key for openai"),
        (["--route", "own", "-m", "small", "Hi"], "-m and --route exclude each other"),
        (["--route", "own", "@small"], "There is no prompt behind @small."),
    ],
)
def test_what_can_not_be_asked_is_told(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(["ask", *arguments]) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("other", [["-m", "small"], ["--resume"]])
def test_a_routed_chat_excludes_other_ways_to_begin(
    config: Path, capsys: pytest.CaptureFixture[str], other: list[str]
) -> None:
    assert main(["--route", "own", *other]) == 2
    assert f"{other[0]} and --route exclude each other" in capsys.readouterr().err
