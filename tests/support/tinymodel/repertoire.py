"""The scripted conversations that the model learns, made concrete.

Placeholders in user and tool texts: `{{noise:LO-HI}}` is that many random words, new each time; `{{NAME}}` is one of
the texts of that name in `results.json`. In an assistant text `{{endless:LO-HI}}` repeats its last word; such a reply
never ends. A transcript that `lacks` tools is for sessions in which they are not offered.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.tinymodel import noise

HERE = Path(__file__).parent
PLACEHOLDER = re.compile(r"\{\{(\w+)(?::(\d+)-(\d+))?\}\}")
QUIET = re.compile(r"\{\{noise:[\d-]+\}\}")

Json = dict[str, Any]


@dataclass(frozen=True)
class Transcript:
    """One scripted conversation."""

    name: str
    messages: Sequence[Json]
    lacks: frozenset[str] = frozenset()
    weight: int = 1

    @property
    def needs(self) -> frozenset[str]:
        """Names of the tools that it calls."""
        calls = (call for message in self.messages for call in message.get("tool_calls", ()))
        return frozenset(call["name"] for call in calls)

    @property
    def is_endless(self) -> bool:
        """Whether its last reply goes on for ever."""
        return "{{endless" in str(self.messages[-1]["content"])

    def suits(self, offered: frozenset[str]) -> bool:
        """Return whether it can be played with these tools, and only with such."""
        return self.needs <= offered and not self.lacks & offered


def load_transcripts() -> list[Transcript]:
    """Return all transcripts, by name."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "transcripts").glob("*.json"))]
    return [
        Transcript(record["name"], record["messages"], frozenset(record.get("lacks", ())), record.get("weight", 1))
        for record in records
    ]


def load_tools() -> list[Json]:
    """Return the tools that transcripts call, in OpenAI form."""
    return list(json.loads((HERE / "tools.json").read_text(encoding="utf-8")))


def load_results() -> dict[str, list[str]]:
    """Return texts such as tools answer, by placeholder."""
    return dict(json.loads((HERE / "results.json").read_text(encoding="utf-8")))


def play(
    transcript: Transcript, dice: random.Random, results: Mapping[str, Sequence[str]], is_quiet: bool = False
) -> list[Json]:
    """Return the transcript as messages in OpenAI form, all placeholders drawn; `is_quiet` leaves the noise out."""
    messages: list[Json] = []
    waiting: list[str] = []
    for message in transcript.messages:
        text = _fill(QUIET.sub("", message["content"]) if is_quiet else message["content"], dice, results)
        made: Json = {"role": message["role"], "content": text}
        if message["role"] == "tool":
            made["tool_call_id"] = waiting.pop(0)
        if calls := message.get("tool_calls"):
            waiting = [f"call{len(messages)}_{number}" for number in range(len(calls))]
            made["tool_calls"] = [_call(call_id, call) for call_id, call in zip(waiting, calls, strict=True)]
        messages.append(made)
    return messages


def _call(call_id: str, call: Json) -> Json:
    arguments = json.dumps(call["arguments"], ensure_ascii=False)
    return {"id": call_id, "type": "function", "function": {"name": call["name"], "arguments": arguments}}


def _fill(text: str, dice: random.Random, results: Mapping[str, Sequence[str]]) -> str:
    def drawn(match: re.Match[str]) -> str:
        name, low, high = match.groups()
        if low is None:
            return dice.choice(results[name])
        count = dice.randint(int(low), int(high))
        if name == "endless":
            return (" " + text[: match.start()].split()[-1]) * count
        words = noise.text(dice, count)
        before = "\n" if words and match.start() else ""
        return before + words + ("\n" if words and match.end() < len(text) else "")

    return PLACEHOLDER.sub(drawn, text)
