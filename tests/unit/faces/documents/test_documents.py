"""Documents: nothing of a conversation is markup in them, and the one that is made for it can be read back."""

from __future__ import annotations

import asyncio
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.support.eventful import EVENTFUL, play
from tests.support.sessions import open_driven, read_log, unconfined
from trashclaw.faces.documents.formats import Format, format_of
from trashclaw.faces.documents.writing import page_of, pieces, read_back, write_new
from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.protocol.ids import CallId, HunkId, ItemId, SessionId
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.protocol.plan import Plan, PlanEntry
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.session.transcript import Transcript

ID = SessionId("20260101-000000-aaaa")
HOSTILE = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "--><svg onload=alert(1)>",
    "</pre></details></main><iframe src='http://evil.example'></iframe>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](http://evil.example/pixel.png)",
    "<img src='http://evil.example/pixel.png'>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "`</code><script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "| <script> |\n|---|\n| <script>alert(1)</script> |",
    '" onmouseover="alert(1)" x="',
    "&lt;script&gt;",
    "\x1b]0;title\x07\x1b[31mred",
    "\u202etxt.exe",
    "\ud800 lone",
    "`````\n## You\n\nforged",
    "a\x00b\x0bc\x0c",
)
VOID = {"meta", "br", "hr", "img", "input", "link"}
DOCUMENT = "html head meta title style body header h1 h2 h3 h4 h5 h6 p main section div details summary span figure"
MARKED = "figcaption code pre ins del ol ul li em strong s a table thead tbody tr th td blockquote br hr"
ATTRIBUTES = "lang charset http-equiv content name class aria-label href start style title"


