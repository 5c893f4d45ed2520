"""No secret reaches log, model or screen; edits around them land exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sessions import Driven, bash, edit, open_driven, read, write
from tests.unit.policy.made_up_secrets import AWS, GITHUB, MIXED, made_up_key
from trashclaw.config.schema import Settings
from trashclaw.policy.secrets import Secrets
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.session.redaction import HELD_CHARS, EventRedaction

ITEM = ItemId("item-1")
LABEL = "[redacted: AWS access key]"


@pytest.fixture
def root(repository: Path) -> Path:
    (repository / "config.py").write_text(f"REGION = 'eu'\nKEY = '{AWS}'\nDEBUG = False\n")
    return repository


def _everything(driven: Driven) -> str:
    stored = "".join(envelope.model_dump_json() for envelope in driven.stored())
    seen = "".join(envelope.model_dump_json() for envelope in driven.all_seen())
    sent = "".join(str(request) for request in driven.provider.requests)
    return stored + seen + sent


async def test_a_secret_in_a_file_reaches_nobody(root: Path) -> None:
    grep = {"name": "grep", "arguments": {"pattern": "KEY"}}
    async with open_driven(root, [{"calls": [read("config.py"), grep]}, {"text": "Seen."}]) as driven:
        await driven.turn("look at @config.py")
        assert AWS not in _everything(driven)
        assert _everything(driven).count(f"KEY = '{LABEL}'") >= 6


async def test_the_words_of_the_person_and_of_the_model_stay(root: Path) -> None:
    async with open_driven(root, [{"text": f"You said {AWS}."}]) as driven:
        await driven.turn(f"my key is {AWS}")
        assert [AWS in item.model_dump_json() for item in driven.items] == [True, True]


async def test_an_edit_beside_a_secret_is_shown_without_it_and_lands_exactly(root: Path) -> None:
    steps = [{"calls": [read("config.py")]}, {"calls": [edit("config.py", "False", "True")]}, {"text": "Done."}]
    async with open_driven(root, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.answer()
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert asked.request.patch is not None
        assert f" KEY = '{LABEL}'\n" in asked.request.patch.hunks[0].lines
        assert AWS not in _everything(driven)
    assert (root / "config.py").read_text() == f"REGION = 'eu'\nKEY = '{AWS}'\nDEBUG = True\n"


async def test_a_placeholder_in_an_edit_is_the_secret_again_on_the_disk_alone(root: Path) -> None:
    new = f"KEY = '{LABEL}'  # from the vault"
    steps = [
        {"calls": [read("config.py")]},
        {"calls": [edit("config.py", f"KEY = '{LABEL}'", new), write("copy.py", f"KEY = '{LABEL}'\n")]},
        {"text": "Done."},
    ]
    async with open_driven(root, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer()
        await driven.answer()
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert AWS not in _everything(driven)
        assert [run.status for run in driven.runs] == [ToolStatus.DONE] * 3
    assert (root / "config.py").read_text().splitlines()[1] == f"KEY = '{AWS}'  # from the vault"
    assert (root / "copy.py").read_text() == f"KEY = '{AWS}'\n"


async def test_a_command_gets_no_secret_by_its_placeholder(root: Path) -> None:
    steps = [{"calls": [read("config.py")]}, {"calls": [bash(f"echo '{LABEL}'")]}, {"text": "No."}]
    async with open_driven(root, steps) as driven:
        await driven.turn()
        assert driven.runs[1].status is ToolStatus.FAILED
        assert "that you cannot see" in str(driven.runs[1].result)


async def test_after_a_resume_an_old_placeholder_stands_for_nothing(root: Path) -> None:
    other = "AK" + "IA" + AWS[:3:-1]
    (root / "other.py").write_text(f"KEY = '{other}'\n")
    async with open_driven(root, [{"calls": [read("config.py")]}, {"text": "Seen."}]) as driven:
        await driven.turn()
        session_id = driven.session.session_id
    change = edit("config.py", f"KEY = '{LABEL}'", f"KEY = '{LABEL}'  # mine")
    steps = [{"calls": [read("other.py"), change]}, {"text": "Hm."}]
    async with open_driven(root, steps, resume=session_id) as driven:
        await driven.turn()
        assert "[redacted: AWS access key #2]" in str(driven.runs[0].result)
        assert "It is not known here" in str(driven.runs[1].result)
    assert AWS in (root / "config.py").read_text()


async def test_the_persons_own_command_is_redacted_too(root: Path) -> None:
    async with open_driven(root, [{"text": "I see."}]) as driven:
        await driven.do(ops.ShellRun(command="cat config.py; echo; printf 'no end'"))
        await driven.turn()
        assert AWS not in _everything(driven)
        assert _streamed(driven.events) == f"REGION = 'eu'\nKEY = '{LABEL}'\nDEBUG = False\n\nno end"


def _streamed(events: list[ev.Event]) -> str:
    outputs = (e for e in events if isinstance(e, ev.ItemDelta) and e.channel is ev.Channel.OUTPUT)
    return "".join(event.text for event in outputs)


def _run(status: ToolStatus = ToolStatus.DONE, text: str = "") -> ToolRun:
    call = ToolCall(call_id=CallId("call-1"), name="bash")
    result = ToolResult(call_id=call.call_id, status=status, text=text)
    return ToolRun(item_id=ITEM, call=call, title="$ x", status=status, result=result)


def _stream(pieces: list[str], status: ToolStatus = ToolStatus.DONE) -> str:
    redaction = EventRedaction(Secrets())
    events = [ev.ItemDelta(item_id=ITEM, channel=ev.Channel.OUTPUT, text=piece) for piece in pieces]
    told = [clean for event in (*events, ev.ItemCompleted(item=_run(status))) for clean in redaction.clean(event)]
    assert isinstance(told[-1], ev.ItemCompleted)
    return _streamed(told)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40, 1000])
def test_a_secret_in_pieces_is_redacted(size: int) -> None:
    key = made_up_key()
    text = f"a {GITHUB} b\rDB_PASSWORD = '{MIXED[:10]}'\n{key}tail {AWS}"
    streamed = _stream([text[at : at + size] for at in range(0, len(text), size)])
    assert streamed == Secrets().redact(text).text
    assert "a [redacted: GitHub token] b" in streamed
    assert streamed.endswith(f"tail {LABEL}")


@pytest.mark.parametrize("status", [ToolStatus.CANCELLED, ToolStatus.FAILED])
def test_what_was_held_back_is_told_at_an_end_of_any_kind(status: ToolStatus) -> None:
    assert _stream(["half a li", "ne without en"], status) == "half a line without en"


def test_dots_of_progress_are_told_at_once() -> None:
    redaction = EventRedaction(Secrets())
    told = redaction.clean(ev.ItemDelta(item_id=ITEM, channel=ev.Channel.OUTPUT, text="...."))
    assert _streamed(told) == "...."


def test_an_endless_line_is_told_in_pieces_and_nothing_of_it_is_lost() -> None:
    pieces = ["x" * 1000] * 50 + [f" {GITHUB[:20]}", f"{GITHUB[20:]} "] + ["y" * 1000] * 50
    redaction = EventRedaction(Secrets())
    waiting = 0
    for piece in pieces:
        told = _streamed(redaction.clean(ev.ItemDelta(item_id=ITEM, channel=ev.Channel.OUTPUT, text=piece)))
        waiting += len(piece) - len(told)
        assert waiting <= HELD_CHARS + 1000
    assert _stream(pieces) == "x" * 50_000 + " [redacted: GitHub token] " + "y" * 50_000


async def test_a_secret_in_what_is_told_of_a_failure_reaches_nobody(root: Path) -> None:
    fails = bash("echo 'Error: the key is '$(sed -n 2p config.py) >&2; exit 3")
    async with open_driven(root, [{"calls": [fails]}, {"text": "Hm."}], settings=Settings(mode=Mode.AUTO)) as driven:
        await driven.turn()
        told = [event for event in driven.events if isinstance(event, ev.FailureRouted)]
        assert told
        assert LABEL in told[0].lines[0]
        assert AWS not in _everything(driven)
