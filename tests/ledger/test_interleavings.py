"""In any order of admissions, settlements, cancels and crashes a cap holds, and nothing stays reserved."""

from __future__ import annotations

import shutil
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from smallchat.ledger.claim import Booking, LaneClaim
from smallchat.ledger.ledger import Ledger
from tests.ledger.books import Clock, answer, budget, query

CENT = Decimal("0.01")
CAPS = {
    "per_send": "0.40",
    "session": "0.80",
    "day": "1.00",
    "month": "1.50",
    "models": {"a": {"day": "0.50"}},
}
LANES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), min_size=1, max_size=3)


class Terminals(RuleBasedStateMachine):
    """Three terminals on one ledger, against sums kept by hand."""

    running = Bundle("running")

    @initialize()
    def start(self) -> None:
        self.data_dir = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.terminals = [self.new_terminal() for _ in range(3)]
        self.reserved: dict[str, tuple[int, Booking, Decimal]] = {}
        self.settled: dict[str, tuple[Booking, Decimal]] = {}

    def new_terminal(self) -> Ledger:
        return Ledger(self.data_dir, budget(**CAPS), clock=self.clock)

    def gone(self, day: str, session: str, model: str = "") -> dict[str, Decimal]:
        """Return what is settled and reserved in each period, for one model or for all."""
        rows = [(booking, usd) for _, booking, usd in self.reserved.values()] + list(self.settled.values())
        rows = [(booking, usd) for booking, usd in rows if model in ("", booking.claim.model)]
        return {
            "session": sum((usd for booking, usd in rows if booking.session == session), Decimal(0)),
            "day": sum((usd for booking, usd in rows if booking.day == day), Decimal(0)),
            "month": sum((usd for booking, usd in rows if booking.day[:7] == day[:7]), Decimal(0)),
        }

    @rule(target=running, terminal=st.integers(0, 2), session=st.sampled_from("xyz"), lanes=LANES)
    def admit(self, terminal: int, session: str, lanes: list[tuple[str, int]]) -> object:
        claims = [LaneClaim(model, "p", cents * CENT) for model, cents in lanes]
        result = self.terminals[terminal].admit(claims, session)
        needed = sum((claim.needed for claim in claims), Decimal(0))
        of_a = sum((claim.needed for claim in claims if claim.model == "a"), Decimal(0))
        bookings = result if isinstance(result, tuple) else ()
        day = bookings[0].day if bookings else self.today()
        gone, gone_of_a = self.gone(day, session), self.gone(day, session, "a")
        fits = not needed or (
            needed <= Decimal("0.40")
            and gone["session"] + needed <= Decimal("0.80")
            and gone["day"] + needed <= Decimal("1.00")
            and gone["month"] + needed <= Decimal("1.50")
            and (not of_a or gone_of_a["day"] + of_a <= Decimal("0.50"))
        )
        assert isinstance(result, tuple) == fits
        for booking in bookings:
            self.reserved[booking.id] = (terminal, booking, booking.claim.needed)
        return multiple(*bookings)

    @rule(booking=running, cents=st.integers(0, 40), cancelled=st.booleans())
    def settle(self, booking: Booking, cents: int, cancelled: bool) -> None:
        """Also again, and over what was set aside."""
        if booking.id not in self.reserved and booking.id not in self.settled:
            return  # its terminal has crashed
        terminal, _, _ = self.reserved.pop(booking.id, (0, None, None))
        self.settled.setdefault(booking.id, (booking, cents * CENT))
        state, status = ("lower_bound", "cancelled") if cancelled else ("exact", "ok")
        self.terminals[terminal].settle(booking, answer(str(cents * CENT), state, status))  # type: ignore[arg-type]

    @rule(booking=consumes(running))
    def turn_away(self, booking: Booking) -> None:
        if booking.id in self.reserved:
            terminal, _, _ = self.reserved.pop(booking.id)
            self.terminals[terminal].settle(booking, answer(None))

    @rule(terminal=st.integers(0, 2))
    def crash(self, terminal: int) -> None:
        self.terminals[terminal].close()
        self.terminals[terminal] = self.new_terminal()
        self.reserved = {key: row for key, row in self.reserved.items() if row[0] != terminal}

    @rule(hours=st.sampled_from([1, 11, 24, 24 * 31, -1, -24]))
    def pass_time(self, hours: int) -> None:
        self.clock.now += hours * 3600

    def today(self) -> str:
        return time.strftime("%Y-%m-%d", time.localtime(self.clock.now))

    @invariant()
    def agree_on_what_is_gone(self) -> None:
        needs = self.terminals[0].headroom([LaneClaim("a", "p", None)], "x").needs
        self.terminals[0]._seen = None
        for need in needs:
            if need.cap.period != "per_send":
                expected = self.gone(self.today(), "x", need.cap.model)[need.cap.period]
                assert need.settled + need.reserved == expected

    def teardown(self) -> None:
        for terminal, booking, usd in list(self.reserved.values()):
            self.terminals[terminal].settle(booking, answer(str(usd)))
        for terminal in self.terminals:
            terminal.admit([LaneClaim("b", "p", Decimal(0))])
            terminal.close()
        last = self.new_terminal()
        last.admit([LaneClaim("b", "p", Decimal(0))])
        assert query(self.data_dir, "SELECT sum(nano) FROM reservations") in ([(0,)], [(None,)])
        last.close()
        last = self.new_terminal()
        (booking,) = last.admit([LaneClaim("b", "p", Decimal(0))])  # type: ignore[misc]
        last.settle(booking, answer(None))
        assert query(self.data_dir, "SELECT * FROM reservations") == []
        last.close()
        shutil.rmtree(self.data_dir)


Terminals.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestInterleavings = Terminals.TestCase