class Page(HTMLParser):
    """Notes the tags, attributes and words of a page, and that every tag is closed where it was opened."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def everywhere(text: str) -> Transcript:
    """Return a conversation in which every foreign text is this one."""
    hunk = Hunk(hunk_id=HunkId("1"), before=1, after=1, lines=(f" {text}\n", f"-{text}\n", f"+{text}\n"))
    change = FileChange(path=text, kind=ChangeKind.RENAMED, hunks=(hunk,), from_path=text)
    call = ToolCall(call_id=CallId("c"), name=text, arguments=json.dumps({"x": "y"}))
    result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text=text, stdout=text, exit_code=0)
    run = ToolRun(
        item_id=ItemId("r"),
        call=call,
        title=text,
        status=ToolStatus.DONE,
        patch=Patch(changes=(change,)),
        result=result,
    )
    error = ev.ErrorInfo(code="x", text=text, hint=text)
    events = [
        ev.SessionRenamed(title=text),
        ev.ItemCompleted(item=UserMessage(item_id=ItemId("u"), text=text)),
        ev.ItemCompleted(item=Thought(item_id=ItemId("t"), text=text)),
        ev.ItemCompleted(item=AgentMessage(item_id=ItemId("a"), text=text)),
        ev.ItemCompleted(item=run),
        ev.ItemCompleted(item=Compaction(item_id=ItemId("k"), summary=text)),
        ev.Notice(level=ev.NoticeLevel.WARNING, code="x", text=text, hint=text),
        ev.PlanUpdated(plan=Plan(entries=(PlanEntry(text=text),))),
        ev.TurnCompleted(stop_reason=ev.StopReason.ERROR, error=error),
    ]
    transcript = Transcript(model=text, provider=text)
    for event in events:
        transcript.apply(Envelope(seq=1, at=0, session_id=ID, event=event))
    return transcript


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_foreign_is_markup_in_a_page(text: str) -> None:
    page = Page(page_of(Format.HTML, ID, everywhere(text)))
    assert page.open == []
    assert set(page.tags) <= {*DOCUMENT.split(), *MARKED.split()}
    assert {name for name, _ in page.attributes} <= {*ATTRIBUTES.split()}
    assert all(str(link).startswith(("http:", "https:")) for name, link in page.attributes if name == "href")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", page.words)
    shown = text.split("\n")[0].replace("\x1b", "\u241b") if text.isprintable() else ""
    assert shown in page.words


@pytest.mark.parametrize("text", HOSTILE)
def test_a_markdown_document_cannot_be_given_other_parts(text: str) -> None:
    document = page_of(Format.MARKDOWN, ID, everywhere(text))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", document)
    # What a tool brought stays in its fence, whatever fences it brings.
    fences = [token for token in MarkdownIt().parse(document) if token.type == "fence" and token.info == ""]
    assert any(token.content.strip() == fences[-1].content.strip() for token in fences)
    assert document.encode()


def test_a_page_needs_nothing_from_outside_and_no_script() -> None:
    document = page_of(Format.HTML, ID, everywhere("plain"))
    assert "default-src 'none'" in document
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", document)
    assert "prefers-color-scheme: dark" in document


def test_a_diff_is_told_by_signs_and_words_too() -> None:
    document = page_of(Format.HTML, ID, everywhere("plain"))
    assert '<ins aria-label="added">+plain\n</ins>' in document
    assert '<del aria-label="removed">-plain\n</del>' in document
    assert "renamed, 1 line added, 1 removed" in document
    assert '<details class="run done"><summary>' in document


def test_markdown_of_the_model_is_rendered() -> None:
    transcript = everywhere(
        "# Head\n\n- **one**\n- [two](https://example.com)\n\n```python\nx < 1\n```\n\n|a|\n|-|\n|b|"
    )
    page = Page(page_of(Format.HTML, ID, transcript))
    assert {"li", "strong", "a", "pre", "code", "table", "td"} <= set(page.tags)


def test_a_models_headings_stand_below_those_of_the_page() -> None:
    document = page_of(Format.HTML, ID, everywhere("# One\n\n## Two\n\n###### Six"))
    assert re.findall(r"<(h\d)>(One|Two|Six)</h\d>", document) == [("h3", "One"), ("h4", "Two"), ("h6", "Six")]


@pytest.mark.parametrize(
    ("markdown", "words"), [("![a *cat*](http://x.example/c.png)", "a cat"), ("![](http://x.example/c.png)", "no name")]
)
def test_a_picture_is_a_link_to_it(markdown: str, words: str) -> None:
    document = page_of(Format.HTML, ID, everywhere(markdown))
    assert f'<p><a href="http://x.example/c.png">picture: {words}</a></p>' in document


def run_in_page(run: ToolRun) -> str:
    """Return what a page shows of a tool run, without tags."""
    transcript = Transcript()
    transcript.apply(Envelope(seq=1, at=0, session_id=ID, event=ev.ItemCompleted(item=run)))
    return Page(page_of(Format.HTML, ID, transcript).partition("<main>")[2].partition("</main>")[0]).words


@pytest.mark.parametrize(
    ("status", "exit_code", "told"),
    [
        (ToolStatus.DONE, 0, "✓ done make ok, 2.0 s"),
        (ToolStatus.DONE, 2, "✗ failed make exit 2, 2.0 s"),
        (ToolStatus.FAILED, None, "✗ failed make 2.0 s"),
        (ToolStatus.REJECTED, None, "⊘ rejected make 2.0 s"),
    ],
)
def test_how_a_run_ended_is_said_once(status: ToolStatus, exit_code: int | None, told: str) -> None:
    call = ToolCall(call_id=CallId("c"), name="bash", arguments="{}")
    result = ToolResult(call_id=call.call_id, status=status, text="", exit_code=exit_code)
    run = ToolRun(item_id=ItemId("r"), call=call, title="make", status=status, result=result, duration_s=2.0)
    assert run_in_page(run).strip() == told


def test_what_happened_to_a_file_is_told_in_a_line() -> None:
    def whole(number: int, what: str, part: HunkPart = HunkPart.WHOLE) -> Hunk:
        return Hunk(hunk_id=HunkId(str(number)), before=0, after=0, lines=(), part=part, what=what)

    changes = (
        FileChange(path="b.md", from_path="a.md", kind=ChangeKind.RENAMED, hunks=(whole(1, "renamed from a.md"),)),
        FileChange(path="c.bin", kind=ChangeKind.ADDED, hunks=(whole(2, "binary file, 2 B"),)),
        FileChange(path="d.py", kind=ChangeKind.MODIFIED, hunks=(whole(3, "mode 644 -> 755", HunkPart.MODE),)),
        FileChange(path=".git", kind=ChangeKind.MODIFIED, hunks=(whole(4, "1 file staged (`e.py`)"),)),
    )
    call = ToolCall(call_id=CallId("c"), name="bash", arguments="{}")
    result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text="")
    shown = run_in_page(
        ToolRun(
            item_id=ItemId("r"),
            call=call,
            title="make",
            status=ToolStatus.DONE,
            result=result,
            patch=Patch(changes=changes),
        )
    )
    assert "a.md → b.md renamed" in shown
    assert "c.bin new, binary file, 2 B" in shown
    assert "d.py mode 644 -> 755" in shown
    assert ".git 1 file staged (e.py)" in shown
    assert "0 removed" not in shown


def test_what_was_gone_back_over_is_left_out() -> None:
    transcript = Transcript()
    for number in range(3):
        event = ev.ItemCompleted(item=UserMessage(item_id=ItemId(f"u{number}"), text=f"words {number}"))
        transcript.apply(Envelope(seq=number + 1, at=0, session_id=ID, event=event))
    transcript.apply(Envelope(seq=4, at=0, session_id=ID, event=ev.ConversationRewound(item_id=ItemId("u1"))))
    for kind in (Format.MARKDOWN, Format.HTML):
        document = page_of(kind, ID, transcript)
        assert "words 0" in document
        assert "words 1" not in document


async def test_lines_of_json_are_read_back_as_they_were(repository: Path, tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with open_driven(
        repository, EVENTFUL, settings=unconfined(), gates={"go": gate}, state=tmp_path / "state"
    ) as driven:
        await play(driven, gate)
    stored = read_log(tmp_path / "state", driven.session.session_id)
    file = tmp_path / "out.jsonl"
    write_new(file, pieces(format_of(file), stored[0].session_id, stored))
    assert file.stat().st_mode & 0o077 == 0
    with file.open() as lines:
        assert list(read_back(lines, "out.jsonl")) == stored
    for kind in (Format.MARKDOWN, Format.HTML):
        assert "".join(pieces(kind, stored[0].session_id, stored)).count("A small shop.") >= 1


@pytest.mark.parametrize(
    "line", ["{}", "[1]", "no json", '{"seq": 1, "at": 1, "session_id": "s", "event": {"type": "x"}}']
)
def test_a_line_that_is_no_event_is_told_with_its_number(line: str) -> None:
    with pytest.raises(UsageError, match=r"Line 2 of x\.jsonl"):
        list(read_back(["", line], "x.jsonl"))


def test_a_file_is_never_written_over_and_none_is_left_unfinished(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("mine")
    with pytest.raises(WorkspaceError, match="there already"):
        write_new(file, ["theirs"])
    assert file.read_text() == "mine"

    def failing():
        yield "half"
        raise UsageError("no more")

    with pytest.raises(UsageError):
        write_new(tmp_path / "b.md", failing())
    assert not (tmp_path / "b.md").exists()


@pytest.mark.parametrize("name", ["notes", "notes.pdf", "notes.html.bak", ".md"])
def test_another_ending_is_told_with_those_that_there_are(name: str) -> None:
    with pytest.raises(UsageError, match=r"\.md .*\.html .*\.jsonl"):
        format_of(Path(name))
    assert format_of(Path("A.HTML")) is Format.HTML


@pytest.mark.parametrize("at", ["NaN", "Infinity", "-1.0", "1e300"])
def test_lines_of_a_time_that_no_clock_shows_are_refused(at: str) -> None:
    line = f'{{"v": 1, "seq": 1, "at": {at}, "session_id": "s", "event": {{"type": "session.ended"}}}}'
    with pytest.raises(UsageError, match=r"Line 2 of foreign\.jsonl is no event"):
        list(read_back(["\n", line], "foreign.jsonl"))


@pytest.mark.parametrize("lines", [[], ["\n", "  \n"]])
def test_a_document_without_lines_holds_no_session(lines: list[str]) -> None:
    with pytest.raises(UsageError, match="holds no session"):
        list(read_back(lines, "empty.jsonl"))
