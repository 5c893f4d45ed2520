"""Pictures of the screens, compared with those that a person has looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from tests.support.review_requests import effects, needs
from trashclaw.protocol import events as ev
from trashclaw.protocol.approvals import ApprovalRequest
from trashclaw.protocol.ids import ApprovalId, CallId, EntryId, HunkId, ItemId, QuestionId
from trashclaw.protocol.items import AgentMessage, Item, Mending, Origin, Thought, ToolRun, UserMessage
from trashclaw.protocol.manners import DialectName, EditFormat, Rung, ToolSetName
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, Patch
from trashclaw.protocol.plan import Plan, PlanEntry, PlanStatus
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus
from trashclaw.protocol.usage import Usage
from trashclaw.session.selection import NoServer, Tried

WIDE, HALF, TINY = (120, 40), (80, 24), (60, 16)
ANSWER = """Two of them interpolate user input:

| function | line | input |
|---|---:|---|
| `find_user` | 11 | `user_id` |
| `delete_user` | 22 | `名前` |

1. **`find_user`** builds its query with an f-string.
2. **`delete_user`** uses `%`, which is no better.

```python
cur.execute("SELECT name FROM users WHERE id=?", (user_id,))
```

I'll bind the values instead, then run the tests."""

STALLED = """**Stopped: nothing new came of the last steps.**

The model has called bash 6 times in the same way: `pytest -q`.

Tried before the stop:
- step 5: the model was told what repeats
- step 7: it was offered fewer tools

Say what it misses or how to go on, cut the task smaller, or choose another model with /model."""


def run(number: int, title: str, kind: ToolKind, *, status: ToolStatus = ToolStatus.DONE, **facts: object) -> ToolRun:
    """A tool run; `facts` are parts of its result, and its patch."""
    patch = facts.pop("patch", None)
    call = ToolCall(call_id=CallId(f"call_{number}"), name=title.split()[0], arguments=json.dumps({}))
    result = None
    if status not in {ToolStatus.PENDING, ToolStatus.IN_PROGRESS}:
        result = ToolResult(call_id=call.call_id, status=status, **({"text": "ok"} | facts))
    return ToolRun(
        item_id=ItemId(f"run_{number}"),
        call=call,
        title=title,
        tool_kind=kind,
        status=status,
        patch=patch,
        result=result,
        duration_s=None if result is None else 0.004 * number,
    )


def patch() -> Patch:
    """The change that the story is about."""
    first = Hunk(
        hunk_id=HunkId("1"),
        before=10,
        after=10,
        lines=(
            " def find_user(cur, user_id):\n",
            "     cur.execute(\n",
            '-        f"SELECT id, name FROM users WHERE id={user_id}"\n',
            '+        "SELECT id, name FROM users WHERE id=?", (user_id,)\n',
            "     )\n",
        ),
    )
    second = Hunk(
        hunk_id=HunkId("2"),
        before=21,
        after=21,
        lines=(
            " def delete_user(cur, name):\n",
            "-    cur.execute(\"DELETE FROM users WHERE name='%s'\" % name)\n",
            '+    cur.execute("DELETE FROM users WHERE name=?", (name,))\n',
        ),
    )
    return Patch(changes=(FileChange(path="src/db.py", kind=ChangeKind.MODIFIED, hunks=(first, second)),))


def opening() -> list[ev.Event]:
    """The start of a session."""
    return [
        ev.SessionStarted(
            workspace="/home/ada/shop-api",
            provider="ollama",
            model="qwen3-coder:30b",
            mode=Mode.REVIEW,
            limit_tokens=32768,
        )
    ]


def done(*items: Item) -> list[ev.Event]:
    """Items that are complete."""
    return [ev.ItemCompleted(item=item) for item in items]


def story() -> list[ev.Event]:
    """A turn up to the point where a change is proposed."""
    names = ("find queries built from strings", "list the call sites", "patch db.py", "run the tests")
    states = (PlanStatus.COMPLETED, PlanStatus.COMPLETED, PlanStatus.IN_PROGRESS, PlanStatus.PENDING)
    entries = tuple(PlanEntry(text=name, status=state) for name, state in zip(names, states, strict=True))
    return [
        *opening(),
        ev.TurnStarted(),
        ev.StepStarted(step=3),
        *done(
            UserMessage(item_id=ItemId("user_1"), text="Find SQL built from strings in ./src and fix it"),
            Thought(item_id=ItemId("thought_1"), text="Every execute call has to be looked at. " * 6),
            AgentMessage(item_id=ItemId("agent_1"), text="I'll look for `execute(` first."),
            run(1, 'grep "execute(" src', ToolKind.SEARCH, metadata={"lines": 12}),
            run(2, "read src/db.py", ToolKind.READ, metadata={"lines": 80}),
            run(3, "read src/dbx.py", ToolKind.READ, status=ToolStatus.FAILED, text="src/dbx.py does not exist."),
            AgentMessage(item_id=ItemId("agent_2"), text=ANSWER),
        ),
        ev.PlanUpdated(plan=Plan(entries=entries)),
        ev.ContextMeasured(used_tokens=12_400, limit_tokens=32_768, reused_tokens=12_000),
    ]


