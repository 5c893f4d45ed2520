"""What holds in every session, whatever happens in it: the window is a fold, and loses nothing."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.made_sessions import MadeSession, measure
from tests.support.sessions import assert_paired
from trashclaw.agent.archive import KeptKind
from trashclaw.agent.compaction import Marks
from trashclaw.agent.messages import Role
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import Compaction, CompactionTrigger

LIMIT = 1_200
MARKS = Marks()
NUMBER = re.compile(r"recall (\d+) shows")
TEXTS = st.sampled_from([3, 80, 310, 500, 900, 1400]).map(lambda size: (f"line {size} of it\n" * 110)[:size])
WORDS = st.sampled_from(["Do it.", "No, the other one!\n\nAnd quickly: äöü", "[#1 x: done, 9 characters left out]"])


SUMMARY = "Goal: mend it.\nDecided: keep the old format.</summary>"
ACTS = ("step", "step", "edit", "words", "say", "share", "private", "refused") + ("compact",) * 3 + ("rewind", "undo")


@st.composite
def sessions(draw: st.DrawFn) -> MadeSession:
    """Return a session in which anything may have happened, in any order."""
    made = MadeSession()
    made.say(draw(WORDS))
    for _ in range(draw(st.integers(8, 24))):
        match draw(st.sampled_from(ACTS)):
            case "step":
                results = draw(st.lists(TEXTS, min_size=1, max_size=3))
                made.step(
                    *results,
                    text=draw(st.sampled_from(["", "I look."])),
                    thought=draw(st.sampled_from(["", "Hm. " * 40])),
                )
            case "edit":
                arguments = {"path": "a.py", "content": draw(TEXTS)}
                made.step(
                    "Written.", tool="write_file", arguments=arguments, note=draw(st.sampled_from(["", "Tests fail."]))
                )
            case "words":
                made.step(text=draw(TEXTS))
            case "say":
                made.say(draw(WORDS), attached=draw(st.one_of(st.just(""), TEXTS)))
            case "share":
                made.share(draw(TEXTS))
            case "private":
                made.keep_private("for my eyes alone " * 20)
            case "refused":
                made.refuse("far too large " * 400)
            case "compact":
                trigger = draw(st.sampled_from(list(CompactionTrigger)))
                made.compact(LIMIT, trigger=trigger, words=draw(st.sampled_from([None, SUMMARY])))
            case "rewind" if len(made.words) > 1:
                made.rewind(draw(st.sampled_from([item_id for item_id, _ in made.words[1:]])))
            case "undo" if made.history.cuts.undoable:
                made.take(ev.CompactionUndone(item_id=made.history.cuts.undoable[-1].item_id))
            case _:
                pass
    return made


@settings(max_examples=50, deadline=None)
@given(sessions())
def test_folding_any_part_of_the_log_gives_the_window_that_was_live_then(made: MadeSession) -> None:
    for place in {0, len(made.log) // 3, len(made.log) // 2, len(made.log)}:
        replayed = made.replayed(made.log[:place])
        assert replayed.messages == (made.windows[place - 1] if place else replayed.messages)
    whole = made.replayed()
    assert whole.shown_runs() == made.history.shown_runs()
    assert whole.called_runs() == made.history.called_runs()
    assert whole.cuts.row == made.history.cuts.row


@settings(max_examples=50, deadline=None)
@given(sessions())
def test_every_number_in_the_window_brings_back_the_exact_text(made: MadeSession) -> None:
    for message in made.history.messages:
        if message.role is Role.USER and message.text in {text for _, text in made.words}:
            continue
        for number in NUMBER.findall(message.text + "".join(call.arguments for call in message.calls)):
            kept = made.history.archive.find(int(number))
            assert kept is not None
            if kept.kind is KeptKind.RUN:
                run = made.runs[kept.item_id]
                assert run.result is not None
                assert kept.text == run.result.text or kept.text.endswith(f"result:\n{run.result.text}")
            else:
                assert kept.text == made.attached[kept.item_id]


@settings(max_examples=50, deadline=None)
@given(sessions())
def test_nothing_is_ever_lost_from_the_archive(made: MadeSession) -> None:
    archive = made.history.archive
    numbers = [archive.number_of(item_id) for item_id in (*made.runs, *made.attached)]
    assert len(set(numbers)) == len(numbers)
    for item_id, run in made.runs.items():
        kept = archive.find(archive.number_of(item_id) or 0)
        assert kept is not None
        assert run.result is not None
        assert run.result.text in kept.text
    kept_notes = [
        kept.text for number in range(1, 1000) if (kept := archive.find(number)) and kept.kind is KeptKind.NOTE
    ]
    assert kept_notes == [event.text for event in made.log if isinstance(event, ev.Notice) and event.to_model]


@settings(max_examples=50, deadline=None)
@given(sessions())
def test_what_the_person_keeps_to_themselves_is_nowhere(made: MadeSession) -> None:
    assert not [message for message in made.history.messages if "for my eyes" in message.text]
    assert made.history.archive.search("for my eyes") == ()
    assert not [item_id for item_id in made.private if made.history.archive.number_of(item_id) is not None]


@settings(max_examples=50, deadline=None)
@given(sessions())
def test_the_persons_words_are_all_there_to_the_letter(made: MadeSession) -> None:
    sent = [message.text for message in made.history.messages if message.role is Role.USER]
    for _, text in made.words:
        assert text in sent
        sent.remove(text)
    assert_paired(made.history.messages)


@settings(max_examples=50, deadline=None)
@given(sessions())
def test_between_compactions_the_window_only_grows(made: MadeSession) -> None:
    for (before, after), event in zip(pairwise(made.windows), made.log[1:], strict=True):
        is_cut = isinstance(event, ev.ItemCompleted) and isinstance(event.item, Compaction)
        if not is_cut and not isinstance(event, ev.CompactionUndone | ev.ConversationRewound | ev.TurnCompleted):
            assert after[: len(before)] == before


@settings(max_examples=50, deadline=None)
@given(sessions(), st.integers(0, 8))
def test_a_compaction_comes_down_to_the_low_water_or_to_what_has_to_stay(made: MadeSession, kept: int) -> None:
    marks = Marks(kept_results=kept)
    history, before = made.history, measure(made.history.messages)
    pinned = sum(measure(record.messages) for record in history.records if record.is_pinned)
    places = [place for place, record in enumerate(history.records) for _ in record.runs or record.is_attachment * [0]]
    steps = [place for place, record in enumerate(history.records) if record.is_step]
    first = min([*places[-kept:], *steps[-2:]] if kept else steps[-2:], default=0)
    newest = sum(measure(record.messages) for record in history.records[first:] if not record.is_pinned)
    item = made.compact(LIMIT, marks)
    if item is None:
        return
    assert item.after_tokens == measure(history.messages)
    assert item.before_tokens == before
    assert item.after_tokens <= before * (1 - marks.least_gain)
    fixed = measure([history.system]) + pinned + newest + measure(history.messages[:0]) + 200
    assert before <= LIMIT * marks.low_water or item.after_tokens <= max(LIMIT * marks.low_water, fixed)


@settings(max_examples=50, deadline=None)
@given(sessions(), st.lists(TEXTS, max_size=3))
def test_taking_a_compaction_back_leaves_what_would_be_there_without_it(made: MadeSession, later: list[str]) -> None:
    before = list(made.log)
    item = made.compact(LIMIT)
    if item is None:
        return
    since = len(made.log)
    for text in later:
        made.step(text)
    made.say("And now?")
    made.take(ev.CompactionUndone(item_id=item.item_id))
    without = made.replayed([*before, *made.log[since:-1]])
    assert made.history.messages == without.messages
    assert made.replayed().messages == made.history.messages
