"""What a cut leaves out first, what it never touches, and how it says so."""

from __future__ import annotations

import json
from itertools import takewhile

from tests.support.made_sessions import MadeSession, measure
from trashclaw.agent.compaction import CutAction, Marks, preview
from trashclaw.agent.compaction.digest import SUMMARY_HEAD
from trashclaw.agent.messages import Message, Role
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import CompactionTrigger

BIG = "some text of a file\n" * 60


def reading(count: int, text: str = BIG) -> MadeSession:
    made = MadeSession()
    made.say("Read them all.")
    for number in range(count):
        made.step(f"{number}: {text}", arguments={"path": f"src/m{number}.py"})
    return made


def same_beginning(one: tuple[Message, ...], other: tuple[Message, ...]) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def test_old_results_become_lines_that_say_how_to_get_them_back() -> None:
    made = reading(9)
    assert made.compact(100_000, trigger=CompactionTrigger.ASKED)
    results = [message.text for message in made.history.messages if message.role is Role.TOOL]
    assert results[0] == "[#1 read_file src/m0.py: done, 1203 characters left out; recall 1 shows it]"
    assert [text.startswith("[#") for text in results] == [True] * 4 + [False] * 5


def test_a_result_that_is_no_longer_than_its_line_stays() -> None:
    made = reading(4)
    made.step("ok", BIG)
    made.step(*[BIG] * 5)
    assert made.compact(100_000, trigger=CompactionTrigger.ASKED)
    results = [message.text for message in made.history.messages if message.role is Role.TOOL]
    assert results[4] == "ok"
    assert results[5].startswith("[#6 ")


def test_an_edit_becomes_its_statistics_and_its_text_goes_under_a_number() -> None:
    made = MadeSession()
    made.say("Write it.")
    changes = [{"path": "src/db.py", "added": 3, "removed": 1}]
    given = {"path": "src/db.py", "edits": [{"old_text": "a" * 400, "new_text": "short"}], "is_x": True}
    (item_id,) = made.step("Diff:\n" + BIG * 3, tool="edit_file", arguments=given, metadata={"changes": changes})
    for _ in range(5):
        made.step(BIG)
    assert made.compact(100_000, trigger=CompactionTrigger.ASKED)
    answer, result = made.history.messages[2:4]
    assert result.text.startswith("[#1 edit_file src/db.py true: done, src/db.py +3 -1, 3606 characters left out;")
    sent = json.loads(answer.calls[0].arguments)
    mark = "[#1: 400 characters left out here; recall 1 shows them]"
    assert sent == {"path": "src/db.py", "edits": [{"old_text": mark, "new_text": "short"}], "is_x": True}
    kept = made.history.archive.find(1)
    assert kept is not None
    assert "a" * 400 in kept.text
    assert item_id not in made.history.called_runs() | made.history.shown_runs()


def test_reasoning_goes_but_for_that_of_the_newest_two_steps() -> None:
    made = MadeSession()
    made.say("Think.")
    for number in range(8):
        made.step(BIG, thought=f"Thought {number}. " * 30)
    assert made.compact(100_000, trigger=CompactionTrigger.ASKED)
    left = [message.thought[:9] for message in made.history.messages if message.thought]
    assert left == ["Thought 6", "Thought 7"]
    kept = made.history.archive.find(1)
    assert kept is not None
    assert kept.text == "Thought 0. " * 30


def test_what_came_with_a_message_and_what_the_person_ran_become_lines_too() -> None:
    made = MadeSession()
    made.say("Look.", attached="FILE " * 200)
    made.share("OUTPUT " * 200)
    for _ in range(5):
        made.step(BIG)
    assert made.compact(100_000, trigger=CompactionTrigger.ASKED)
    texts = [message.text for message in made.history.messages[1:4]]
    assert texts[:2] == ["Look.", "[#1 came with this message: 1000 characters left out; recall 1 shows it]"]
    assert texts[2].startswith("[#2 ! ls: done, 1400 characters left out; recall 2")