def waiting(request: ApprovalRequest, title: str, kind: ToolKind) -> list[ev.Event]:
    """A tool run that waits for an answer."""
    item = run(4, title, kind, status=ToolStatus.PENDING)
    return [ev.ItemStarted(item=item), ev.ApprovalRequested(request=request)]


def review() -> list[ev.Event]:
    """The change waits."""
    request = ApprovalRequest(
        approval_id=ApprovalId("approval_1"),
        item_id=ItemId("run_4"),
        call_id=CallId("call_4"),
        tool="edit_file",
        title="edit src/db.py",
        rule="mode review: edits are asked about",
        patch=patch(),
    )
    return [*story(), *waiting(request, "edit src/db.py (+2 -2)", ToolKind.EDIT)]


def ended() -> list[ev.Event]:
    """The change landed, the tests ran, and the turn is over."""
    usage = Usage(prompt_tokens=31_000, completion_tokens=1_240)
    return [
        *story(),
        *done(
            run(4, "edit src/db.py (+2 -2)", ToolKind.EDIT, patch=patch()),
            run(5, "$ pytest -q", ToolKind.EXECUTE, exit_code=1, text="1 failed, 7 passed in 0.41s"),
            AgentMessage(item_id=ItemId("agent_3"), text="Both bind their values now; one old test still fails."),
        ),
        ev.TurnCompleted(stop_reason=ev.StopReason.END_TURN, usage=usage, steps=5, duration_s=48.0),
    ]


def helped() -> list[ev.Event]:
    """A turn of a small model: calls mended, a failure that comes again, another dialect, and a stop at last."""
    chosen = {"tool_set": ToolSetName.LEAN, "edit_format": EditFormat.REPLACE}
    reason = (
        "dialect: not examined; the server takes tools; tool set: window of 12288 tokens; edit format: not examined"
    )
    fails = {"exit_code": 1, "text": "NameError: name 'total' is not defined"}
    renamed = (
        Mending(rung=Rung.REPAIRED, text="JSON: a comma before the closing brace was left out"),
        Mending(rung=Rung.NAMED, text="tool run_command -> bash"),
        Mending(rung=Rung.NAMED, text="took cmd as command"),
    )
    told = {"tool": "bash", "exit_code": 1, "lines": ("NameError: name 'total' is not defined",)}
    return [
        *opening(),
        ev.DialectChosen(dialect=DialectName.NATIVE, reason=reason, **chosen),
        ev.TurnStarted(),
        ev.StepStarted(step=9),
        *done(
            UserMessage(item_id=ItemId("user_1"), text="Why does the total come out wrong?"),
            run(1, "read src/db.py", ToolKind.READ, metadata={"lines": 80}).model_copy(update={"mended": renamed[2:]}),
            run(2, "$ pytest -q", ToolKind.EXECUTE, **fails).model_copy(update={"mended": renamed}),
            run(3, "$ pytest -q", ToolKind.EXECUTE, **fails),
        ),
        *(ev.FailureRouted(item_id=ItemId(f"run_{number}"), times=number - 1, **told) for number in (2, 3)),
        ev.DialectChosen(dialect=DialectName.TYPED, reason="most of the last calls could not be read", **chosen),
        ev.Notice(code="loop", text="You have called bash 3 times. Read what it says, then go on.", to_model=True),
        ev.Notice(code="stalled", level=ev.NoticeLevel.WARNING, text=STALLED),
        ev.TurnCompleted(stop_reason=ev.StopReason.STALLED, steps=9, duration_s=71.0),
        ev.ContextMeasured(used_tokens=4_100, limit_tokens=12_288, reused_tokens=3_000),
    ]


