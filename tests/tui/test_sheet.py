"""A patch laid out: what is promised of its rows is what is drawn, and the switches of its hunks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.review_requests import COMMIT, every_kind, lines, many, needs, request
from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.drawing.hunk import Switches
from trashclaw.faces.tui.drawing.lines import strips
from trashclaw.faces.tui.drawing.look import Look, look_of_theme
from trashclaw.faces.tui.drawing.request import request_lines
from trashclaw.faces.tui.drawing.runs import status_sign
from trashclaw.faces.tui.drawing.sheet import CHUNK, Sheet
from trashclaw.faces.tui.drawing.split import side_by_side
from trashclaw.faces.tui.review import Review
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.hunks import HunkSwitches
from trashclaw.faces.wording.outcomes import outcome
from trashclaw.faces.wording.requests import question_of
from trashclaw.protocol.approvals import Scope
from trashclaw.protocol.ids import CallId, HunkId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, Patch
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus

LOOK: Look = look_of_theme(ThemeShelf(theme_files()).load("trashclaw-dark"), is_ascii=False)
ALL_ON = Switches(is_on=lambda _: True, current=None)
ANY_LINE = st.text(st.characters(blacklist_characters="\n", blacklist_categories=("Cs",)), max_size=60)
ANY_END = st.sampled_from(["\n", "\n", "\n", "\r\n", ""])
ANY_LINES = st.lists(st.builds("".join, st.tuples(st.sampled_from("+- "), ANY_LINE, ANY_END)), max_size=12)


def drawn(sheet: Sheet, switches: Switches | None = ALL_ON) -> list[str]:
    """All rows of a sheet, and a check that each file has as many as was promised."""
    rows: list[str] = []
    for place in range(len(sheet.patch.changes)):
        assert sheet.file_at(len(rows)) == (place, 0)
        file = sheet.file(place)
        made = [row for piece in range(len(file.pieces)) for row in file.rows(piece, switches)]
        assert len(made) == file.height
        rows += [strip.text.rstrip() for strip in strips(made, LOOK)]
    assert len(rows) == sheet.height
    return rows


@pytest.mark.parametrize("is_split", [False, True])
@given(st.lists(ANY_LINES, min_size=1, max_size=3), st.integers(30, 120))
@settings(deadline=None)
def test_as_many_rows_are_drawn_as_were_promised(is_split: bool, hunks: list[list[str]], width: int) -> None:
    made = tuple(
        Hunk(hunk_id=HunkId(str(place)), before=1, after=1, lines=tuple(body)) for place, body in enumerate(hunks)
    )
    changes = tuple(FileChange(path=path, kind=ChangeKind.MODIFIED, hunks=made) for path in ("a.py", "b.txt"))
    drawn(Sheet(Patch(changes=changes), width, LOOK, is_switched=True, is_split=is_split))


@pytest.mark.parametrize("is_split", [False, True])
def test_a_hunk_longer_than_a_piece_keeps_its_numbers_and_its_place(is_split: bool) -> None:
    body = [f"-old {number}" for number in range(3 * CHUNK)] + [f"+new {number}" for number in range(3 * CHUNK)]
    change = FileChange(path="a.txt", kind=ChangeKind.MODIFIED, hunks=(lines(1, 1, *body), lines(2, 900, "+end")))
    sheet = Sheet(Patch(changes=(change,)), 100, LOOK, is_switched=True, is_split=is_split)
    rows = drawn(sheet)
    assert rows[sheet.start_of(0, HunkId("2"))].endswith("line 900")
    assert any(f"-{2 * CHUNK + 1} old {2 * CHUNK}" in row for row in rows)
    assert any(f"+{2 * CHUNK + 1} new {2 * CHUNK}" in row for row in rows)
    assert any("old 250" in row and "new 250" in row for row in rows) is is_split


def test_every_kind_of_change_says_what_it_is() -> None:
    text = "\n".join(drawn(Sheet(every_kind(), 100, LOOK, is_switched=True)))
    for words in ("from release.sh", "renamed", "new file", "deleted", "mode 644 -> 755", "binary file, 3 kB -> 4 kB"):
        assert words in text
    assert all(line in text for line in COMMIT.splitlines())
    assert "! This is a git hook" in text


def test_removed_lines_stand_beside_what_took_their_place() -> None:
    assert side_by_side([" a", "-b", "-c", "+d", " e", "+f", "-g"]) == [
        (0, 0),
        (1, 3),
        (2, None),
        (4, 4),
        (None, 5),
        (6, None),
    ]


def test_a_file_with_a_warning_begins_off_and_y_leaves_it_off() -> None:
    review = Review(request(every_kind()))
    switches = review.switches
    assert not switches.is_on(HunkId("9"))
    assert (switches.count, switches.on_count) == (9, 8)
    assert review.accepted(is_everything=True).hunk_ids == tuple(str(number) for number in range(1, 9))
    switches.select(HunkId("9"))
    switches.toggle()
    assert review.accepted(is_everything=True).hunk_ids is None
    assert review.accepted().hunk_ids is None


def test_a_file_is_switched_as_a_whole_and_steps_go_among_those_looked_for() -> None:
    switches = HunkSwitches(many(5, 3))
    switches.toggle()
    switches.toggle_file()
    assert (switches.on_in(0), switches.on_count) == (0, 12)
    switches.toggle_file()
    assert switches.on_in(0) == 3
    switches.step_file(1, [3, 4])
    assert (switches.file, switches.place) == (3, 10)
    switches.step_file(1, [3])
    assert switches.file == 3
    switches.step_file(-1)
    assert switches.file == 2


def test_the_question_names_what_is_needed_and_the_rule_that_an_answer_writes() -> None:
    asked = needs()
    text = "\n".join(strip.text.rstrip() for strip in strips(request_lines(asked, Scope.SESSION, 140, LOOK), LOOK))
    assert question_of(asked) == "Allow the network and these files?"
    for words in (
        "api.example.com:443",
        "/srv/data",
        "› 2 yes, for this session",
        "4 no",
        asked.new_rule,
        "! The conv",
    ):
        assert words in text


def test_a_command_without_effect_says_so_and_one_in_the_background_runs_on() -> None:
    def run(**metadata: object) -> ToolRun:
        call = ToolCall(call_id=CallId("call_1"), name="bash", arguments="{}")
        facts = {"call_id": call.call_id, "status": ToolStatus.DONE, "text": "", "exit_code": 0, "metadata": metadata}
        return ToolRun(
            item_id=ItemId("item_1"),
            call=call,
            title="$ make",
            tool_kind=ToolKind.EXECUTE,
            status=ToolStatus.DONE,
            result=ToolResult.model_validate(facts),
        )

    def said(**metadata: object) -> str:
        return outcome(run(**metadata), is_waiting=False)

    assert said() == "ok"
    assert said(has_effects=False) == "no effect"
    assert said(effects={"proposed": 3, "landed": 2, "rejected": 1}) == "2 of 3 files landed"
    assert said(effects={"proposed": 1, "landed": 1}) == "1 file changed"
    assert said(effects={"proposed": 2, "landed": 0}) == "0 of 2 files landed"
    assert said(effects={"proposed": 1, "landed": 0}, effects_refused="mode plan") == "1 file discarded"
    assert said(background_id="bg1") == "running as bg1"
    assert status_sign(run(background_id="bg1"), LOOK, is_waiting=False)[0] == LOOK.signs.running
    assert said(background_id="bg1", is_running=False) == "ok"
