"""What the server read again, held against what it should have known: sums, causes, and no false alarms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from trashclaw.agent.ledger import Ledger
from trashclaw.agent.losses import Loss, LossCause
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.agent.reuse import Reuse
from trashclaw.agent.tokens import TokenMeter
from trashclaw.protocol.usage import Timings, Usage

SPEED = 1000.0


def words(count: int, word: str = "word") -> str:
    return f"{word} " * count


@dataclass
class Talk:
    """A conversation with a server that counts as the meter does, and keeps what it is told to keep."""

    messages: list[Message] = field(default_factory=lambda: [Message(Role.SYSTEM, words(400, "rule"))])
    reuse: Reuse = field(default_factory=Reuse)
    ledger: Ledger = field(default_factory=Ledger)
    meter: TokenMeter = field(default_factory=TokenMeter)
    tells: bool = True
    held: int = 0
    think: bool | None = None

    def ask(
        self,
        text: str = "",
        role: Role = Role.USER,
        *,
        cached: int | None = None,
        answer: str = "",
        thought: str = "",
        load_s: float | None = None,
        **more: Any,
    ) -> Loss | None:
        """Say something, and take the answer; `cached` is how much the server still had, by default all."""
        self.messages += [Message(role, text)] if text else []
        sent = Request(tuple(self.messages), think=self.think)
        self.ledger.record(sent)
        self.reuse.enter(sent, sent, self.ledger.entry)
        prompt = self.meter.estimate(sent)
        kept = min(prompt - 1, self.held) if cached is None else cached
        written = self.meter.count(answer) + self.meter.count(thought)
        timings = Timings(prefill_s=(prompt - kept) / SPEED, load_s=load_s)
        usage = Usage(prompt_tokens=prompt, cached_tokens=kept if self.tells else None, completion_tokens=written)
        self.held = prompt + written
        loss = self.reuse.settle(usage, timings, self.meter, has_thought=bool(thought), **more)
        if answer:
            self.messages.append(Message(Role.ASSISTANT, answer, thought=thought))
        return loss

    @property
    def size(self) -> int:
        return self.meter.estimate(Request(tuple(self.messages)))


def begun(**fields: Any) -> Talk:
    """Return a talk of three steps in which all was well."""
    talk = Talk(**fields)
    assert talk.ask(words(2000), answer="I look.") is None
    assert talk.ask(words(800), Role.TOOL, answer="And here.") is None
    assert talk.ask(words(800), Role.TOOL, answer="Done.") is None
    assert talk.reuse.reread_tokens == 0
    return talk


def test_a_cache_that_holds_costs_nothing_and_teaches_the_speed() -> None:
    talk = begun()
    assert (talk.reuse.reread_tokens, talk.reuse.reread_s) == (0, 0.0)
    assert talk.reuse.speed.tokens_per_s == pytest.approx(SPEED)
    assert talk.reuse.is_counted
    assert talk.reuse.reused_tokens is not None
    assert talk.reuse.reused_tokens > 3000


def test_another_program_in_between_is_told_once_with_what_it_cost_and_counted_again() -> None:
    talk = begun()
    had = talk.size
    loss = talk.ask("More.", cached=600, answer="Yes.", is_first=True)
    assert loss is not None
    assert loss.cause is LossCause.OTHER_PROGRAM
    assert loss.tokens == pytest.approx(had - 600, rel=0.02)
    assert loss.seconds == pytest.approx(loss.tokens / SPEED, rel=0.02)
    assert talk.reuse.reread_tokens == pytest.approx(loss.tokens, abs=20)
    assert talk.reuse.reread_s == pytest.approx(loss.tokens / SPEED, rel=0.05)
    assert talk.ask("And more.", cached=600, answer="Yes.", is_first=True) is None
    assert talk.reuse.losses[LossCause.OTHER_PROGRAM] == 2
    assert talk.reuse.reread_tokens > loss.tokens * 1.9
    assert list(talk.reuse.causes) == [LossCause.OTHER_PROGRAM.value] * 2


def test_a_small_gap_is_no_loss_but_is_counted() -> None:
    talk = begun()
    assert talk.ask("More.", cached=talk.size - 200, answer="Yes.") is None
    assert 150 <= talk.reuse.reread_tokens <= 250
    assert talk.ask("More.", cached=talk.held - 20, answer="Yes.") is None
    assert talk.reuse.reread_tokens <= 250


def test_a_model_that_was_loaded_anew_is_the_cause() -> None:
    loss = begun().ask("More.", cached=0, load_s=4.0)
    assert loss is not None
    assert loss.cause is LossCause.LOADED
    assert "keep_alive" in loss.hint("ollama")


def test_milliseconds_of_loading_are_none() -> None:
    loss = begun().ask("More.", cached=0, load_s=0.02)
    assert loss is not None
    assert loss.cause is LossCause.OTHER_PROGRAM


def test_a_server_that_never_kept_anything_has_no_cache() -> None:
    talk = Talk()
    assert talk.ask(words(2000), cached=0, answer="One.") is None
    loss = talk.ask(words(200), Role.TOOL, cached=0, answer="Two.")
    assert loss is not None
    assert loss.cause is LossCause.NO_CACHE
    assert "--no-cache-prompt" in loss.hint("llamacpp")
    assert talk.ask(words(200), Role.TOOL, cached=0, answer="Three.") is None
    assert talk.reuse.losses[LossCause.NO_CACHE] == 2


def test_a_switch_of_thinking_is_the_cause_where_it_cost_something_and_else_no_word_is_lost() -> None:
    quiet = begun()
    quiet.think = False
    assert quiet.ask("More.", answer="Yes.") is None
    talk = begun()
    talk.think = False
    loss = talk.ask("More.", cached=0, answer="Yes.")
    assert loss is not None
    assert loss.cause is LossCause.HEAD
    assert "thinking was switched from the model's choice to off" in loss.text()


def test_thoughts_that_a_template_leaves_out_when_the_person_speaks_again() -> None:
    talk = Talk()
    talk.ask(words(2000), answer="I look.", thought=words(500, "hm"))
    before = talk.held - talk.meter.count(words(500, "hm"))
    talk.ask(words(800), Role.TOOL, answer="And here.", thought=words(500, "so"))
    talk.ask(words(800), Role.TOOL, answer="Done.")
    loss = talk.ask("More.", cached=before, answer="Yes.", is_first=True)
    assert loss is not None
    assert loss.cause is LossCause.THOUGHTS


def test_an_answer_whose_thought_is_never_sent_again_is_no_loss() -> None:
    talk = Talk()
    talk.ask(words(2000), answer="I look.", thought=words(3000, "hm"))
    talk.messages[-1] = Message(Role.ASSISTANT, "I look.")
    sent = talk.held - talk.meter.count(words(3000, "hm"))
    assert talk.ask(words(600), Role.TOOL, cached=sent, answer="Done.") is None
    assert talk.reuse.reread_tokens < 40


def test_a_compaction_costs_and_is_no_loss() -> None:
    talk = begun()
    whole = talk.size
    talk.messages[3] = Message(Role.TOOL, "[stub]")
    talk.ledger.rebase()
    kept = talk.meter.estimate(Request(tuple(talk.messages[:3])))
    assert talk.ask("More.", cached=kept, answer="Yes.") is None
    again = whole - kept - talk.meter.estimate_messages([Message(Role.TOOL, words(800))])
    assert talk.reuse.reread_tokens == pytest.approx(again, abs=60)
    talk.messages[2] = Message(Role.TOOL, "[stub]")
    talk.ledger.rebase()
    assert talk.ask("More.", cached=0, answer="Yes.") is None
    assert not talk.reuse.losses


def test_the_first_request_of_a_new_session_costs_nothing_and_of_a_resumed_one_what_was_there() -> None:
    new = Talk()
    new.ask(words(2000), cached=0, answer="Yes.")
    assert new.reuse.reread_tokens == 0
    resumed = Talk(messages=[*begun().messages])
    had = resumed.size
    assert resumed.ask("Go on.", cached=0, answer="Yes.") is None
    assert resumed.reuse.reread_tokens == pytest.approx(had, rel=0.02)


def test_a_rewind_that_the_server_follows_is_no_loss_and_one_that_it_cannot_follow_has_its_own_cause() -> None:
    for cached, cause in ((None, None), (0, LossCause.GONE_BACK)):
        talk = begun()
        del talk.messages[4:]
        talk.ledger.rewind(tuple(talk.messages))
        talk.held = talk.size
        loss = talk.ask("Another way.", cached=cached, answer="Yes.")
        assert (loss.cause if loss else None) is cause


def test_another_model_has_read_nothing_yet() -> None:
    talk = begun()
    sent = Request((*talk.messages, Message(Role.USER, "Go on.")))
    talk.ledger.rebase()
    talk.ledger.record(sent, model="other")
    talk.reuse.enter(sent, sent, talk.ledger.entry, model="other")
    size = talk.meter.estimate(sent)
    usage = Usage(prompt_tokens=size, cached_tokens=0, completion_tokens=3)
    assert talk.reuse.settle(usage, Timings(prefill_s=size / 100), talk.meter) is None
    assert talk.reuse.reread_tokens == pytest.approx(size, rel=0.02)
    assert talk.reuse.speed.tokens_per_s == pytest.approx(100)


def test_after_a_question_aside_only_what_was_sent_is_expected() -> None:
    talk = begun()
    long = words(1000, "answer")
    talk.ask("Tell.", answer=long)
    sent = talk.held - talk.meter.count(long)
    talk.reuse.step_aside()
    assert talk.ask("More.", cached=sent, answer="Yes.") is None


def test_a_request_that_got_no_answer_changes_nothing() -> None:
    talk = begun()
    held = talk.held
    talk.messages.append(Message(Role.USER, "Interrupted."))
    sent = Request(tuple(talk.messages))
    talk.ledger.record(sent)
    talk.reuse.enter(sent, sent, talk.ledger.entry)
    assert talk.ask("Again.", cached=held, answer="Yes.") is None
    assert talk.reuse.reread_tokens < 40


@pytest.mark.parametrize("is_answered", [True, False])
def test_words_that_are_joined_to_what_got_no_answer_may_be_too_far_back_for_a_server(is_answered: bool) -> None:
    talk = begun()
    if is_answered:
        talk.ask(words(600))
    else:
        talk.messages.append(Message(Role.USER, words(600)))
        sent = Request(tuple(talk.messages))
        talk.ledger.record(sent)
        talk.reuse.enter(sent, sent, talk.ledger.entry)
    loss = talk.ask("Are you there?", cached=2000, answer="Yes.")
    assert loss is not None
    assert loss.cause is LossCause.GONE_BACK


def test_figures_of_a_continuation_and_estimates_judge_nothing() -> None:
    talk = begun()
    assert talk.ask("More.", cached=0, answer="Yes.", is_alone=False) is None
    assert talk.reuse.reread_tokens == 0
    usage = Usage(prompt_tokens=9000, cached_tokens=0, is_estimate=True)
    sent = Request(tuple(talk.messages))
    talk.reuse.enter(sent, sent, talk.ledger.entry)
    assert talk.reuse.settle(usage, Timings(), talk.meter) is None
    assert talk.reuse.reread_tokens == 0


def test_where_the_server_tells_nothing_the_time_does_and_is_marked_as_a_guess() -> None:
    talk = begun(tells=False)
    had = talk.size
    loss = talk.ask("More.", cached=0, answer="Yes.")
    assert loss is not None
    assert loss.is_guess
    assert loss.tokens == pytest.approx(had, rel=0.1)
    assert "by the time it took, about" in loss.text()
    assert talk.ask(words(400), Role.TOOL, answer="Yes.") is None
    assert talk.reuse.speed.tokens_per_s == pytest.approx(SPEED, rel=0.1)


def test_from_a_single_time_nothing_is_concluded() -> None:
    talk = Talk(tells=False)
    talk.ask(words(2000), answer="I look.")
    talk.ask(words(800), Role.TOOL, answer="And here.")
    assert talk.reuse.speed.tokens_per_s is not None
    assert talk.ask("More.", cached=0, answer="Yes.") is None


def test_a_cached_system_prompt_that_nobody_told_of_raises_no_false_alarm() -> None:
    talk = Talk(tells=False)
    assert talk.ask("Hello.", cached=450, answer="Yes.") is None
    for _ in range(6):
        assert talk.ask(words(500), Role.TOOL, answer="Yes.") is None
    assert talk.reuse.reread_tokens == 0


@pytest.mark.parametrize("provider", ["llamacpp", "ollama", "vllm", "lmstudio", "openai", ""])
@pytest.mark.parametrize("cause", list(LossCause))
def test_each_cause_has_something_to_do_about_it(cause: LossCause, provider: str) -> None:
    loss = Loss(cause, 1234, 5.2, is_guess=False)
    assert loss.hint(provider)
    assert "1,234 tokens, 5 s" in loss.text()
