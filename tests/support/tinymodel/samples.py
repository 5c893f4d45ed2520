"""Training samples: whole conversations as tokens, rendered and tokenized by the engine that will run the model."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.tinymodel import noise
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.repertoire import Json, Transcript, load_results, load_tools, load_transcripts, play

CHANGING = frozenset({"edit_file", "write_file"})
DECIDING = CHANGING | {"bash"}
"""Tools whose absence changes what the model does; the template has a word for it."""

WITHHELD = (frozenset[str](), frozenset({"bash"}), CHANGING, CHANGING | {"bash"})
"""Which tools a session may be without: none, the shell, the changing ones, or both."""

SLOT = re.compile(r"\{\w+\}")
"""What our own prompts leave open."""

REPLY_HEAD = "<|im_start|>assistant\n"

FIRST_TOKENS, FIRST_WEIGHT = 3, 3.0
"""The first tokens of a reply decide which one it is; the others follow from them."""


@dataclass(frozen=True)
class Sample:
    """Tokens, and how much each of them counts: zero where the model has not to produce it."""

    ids: Sequence[int]
    weights: Sequence[float]
    first_words: int
    """Where the system message ends."""


@dataclass(frozen=True)
class Conversation:
    """Messages and tools in OpenAI form; the last reply may be one that never ends."""

    messages: Sequence[Json]
    tools: Sequence[Json]
    is_endless: bool


class Library:
    """Draws conversations: a system prompt, tools, and one to three transcripts one after the other."""

    def __init__(self, dice: random.Random, prompts: Sequence[str] = ()) -> None:
        self.dice = dice
        self.prompts = list(prompts)
        self.tools = load_tools()
        self.transcripts = load_transcripts()
        self.results = load_results()

    def offered(self, withheld: frozenset[str]) -> list[Json]:
        """Return tools: mostly few of ours, for they take room and teach little; now and then all, or foreign ones."""
        kind = self.dice.random()
        share = self.dice.choice([0.0, 0.2, 0.4]) if kind < 0.6 else 1.0
        tools = [tool for tool in self.tools if _name(tool) in DECIDING or self.dice.random() < share]
        tools = [tool for tool in tools if _name(tool) not in withheld]
        if kind < 0.3 or 0.6 < kind < 0.8:
            tools = [terse(tool) for tool in tools]
        return tools + noise.tools(self.dice, self.dice.choice([0, 0, 0, 1, 2]))

    def choose(self, tools: Sequence[Json], count: int) -> list[Transcript]:
        """Return transcripts that suit the tools, an endless one only at the end."""
        names = frozenset(_name(tool) for tool in tools)
        suitable = [transcript for transcript in self.transcripts if transcript.suits(names)]
        ended = [transcript for transcript in suitable if not transcript.is_endless]
        chosen = self.dice.choices(ended, [transcript.weight for transcript in ended], k=count - 1)
        return chosen + self.dice.choices(suitable, [transcript.weight for transcript in suitable])

    def conversation(self, system_words: int) -> Conversation:
        """Return a conversation as it might be, with a system prompt of at most so many random words."""
        tools = self.offered(self.dice.choices(WITHHELD, [4, 1, 1, 2])[0])
        chosen = self.choose(tools, self.dice.choice([1, 1, 2, 3, 5]))
        messages = self.system(system_words)
        for transcript in chosen:
            messages += play(transcript, self.dice, self.results, is_quiet=self.dice.random() < 0.4)
        return Conversation(messages, tools, chosen[-1].is_endless)

    def bare_conversation(self) -> Conversation:
        """Return one transcript with next to nothing around it: nearly every token of it teaches."""
        transcript = self.dice.choices(self.transcripts, [transcript.weight for transcript in self.transcripts])[0]
        spare = frozenset(_name(tool) for tool in self.tools if self.dice.random() < 0.1)
        names = (transcript.needs | spare | DECIDING) - transcript.lacks
        tools = [terse(tool) for tool in self.tools if _name(tool) in names]
        messages = play(transcript, self.dice, self.results, is_quiet=self.dice.random() < 0.8)
        return Conversation(messages, tools, transcript.is_endless)

    def system(self, words: int) -> list[Json]:
        """Return a system message: at most so many random words, a real prompt or some lines of one, or nothing."""
        kind = self.dice.random()
        if kind < 0.1:
            return []
        text = noise.text(self.dice, self.dice.randint(1, words))
        if self.prompts and kind < 0.6:
            prompt = SLOT.sub(lambda _: noise.path(self.dice), self.dice.choice(self.prompts))
            lines = [line for line in prompt.splitlines(keepends=True) if self.dice.random() < 0.6]
            text = prompt if kind < 0.35 else "".join(lines) + text
        return [{"role": "system", "content": text}]


class Renderer:
    """Makes samples of conversations, by the engine's own template and tokenizer."""

    def __init__(self, engine: Engine, library: Library) -> None:
        self.engine = engine
        self.library = library
        self.reply_head = engine.tokens(REPLY_HEAD)
        self.end = engine.tokens("<|im_end|>")[0]

    def sample(self, conversation: Conversation) -> Sample:
        """Return a conversation as tokens.

        The engine would take a last reply for one to be continued, so a user speaks after it, and is cut off again.
        """
        closed = [*conversation.messages, {"role": "user", "content": ""}]
        text = self.render(closed, conversation.tools).rpartition("\n<|im_start|>user")[0]
        ids = self.engine.tokens(text.removesuffix("<|im_end|>") if conversation.is_endless else text)
        return Sample(ids, self._weights(ids), ids.index(self.end))

    def render(self, messages: Sequence[Json], tools: Sequence[Json]) -> str:
        """Return the text that the engine would feed to the model."""
        return str(self.engine.post("/apply-template", {"messages": messages, "tools": tools})["prompt"])

    def check_prefixes(self) -> None:
        """Make sure that history renders to the very text that was generated; else the prompt cache would break.

        Raises:
            ValueError: a reply renders otherwise once it is history.
        """
        for transcript in self.library.transcripts:
            messages = play(transcript, self.library.dice, self.library.results)
            whole = self.render(messages, self.library.tools)
            for place, message in enumerate(messages):
                is_reply = message["role"] == "assistant"
                if is_reply and not whole.startswith(self.render(messages[:place], self.library.tools)):
                    raise ValueError(f"message {place} of {transcript.name} does not render as it was generated")

    def _weights(self, ids: Sequence[int]) -> list[float]:
        weights = [0.0] * len(ids)
        length = 0
        for place, token in enumerate(ids):
            if length:
                weights[place] = FIRST_WEIGHT if length <= FIRST_TOKENS else 1.0
                length = 0 if token == self.end else length + 1
            elif list(ids[place - len(self.reply_head) + 1 : place + 1]) == self.reply_head:
                length = 1
        return weights


def _name(tool: Json) -> str:
    return str(tool["function"]["name"])


def terse(tool: Json) -> Json:
    """Return a tool by its bare name."""
    return {"type": "function", "function": {"name": tool["function"]["name"]}}


def batches(samples: Sequence[Sample], dice: random.Random, tokens: int) -> list[list[Sample]]:
    """Return the samples in batches of like length, each of at most `tokens` tokens with its padding."""
    made: list[list[Sample]] = []
    batch: list[Sample] = []
    for sample in sorted(samples, key=lambda sample: (len(sample.ids) // 32, dice.random())):
        if batch and len(sample.ids) * (len(batch) + 1) > tokens:
            made.append(batch)
            batch = []
        batch.append(sample)
    made.append(batch)
    dice.shuffle(made)
    return made
