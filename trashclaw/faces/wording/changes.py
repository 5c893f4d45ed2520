"""What happens to a file, and what a hunk is called, in a word or two."""

from __future__ import annotations

from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart

KINDS = {
    ChangeKind.ADDED: "new",
    ChangeKind.DELETED: "deleted",
    ChangeKind.RENAMED: "renamed",
    ChangeKind.MODIFIED: "",
}


def kind_word(change: FileChange) -> str:
    """Return what happens to a file in one word: `new`, `renamed`, `mode`, `binary`; nothing for changed lines."""
    word = KINDS[change.kind]
    if word or any(hunk.part is HunkPart.LINES for hunk in change.hunks) or not change.hunks:
        return word
    if all(hunk.part is HunkPart.MODE for hunk in change.hunks):
        return "mode"
    return "binary" if any(hunk.what.startswith("binary") for hunk in change.hunks) else ""


def hunk_words(hunk: Hunk) -> str:
    """Return what a hunk is called: its line, or what it does where it has no lines."""
    if hunk.part is HunkPart.LINES:
        return f"line {max(1, hunk.before)}"
    return hunk.what or ("mode" if hunk.part is HunkPart.MODE else "all of it")
