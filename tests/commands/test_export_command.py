from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from smallchat.config.errors import ConfigError
from smallchat.metering.answer import Answer
from smallchat.metering.events import Failure
from smallchat.sessions.files import save
from smallchat.sessions.session import SessionModel
from smallchat.sessions.store import Store

Run = Callable[..., int]
Output = pytest.CaptureFixture[bytes]
KEY = "sk-0123456789abcdef0123456789"


@pytest.fixture
def run() -> Run:
    """Run ``smallchat export`` with its own parser."""
    import argparse

    from smallchat.commands import export

    parser = argparse.ArgumentParser()
    parser.set_defaults(config=None)
    export.add_arguments(parser)
    return lambda *words: export.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def session(home: Path) -> str:
    """A comparison of two turns, with what must not be given away."""
    store = Store.open(home / "smallchat-data", pytest.fail)
    models = [SessionModel(name, "p", name) for name in ("fast", "slow")]
    session = store.create_session("compare", models)
    params = {"temperature": 0.2, "extra_headers": {"X": "secret"}, "user": "lovelace", "max_tokens": 9}
    for prompt in (f"Is {KEY} a key?", "And now?"):
        turn = store.begin_turn(session, prompt)
        for pane, model in enumerate(models):
            answer = store.begin_answer(turn, model.name, "p", pane=pane, params=params)
            failure = Failure(
                "server", f"no {home}/weights.gguf; see https://x.org/a/b", "rm /home/lovelace/x/y.db"
            )
            store.settle(answer, Answer(model.name, "p", "error", text=f"yes \x1b[2J {KEY}", error=failure))
    store.close()
    return session


def out_of(run: Run, capsysbinary: Output, *words: object) -> str:
    assert run(*words) == 0
    return capsysbinary.readouterr().out.decode()


def test_the_last_session_is_exported(run: Run, session: str, capsysbinary: Output) -> None:
    markdown = out_of(run, capsysbinary)
    assert f'session: "{session}"' in markdown
    assert markdown == out_of(run, capsysbinary, session[:5]) == out_of(run, capsysbinary, "last")


@pytest.mark.parametrize("format", ["markdown", "json"])
def test_nothing_private_is_given_away(
    run: Run,
    session: str,
    format: str,  # noqa: A002
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: Output,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    text = out_of(run, capsysbinary, "--format", format)
    for secret in (KEY, str(home), "lovelace", "secret", "\x1b"):
        assert secret not in text
    for kept in ("weights.gguf", "y.db", "https://x.org/a/b", "temperature", "max_tokens"):
        assert kept in text


@pytest.mark.parametrize("name", ["a.md", "a.json", "a.MARKDOWN"])
def test_a_file_is_read_back_to_the_same_bytes(
    run: Run, session: str, name: str, tmp_path: Path, capsysbinary: Output
) -> None:
    assert run("-o", tmp_path / name) == 0
    written = (tmp_path / name).read_bytes()
    kind = "json" if name.endswith("json") else "markdown"
    assert out_of(run, capsysbinary, tmp_path / name, "--format", kind).encode() == written
    other = json.loads(out_of(run, capsysbinary, tmp_path / name, "--format", "json"))
    assert [turn["prompt"] for turn in other["turns"]] == [f"Is {KEY} a key?", "And now?"]
    assert other["session"]["id"] == session


def test_json_has_the_exchanges(run: Run, session: str, capsysbinary: Output) -> None:
    record = json.loads(out_of(run, capsysbinary, "--format", "json"))
    assert set(record) == {"session", "turns"}
    turn = record["turns"][0]
    assert {"prompt", "answers", "decision", "budget"} <= set(turn)
    assert [answer["model"] for answer in turn["answers"]] == ["fast", "slow"]
    assert turn["answers"][0]["error"]["kind"] == "server"
    assert turn["answers"][0]["ttft_ms"] is None


def test_one_turn(run: Run, session: str, capsysbinary: Output) -> None:
    record = json.loads(out_of(run, capsysbinary, "--turn", 2, "--format", "json"))
    assert [turn["prompt"] for turn in record["turns"]] == ["And now?"]
    with pytest.raises(ConfigError, match="no turn 3"):
        run("--turn", 3)


def test_a_file_is_not_replaced_unasked(run: Run, session: str, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="--force"):
        run("-o", path)
    assert path.read_text() == "mine"
    assert run("-o", path, "--force") == 0
    assert path.read_text().startswith("---\n")
    assert [entry.name for entry in tmp_path.iterdir() if entry.name != "home"] == ["a.md"]


def test_a_folder_that_is_not_there_is_told_with_the_name_that_was_given(
    run: Run, session: str, tmp_path: Path
) -> None:
    path = tmp_path / "nowhere" / "a.md"
    with pytest.raises(FileNotFoundError) as raised:
        run("-o", path)
    assert raised.value.filename == str(path)


@pytest.mark.parametrize(
    "content", [b"", b"# Notes\n", b"{}", b"[1]", b"\xff", b"{" * 99_999, b'{"session":1}']
)
@pytest.mark.parametrize("name", ["a.md", "a.json"])
def test_another_file_is_refused(run: Run, tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match="a\\."):
        run(tmp_path / name)
    with pytest.raises(ConfigError, match="No such file"):
        run(tmp_path / "missing.md")


def test_no_session_is_a_usage_error(run: Run) -> None:
    with pytest.raises(ConfigError, match="no session yet"):
        run()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    with pytest.raises(UnicodeEncodeError):
        save(path, "x" * 100_000 + "\ud800")
    assert not list(tmp_path.glob("*a.md*"))
    save(path, "text")
    with pytest.raises(FileExistsError):
        save(path, "other")
    assert path.read_text() == "text"
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600
