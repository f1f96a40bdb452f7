import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.catalog import o200k
from smallchat.catalog.catalog import known_models
from smallchat.catalog.model import Model
from smallchat.catalog.tokens import MESSAGE_TOKENS, REPLY_TOKENS, TokenEstimator

MODELS = known_models()
GPT, HAIKU = MODELS["gpt-5.4-mini"], MODELS["claude-haiku-4-5"]
PROSE = "The quick brown fox doesn't jump over 1,234 lazy dogs; it walks around them. "


@pytest.fixture(scope="module", autouse=True)
def _table() -> None:
    assert o200k.load()


@pytest.fixture
def tokens(tmp_path: Path) -> TokenEstimator:
    return TokenEstimator(tmp_path)


def test_the_table_is_loaded_without_a_network() -> None:
    # In a process of its own, since the table is loaded once in each.
    script = """
import os, socket, sys
def refuse(*args, **kwargs): raise AssertionError("a socket was opened")
socket.socket = refuse
from smallchat.catalog import o200k
before = o200k.count("x" * 10)
assert o200k.load() and o200k.is_loaded()
print(before, o200k.count("hello world"), "TIKTOKEN_CACHE_DIR" in os.environ)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["3", "2", "False"]


def test_a_damaged_table_is_left_alone_and_not_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / o200k.TABLE.name
    damaged.write_text("aGVsbG8= 0\n")
    monkeypatch.setattr(o200k, "TABLE", damaged)
    monkeypatch.setattr(o200k, "_encoding", None)
    monkeypatch.setattr(o200k, "_tried", False)
    monkeypatch.setattr(socket, "socket", None)
    assert not o200k.load()
    assert o200k.count("four letters") == 3
    assert damaged.exists()


def test_the_table_is_loaded_once_by_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    encoding = o200k._encoding

    def read() -> object:
        reads.append(threading.get_ident())
        return encoding

    monkeypatch.setattr(o200k, "_read_encoding", read)
    monkeypatch.setattr(o200k, "_encoding", None)
    monkeypatch.setattr(o200k, "_tried", False)
    threads = [threading.Thread(target=o200k.load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reads) == 1


@given(st.text(st.characters(), max_size=300))
def test_short_texts_are_counted_exactly(text: str) -> None:
    import tiktoken

    whole = text.encode(errors="replace").decode()
    assert o200k.count(whole) == len(tiktoken.get_encoding("o200k_base").encode_ordinary(whole))
    assert o200k.count(text) >= 0  # lone surrogates too


def test_prose_is_counted_exactly_over_several_slices() -> None:
    import tiktoken

    text = (PROSE * 2000)[: o200k.EXACT_CHARS]
    assert o200k.count(text) == len(tiktoken.get_encoding("o200k_base").encode_ordinary(text))


def test_special_tokens_count_as_the_text_they_are() -> None:
    assert o200k.count("<|endoftext|>") > 1


@pytest.mark.parametrize("code", [0x20, 0x0A, 0x61, 0x4E2D, 0xD800])
def test_long_runs_do_not_overflow_the_tokenizer(code: int) -> None:
    assert 0 < o200k.count(chr(code) * 1_000_000) <= 3_000_000


def test_a_megabyte_is_extrapolated_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    text = PROSE * 14_000
    handed: list[int] = []
    counted_slice = o200k._count_slice
    monkeypatch.setattr(o200k, "_count_slice", lambda part: handed.append(len(part)) or counted_slice(part))
    counted = o200k.count(text)
    assert sum(handed) <= o200k.EXACT_CHARS
    assert counted == pytest.approx(14 * o200k.count(PROSE * 1_000), rel=0.002)


def test_a_text_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert o200k.count("counted before " * 50) == o200k.count("counted before " * 50)
    monkeypatch.setattr(o200k, "_count_slice", None)
    o200k.count("counted before " * 50)


def test_claude_makes_more_tokens_of_a_text(tokens: TokenEstimator) -> None:
    text = PROSE * 20
    assert tokens.count(GPT, text) == o200k.count(text)
    assert tokens.count(HAIKU, text) == round(1.2 * o200k.count(text))
    assert tokens.count(HAIKU, "") == 0


def test_a_request_counts_its_template_and_pictures(tokens: TokenEstimator) -> None:
    texts = tokens.count(GPT, "Be brief.") + tokens.count(GPT, "Hello!")
    expected = texts + 2 * MESSAGE_TOKENS + REPLY_TOKENS
    assert tokens.estimate_request(GPT, "Be brief.", ["Hello!"]) == expected
    assert tokens.estimate_request(GPT, "Be brief.", ["Hello!"], images=2) == expected + 2 * GPT.image_tokens
    assert (
        tokens.estimate_request(GPT, "", ["Hello!"])
        == tokens.count(GPT, "Hello!") + MESSAGE_TOKENS + REPLY_TOKENS
    )


def test_a_ratio_is_learned_and_kept(tokens: TokenEstimator, tmp_path: Path) -> None:
    text = PROSE * 100
    for _ in range(20):
        tokens.learn(HAIKU, text, round(1.4 * o200k.count(text)))
    assert tokens.ratio(HAIKU) == pytest.approx(1.4, abs=0.01)
    assert tokens.ratio(GPT) == 1.0
    assert TokenEstimator(tmp_path).ratio(HAIKU) == pytest.approx(tokens.ratio(HAIKU), abs=1e-4)


def test_one_short_answer_changes_little(tokens: TokenEstimator) -> None:
    tokens.learn(HAIKU, PROSE, 2 * o200k.count(PROSE))
    assert 1.2 < tokens.ratio(HAIKU) < 1.3


def test_a_changed_tokenizer_is_noticed(tokens: TokenEstimator) -> None:
    text = PROSE * 100
    for factor in [1.0] * 50 + [1.5] * 50:
        tokens.learn(HAIKU, text, round(factor * o200k.count(text)))
    assert tokens.ratio(HAIKU) > 1.4


@pytest.mark.parametrize(
    ("text", "count"), [("ok", 1), (PROSE * 10, 0), (PROSE * 10, 10**9), (PROSE * 10, -5)]
)
def test_nothing_is_learned_from_nonsense(
    tokens: TokenEstimator, text: str, count: int, tmp_path: Path
) -> None:
    tokens.learn(HAIKU, text, count)
    assert tokens.ratio(HAIKU) == pytest.approx(1.2)
    assert not (tmp_path / "ratios.json").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b'{"anthropic/claude-haiku-4-5": [1, 1e99]}',
        b'{"anthropic/claude-haiku-4-5": [NaN, 1]}',
        b'{"anthropic/claude-haiku-4-5": [0, 0]}',
        b'{"anthropic/claude-haiku-4-5": ["a", {}]}',
        b"[" * 100_000,
        b'{"anthropic/claude-haiku-4-5": [1' + b"0" * 5_000 + b", 1]}",
    ],
    ids=range(10),
)
def test_a_damaged_file_costs_what_was_learned_and_no_more(
    tokens: TokenEstimator, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "ratios.json").write_bytes(content)
    assert tokens.ratio(HAIKU) == pytest.approx(1.2)
    tokens.learn(HAIKU, PROSE * 10, round(1.2 * o200k.count(PROSE * 10)))
    assert list(json.loads((tmp_path / "ratios.json").read_text())) == ["anthropic/claude-haiku-4-5"]


def test_a_directory_that_can_not_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    tokens = TokenEstimator(tmp_path / "file")
    tokens.learn(HAIKU, PROSE * 100, 2 * o200k.count(PROSE * 100))
    assert tokens.ratio(HAIKU) > 1.7


def test_two_processes_keep_each_other_s_models(tmp_path: Path) -> None:
    one, other = TokenEstimator(tmp_path), TokenEstimator(tmp_path)
    assert one.ratio(GPT) == other.ratio(GPT) == 1.0
    text = PROSE * 100
    one.learn(GPT, text, round(1.1 * o200k.count(text)))
    other.learn(HAIKU, text, round(1.4 * o200k.count(text)))
    again = TokenEstimator(tmp_path)
    assert again.ratio(GPT) > 1.05
    assert again.ratio(HAIKU) > 1.3
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("ratios")] == ["ratios.json"]


def test_the_ratio_belongs_to_the_model_on_the_wire(tokens: TokenEstimator) -> None:
    text = PROSE * 100
    tokens.learn(HAIKU, text, 2 * o200k.count(text))
    same = Model("mine", HAIKU.provider, HAIKU.wire_id, "Mine", tokens_factor=HAIKU.tokens_factor)
    assert tokens.ratio(same) == tokens.ratio(HAIKU)