def test_what_a_recall_brought_back_keeps_its_number_when_it_goes_again() -> None:
    made = reading(1)
    made.step(BIG, tool="recall", arguments={"id": 1}, metadata={"recalled": 1})
    for _ in range(5):
        made.step(BIG)
    assert made.compact(100_000, trigger=CompactionTrigger.ASKED)
    assert made.history.messages[5].text.endswith("characters left out; recall 1 shows it]")


def test_a_later_cut_leaves_digests_and_beginning_byte_for_byte() -> None:
    made = reading(20)
    first = made.compact(6_500)
    assert first is not None
    assert first.dropped
    after_first = made.history.messages
    for number in range(12):
        made.step(f"later {number} {BIG}", arguments={"path": f"src/n{number}.py"})
    second = made.compact(6_500)
    assert second is not None
    assert first.item_id not in second.dropped
    assert same_beginning(after_first, made.history.messages) == 3
    assert [record.is_digest for record in made.history.records[:3]] == [False, True, True]


def test_digests_are_merged_when_they_take_an_eighth_and_the_first_is_still_told() -> None:
    made = reading(20)
    sizes = []
    summaries = []
    for round_number in range(16):
        for number in range(48):
            made.step(f"{number} {BIG}", arguments={"path": f"src/r{round_number}_{number}.py"})
        item = made.compact(20_000)
        assert item is not None
        summaries += [item.summary] if item.summary else []
        sizes.append(sum(measure(record.messages) for record in made.history.records if record.is_digest))
    assert 20_000 / 16 < max(sizes) <= 20_000 / 8 + 720
    assert any("#1 to #" in summary for summary in summaries[1:])


def test_what_the_model_had_summed_up_is_quoted_when_digests_are_merged() -> None:
    made = reading(20)
    for number in range(4):
        cut = made.plan(5_000)
        assert cut is not None
        facts = cut.digest.removeprefix(SUMMARY_HEAD)
        written = f"{SUMMARY_HEAD}\nDecided in round {number}. {'More. ' * 100}{facts}"
        made.complete(cut.item(CompactionTrigger.FULL, written, is_by_model=True))
        for later in range(14):
            made.step(f"{later} {BIG}", arguments={"path": f"src/r{number}_{later}.py"})
    merged = made.plan(5_000)
    assert merged is not None
    assert [item_id for item_id in merged.dropped if made.history.cuts.find(item_id) is not None]
    assert "Decided in round" in merged.digest
    assert merged.digest.count(SUMMARY_HEAD) == merged.digest.count("Goal: ") == 1
    assert measure([Message(Role.USER, merged.digest)]) < 500


def test_a_digest_names_each_run_by_number_the_files_and_what_was_said() -> None:
    made = MadeSession()
    made.say("Mend the\nparser.")
    changes = [{"path": "src/db.py", "added": 3, "removed": 1}]
    made.step(BIG, text="I look first.", arguments={"path": "src/a.py"}, metadata={"path": "src/a.py", "first": 1})
    made.step("Done.", tool="edit_file", arguments={"path": "src/db.py"}, metadata={"changes": changes})
    made.step(text="The parser is mended.\nMore of it. " + BIG)
    for _ in range(6):
        made.step(BIG * 2)
    cut = made.plan(4_000)
    assert cut is not None
    assert "Goal: Mend the\n" in cut.digest
    assert "- #2 read_file src/a.py\n" in cut.digest
    assert "- #3 edit_file src/db.py: done, src/db.py +3 -1\n" in cut.digest
    assert "- #4 you said: The parser is mended.\n" in cut.digest
    assert "I look first." not in cut.digest
    assert "Files changed: src/db.py +3 -1" in cut.digest
    assert cut.paths == ("src/db.py",)
    assert cut.needs_summary
    assert 0 < cut.summary_tokens < cut.before_tokens


