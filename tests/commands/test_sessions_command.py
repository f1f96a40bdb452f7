from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from smallchat.config.errors import ConfigError
from smallchat.metering.answer import Answer
from smallchat.sessions.session import SessionModel
from smallchat.sessions.store import Store

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


@pytest.fixture
def run() -> Run:
    """Run ``smallchat sessions`` with its own parser."""
    import argparse

    from smallchat.commands import sessions

    parser = argparse.ArgumentParser()
    sessions.add_arguments(parser)
    return lambda *words: sessions.run(parser.parse_args(words))


@pytest.fixture
def sessions(home: Path) -> list[str]:
    """Two sessions, oldest first."""
    return [
        keep(home, "Why is the sky blue?", "Rayleigh"),
        keep(home, "Draft \x1b[2Jan email", "Dear \x1b]0;x\x07"),
    ]


def keep(home: Path, prompt: str, text: str) -> str:
    store = Store.open(home / "smallchat-data", pytest.fail)
    session = store.create_session("chat", [SessionModel("fast", "p", "fast-1")])
    answer = store.begin_answer(store.begin_turn(session, prompt), "fast", "p")
    store.settle(answer, Answer("fast", "p", "ok", text=text))
    store.close()
    return session


def listed(run: Run, capsys: Output) -> list[str]:
    capsys.readouterr()
    assert run("--json") == 0
    return [session["id"] for session in json.loads(capsys.readouterr().out)]


def test_json_is_an_array_newest_first(run: Run, sessions: list[str], capsys: Output) -> None:
    for words in (["--json"], ["list", "--json"], ["--json", "list"]):
        assert run(*words) == 0
        first, second = json.loads(capsys.readouterr().out)
        assert (first["id"], second["id"]) == (sessions[1], sessions[0])
        assert list(first) == ["id", "title", "created", "mode", "models", "turns", "usd"]
        assert first["created"].endswith("Z")
        assert (second["title"], second["models"], second["turns"]) == ("Why is the sky blue?", ["fast"], 1)
        assert second["usd"] == "0"


def test_no_session_is_an_empty_array(run: Run, capsys: Output) -> None:
    assert run("list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_people_see_a_line_for_each(run: Run, sessions: list[str], capsys: Output) -> None:
    assert run() == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == sessions[::-1]
    assert "\x1b" not in out


def test_show_prints_the_conversation(run: Run, sessions: list[str], capsys: Output) -> None:
    assert run("show", sessions[1][:6]) == 0
    out = capsys.readouterr().out
    assert "Dear ␛]0;x␇" in out
    assert "\x1b" not in out
    assert run("show", "last", "--json") == 0
    assert json.loads(capsys.readouterr().out)["turns"][0]["answers"][0]["text"] == "Dear \x1b]0;x\x07"


def test_search_shows_where(run: Run, sessions: list[str], capsys: Output) -> None:
    assert run("search", "rayl") == 0
    out = capsys.readouterr().out
    assert sessions[0] in out
    assert "fast: Rayleigh" in out
    assert run("search", "sky", "blue", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["match"] == {
        "turn": 1,
        "model": None,
        "snippet": "Why is the sky blue?",
        "spans": [[11, 14], [15, 19]],
    }
    assert run("search", '"NEAR(') == 0


def test_a_name_may_have_several_words(run: Run, sessions: list[str], capsys: Output) -> None:
    assert run("rename", sessions[0], "Sky", "and", "light") == 0
    assert capsys.readouterr().err == "Renamed: Sky and light\n"
    assert run("list") == 0
    assert "Sky and light" in capsys.readouterr().out


def test_a_deletion_says_how_to_take_it_back(run: Run, sessions: list[str], capsys: Output) -> None:
    assert run("delete", sessions[0]) == 0
    assert f"undelete {sessions[0]}" in capsys.readouterr().err
    assert listed(run, capsys) == [sessions[1]]
    assert run("undelete", sessions[0]) == 0
    assert capsys.readouterr().err == f"{sessions[0]} is back.\n"
    assert listed(run, capsys) == sessions[::-1]


@pytest.mark.parametrize(
    "words", [("show", "nothing"), ("rename", "nothing", "x"), ("delete", ""), ("undelete", "last")]
)
def test_an_unknown_session_is_a_usage_error(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        run(*words)


def test_a_change_that_is_not_kept_is_a_failure(run: Run, home: Path, capsys: Output) -> None:
    session = keep(home, "x", "y")
    with closing(sqlite3.connect(home / "smallchat-data" / "sessions.db")) as db:
        db.execute("PRAGMA user_version = 99")
    assert run("rename", session, "New") == 1
    told = capsys.readouterr().err
    assert "newer" in told
    assert "Renamed" not in told
