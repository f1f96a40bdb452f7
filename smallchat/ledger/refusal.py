"""Why a send may not leave, for screens and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from smallchat.ledger.caps import Cap, Need, Period, toml_key
from smallchat.ledger.claim import LaneClaim
from smallchat.ledger.options import Options
from smallchat.metering.cost import format_usd, usd_text
from smallchat.safe_text import safe_line

OnExceed = Literal["ask", "block", "degrade"]
Reason = Literal["cap", "unknown_price", "ledger"]

_OF_PERIOD: dict[Period, str] = {
    "per_send": "for one send",
    "session": "for this session",
    "day": "for today",
    "month": "for this month",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A send that the budget does not allow. Nothing was set aside.

    Attributes:
        reason: A cap is too low, a price is not known, or the ledger can not be used.
        claims: The panes of the send, with the worst case of each.
        on_exceed: What the user wants to happen then.
        exceeded: The caps that are too low, the one with the least left for the need first.
        options: What would fit.
        unpriced: The models without a price.
        trouble: What is wrong with the ledger, in two lines: what happened, and the cure.
    """

    reason: Reason
    claims: tuple[LaneClaim, ...]
    on_exceed: OnExceed = "ask"
    exceeded: tuple[Need, ...] = ()
    options: Options = field(default_factory=Options)
    unpriced: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        if self.reason == "ledger":
            return f"{self.trouble.partition(chr(10))[0]} The budget can not be checked, so nothing was sent."
        if self.reason == "unknown_price":
            return f"No price is known for {_names(self.unpriced)}, and the budget needs one."
        need = self.exceeded[0]
        needed, left = format_distinct(need.needed, need.left)
        running = f" ({format_usd(need.reserved)} is set aside for answers that still run)"
        return (
            f"Sending this to {self._who(need.cap)} may cost {needed}, but {left} is left of the "
            f"{describe_cap(need.cap)}{running if need.reserved else ''}."
        )

    @property
    def cure(self) -> str:
        """What to change, in the configuration or around the ledger's file, on one line."""
        if self.reason == "ledger":
            return self.trouble.partition("\n")[2].rstrip(".")
        if self.reason == "unknown_price":
            return (
                f"Add price = {{ input = …, output = … }} to {self._tables()}, "
                'or set unknown_price = "allow" in [budget]'
            )
        return f"raise {safe_line(self.exceeded[0].cap.key)}"

    @property
    def advice(self) -> str:
        """What to do about it, on one line, for a command line."""
        if self.reason == "ledger":
            return f"{self.cure}."
        if self.reason == "unknown_price":
            return f"{self.cure}; --force sends it once."
        ways = []
        if self.options.max_output is not None:
            ways.append(f"use --max-output {self.options.max_output}")
        if self.options.keep and len(self.options.keep[0]) < len(self.claims):
            kept = [self.claims[pane].model for pane in self.options.keep[0]]
            ways.append(f"ask {_names(kept)} only")
        ways.append(self.cure)
        text = ", or ".join(ways)
        return f"{text[0].upper()}{text[1:]}; --force sends it once anyway."

    def _tables(self) -> str:
        return " and ".join(f"[models.{safe_line(toml_key(model), 60)}]" for model in self.unpriced)

    def _who(self, cap: Cap) -> str:
        models = dict.fromkeys(claim.model for claim in self.claims if cap.covers(claim))
        return _names(tuple(models))


def describe_cap(cap: Cap) -> str:
    """Return ``cap`` in words: ``$2.00 for today``, ``$1.00 that claude-haiku-4-5 has for today``."""
    has = f" that {safe_line(cap.model, 60)} has" if cap.model else ""
    return f"{format_usd(cap.usd)}{has} {_OF_PERIOD[cap.period]}"


def _names(models: tuple[str, ...] | list[str]) -> str:
    shown = [safe_line(model, 60) for model in models]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def format_distinct(needed: Decimal, left: Decimal) -> tuple[str, str]:
    """Return both amounts in words, to the last digit where rounding would make them look the same."""
    texts = format_usd(needed), format_usd(left)
    return texts if texts[0] != texts[1] else (f"${usd_text(needed)}", f"${usd_text(left)}")
