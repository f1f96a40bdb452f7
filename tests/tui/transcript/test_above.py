"""Earlier turns are put above what is shown, as if they had come first, and nothing that is seen moves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smallchat.tui.widgets.transcript.document import Document
from tests.tui.transcript.drafts import markdown, settle, shown, widths
from tests.tui.transcript.test_transcript_widget import Shell, rows, settled

said = st.lists(markdown.filter(str.strip), min_size=1, max_size=4)


def write(page: Document, texts: list[str]) -> None:
    for text in texts:
        page.add_prompt("Go on.")
        page.begin_answer()
        page.append(text)
        page.end_answer()


@settings(deadline=None)
@given(said, said, widths, widths)
def test_it_reads_as_if_it_had_come_first(before: list[str], after: list[str], width: int, wide: int) -> None:
    document = Document(wide)
    write(document, after)
    document.work(0)
    document.append("[still](http://open.org/) run")
    document.work(0)
    earlier = Document(wide, document.links)
    write(earlier, before)
    settle(earlier)
    document.put_above(earlier)
    document.end_answer()
    document.resize(width, top=0)
    settle(document)

    straight = Document(width)
    write(straight, [*before, *after])
    straight.append("[still](http://open.org/) run")
    straight.end_answer()
    settle(straight)
    assert shown(document) == shown(straight)
    assert len(document.answers) == len(straight.answers)


def lines_of(prefix: str, count: int) -> list[str]:
    return ["".join(f"{prefix} {number}\n\n" for number in range(count))]


async def test_the_end_stays_in_view() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append(lines_of("late", 40)[0])
        await settled(pilot)
        held = rows(transcript)
        transcript.put_above(lambda page: write(page, lines_of("early", 40)))
        while transcript.filling:
            await pilot.pause(0.01)
        await settled(pilot)
        assert rows(transcript) == held
        transcript.scroll_home()
        await pilot.pause()
        assert "Go on." in rows(transcript)[0]
        assert transcript.answer_text(0).startswith("early 0")


async def test_what_is_read_stays_in_view() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append(lines_of("late", 60)[0])
        await settled(pilot)
        transcript.scroll_to(y=30)
        await pilot.pause()
        held = rows(transcript)
        for _ in range(3):
            transcript.put_above(lambda page: write(page, lines_of("early", 40)))
            while transcript.filling:
                await pilot.pause(0.01)
            await settled(pilot)
            assert rows(transcript) == held
        assert transcript.scroll_offset.y > 30


async def test_it_waits_for_the_end_of_a_selection() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append(lines_of("late", 5)[0])
        await settled(pilot)
        await pilot.mouse_down(transcript, offset=(1, 0))
        await pilot.hover(transcript, offset=(5, 4))
        transcript.put_above(lambda page: write(page, lines_of("early", 5)))
        await settled(pilot)
        assert transcript.filling
        await pilot.mouse_up(transcript, offset=(5, 4))
        app.screen.clear_selection()
        while transcript.filling:
            await pilot.pause(0.01)
        assert transcript.answer_text(0).startswith("early")


async def test_the_place_that_was_found_stays() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append(lines_of("late", 60)[0])
        await settled(pilot)
        assert transcript.find("late 3") == 11
        held = rows(transcript)
        transcript.put_above(lambda page: write(page, lines_of("late", 40)))
        while transcript.filling:
            await pilot.pause(0.01)
        await settled(pilot)
        assert rows(transcript) == held
        transcript.find_previous()
        await pilot.pause()
        assert any("late 38" in row for row in rows(transcript))


async def test_nothing_comes_above_what_was_cleared() -> None:
    app = Shell()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = await settled(pilot)
        transcript.append(lines_of("late", 5)[0])
        transcript.put_above(lambda page: write(page, lines_of("early", 500)))
        transcript.clear()
        await settled(pilot)
        assert not transcript.filling
        assert not any(rows(transcript))