def test_planning_changes_nothing_and_a_summary_of_the_models_takes_the_digests_place() -> None:
    made = reading(20)
    before = made.history.messages
    cut = made.plan(6_000)
    assert cut is not None
    assert made.history.messages == before
    mechanical = cut.item(CompactionTrigger.FULL)
    assert (mechanical.after_tokens, mechanical.is_by_model) == (cut.after_tokens, False)
    written = cut.item(CompactionTrigger.AHEAD, "<summary>Short.</summary>", is_by_model=True)
    made.complete(written)
    assert written.after_tokens == measure(made.history.messages) < mechanical.after_tokens
    assert "<summary>Short.</summary>" in [message.text for message in made.history.messages]


def test_what_is_read_again_is_all_behind_the_first_change() -> None:
    made = reading(20)
    cut = made.plan(6_000)
    assert cut is not None
    before = made.history.messages
    made.complete(cut.item(CompactionTrigger.FULL))
    now = made.history.messages
    assert cut.reread_tokens == measure(now[same_beginning(before, now) :])


def test_fewer_results_stay_whole_only_where_the_rest_does_not_fit() -> None:
    small, large = reading(14), reading(14, text=BIG * 3)
    for made in (small, large):
        assert made.compact(5_000)
    whole = [sum(BIG in message.text for message in made.history.messages) for made in (small, large)]
    assert whole == [5, 2]


def test_the_newest_result_alone_may_be_larger_than_the_window() -> None:
    made = reading(2, text=BIG * 40)
    item = made.compact(4_000)
    assert item is not None
    assert item.after_tokens < 1_000
    assert made.plan(4_000) is None


def test_notes_go_with_the_steps_that_they_are_about() -> None:
    made = MadeSession()
    made.say("Go.")
    for number in range(30):
        made.step(BIG, note=f"Test {number} fails.")
    made.compact(5_000)
    texts = [message.text for message in made.history.messages]
    assert "<note>Test 0 fails.</note>" not in texts
    assert "<note>Test 29 fails.</note>" in texts


def test_the_preview_tells_what_becomes_of_each_record() -> None:
    made = reading(20)
    cut = made.plan(6_500)
    assert cut is not None
    shown = preview(cut)
    assert (shown.before_tokens, shown.after_tokens) == (cut.before_tokens, cut.after_tokens)
    assert [row.action for row in shown.rows] == [CutAction.STAY] + [CutAction.LEAVE_OUT] * 15 + [CutAction.STAY] * 5
    assert (shown.rows[1].title, shown.rows[1].numbers) == ("read_file src/m0.py", (1,))
    stubs = preview(reading(9).plan(100_000) or cut)
    assert [row.action for row in stubs.rows][:3] == [CutAction.STAY, CutAction.STUB, CutAction.STUB]
    assert stubs.rows[1].after_tokens < stubs.rows[1].before_tokens


def test_rewinding_over_a_compaction_and_undoing_an_earlier_one_go_together() -> None:
    made = reading(20)
    whole = made.history.messages
    first = made.compact(6_500)
    assert first is not None
    between = made.say("Now this.")
    made.step(BIG)
    made.compact(2_500)
    made.rewind(between)
    undone = made.history.last_undoable()
    assert undone is not None
    assert (undone.item_id, undone.messages) == (first.item_id, whole)
    assert made.replayed().messages == made.history.messages


def test_compactions_in_a_row_are_counted_from_the_log() -> None:
    made = reading(12)
    rows, sizes = [], []
    for trigger in ("full", "ahead", "full", "asked"):
        made.step(BIG * 4)
        item = made.compact(2_000, Marks(least_gain=0.0), CompactionTrigger(trigger))
        assert item is not None
        sizes.append(item.after_tokens)
        rows.append(len(made.history.cuts.row))
    assert rows == [1, 2, 3, 0]
    assert made.replayed(made.log[:-2]).cuts.row == tuple(sizes[:3])
    made = reading(12)
    made.compact(2_000)
    rows = [len(made.history.cuts.row)]
    for _ in range(2):
        made.step(BIG)
        rows.append(len(made.history.cuts.row))
    assert rows == [1, 1, 0]
    made.step(BIG * 4)
    assert made.compact(2_000, Marks(least_gain=0.0))
    assert len(made.history.cuts.row) == 1
    made.take(ev.TurnStarted())
    assert made.history.cuts.row == ()
