"""Models to be examined: one that knows every answer, and ways to make it fail."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.tinymodel.director import Call, Director, Say
from tests.support.tinymodel.engine import Engine
from trashclaw.agent.messages import (
    CallPart,
    EndPart,
    EndReason,
    ModelProfile,
    Part,
    Request,
    TextPart,
    ThoughtPart,
)
from trashclaw.cli.exams import Examined
from trashclaw.config.schema import MannerSettings
from trashclaw.exam.calls import PARALLEL, TASKS
from trashclaw.exam.choice import choose_manner
from trashclaw.exam.edits import CHANGES, PATH
from trashclaw.exam.result import (
    CallMarks,
    Depth,
    EditMarks,
    EditsMarks,
    ExamResult,
    ParallelMarks,
    SchemaMarks,
    SpeedMarks,
    ThinkingMarks,
    WindowMarks,
    WindowVerdict,
)
from trashclaw.exam.run import Exam, Watcher
from trashclaw.exam.telling import choice_rows, heading, result_rows
from trashclaw.exam.thinking import QUESTION
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.protocol.manners import EditFormat
from trashclaw.protocol.usage import Timings, Usage

PROFILE = ModelProfile(provider="fake", model="wise", limit_tokens=16_384, digest="abc", can_constrain=True)
_WORD = re.compile(r"The secret word is ([a-z]+-\d+)\.")
_COUNTED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"


@dataclass(frozen=True)
class Reply:
    """An answer before any server's form."""

    text: str = ""
    thought: str = ""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def wise_reply(question: str, tools: Sequence[str], schema: Mapping[str, Any] | None = None) -> Reply:
    """Return the right answer to any question of an exam."""
    if found := _WORD.search(question):
        return Reply(found[1])
    if question == PARALLEL:
        return Reply(calls=tuple(("read_file", {"path": path}) for path in ("src/first.py", "src/second.py")))
    for task in TASKS:
        if question == task.text:
            return Reply(calls=((task.tool.name, task.arguments),))
    for change in CHANGES:
        if change.task in question:
            return _edited(change.old, change.new, change.wanted, tools, schema)
    if schema is not None:
        return Reply(json.dumps({name: _fitting(one) for name, one in schema["properties"].items()}))
    if question == QUESTION:
        return Reply("42")
    return Reply("none" if "secret" in question else _COUNTED)


def _edited(old: str, new: str, wanted: str, tools: Sequence[str], schema: Mapping[str, Any] | None) -> Reply:
    patch = "".join(f"{sign}{line}\n" for sign, text in (("-", old), ("+", new)) for line in text.splitlines())
    arguments: dict[str, Mapping[str, Any]] = {
        "edit_file": {"path": PATH, "old_text": old, "new_text": new},
        "write_file": {"path": PATH, "content": wanted},
        "apply_patch": {"patch": f"*** Begin Patch\n*** Update File: {PATH}\n@@\n{_lines(patch)}*** End Patch\n"},
    }
    if schema is None:
        return Reply(calls=((tools[0], arguments[tools[0]]),))
    fitting = next(given for given in arguments.values() if set(given) == set(schema["required"]))
    return Reply(json.dumps(fitting))


def _lines(patch: str) -> str:
    """Give the lines of a patch the indentation that they have in the sample."""
    return re.sub(r"^([-+])(return)", r"\1    \2", patch, flags=re.M)


def _fitting(schema: Mapping[str, Any]) -> object:
    return schema["enum"][0] if "enum" in schema else True


Answering = Callable[[Request], Reply | Exception]


def wisely(request: Request) -> Reply:
    """Answer as the model that knows everything."""
    return wise_reply(request.messages[-1].text, [tool.name for tool in request.tools], request.schema)


