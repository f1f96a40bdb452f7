"""Days and months in local time: midnight, month ends, daylight saving, clocks that are set."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ledger.books import Clock, OpenLedger, admitted, answer, at, claim, refused, spend

BERLIN = "Europe/Berlin"
SetZone = Callable[[str], None]


@pytest.mark.parametrize(
    ("zone", "spent_at", "then", "same_day", "same_month"),
    [
        (BERLIN, "2026-11-20T23:59:59", "2026-11-21T00:00:00", False, True),
        (BERLIN, "2026-11-20T00:00:00", "2026-11-20T23:59:59", True, True),
        # Local midnight is not the one of UTC.
        ("Asia/Tokyo", "2026-11-20T08:59:59", "2026-11-20T09:00:01", True, True),
        ("America/New_York", "2026-11-20T18:59:59", "2026-11-20T19:00:01", True, True),
        (BERLIN, "2026-11-30T23:59:59", "2026-12-01T00:00:00", False, False),
        (BERLIN, "2026-12-31T23:59:59", "2027-01-01T00:00:00", False, False),
        (BERLIN, "2027-02-28T23:59:59", "2027-03-01T00:00:00", False, False),
        (BERLIN, "2028-02-28T23:59:59", "2028-02-29T23:59:59", False, True),
        # The hour that does not exist, the hour that comes twice, days of 23 and 25 hours.
        (BERLIN, "2027-03-28T01:59:59+01:00", "2027-03-28T03:00:00+02:00", True, True),
        (BERLIN, "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", True, True),
        (BERLIN, "2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59+01:00", True, True),
        (BERLIN, "2027-03-28T23:59:59+02:00", "2027-03-29T00:00:00+02:00", False, True),
        # Here midnight itself is skipped, and here it comes twice.
        ("America/Santiago", "2026-09-05T23:59:59-04:00", "2026-09-06T01:00:00-03:00", False, True),
        ("America/Havana", "2026-11-01T00:30:00-04:00", "2026-11-01T00:30:00-05:00", True, True),
    ],
)
def test_windows_end_with_the_local_day_and_month(
    zone: str,
    spent_at: str,
    then: str,
    same_day: bool,
    same_month: bool,
    open_ledger: OpenLedger,
    set_zone: SetZone,
) -> None:
    set_zone(zone)
    clock = Clock(at(spent_at, zone))
    by_day, by_month = open_ledger(clock, day="0.10"), open_ledger(clock, month="0.10")
    spend(by_day, "0.10")
    clock.now = at(then, zone)
    assert isinstance(by_day.admit([claim("0.01")]), tuple) is not same_day
    assert isinstance(by_month.admit([claim("0.01")]), tuple) is not same_month


def test_a_charge_belongs_to_the_day_in_which_its_request_began(
    open_ledger: OpenLedger, set_zone: SetZone
) -> None:
    set_zone(BERLIN)
    clock = Clock(at("2026-11-20T23:59:59", BERLIN))
    ledger = open_ledger(clock, day="0.10")
    (booking,) = admitted(ledger.admit([claim("0.10")]))
    clock.now += 2
    admitted(ledger.admit([claim("0.10")]))
    ledger.settle(booking, answer("0.10"))
    assert ledger.headroom([claim("0")]).needs[0].settled == 0
    clock.now -= 2
    assert refused(ledger.admit([claim("0.01")])).exceeded[0].left == 0


def test_a_clock_that_is_set_changes_the_day_and_frees_nothing(
    open_ledger: OpenLedger, set_zone: SetZone
) -> None:
    set_zone(BERLIN)
    clock = Clock(at("2026-11-20T12:00:00", BERLIN))
    ledger, other = open_ledger(clock, session="0.10", day="0.20"), open_ledger(clock, session="0.10")
    (booking,) = admitted(ledger.admit([claim("0.10")], "s"))
    for hours in (24 * 400, -24 * 800):
        clock.now += hours * 3600
        refused(other.admit([claim("0.01")], "s"))
    ledger.settle(booking, answer("0.10"))
    clock.now = at("2026-11-20T13:00:00", BERLIN)
    assert str(refused(ledger.admit([claim("0.11")], "t")).exceeded[-1].cap.period) == "day"


def test_travelling_takes_the_new_zone_s_day(open_ledger: OpenLedger, set_zone: SetZone) -> None:
    set_zone("America/Los_Angeles")
    clock = Clock(at("2026-11-20T20:00:00", "America/Los_Angeles"))
    ledger = open_ledger(clock, day="0.10")
    spend(ledger, "0.10")
    set_zone("Asia/Tokyo")  # it is the 21st there
    admitted(ledger.admit([claim("0.10")]))
