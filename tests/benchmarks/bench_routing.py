"""How well and how fast prompts are told apart: ``python -m tests.benchmarks.bench_routing FILE.jsonl...``.

Each line is an object with a prompt (``prompt``, ``turns`` or ``instruction`` with ``instances``) and a label
(``task``, ``label`` or ``category``). Labels are tasks, ``strict`` (a format or two constraints are found),
or names that ``--map NAME=TASK`` or the table below maps to one. Prompts with other labels are timed only.
Files are reported one by one, never pooled. ``--errors`` prints what was told wrong.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from smallchat.routing import vocabulary
from smallchat.routing.facts import Facts, extract_facts
from smallchat.routing.meanings import TASKS

STRICT = "strict"
RUNS = 3  # each prompt is timed at its best of these: the machine has other work too
LABELS = {
    **dict.fromkeys(("coding", "simple-code", "complex-code", "code-review", "testing", "debugging"), "code"),
    **dict.fromkeys(("system-design", "architecture", "infrastructure", "ml-pipeline", "migration"), "code"),
    **dict.fromkeys(("performance", "security-analysis", "code-snippet-qa", "agentic-task"), "code"),
    **dict.fromkeys(("math", "maths", "formal-proof", "algorithm-proof", "math-derivation"), "reasoning"),
    **dict.fromkeys(("formal-logic", "game-theory", "logic-puzzle", "fermi", "logic"), "reasoning"),
    **dict.fromkeys(("creative", "rewrite", "documentation", "brainstorming", "roleplay"), "writing"),
    **dict.fromkeys(("summary", "summarization", "summarisation"), "summarise"),
    **dict.fromkeys(("extraction", "structured-output", "information_extraction", "closed_qa"), "extract"),
    **dict.fromkeys(("classification", "sentiment"), "classify"),
    **dict.fromkeys(("translation",), "translate"),
    **dict.fromkeys(
        ("factual-qa", "definition", "explanation", "comparison", "knowledge", "generic"), "lookup"
    ),
}


@dataclass(slots=True)
class Report:
    """Counts of one file."""

    expected: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    micros: list[float] = field(default_factory=list)
    errors: list[tuple[str, str | None, str]] = field(default_factory=list)

    def add(self, prompt: str, label: str | None) -> None:
        """Read the facts of ``prompt`` and compare its task with ``label``."""
        times = []
        for _ in range(RUNS):
            started = perf_counter_ns()
            facts = extract_facts(prompt, tokens=len(prompt) // 4)
            times.append((perf_counter_ns() - started) / 1_000)
        self.micros.append(min(times))
        if label is None:
            return
        told = tell_task(facts, label)
        self.expected[label] += 1
        self.answered += told is not None
        self.right[label] += told == label
        if told != label:
            self.errors.append((label, told, prompt))

    @property
    def recall(self) -> float:
        """The mean of the recalls of the tasks."""
        return sum(self.right[task] / count for task, count in self.expected.items()) / len(self.expected)

    @property
    def precision(self) -> float:
        """The share that is right of those that were told."""
        return self.right.total() / max(1, self.answered)

    @property
    def abstained(self) -> float:
        """The share that was not told."""
        return 1 - self.answered / self.expected.total()


def tell_task(facts: Facts, label: str) -> str | None:
    """Return the task that ``facts`` tell; a strict format is told by its signs, not by the task."""
    if label == STRICT:
        return STRICT if facts.format is not None or facts.constraints >= 2 else None
    return facts.task


def read_prompts(path: Path, mapping: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    """Return the prompts of a file with their labels, mapped to tasks; ``None`` where none is known."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            entry = json.loads(line)
            label = entry.get("task") or entry.get("label") or entry.get("category")
            label = mapping.get(label, label)
            yield prompt_of(entry), label if label in (*TASKS, STRICT) else None


def prompt_of(entry: dict[str, Any]) -> str:
    """Return the prompt of a line, whichever of the usual shapes it has."""
    if "prompt" in entry:
        return str(entry["prompt"])
    if "turns" in entry:
        return str(entry["turns"][0])
    inputs = [instance.get("input", "") for instance in entry.get("instances", [])][:1]
    return "\n\n".join(part for part in (entry["instruction"], *inputs) if part)


def measure(path: Path, mapping: dict[str, str]) -> Report:
    """Return the counts of ``path``."""
    report = Report()
    for prompt, label in read_prompts(path, mapping):
        report.add(prompt, label)
    return report


def main() -> None:
    """Print one line per file, and one for a text of 500,000 characters."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--map", action="append", default=[], metavar="NAME=TASK")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    mapping = {**LABELS, **dict(pair.split("=", 1) for pair in options.map)}
    vocabulary.load()
    for path in options.files:
        report = measure(path, mapping)
        micros = sorted(report.micros)
        p50, p99 = micros[len(micros) // 2], micros[int(len(micros) * 0.99)]
        print(
            f"{path.name}: {len(micros)} prompts, p50 {p50:.0f} µs, p99 {p99:.0f} µs, max {micros[-1]:.0f} µs"
        )
        if report.expected:
            print(
                f"  macro recall {report.recall:.3f}, precision {report.precision:.3f}, "
                f"abstained {report.abstained:.3f}"
            )
            print("  " + ", ".join(f"{task} {report.right[task]}/{n}" for task, n in report.expected.items()))
        for label, told, prompt in report.errors if options.errors else ():
            print(f"    {label} told as {told}: {prompt[:100]!r}")
    long = "The committee read the figures of each branch once more. " * 8_800 + "\n\nSummarise this report."
    report = Report()
    for _ in range(20):
        report.add(long, "summarise")
    print(f"{len(long):,} characters: median {sorted(report.micros)[10] / 1_000:.2f} ms")


if __name__ == "__main__":
    main()
