"""Section 7: thoughts between tags of every family, unclosed, endless, alone; nothing of them among the words."""

from __future__ import annotations

from typing import Any

from benchmarks.fault_steps import DONE, REASKED, TEXT, TYPED, do, read, say, script, typed
from benchmarks.fault_world import Case
from trashclaw.agent.dialects.thinking import TAGS

SECRET = "I ponder the sums"


def _case(name: str, *steps: Any, traits: dict[str, Any] | None = None, **more: Any) -> Case:
    more = {"untold": (SECRET, "think>"), **more}
    return Case(section="thinking", name=name, model=script(*steps, **(traits or {})), **more)


def _families() -> list[Case]:
    return [
        _case(
            f"between {tag.opening}",
            say(f"{tag.opening}\n{SECRET}\n{tag.closing}\n\nDone."),
            untold=(SECRET, tag.opening, tag.closing),
        )
        for tag in TAGS
    ]


_HARMONY = f"<|channel|>analysis<|message|>{SECRET}<|end|><|start|>assistant<|channel|>final<|message|>Done."
_LONG = f"{SECRET}. " * 3_000
_BUDGET: dict[str, Any] = {"settings": {"server": {"think_tokens": 64}}, "notices": ("thought_too_long",)}

CASES = [
    *_families(),
    _case("the channels of Harmony", say(_HARMONY), untold=(SECRET, "<|")),
    _case(
        "only the end of a thought", say(f"{SECRET}\n</think>\n\nDone."), traits=TEXT, said=None, untold=("</think>",)
    ),
    _case(
        "only the end of a thought, behind words",
        do(read(), text=f"{SECRET}.</think>\n\nI look."),
        say(f"{SECRET}.</think>\n\nDone."),
        untold=("</think>",),
    ),
    _case(
        "only the end of a thought, twice",
        do(read(), text=f"{SECRET}\n</think>\n\nI look."),
        say(f"{SECRET}\n</think>\n\nDone."),
        untold=("</think>",),
    ),
    _case("never closed", say(f"<think>\n{SECRET}"), DONE, notices=("empty_answer",)),
    _case(
        "never closed, and a call in it",
        say(f'<think>{SECRET} <tool_call>{{"name": "bash", "arguments": {{"command": "rm calc.py"}}}}</tool_call>'),
        DONE,
        traits=TEXT,
        runs=(),
    ),
    _case(
        "closed by a call",
        say(
            f'<think>{SECRET}</think><tool_call>{{"name": "read_file", "arguments": {{"path": "calc.py"}}}}</tool_call>'
        ),
        DONE,
        traits=TEXT,
        runs=("done",),
    ),
    _case("a thought in a thought", say(f"<think>\na\n<think>\n{SECRET}\n</think>\nb\n</think>\nDone."), said=None),
    _case("an empty thought", say("<think>\n\n</think>\n\nDone.")),
    _case(
        "tags in code are words",
        say("Write `<think>` like this:\n\n```\n<think>x</think>\n```"),
        untold=(),
        said="Write `<think>` like this:\n\n```\n<think>x</think>\n```",
    ),
    _case("a thought behind the words", say(f"Done.\n<think>{SECRET}</think>"), said=None),
    _case("cut in the tag", say("<thi", end="length"), say("Done."), said=None),
    _case("cut in the thought", say(f"<think>{SECRET}", end="length"), DONE, notices=("thought_too_long",)),
    _case("nothing but a thought", say("", thought=SECRET), DONE, notices=("empty_answer",)),
    _case(
        "nothing but thoughts, twice",
        say("", thought=SECRET),
        say("", thought=SECRET),
        DONE,
        traits={"has_thinking": True},
        notices=("empty_answer",),
    ),
    _case(
        "nothing but thoughts, for ever",
        *[say("", thought=SECRET)] * 6,
        traits={"has_thinking": True},
        code=1,
        stop="stalled",
        notices=("empty_answer",),
    ),
    _case("longer than it may", say("", thought=_LONG), DONE, **_BUDGET),
    _case("longer than it may, inline", say(f"<think>{_LONG}</think>Done."), DONE, **_BUDGET),
    _case("longer than it may, again and again", say("", thought=_LONG), say("Done.", thought=_LONG), **_BUDGET),
    _case("longer than it may, then a call", say("", thought=_LONG), do(read()), DONE, **_BUDGET, runs=("done",)),
    _case("a thought and a call", do(read(), text="", thought=SECRET), say("Done.", thought=SECRET), runs=("done",)),
    _case("a thought before a typed reply", say(f"<think>{SECRET}</think>{typed('Done.')['text']}"), traits=TYPED),
    _case("a thought field before a typed reply", say(str(typed("Done.")["text"]), thought=SECRET), traits=TYPED),
    _case(
        "a thought in the second question",
        do({"name": "read_file", "arguments": '{"path": "cal'}),
        say(f'<think>{SECRET}</think>{{"path": "calc.py"}}'),
        DONE,
        traits=REASKED,
        runs=("done",),
    ),
    _case("140 KB of openings", say("<think>" * 20_000), DONE, said=None, untold=()),
    _case("100 KB of half tags", say("</thin <thin " * 8_000 + "\nDone."), said=None, untold=()),
    _case("200 KB of thought", say("Done.", thought=f"{SECRET} and more. " * 6_000)),
]