@pytest.mark.parametrize("theme", ["trashclaw-dark", "trashclaw-light"])
@pytest.mark.parametrize("size", [(140, 40), HALF], ids=["wide", "half"])
def test_a_small_model_is_helped_and_stalls(snap_compare, show, theme: str, size: tuple[int, int]) -> None:
    assert snap_compare(show(helped(), theme), terminal_size=size)


def test_the_manner_is_told(snap_compare, show) -> None:
    async def ask(pilot: Pilot[str]) -> None:
        await pilot.press(*"/manner ", "enter")

    assert snap_compare(show(helped()), run_before=ask, terminal_size=WIDE)


@pytest.mark.parametrize("theme", ["trashclaw-dark", "trashclaw-light"])
@pytest.mark.parametrize("size", [WIDE, HALF], ids=["wide", "half"])
def test_a_change_waits(snap_compare, show, theme: str, size: tuple[int, int]) -> None:
    assert snap_compare(show(review(), theme), terminal_size=size)


def test_a_hunk_is_left_out_in_high_contrast(snap_compare, show) -> None:
    app = show(review(), "high-contrast")
    assert snap_compare(app, press=["right_square_bracket", "space"], terminal_size=(140, 40))


@pytest.mark.parametrize("theme", ["trashclaw-dark", "trashclaw-light"])
def test_a_turn_is_over(snap_compare, show, theme: str) -> None:
    assert snap_compare(show(ended(), theme), terminal_size=WIDE)


def test_the_smallest_screen_in_ascii(snap_compare, show) -> None:
    assert snap_compare(show(ended(), is_ascii=True), terminal_size=TINY)


def test_a_command_waits(snap_compare, show) -> None:
    request = ApprovalRequest(
        approval_id=ApprovalId("approval_1"),
        item_id=ItemId("run_4"),
        call_id=CallId("call_4"),
        tool="bash",
        title="$ pytest -q",
        rule="commands are asked about: there is no sandbox here",
        command="python -m pytest -q tests/ \\\n  && git status --short",
    )
    events = [*story(), *waiting(request, "$ python -m pytest -q", ToolKind.EXECUTE)]
    assert snap_compare(show(events), terminal_size=WIDE)


@pytest.mark.parametrize("size", [(140, 40), HALF], ids=["wide", "half"])
def test_every_kind_of_change_on_the_whole_screen(snap_compare, show, size: tuple[int, int]) -> None:
    events = [*story(), *waiting(effects(), "$ make release", ToolKind.EXECUTE)]
    assert snap_compare(show(events), press=["enter", "space", "v"], terminal_size=size)


def test_a_command_needs_more_than_its_sandbox_gives(snap_compare, show) -> None:
    request = needs()
    events = [*story(), *waiting(request, request.title, ToolKind.EXECUTE)]
    assert snap_compare(show(events), press=["s"], terminal_size=WIDE)


def test_the_model_asks(snap_compare, show) -> None:
    item = run(4, "ask: Which driver?", ToolKind.OTHER, status=ToolStatus.IN_PROGRESS)
    question = ev.QuestionRequested(
        question_id=QuestionId("question_1"),
        item_id=item.item_id,
        text="Which driver should the queries be written for?",
        options=("sqlite3, as now", "psycopg, since production runs PostgreSQL", "both"),
    )
    assert snap_compare(show([*story(), ev.ItemStarted(item=item), question]), terminal_size=WIDE)


def test_messages_wait_in_the_queue(snap_compare, show) -> None:
    queue = tuple(
        ev.QueuedInput(entry_id=EntryId(f"entry_{origin}"), text=text, origin=origin)
        for text, origin in (("also fix the tests", Origin.FOLLOW_UP), ("sqlite3 only", Origin.STEER))
    )
    assert snap_compare(show([*review(), ev.InputQueued(queue=queue)]), terminal_size=(100, 30))


def test_nothing_has_been_said_yet(snap_compare, show) -> None:
    async def look_up(pilot: Pilot[str]) -> None:
        await pilot.press(*"/co")

    assert snap_compare(show(opening()), run_before=look_up, terminal_size=HALF)


def test_the_help(snap_compare, show) -> None:
    assert snap_compare(show(opening(), "nord"), press=["f1"], terminal_size=WIDE)


def test_no_server_answers(snap_compare, show) -> None:
    tried: Sequence[Tried] = [
        Tried("ollama", "http://127.0.0.1:11434", "connection refused"),
        Tried("llamacpp", "http://127.0.0.1:8080", "it answers, but it is no model server"),
    ]
    assert snap_compare(show(NoServer(tried)), terminal_size=(100, 30))
