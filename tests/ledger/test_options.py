"""What is offered for a send that does not fit, and the words for it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from smallchat.ledger.caps import Cap, Need
from smallchat.ledger.claim import LaneClaim
from smallchat.ledger.options import find_options
from tests.ledger.books import OpenLedger, admitted, answer, claim, refused, spend


def lane(model: str, given: str, per_token: str, max_output: int = 2000) -> LaneClaim:
    worst = Decimal(given) + Decimal(per_token) * max_output
    return LaneClaim(model, "host", worst, Decimal(given), max_output)


HAIKU = lane("haiku", "0.002", "0.000005")
MINI = lane("mini", "0.0015", "0.0000045")
NANO = lane("nano", "0.0004", "0.00000125")


class TestOptions:
    def test_the_three_panes_of_which_two_fit(self, open_ledger: OpenLedger) -> None:
        options = refused(open_ledger(day="0.02").admit([HAIKU, MINI, NANO])).options
        assert options.keep == ((1, 2), (0, 2))
        assert options.cheapest == 2
        # 0.0039 of input, and 0.00001075 for each token of output in all three.
        assert options.max_output == 1497

    def test_the_limit_offered_fits_to_the_token(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="0.02")
        most = refused(ledger.admit([HAIKU, MINI, NANO])).options.max_output
        assert most is not None
        refused(ledger.admit([pane.with_max_output(most + 1) for pane in (HAIKU, MINI, NANO)]))
        admitted(ledger.admit([pane.with_max_output(most) for pane in (HAIKU, MINI, NANO)]))

    def test_a_limit_too_small_to_answer_is_not_offered(self, open_ledger: OpenLedger) -> None:
        options = refused(open_ledger(day="0.00205").admit([HAIKU])).options
        assert options.max_output is None
        assert (options.keep, options.cheapest) == ((), None)

    def test_a_pane_without_a_price_is_neither_kept_nor_shortened(self, open_ledger: OpenLedger) -> None:
        options = refused(open_ledger(day="1.00").admit([HAIKU, claim(None, "x"), NANO])).options
        assert options.keep == ((0, 2),)
        assert options.max_output is None

    def test_many_panes_do_not_take_long(self, open_ledger: OpenLedger) -> None:
        options = refused(open_ledger(day="0.02").admit([HAIKU] * 40)).options
        assert len(options.keep) == 40

    @given(
        caps=st.lists(st.integers(0, 60), min_size=1, max_size=3),
        panes=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), min_size=1, max_size=4),
    )
    def test_what_is_offered_fits_and_is_no_part_of_more_that_does(
        self, caps: list[int], panes: list[tuple[str, int]]
    ) -> None:
        models = ["", "a", "b"]
        needs = [Need(Cap("day", model, Decimal(usd))) for model, usd in zip(models, caps, strict=False)]
        claims = [LaneClaim(model, "p", Decimal(usd)) for model, usd in panes]

        def fits(chosen: tuple[int, ...]) -> bool:
            asked = [claims[pane] for pane in chosen]
            return all(not need.cap.needed(asked) or need.cap.needed(asked) <= need.cap.usd for need in needs)

        options = find_options(claims, needs, range(len(claims)))
        for chosen in options.keep:
            assert fits(chosen)
            others = set(range(len(claims))) - set(chosen)
            assert not any(fits((*chosen, other)) for other in others)
        assert (options.cheapest is None) == (not any(fits((pane,)) for pane in range(len(claims))))

    @given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 5000), st.integers(0, 6000))
    def test_a_smaller_limit_costs_its_share_rounded_up(
        self, given_nano: int, output_nano: int, most: int, tokens: int
    ) -> None:
        usd = Decimal(given_nano + output_nano).scaleb(-9)
        pane = LaneClaim("m", "p", usd, Decimal(given_nano).scaleb(-9), most)
        nano = pane.with_max_output(tokens).needed.scaleb(9)
        exact = given_nano * most + output_nano * min(tokens, most)
        assert exact <= nano * most < exact + most


class TestWords:
    def test_over_a_day(self, open_ledger: OpenLedger) -> None:
        refusal = refused(open_ledger(day="0.02", on_exceed="block").admit([HAIKU, MINI, NANO]))
        assert refusal.on_exceed == "block"
        assert refusal.sentence == (
            "Sending this to haiku, mini and nano may cost $0.0254, but $0.0200 is left of the "
            "$0.0200 for today."
        )
        assert refusal.advice == (
            "Use --max-output 1497, or ask mini and nano only, or raise [budget] day; "
            "--force sends it once anyway."
        )

    def test_over_a_model_s_month_with_answers_that_still_run(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(month="9.00", models={"ollama/q:4b": {"month": "1.00"}})
        spend(ledger, "0.90", "ollama/q:4b")
        admitted(ledger.admit([claim("0.06", "ollama/q:4b")]))
        refusal = refused(ledger.admit([claim("0.05", "ollama/q:4b"), claim("0.05", "b")]))
        assert refusal.sentence == (
            "Sending this to ollama/q:4b may cost $0.0500, but $0.0400 is left of the $1.00 that ollama/q:4b "
            "has for this month ($0.0600 is set aside for answers that still run)."
        )
        assert refusal.advice.startswith('Ask b only, or raise [budget.models."ollama/q:4b"] month;')

    def test_amounts_that_round_to_the_same_are_told_in_full(self, open_ledger: OpenLedger) -> None:
        sentence = refused(open_ledger(day="2.001").admit([claim("2.002")])).sentence
        assert "may cost $2.002, but $2.001 is left" in sentence

    def test_names_are_made_safe(self, open_ledger: OpenLedger) -> None:
        refusal = refused(open_ledger(day="0").admit([claim("1", "a\x1b]52;c;x\x07")]))
        assert "\x1b" not in refusal.sentence + refusal.advice


class TestHeadroom:
    def test_levels(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="1.00", month="100.00")
        spend(ledger, "0.50")
        levels = {
            usd: ledger.headroom([claim(usd)]).level
            for usd in ("0.29", "0.30", "0.44", "0.45", "0.50", "0.500000001")
        }
        assert list(levels.values()) == ["ok", "near", "near", "close", "close", "over"]
        tightest = ledger.headroom([claim("0.10")]).tightest
        assert tightest is not None
        assert (tightest.cap.period, tightest.left) == ("day", Decimal("0.50"))

    def test_without_a_budget_there_is_none(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger()
        assert ledger.headroom([claim(None)]).level == "ok"
        assert not ledger.path.exists()

    def test_a_large_paste_is_over_the_cap_of_one_send(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(per_send="0.05")
        assert ledger.headroom([claim("0.01")]).level == "ok"
        assert ledger.headroom([claim("0.06")]).level == "over"

    def test_a_model_without_a_price_is_over(self, open_ledger: OpenLedger) -> None:
        assert open_ledger(day="1").headroom([claim(None)]).level == "over"
        assert open_ledger(day="1", unknown_price="allow").headroom([claim(None)]).level == "ok"

    def test_it_sees_what_this_process_did_at_once(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="1.00")
        (booking,) = admitted(ledger.admit([claim("0.50")]))
        assert ledger.headroom([]).needs[0].reserved == Decimal("0.50")
        ledger.settle(booking, answer("0.20"))
        assert ledger.headroom([]).needs[0].settled == Decimal("0.20")

    def test_nothing_is_left_when_more_was_spent(self, open_ledger: OpenLedger) -> None:
        ledger = open_ledger(day="0.10")
        spend(ledger, "0.15")
        assert ledger.headroom([]).needs[0].left == 0
        assert ledger.headroom([claim("0")]).level == "close"
