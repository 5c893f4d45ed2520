"""The model's own summary of what a compaction leaves out: asked behind what the server has read, and checked."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import PurePosixPath

from trashclaw.agent.accounting import check_aside
from trashclaw.agent.agent import Agent
from trashclaw.agent.compaction import Cut
from trashclaw.agent.compaction.digest import LOG_HEAD, SUMMARY_END, SUMMARY_HEAD, without_tags
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Message, Part, ProgressPart, Request, Role, TextPart
from trashclaw.agent.step import told
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ProviderError
from trashclaw.protocol.items import CompactionTrigger
from trashclaw.protocol.usage import Usage

_ASK = (
    "<note>The window is full: your earlier steps are left out now. Write what you need of them to go on, in at most "
    "{words} words: the goal, what was decided and why, what you found out, what is still open, the next step. "
    "Plain text, facts alone, no introduction. Call no tool.{files}</note>"
)
_FILES = " Name each of these files, which you changed: {paths}."
_PATHS_AT_MOST = 8
_WORDS_A_TOKEN = 0.6
_LEAST_TOKENS = 60
"""Less room than that is no room for a summary."""

_LIMIT_S = 120.0
_PATIENCE_S = 20.0
"""How long a person who waits for an answer may be kept waiting for a summary."""

_TAG = re.compile(r"</?\s*(?:summary|note)\b[^>\n]{0,100}>?", re.IGNORECASE)
_LEAST_DIFFERENT = 0.5
"""Of its lines; a model that goes in circles writes the same one over and over."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the model wrote, where that can be used, and what asking has cost."""

    text: str | None
    fault: str = ""
    """Why it is not used."""

    usage: Usage = field(default_factory=Usage)


async def summarise(agent: Agent, cut: Cut, trigger: CompactionTrigger) -> Summary:
    """Have the model sum up what a cut leaves out; without a text where it is not asked, or its summary cannot be used.

    It is asked only while the request still fits, and while somebody waits only a model that writes fast enough.
    """
    room = min(cut.summary_tokens, agent.window.answer_tokens)
    if not (agent.may_summarise and cut.needs_summary) or room < _LEAST_TOKENS or not _is_time(agent, trigger, room):
        return Summary(None)
    request = _request(agent, cut, room)
    if agent.window.meter.estimate(request) + room > agent.window.limit_tokens:
        return Summary(None)
    told_as = ev.AHEAD if trigger is CompactionTrigger.AHEAD else ev.SUMMING_UP
    agent.emit(ev.Progress(phase=ev.Phase.CONNECTING, text=told_as))
    check_aside(agent, request)
    heard = _Heard()
    try:
        async with asyncio.timeout(_LIMIT_S):
            await _listen(agent, request, heard, told_as)
    except ProviderError:
        # The next real request will tell what is wrong.
        return Summary(None, usage=heard.usage)
    except TimeoutError:
        return Summary(None, "it takes too long", heard.usage)
    finally:
        agent.emit(ev.Progress(phase=ev.Phase.WAITING, text=told_as))
    words = without_tags(_TAG.sub("", "".join(heard.text)).strip())
    fault = "it was cut" if heard.is_cut else "it is a tool call" if heard.has_called else check(words, cut)
    return Summary(None, fault, heard.usage) if fault else Summary(joined(words, cut), usage=heard.usage)


def check(words: str, cut: Cut) -> str:
    """Return what is wrong with a summary; nothing if it can stand for what a cut leaves out."""
    if not words:
        return "it is empty"
    tokens = cut.measure([Message(Role.USER, words)])
    if tokens > cut.summary_tokens * 2:
        return f"it is too long: {tokens} tokens"
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if len(set(lines)) < len(lines) * _LEAST_DIFFERENT:
        return "it repeats itself"
    missing = [path for path in cut.paths[-_PATHS_AT_MOST:] if PurePosixPath(path).name not in words]
    return f"it does not name {missing[0]}" if missing else ""


def joined(words: str, cut: Cut) -> str:
    """Return the whole text that stands for what is left out: the model's words, and the facts from the log."""
    facts = cut.facts.removeprefix(SUMMARY_HEAD).removesuffix(SUMMARY_END).strip()
    return f"{SUMMARY_HEAD}\n{words}\n{LOG_HEAD}\n{facts}\n{SUMMARY_END}"


def _is_time(agent: Agent, trigger: CompactionTrigger, room: int) -> bool:
    match trigger:
        case CompactionTrigger.OVERFLOW:
            return False
        case CompactionTrigger.FULL:
            speed = agent.written_tokens_per_s
            return speed is not None and room / speed <= _PATIENCE_S
        case CompactionTrigger.AHEAD | CompactionTrigger.ASKED:
            return True


def _request(agent: Agent, cut: Cut, room: int) -> Request:
    """Return what the server has read with the question behind it, so that it reads the question alone.

    What has come since stays in the window. Where the server does not know it, the question is behind all of it.
    """
    paths = ", ".join(cut.paths[-_PATHS_AT_MOST:])
    files = _FILES.format(paths=paths) if paths else ""
    question = Message(Role.USER, _ASK.format(words=int(room * _WORDS_A_TOKEN), files=files))
    request = Request(
        messages=(*agent.history.messages, question),
        tools=agent.manner.tools,
        max_tokens=room,
        temperature=agent.temperature,
        think=agent.manner.think,
        is_aside=True,
    )
    rendered, known = agent.manner.dialect.render(request), agent.ledger.sent
    if known is not None and rendered.messages[: len(known)] == known:
        written = takewhile(_is_words, rendered.messages[len(known) : -1])
        rendered = replace(rendered, messages=(*known, *written, rendered.messages[-1]))
    return replace(rendered, schema=None)


def _is_words(message: Message) -> bool:
    """Tell whether the model wrote a message without a call, whose result would have to follow."""
    return message.role is Role.ASSISTANT and not message.calls


@dataclass(slots=True)
class _Heard:
    """An answer while it comes in."""

    text: list[str] = field(default_factory=list)
    has_called: bool = False
    is_cut: bool = False
    usage: Usage = field(default_factory=Usage)

    def take(self, part: Part) -> None:
        if isinstance(part, TextPart):
            self.text.append(part.text)
        elif isinstance(part, CallPart):
            self.has_called = True
        elif isinstance(part, EndPart):
            self.is_cut = part.reason is EndReason.LENGTH
            self.usage = part.usage or Usage()


async def _listen(agent: Agent, request: Request, heard: _Heard, told_as: str) -> None:
    reading = agent.manner.dialect.read(request)
    async with aclosing(agent.provider.stream(request)) as parts:
        async for part in parts:
            if isinstance(part, ProgressPart):
                agent.emit(told(part).model_copy(update={"text": told_as}))
                continue
            for certain in reading.finish(part) if isinstance(part, EndPart) else reading.feed(part):
                heard.take(certain)
