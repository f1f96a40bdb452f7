"""Decisions in words: what somebody else's file says about them, and rules that are gone."""

from __future__ import annotations

from typing import Any

from smallchat.catalog.catalog import Catalog
from smallchat.config.schema import RoutingSettings, Settings
from smallchat.engine.choice import Choice, consulted_from_record
from smallchat.engine.choice_wording import opening_note
from smallchat.routing.presets import Preset, Presets
from smallchat.routing.record_reading import decision_from_record
from smallchat.tui.decision_text import describe_choice
from tests.tui.test_safety import EVIL, FORBIDDEN

PROMPT = f"Draft {EVIL} an email"


def subagent() -> Preset:
    return Presets(RoutingSettings(), Catalog(Settings())).get("subagent")


def record(**changes: Any) -> dict[str, Any]:
    facts = {"task": "writing", "tokens": 9, "constraints": 0, "format": None, "images": 0, "matched": []}
    return {
        "preset": "subagent",
        "rule": "writing",
        "why": "user-facing writing",
        "model": "claude-haiku-4-5",
        "fallback": False,
        "facts": facts,
        "dropped": [],
        "costs": {"claude-haiku-4-5": {"estimate_usd": "0.0021", "worst_usd": "0.0103"}},
        "micros": 96,
        "answered_by": None,
        **changes,
    }


def choice(**changes: Any) -> Choice:
    kept = record(**changes)
    decision = decision_from_record(kept, subagent())
    return Choice(PROMPT, PROMPT, decision, consulted=consulted_from_record(kept))


def test_nothing_that_a_file_says_acts_on_the_terminal() -> None:
    facts = {**record()["facts"], "matched": [{"fact": EVIL, "text": PROMPT[:9], "at": 0}]}
    evil = choice(
        **dict.fromkeys(("preset", "rule", "why", "model", "answered_by"), EVIL),
        facts=facts,
        dropped=[{"model": EVIL, "reason": EVIL}, {"model": "gpt-5.4-mini", "reason": EVIL}],
        costs={EVIL: {"estimate_usd": "1", "worst_usd": "1"}},
        second_stage={"model": EVIL, "task": None, "ms": 1e300, "usd": "1", "trouble": EVIL},
        micros=10**400,
    )
    asked = Catalog(Settings()).get("gpt-5.4-nano")
    for text in (describe_choice(evil, subagent(), asked).plain, opening_note(evil, asked)):
        assert not FORBIDDEN.search(text.replace("\n", ""))
        assert len(text) < 5_000


def test_a_rule_that_is_gone_is_told_by_what_was_kept() -> None:
    told = describe_choice(choice(rule="haikus", why="short verse"), subagent()).plain
    assert "  haikus: short verse\n" in told
    assert "no rule matched" not in told
    assert "✓ writing: user-facing writing → Haiku 4.5" in describe_choice(choice(), subagent()).plain
