"""The budget's ledger: money is set aside before a send leaves, and settled when its answers end."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.lease import Lease, is_alive
from smallchat.ledger import rows
from smallchat.ledger.caps import Cap, Need, caps_over
from smallchat.ledger.claim import Booking, LaneClaim
from smallchat.ledger.file import LedgerFile
from smallchat.ledger.headroom import Headroom
from smallchat.ledger.options import find_options
from smallchat.ledger.refusal import Refusal
from smallchat.ledger.trouble import TROUBLE, describe_trouble

if TYPE_CHECKING:
    from smallchat.config.schema import BudgetSettings
    from smallchat.metering.answer import Answer

FILE_NAME = "ledger.db"
LEASES = "live"
MOST_UNBOOKED = 1000
HEADROOM_S = 0.25  # how old an answer about what is left may be


class Ledger:
    """The ledger of one data directory; several processes may have it open at once. Any thread may use it.

    The money of a send is set aside in one transaction, so no two of them get the same dollar, and counts
    against every cap until the answers are settled or the process has ended: reservations are tied to
    a lease that the kernel ends with the process. What they cost is then not known; they are counted as lost.

    Days and months are the calendar's, in local time as the clock and the zone were when the send was
    admitted; a charge stays in that day. When the clock is set back, so are the days.
    """

    def __init__(
        self,
        data_dir: Path,
        budget: BudgetSettings,
        *,
        on_trouble: Callable[[str], None] = lambda message: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is opened before it is needed.

        Args:
            data_dir: Where ``ledger.db`` is.
            budget: The caps, and what happens at them.
            on_trouble: Gets two lines for the user, at most once, when something went on unrecorded.
            clock: Returns the seconds since 1970.
        """
        self.path = data_dir / FILE_NAME
        self.budget = budget
        self._on_trouble = on_trouble
        self._clock = clock
        self._lock = threading.Lock()
        self._file = LedgerFile(self.path)
        self._leases = data_dir / LEASES
        self._lease: Lease | None = None
        self._owner = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._unbooked: deque[tuple[Booking, Answer]] = deque(maxlen=MOST_UNBOOKED)
        self._told = False
        self._seen: tuple[tuple[object, ...], float, tuple[Need, ...]] | None = None

    def admit(
        self, claims: Sequence[LaneClaim], session: str = "", *, force: bool = False
    ) -> tuple[Booking, ...] | Refusal:
        """Set the worst case of every pane of a send aside, or of none.

        Args:
            claims: One for each pane.
            session: The session it belongs to; without one, this ledger object is the session.
            force: Admit it over the caps, and remember that it was so.

        Returns:
            One booking for each claim, in their order; or why there is none.
        """
        claims = tuple(claims)
        if not claims:
            return ()
        caps = caps_over(self.budget, (claim.model for claim in claims))
        unpriced = self._refused_prices(caps, claims)
        bookings = self._book(claims, session or self._owner, force)
        day, session = bookings[0].day, bookings[0].session
        try:
            with self._lock, self._file.transaction() as db:
                self._take_lease()
                rows.free_reservations(db, rows.owners_gone(db, self._is_alive))
                needs = rows.read_needs(db, caps, claims, session, day)
                if not force and (unpriced or not all(need.fits for need in needs)):
                    return self._refuse(claims, needs, unpriced)
                rows.insert_reservations(db, self._owner, bookings)
                self._seen = None
        except TROUBLE as error:
            trouble = describe_trouble(error, self.path)
            if not force and (unpriced or any(cap.needed(claims) for cap in caps)):
                return Refusal("ledger", claims, self.budget.on_exceed, trouble=trouble)
            self._tell(trouble)
        self._book_late()
        return bookings

    def settle(self, booking: Booking, answer: Answer) -> None:
        """Book what ``answer`` cost, free the rest, wait until that is on the disk. Twice is as good as once.

        What can not be written is kept and tried again by the next call; its reservation stays until then.
        """
        with self._lock:
            self._unbooked.append((booking, answer))
        self._book_late()

    def broken_cap(self, booking: Booking, usd: Decimal) -> Need | None:
        """Return the cap that a running answer breaks by having cost ``usd`` so far, or ``None``.

        Only an answer that has outrun what was set aside for it can break one: the estimate of its input was
        too low, or the model went on beyond its limit. Reads the file, and never when that is not so.
        """
        over = usd - booking.claim.needed
        if over <= 0 or booking.forced:
            return None
        caps = [cap for cap in caps_over(self.budget, [booking.claim.model]) if cap.period != "per_send"]
        more = [replace(booking.claim, worst_usd=over)]
        try:
            with self._lock, self._file.snapshot() as db:
                gone = rows.owners_gone(db, self._is_alive)
                needs = rows.read_needs(db, caps, more, booking.session, booking.day, gone)
        except TROUBLE:
            return None  # the next admission says what is wrong
        return next((need for need in needs if not need.fits), None)

    def headroom(self, claims: Sequence[LaneClaim], session: str = "") -> Headroom:
        """Return how a send stands to the budget, without setting anything aside.

        Cheap enough for every key: what is gone of the caps is read four times a second at most.
        """
        claims = tuple(claims)
        models = tuple(dict.fromkeys(claim.model for claim in claims))
        caps = caps_over(self.budget, models)
        if not caps:
            return Headroom()
        unpriced = self._refused_prices(caps, claims)
        try:
            with self._lock:
                needs = self._read_gone(caps, session or self._owner)
        except TROUBLE as error:
            needs = tuple(Need(cap) for cap in caps)
            trouble = describe_trouble(error, self.path)
        else:
            trouble = ""
        return Headroom(
            tuple(replace(need, needed=need.cap.needed(claims)) for need in needs), unpriced, trouble
        )

    def close(self) -> None:
        """Book what waits to be booked and let go of the file and of all reservations."""
        self._book_late()
        with self._lock:
            self._file.close()
            if self._lease is not None:
                self._lease.end()
                self._lease = None

    def _refused_prices(self, caps: Sequence[Cap], claims: Sequence[LaneClaim]) -> tuple[str, ...]:
        """Return the models that have a cap but no price, unless the user lets them pass."""
        if self.budget.unknown_price == "allow":
            return ()
        unknown = [claim for claim in claims if claim.worst_usd is None]
        return tuple(
            dict.fromkeys(claim.model for claim in unknown if any(cap.covers(claim) for cap in caps))
        )

    def _book(self, claims: Sequence[LaneClaim], session: str, force: bool) -> tuple[Booking, ...]:
        now = self._clock()
        day = time.strftime("%Y-%m-%d", time.localtime(now))
        return tuple(
            Booking(f"{self._owner}.{next(self._numbers)}", claim, session, now, day, force)
            for claim in claims
        )

    def _refuse(
        self, claims: tuple[LaneClaim, ...], needs: Sequence[Need], unpriced: tuple[str, ...]
    ) -> Refusal:
        usable = [pane for pane, claim in enumerate(claims) if claim.model not in unpriced]
        exceeded = sorted((need for need in needs if not need.fits), key=lambda need: need.left - need.needed)
        return Refusal(
            "unknown_price" if unpriced else "cap",
            claims,
            self.budget.on_exceed,
            exceeded=tuple(exceeded),
            options=find_options(claims, needs, usable),
            unpriced=unpriced,
        )

    def _read_gone(self, caps: Sequence[Cap], session: str) -> tuple[Need, ...]:
        now = time.monotonic()
        day = time.strftime("%Y-%m-%d", time.localtime(self._clock()))
        key = (tuple(caps), session, day)
        if self._seen is None or self._seen[0] != key or now - self._seen[1] > HEADROOM_S:
            with self._file.snapshot() as db:
                gone = rows.owners_gone(db, self._is_alive)
                self._seen = key, now, rows.read_needs(db, caps, (), session, day, gone)
        return self._seen[2]

    def _book_late(self) -> None:
        """Write what is to be settled; what can not be written waits for the next call."""
        with self._lock:
            if not self._unbooked:
                return
            try:
                with self._file.transaction(durable=True) as db:
                    for booking, answer in self._unbooked:
                        rows.settle(db, booking, answer)
            except TROUBLE as error:
                trouble = describe_trouble(error, self.path)
            else:
                self._unbooked.clear()
                self._seen = None
                return
        self._tell(trouble)

    def _take_lease(self) -> None:
        if self._lease is None:
            self._lease = Lease(self._leases, self._owner)

    def _is_alive(self, owner: str) -> bool:
        return owner == self._owner or is_alive(self._leases, owner)

    def _tell(self, trouble: str) -> None:
        with self._lock:
            told, self._told = self._told, True
        if not told:
            cause, _, cure = trouble.partition("\n")
            self._on_trouble(f"{cause} What is spent is not recorded.\n{cure}")
