"""The tool log: filters, turns, live output, all the output of a run, and a cost that does not grow with its length."""

from __future__ import annotations

from typing import Any

from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.run_output import OutputRows
from trashclaw.faces.tui.run_rows import LIVE_LINES, Row, RunRows, Sort
from trashclaw.faces.tui.screens.output import OutputScreen
from trashclaw.faces.tui.widgets.tool_log import ToolLog
from trashclaw.protocol.events import Channel
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import ToolRun, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus

KINDS = (ToolKind.READ, ToolKind.EDIT, ToolKind.EXECUTE)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


READS = {"calls": [call("read_file", path="README.md"), call("grep", pattern="greet")]}
WRITES = {"calls": [call("write_file", path="new.txt", content="one\n")]}
RUNS = {"calls": [call("bash", command="seq 1 300; exit 3")]}
DONE = {"text": "Done."}


def run(number: int, kind: ToolKind = ToolKind.READ, *, is_done: bool = True, code: int | None = None) -> ToolRun:
    made = ToolCall(call_id=CallId(f"call_{number}"), name="tool")
    result = ToolResult(call_id=made.call_id, status=ToolStatus.DONE, text="ok", exit_code=code)
    return ToolRun(
        item_id=ItemId(f"item_{number}"),
        call=made,
        title=f"tool number {number}",
        tool_kind=kind,
        status=ToolStatus.DONE if is_done else ToolStatus.IN_PROGRESS,
        result=result if is_done else None,
    )


def shown(rows: RunRows) -> list[tuple[Row, int]]:
    return [rows.row(row) for row in range(rows.height)]


def log_of(play: Play) -> ToolLog:
    return play.app.screen.query_one(ToolLog)


def listed(play: Play) -> list[str]:
    rows = log_of(play)._rows
    return [rows.runs[place].title for kind, place in shown(rows) if kind is Row.RUN]


def test_turns_are_told_apart_by_a_rule_that_goes_where_runs_are_left_out() -> None:
    rows = RunRows()
    for turn in range(3):
        rows.put(UserMessage(item_id=ItemId(f"said_{turn}"), text=f"turn {turn}"))
        for number in range(3):
            rows.put(run(turn * 3 + number, KINDS[number]))
    assert [kind for kind, _ in shown(rows)].count(Row.RULE) == 2
    assert rows.words_of(shown(rows)[3][1]) == "turn 1"
    rows.choose(Sort.COMMANDS)
    assert shown(rows) == [(Row.RUN, 2), (Row.RULE, 5), (Row.RUN, 5), (Row.RULE, 8), (Row.RUN, 8)]


def test_a_run_that_comes_to_be_of_the_sort_is_listed_in_its_place() -> None:
    rows = RunRows()
    rows.choose(Sort.FAILED)
    for number in range(3):
        rows.put(run(number, ToolKind.EXECUTE, is_done=False))
    for number in (2, 0):
        rows.put(run(number, ToolKind.EXECUTE, code=1))
    assert shown(rows) == [(Row.RUN, 0), (Row.RUN, 2)]
    rows.choose(Sort.WAITING)
    assert shown(rows) == []
    rows.show_waiting({ItemId("item_1")})
    assert shown(rows) == [(Row.RUN, 1)]
    rows.show_waiting(frozenset())
    assert shown(rows) == []


def test_the_last_lines_of_a_command_stand_below_it_until_the_next_run() -> None:
    rows = RunRows()
    rows.put(run(0))
    rows.put(run(1, ToolKind.EXECUTE, is_done=False))
    assert not rows.grow(ItemId("item_0"), "not open any more\n")
    assert rows.grow(ItemId("item_1"), "".join(f"line {number}\n" for number in range(9)))
    assert shown(rows)[2:] == [(Row.OUTPUT, number) for number in range(LIVE_LINES)]
    assert rows.output_line(LIVE_LINES - 1) == "line 8"
    rows.put(run(1, ToolKind.EXECUTE))
    assert rows.height == 2 + LIVE_LINES, "nothing jumps when the command ends"
    rows.put(run(2))
    assert [kind for kind, _ in shown(rows)] == [Row.RUN] * 3


