from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from smallchat.commands import route
from smallchat.config.errors import ConfigError


def run(*arguments: str, config: Path | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.set_defaults(config=config, debug=False)
    route.add_arguments(parser)
    return route.run(parser.parse_args(arguments))


def test_explains_without_any_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("Draft an email to my landlord in at most 90 words") == 0
    printed = capsys.readouterr()
    assert printed.out.startswith('→ Haiku 4.5 · writing ("draft an email") · ~$0.0')
    assert "[Draft an email] to my landlord" in printed.out
    assert "no key for anthropic, no key for openai: decided as if there were" in printed.err


def test_with_one_key_the_others_are_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    assert run("--json", "Draft an email") == 0
    printed = capsys.readouterr()
    decision = json.loads(printed.out)
    assert decision["model"] == "gpt-5.4-mini"
    assert decision["fallback"] is True
    assert decision["dropped"] == [{"model": "claude-haiku-4-5", "reason": "no key for anthropic"}]
    assert "left out" in printed.err
    assert "sk-test" not in printed.out + printed.err


def test_compares_presets(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--compare-presets", "Classify this review: great. Return JSON.") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "PRESET", "cost-benefit", "hybrid", "accuracy-first", "task-shape", "subagent",
    ]  # fmt: skip
    assert run("--compare-presets", "--json", "Hello") == 0
    assert json.loads(capsys.readouterr().out)[0]["preset"] == "cost-benefit"


def test_file_gives_one_decision_a_line_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompts = ["Write a poem", "Solve x^2 = 4", "什么是黑洞？"]
    file = tmp_path / "p.jsonl"
    file.write_text("\n\n".join(json.dumps({"prompt": prompt}) for prompt in prompts), encoding="utf-8")
    assert run("--file", str(file)) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["facts"]["task"] for record in records] == ["writing", "reasoning", "lookup"]


@pytest.mark.parametrize(
    ("line", "problem"), [("{", "line 1: this is no JSON"), ("[1]", 'needs an object with a "prompt"')]
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        run("--file", str(file))


def test_an_image_and_an_own_preset_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "c.toml"
    config.write_text(
        """
        [routing]
        default = "screens"
        [routing.presets.screens]
        candidates = ["gpt-5.4-nano", "claude-haiku-4-5"]
        fallback = "gpt-5.4-nano"
        [[routing.presets.screens.rules]]
        id = "screen"
        when = { any = [ { images = ">=1" }, { ui = true } ] }
        use = "claude-haiku-4-5"
        [[routing.presets.screens.rules]]
        id = "late"
        when = { images = 2 }
        use = "gpt-5.4-nano"
        """,
        encoding="utf-8",
    )
    image = tmp_path / "a.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert run("--json", "--image", str(image), "What is this?", config=config) == 0
    printed = capsys.readouterr()
    decision = json.loads(printed.out)
    assert (decision["preset"], decision["rule"], decision["facts"]["images"]) == ("screens", "screen", 1)
    assert '"late" can never be reached: rule "screen"' in printed.err


def test_a_pinned_prompt_goes_where_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json", "@nano write a poem") == 0
    assert json.loads(capsys.readouterr().out)["model"] == "gpt-5.4-nano"


def test_the_words_that_told_are_marked_where_they_stand_behind_a_pin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("@nano write a poem about otters") == 0
    assert "task: [write a poem] about otters" in capsys.readouterr().out


def test_a_pin_alone_is_no_prompt() -> None:
    with pytest.raises(ConfigError, match="no prompt behind @nano"):
        run("@nano")


@pytest.mark.parametrize(
    ("cap", "model", "told"),
    [
        ("0.006", "gpt-5.4-nano", ""),
        ("0.0001", "claude-haiku-4-5", "over the budget: Haiku 4.5 may cost $0.0103, and $0.000100 is left"),
    ],
)
def test_the_budget_has_its_word_as_in_a_chat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cap: str, model: str, told: str
) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f"[budget]\nper_send = {cap}\n")
    assert run("--json", "Write a poem", config=config) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["model"] == model
    assert ("over the budget" in printed.err) is bool(told)
    assert told in printed.err


def test_a_named_configuration_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        run("Hi", config=tmp_path / "missing.toml")


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(ConfigError, match='"subagent"'):
        run("--preset", "subagnt", "x")


def test_a_prompt_and_a_file_are_too_much(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not both"):
        run("--file", str(tmp_path), "x")
