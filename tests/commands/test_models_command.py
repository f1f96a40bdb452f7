import json
from pathlib import Path

import pytest

from smallchat.cli import main

CONFIG = """
[app]
models = ["ollama/qwen3:4b"]
[providers.gateway]
base_url = "http://127.0.0.1:4000/v1"
api_key = "sk-hidden"
[models.fast]
provider = "gateway"
price = { input = 0.75, output = 4.50, as_of = 2026-11-20 }
"""


@pytest.fixture
def config(home: Path) -> Path:
    file = home / "config.toml"
    file.write_text(CONFIG)
    file.chmod(0o600)
    return file


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    assert main(["models", "--json"]) == 0
    return {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}


def test_json_has_every_fact(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    models = listed(capsys)
    luna = models["gpt-6-luna"]
    assert luna["price"]["input"] == "0.1"  # type: ignore[index]
    assert luna["price"]["steps"][0]["above"] == 272_000  # type: ignore[index]
    assert (luna["context"], luna["max_input"], luna["vision"]) == (1_050_000, 922_000, True)
    assert (luna["key_source"], luna["needs_key"]) == ("OPENAI_API_KEY", True)
    assert models["claude-3-haiku"]["retired"] is True
    assert models["gpt-4o-mini"]["retires_on"] == "2027-01-14"
    assert models["smollm2"]["price"]["source"] == "local"  # type: ignore[index]
    assert models["claude-haiku-4-5"]["key_source"] is None


def test_the_user_s_own_models_are_listed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = listed(capsys)
    assert models["fast"]["key_source"] == "config"
    assert models["fast"]["price"]["as_of"] == "2026-11-20"  # type: ignore[index]
    assert models["ollama/qwen3:4b"]["price"] is None
    assert models["ollama/qwen3:4b"]["context"] is None


def test_no_key_is_printed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    assert main(["models", "--json"]) == 0
    printed = capsys.readouterr()
    assert "sk-hidden" not in printed.out + printed.err


def test_the_table_marks_retired_models_and_keeps_narration_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    printed = capsys.readouterr()
    rows = {line.split()[0]: line for line in printed.out.splitlines()}
    assert "RETIRED" in rows["claude-3-haiku"]
    assert "2027-01-14" in rows["gpt-4o-mini"]
    assert "above 100k: 0.50/2.50" in rows["claude-haiku-5-5"]
    assert rows["smollm2"].split()[2:4] == ["free", "free"]
    assert "US dollars" in printed.err


@pytest.mark.parametrize("width", [120, 80, 40, 1])
def test_the_table_leaves_columns_out_until_it_fits(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smallchat.commands.models._width", lambda: width)
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= max(width, 40)
    assert all(title in lines[0] for title in ("MODEL", "IN $/M", "OUT $/M"))
    assert ("RETIRES" in lines[0]) == (width >= 80)
