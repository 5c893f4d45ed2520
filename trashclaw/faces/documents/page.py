"""A conversation as one HTML page: no script, nothing from outside, light or dark as the reader has it.

Whatever came from a model, a tool or a file is text here and never markup: it passes through `visible` and `escape`,
and a model's Markdown through a parser that knows no HTML and no pictures. A policy in the page forbids the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from trashclaw.faces.documents.outline import document_title, facts, kept_entries
from trashclaw.faces.documents.style import STYLE
from trashclaw.faces.visible import visible
from trashclaw.faces.wording.changes import hunk_words, kind_word
from trashclaw.faces.wording.compactions import compaction_words
from trashclaw.faces.wording.endings import ending_word
from trashclaw.faces.wording.figures import counted, seconds
from trashclaw.faces.wording.outcomes import outcome
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import HunkId, ItemId, SessionId
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage
from trashclaw.protocol.patches import FileChange, Hunk, HunkPart
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.landed import landed_patch
from trashclaw.session.transcript import Entry, Transcript

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_SIGNS = {
    ToolStatus.DONE: "✓",
    ToolStatus.FAILED: "✗",
    ToolStatus.REJECTED: "⊘",
    ToolStatus.SKIPPED: "»",
    ToolStatus.CANCELLED: "■",
}
_LINES = {"+": ("ins", "added"), "-": ("del", "removed")}
_NAME = re.compile("`([^`]+)`")
_LEVELS_ABOVE = 2
"""A model's first heading is one of the third level: the first two are the page's own."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html_document(transcript: Transcript, session_id: SessionId) -> str:
    """Return what was said and done as a page, in order, without what the conversation went back over."""
    title = _text(document_title(transcript, session_id))
    reverted = transcript.all_reverted()
    body = "\n".join(part for entry in kept_entries(transcript) for part in _part(entry, reverted))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1>{title}</h1><p>{_text(facts(transcript, session_id))}</p></header>
<main>
{body}{_plan(transcript.plan)}
</main>
</body>
</html>
"""


def _part(entry: Entry, reverted: Mapping[ItemId, frozenset[HunkId]]) -> Iterator[str]:
    match entry:
        case UserMessage():
            yield f'<section class="you"><h2>You</h2><div class="words">{_text(entry.text)}</div></section>'
        case AgentMessage() if entry.text.strip():
            yield f'<section class="model">{_rendered(entry.text)}</section>'
        case Thought() if entry.text.strip():
            yield f'<details class="thought"><summary>Thought</summary><div>{_text(entry.text)}</div></details>'
        case ToolRun():
            yield _run(entry, reverted.get(entry.item_id, frozenset()))
        case Compaction():
            summary = f"<pre>{_text(entry.summary)}</pre>" if entry.summary else ""
            yield f'<details class="note"><summary>{_text(compaction_words(entry))}</summary>{summary}</details>'
        case ev.Notice():
            yield f'<p class="note {entry.level.value}">{_text(f"{entry.level.value}: {entry.text} {entry.hint}")}</p>'
        case ev.DialectChosen():
            yield f'<p class="note">{_text(f"dialect {entry.dialect.value}: {entry.reason}")}</p>'
        case ev.TurnCompleted():
            yield _ending(entry)
        case _:
            return


def _run(run: ToolRun, reverted: frozenset[HunkId]) -> str:
    has_failed = run.status is ToolStatus.FAILED or bool(run.result and run.result.exit_code)
    status = ToolStatus.FAILED if has_failed else run.status
    came = outcome(run, is_waiting=False, reverted=reverted)
    told = ["" if came == status.value else came, seconds(run.duration_s) if run.duration_s is not None else ""]
    head = (
        f'<span class="sign">{_SIGNS.get(status, "…")}</span> <span class="status">{status.value}</span> '
        f'<code>{_text(run.title)}</code> <span class="outcome">{_text(", ".join(filter(None, told)))}</span>'
    )
    landed = landed_patch(run)
    parts = [_change(change, reverted) for change in landed.changes] if landed is not None else []
    if run.result is not None and run.result.text.strip():
        parts.append(f"<pre>{_text(run.result.text)}</pre>")
    return f'<details class="run {status.value}"><summary>{head}</summary>{"".join(parts)}</details>'


def _change(change: FileChange, reverted: frozenset[HunkId]) -> str:
    came_from = f"{change.from_path} → " if change.from_path else ""
    happened = _NAME.sub(r"<code>\1</code>", _text(_what_happened(change, reverted)))
    hunks = "".join(
        _hunk(hunk, is_reverted=hunk.hunk_id in reverted) for hunk in change.hunks if hunk.part is HunkPart.LINES
    )
    head = f"<code>{_text(came_from + change.path)}</code> {happened}"
    return f"<figure><figcaption>{head}</figcaption>{hunks}</figure>"


def _what_happened(change: FileChange, reverted: frozenset[HunkId]) -> str:
    """Return what happened to a file in a line: `new, 4 lines added, 0 removed`, `mode 644 -> 755, reverted`."""
    told = []
    for hunk in change.hunks:
        if hunk.part is not HunkPart.LINES:
            words = "renamed" if hunk.what == f"renamed from {change.from_path}" else hunk_words(hunk)
            told.append(words + (", reverted" if hunk.hunk_id in reverted else ""))
    if (word := kind_word(change)) and not any(words.startswith(word) for words in told):
        told.insert(0, word)
    if change.added or change.removed:
        told.append(f"{counted(change.added, 'line')} added, {change.removed:,} removed")
    return ", ".join(told) or "changed"


def _hunk(hunk: Hunk, *, is_reverted: bool) -> str:
    words = _text(hunk_words(hunk) + (", reverted" if is_reverted else ""))
    lines = "".join(map(_line, hunk.lines))
    return f'<p class="hunk">{words}</p><pre class="diff">{lines}</pre>'


def _line(line: str) -> str:
    """Return a line with its sign, coloured for who sees the page and named for who hears it."""
    text = _text(line.rstrip("\r\n")) or " "
    tag, word = _LINES.get(line[:1], ("span", ""))
    label = f' aria-label="{word}"' if word else ""
    return f"<{tag}{label}>{text}\n</{tag}>"


def _ending(done: ev.TurnCompleted) -> str:
    told = f"{ending_word(done.stop_reason)}, {counted(done.steps, 'step')}, {seconds(done.duration_s)}"
    error = f": {done.error.text} {done.error.hint}" if done.error is not None else ""
    level = " error" if done.error is not None else ""
    return f'<p class="end{level}">{_text(told + error)}</p>'


def _plan(plan: Plan) -> str:
    if not plan.entries:
        return ""
    entries = "".join(
        f"<li>{_text(entry.text)} <em>{_text(entry.status.value.replace('_', ' '))}</em></li>" for entry in plan.entries
    )
    return f'\n<section class="plan"><h2>Plan</h2><ol>{entries}</ol></section>'


def _rendered(markdown: str) -> str:
    return str(_parser().render(visible(markdown, keep_tabs=True)))


@cache
def _parser() -> MarkdownIt:
    """Return a parser for which HTML is text, and which loads nothing: a picture is a link to it."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable(["html_block", "html_inline"])
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.add_render_rule("image", _link_to_picture)
    return parser


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + _LEVELS_ABOVE)}"


def _link_to_picture(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    picture = tokens[place]
    words = renderer.renderInlineAsText(picture.children, options, env)
    return f'<a href="{escape(str(picture.attrGet("src") or ""))}">picture: {escape(words) or "no name"}</a>'


def _text(text: str) -> str:
    return escape(visible(text, keep_tabs=True))
