import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smallchat.commands import spend as command
from smallchat.ledger.ledger import Ledger
from smallchat.metering.usage import Usage
from tests.ledger.books import Clock, admitted, answer, budget, claim

CONFIG = """
[providers.gateway]
base_url = "http://127.0.0.1:4000/v1"
[models.fast]
provider = "gateway"
price = { input = 0.75, cached_input = 0.075, output = 4.50, as_of = 2026-11-20 }
[budget]
day = 2.00
"""


@pytest.fixture
def data_dir(home: Path) -> Path:
    return home / "smallchat-data"


@pytest.fixture
def ledger(home: Path, data_dir: Path) -> Ledger:
    """A ledger with three answers of today, and one of ten days ago."""
    (home / "config.toml").write_text(CONFIG)
    (home / "config.toml").chmod(0o600)
    clock = Clock(time.time() - 10 * 86_400)
    ledger = Ledger(data_dir, budget(), clock=clock)
    ledger.settle(*admitted(ledger.admit([claim("1", "old")], "s1")), answer("0.5"))
    clock.now = time.time()
    one, two, three = admitted(ledger.admit([claim("1", "fast\x1b[2J")] * 3, "s2"))
    ledger.settle(one, answer("0.0011088", usage=Usage(1204, 122, 1024)))
    ledger.settle(two, answer("0.002", "estimate"))
    ledger.settle(three, answer("0.0003", "lower_bound", "cancelled"))
    ledger.close()
    return ledger


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(arguments, argparse.Namespace(config=None))) == 0
    return capsys.readouterr().out


def test_json_has_every_part_to_the_last_digit(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "--json"))
    today = found["today"]
    assert (today["usd"], today["exact_usd"], today["estimated_usd"], today["lower_bound_usd"]) == (
        "0.0034088", "0.0011088", "0.002", "0.0003",
    )  # fmt: skip
    assert (today["answers"], today["unpriced"], today["tokens"]["cached"]) == (3, 0, 1024)
    assert found["last_30_days"]["usd"] == "0.5034088"
    assert found["days"][-1]["usd"] == "0.0034088"
    assert len(found["days"]) == 30
    assert found["caps"] == {"per_send": None, "session": None, "day": "2", "month": None}
    assert found["pace"] == {"days": 7, "usd_per_30_days": "0.014609143"}
    assert [group["model"] for group in found["groups"]] == ["old", "fast\x1b[2J"]


def test_the_same_tokens_elsewhere_with_batch_prices(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = {other["model"]: other for other in json.loads(run(capsys, "--json"))["elsewhere"]}
    # 3,180 plain and 1,024 cached tokens of input, 422 of output.
    assert elsewhere["fast"]["usd"] == "0.0043608"
    assert elsewhere["fast"]["batch_usd"] is None
    assert elsewhere["claude-haiku-4-5"]["usd"] == "0.0053924"
    assert elsewhere["claude-haiku-4-5"]["batch_usd"] == "0.0026962"
    assert elsewhere["smollm2"]["usd"] == "0"
    assert "claude-3-haiku" not in elsewhere  # retired


def test_text_names_the_certain_and_the_uncertain(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys)
    lines = text.splitlines()
    assert lines[0].split()[:4] == ["Today", "≥$0.0034", "of", "$2.00"]
    assert "$0.0011 exact · ~$0.0020 estimated · ≥$0.000300 stopped or cut" in lines[0]
    assert "█" in lines[3]
    assert "\x1b" not in text
    assert any(line.split()[:2] == ["old", "$0.5000"] for line in lines)


@pytest.mark.parametrize(("by", "names"), [("session", ["s1", "s2"]), ("day", None)])
def test_groups(by: str, names: list[str] | None, ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    groups = json.loads(run(capsys, "--json", "--by", by))["groups"]
    assert len(groups) == 2
    assert names is None or [group[by] for group in groups] == names


def test_without_a_ledger_nothing_was_spent(capsys: pytest.CaptureFixture[str], data_dir: Path) -> None:
    assert run(capsys).splitlines()[0].split() == ["Today", "$0"]
    assert json.loads(run(capsys, "--json"))["elsewhere"] == []
    assert not data_dir.exists()


def test_a_damaged_ledger_is_said_in_two_lines(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data_dir.mkdir()
    (data_dir / "ledger.db").write_bytes(b"not a database" * 1000)
    options = argparse.Namespace(config=None, by="model", json=False)
    assert command.run(options) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "ledger.db is damaged" in printed.err
    assert len(printed.err.splitlines()) == 2


def test_importing_the_command_loads_nothing_slow() -> None:
    code = (
        "import smallchat.commands.spend, smallchat.ledger.reading, smallchat.engine.budgeting, sys;"
        "slow = {'pydantic', 'genai_prices', 'tiktoken', 'openai', 'anthropic', 'httpx2', 'textual'};"
        "print(*sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
