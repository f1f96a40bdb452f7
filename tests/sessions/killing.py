"""Kill a streaming smallchat at some moment, and measure what it lost."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from smallchat.metering.answer import Answer
from smallchat.sessions.store import Store
from tests.sessions.streaming_child import word


@dataclass(frozen=True)
class Loss:
    """What was lost: the age of the oldest lost word, and the machine's longest pause, in ms; the rest."""

    oldest_ms: float
    longest_pause_ms: float
    answers: list[Answer]


def kill_while_streaming(data_dir: Path, after_s: float) -> Loss:
    """Kill ``streaming_child`` with SIGKILL ``after_s`` seconds after its first word; read its store."""
    script = Path(__file__).with_name("streaming_child.py")
    child = subprocess.Popen([sys.executable, script, data_dir], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(after_s)
    child.kill()
    killed = time.monotonic_ns()
    lines = [first, *child.stdout.read().split("\n")[:-1]]
    child.wait()
    child.stdout.close()
    said = [tuple(map(int, line.split())) for line in lines if line.count(" ") == 2]

    store = Store.open(data_dir, lambda message: sys.exit(message))
    turns = [turn for summary in store.list() for turn in store.load(summary.id).turns]
    store.close()
    answers = [kept.answer for turn in turns for kept in turn.answers]
    texts = [answer.text for answer in answers]
    kept = [text.count(" ") for text in texts]
    for pane, (text, count) in enumerate(zip(texts, kept, strict=True)):
        assert text == "".join(word(pane, number) for number in range(count))
    lost = [at for at, pane, number in said if pane >= len(kept) or number > kept[pane]]
    stamps = sorted(at for at, _, _ in said)
    pauses = [later - earlier for earlier, later in zip(stamps, [*stamps[1:], killed], strict=True)]
    oldest = (killed - min(lost)) / 1e6 if lost else 0.0
    return Loss(oldest, max(pauses) / 1e6, answers)