@dataclass
class ExaminedProvider:
    """A provider that answers each request by a function of it; an exception is raised in place of an answer."""

    answering: Answering = wisely
    known: ModelProfile = PROFILE
    chars_a_token: float = 4.0
    counts: bool = True
    """Whether usage and timings come with an answer."""

    read_limit_tokens: int | None = None
    """Reads no more than so many tokens of a prompt: the head is gone."""

    read_tokens_per_s: float = 1000.0
    write_tokens_per_s: float = 50.0
    requests: list[Request] = field(default_factory=list)

    async def profile(self) -> ModelProfile:
        """Return what was given."""
        return self.known

    async def count_tokens(self, request: Request) -> int | None:
        """Return `None`."""
        return None

    async def aclose(self) -> None:
        """Nothing is open."""

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Answer."""
        self.requests.append(request)
        prompt = round(len(request.messages[-1].text) / self.chars_a_token) + 12
        if self.read_limit_tokens is not None and prompt > self.read_limit_tokens:
            prompt = self.read_limit_tokens
            last = request.messages[-1]
            cut = last.text[-int(prompt * self.chars_a_token) :]
            request = replace(request, messages=(replace(last, text=cut),))
        reply = self.answering(request)
        if isinstance(reply, Exception):
            raise reply
        for part in _parts(reply):
            yield part
        written = (len(reply.text) + len(reply.thought)) // 4 + 10 * len(reply.calls)
        usage = Usage(prompt_tokens=prompt, completion_tokens=written)
        timings = Timings(prefill_s=prompt / self.read_tokens_per_s, decode_s=max(written, 1) / self.write_tokens_per_s)
        reason = EndReason.TOOL_CALLS if reply.calls else EndReason.STOP
        yield EndPart(reason, usage, timings) if self.counts else EndPart(reason)


def _parts(reply: Reply) -> list[Part]:
    parts: list[Part] = []
    if reply.thought:
        parts.append(ThoughtPart(reply.thought, "reasoning_content"))
    if reply.text:
        parts.append(TextPart(reply.text))
    for index, (name, arguments) in enumerate(reply.calls):
        parts.append(CallPart(index, name=name, provider_id=f"call_{index}", arguments=json.dumps(arguments)))
    return parts


def made_up_exam() -> Examined:
    """Return an exam that never was, for a page."""
    at = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
    counts = ((EditFormat.REPLACE, 3), (EditFormat.PATCH, 1), (EditFormat.WHOLE, 3))
    marks = tuple(EditMarks(edit_format=name, tried=3, landed=landed) for name, landed in counts)
    note = "patch: src/shop.py: hunk 1 has no place in the file."
    result = ExamResult(
        provider="ollama",
        model="example:8b",
        digest="0123456789abcdef",
        depth=Depth.FULL,
        speed=SpeedMarks(at=at, took_s=9.1, read_tokens_per_s=412.5, write_tokens_per_s=18.2, load_s=3.4),
        thinking=ThinkingMarks(at=at, took_s=14.0, thinks=True, place="field thinking", can_stop=True, tokens=210),
        calls=CallMarks(at=at, took_s=8.0, tried=3, native=2, in_text=1),
        parallel=ParallelMarks(at=at, took_s=3.9, right=1),
        json_schema=SchemaMarks(at=at, took_s=4.2, tried=2, fitted=2),
        edits=EditsMarks(at=at, took_s=61.0, formats=marks, note=note),
        window=WindowMarks(
            at=at,
            took_s=118.0,
            told_tokens=32_768,
            claimed_tokens=32_768,
            proven_tokens=29_440,
            has_recalled=True,
            verdict=WindowVerdict.HELD,
        ),
    )
    profile = ModelProfile(provider="ollama", model="example:8b", limit_tokens=32_768)
    return Examined(result, choose_manner(result, profile, MannerSettings()), ExitCode.DONE)


def exam_of(provider: ExaminedProvider, depth: Depth = Depth.QUICK, watcher: Watcher | None = None) -> Exam:
    """Return an exam of a provider with chance and time held."""
    chance = random.Random(1)
    return Exam(provider, provider.known, depth, watcher=watcher, chance=chance, now=lambda: 1_795_000_000.0)


async def examined(provider: ExaminedProvider, depth: Depth = Depth.QUICK) -> ExamResult:
    """Take an exam; whatever came of it can be told and stored."""
    result = await exam_of(provider, depth).run()
    assert ExamResult.model_validate_json(result.model_dump_json()) == result
    assert heading(result) and result_rows(result)
    assert choice_rows(choose_manner(result, provider.known, MannerSettings()))
    return result


def unless(is_meant: Callable[[Request], bool], reply: Reply | Exception) -> Callable[[Request], Reply | Exception]:
    """Answer wisely, but for certain requests."""
    return lambda request: reply if is_meant(request) else wisely(request)


def has_tools(request: Request) -> bool:
    """Whether tools are offered."""
    return bool(request.tools)


def said(request: Request) -> str:
    """Return the question, in small letters."""
    return request.messages[-1].text.lower()


class WiseDirector(Director):
    """Lets the real engine give the right answers: what is asked with a schema, it answers as it likes within it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, [])

    def rewrite(self, raw: bytes) -> bytes:
        """Return a request that leaves no choice but the right answer; of two calls only the first can be had."""
        body = json.loads(raw)
        question = body["messages"][-1]["content"]
        if "response_format" in body:
            return raw
        reply = wise_reply(question, [tool["function"]["name"] for tool in body.get("tools", ())])
        if reply.calls:
            name, arguments = reply.calls[0]
            bias = {"logit_bias": self._ending}
            return json.dumps(Call(name, arguments).apply(body) | bias).encode()
        can_think = body.get("chat_template_kwargs", {}).get("enable_thinking", True)
        thought = "Seventeen and twenty-five." if question == QUESTION and can_think else ""
        return json.dumps(Say(reply.text, thought).apply(body)).encode()