def test_steps_go_over_rules_and_stop_at_the_ends() -> None:
    rows = RunRows()
    for turn in range(4):
        rows.put(UserMessage(item_id=ItemId(f"said_{turn}"), text="x"))
        rows.put(run(turn))
    assert [rows.step(1, step) for step in (1, 2, 9, -1, -9)] == [2, 3, 3, 0, 0]
    assert rows.step(None, 0) == 3


async def test_ten_thousand_runs_are_drawn_only_where_they_are_seen(stage: Stage) -> None:
    async with stage(size=(120, 30)) as play:
        log = log_of(play)
        log.load([run(number) for number in range(10_000)])
        await play.pilot.pause()
        assert log.line_count == 10_000
        for number in range(10_000, 10_050):
            log.show_entry(run(number, is_done=False))
            log.show_entry(run(number))
        await play.pilot.pause()
        assert log.scroll_offset.y == log.max_scroll_y
        assert len(log._drawn) < 512
        assert "tool number 10049" in play.text()


async def test_filters_list_what_they_say(stage: Stage) -> None:
    steps = (READS, WRITES, RUNS, DONE)
    async with stage(*steps, mode=Mode.AUTO, size=(160, 40)) as play:
        await play.say("go")
        await play.idle()
        log_of(play).focus()
        assert len(listed(play)) == 4
        await play.pilot.press("f")
        assert len(listed(play)) == 1
        assert "new.txt" in listed(play)[0]
        assert str(log_of(play).border_title) == "Tools  1 of 4"
        await play.pilot.press("f", "f")
        assert len(listed(play)) == 2
        await play.pilot.press("escape")
        assert len(listed(play)) == 4
        await play.pilot.press("slash", *"readme", "enter")
        assert len(listed(play)) == 1
        assert "README.md" in listed(play)[0]
        await play.pilot.press("escape")
        assert len(listed(play)) == 4


async def test_a_word_in_the_frame_can_be_clicked(stage: Stage) -> None:
    async with stage(READS, WRITES, DONE, mode=Mode.AUTO, size=(160, 40)) as play:
        await play.say("go")
        await play.idle()
        log = log_of(play)
        log.focus()
        await play.pilot.pause()
        row = play.text().splitlines()[log.region.bottom - 1]
        column = row.index("edits", log.region.x)
        await play.pilot.click(offset=(column + 1, log.region.bottom - 1))
        await play.until(lambda: str(log.border_title) == "Tools  1 of 3")


async def test_nothing_that_fits_says_so_and_how_to_go_on(stage: Stage) -> None:
    async with stage(READS, DONE, size=(160, 40)) as play:
        await play.say("go")
        await play.idle()
        log_of(play).focus()
        await play.pilot.press("slash", *"nowhere", "enter")
        assert "Esc lists all of them" in play.text()


async def test_all_the_output_is_shown_searched_and_left(stage: Stage) -> None:
    async with stage(RUNS, DONE, mode=Mode.AUTO, size=(100, 30)) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press("alt+o", "v")
        await play.until(lambda: isinstance(play.app.screen, OutputScreen))
        assert "exit 3" in play.text()
        await play.pilot.press("slash", *"277", "enter")
        assert any(line.strip("│ ") == "277" for line in play.text().splitlines())
        await play.pilot.press("escape", "escape")
        await play.until(lambda: play.app.screen is play.app.main)


def test_rows_of_long_and_wide_lines_hold_all_of_the_text() -> None:
    text = "short\n" + "x" * 95 + "\n" + "漢" * 30 + "\n\nend"
    rows = OutputRows(text)
    rows.fold(20)
    whole = ["".join(rows.text(row) for row in range(len(rows.rows)) if rows.rows[row][0] == line) for line in range(5)]
    assert whole == text.split("\n")
    assert rows.row_of(1) == 1
    assert rows.find("END", 0, 1) == 4
    assert rows.find("nowhere", 0, 1) is None


async def test_live_output_is_in_sight_while_a_command_runs(stage: Stage) -> None:
    async with stage() as play:
        log = log_of(play)
        log.show_entry(run(7, ToolKind.EXECUTE, is_done=False))
        log.grow(ItemId("item_7"), Channel.OUTPUT, "compiling\x1b[2J [red]one[/red]\n")
        await play.pilot.pause()
        assert "compiling" in play.text()
        assert "[red]one[/red]" in play.text()
