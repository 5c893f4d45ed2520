"""Writes rules that a person chose in a question into the project's `policy.yaml`, and changes nothing else in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trashclaw.config.paths import PROJECT_FOLDER
from trashclaw.config.policy import read_rules
from trashclaw.config.project_files import RULES_PATH, read_project
from trashclaw.config.replacing import replace_file
from trashclaw.config.trust import Standing, TrustStore
from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    import yaml

_NEW_FILE = "# Rules of this project; `trashclaw policy show` prints those that hold.\nrules:\n"


def append_rules(root: Path, trust: TrustStore, rules: Sequence[str]) -> None:
    """Put rules behind those of the project; the folder stays trusted. Blocks on the disk.

    Raises:
        ConfigError: the folder is not trusted, its file cannot be written, or is written so that a rule has no place.
    """
    project = read_project(root)
    if trust.standing(project) is not Standing.TRUSTED:
        raise ConfigError(
            f"{root / RULES_PATH} is not written: the folder is not trusted as it is now.",
            "Trust it with --trust on, or write the rule into your own policy.yaml.",
        )
    before = next((file.data for file in project.files if file.path == RULES_PATH), None)
    text = project.text(RULES_PATH)
    after = _with_rules(text, rules)
    if after == text:
        return
    # A mark at the beginning of the file is no part of the text that was read.
    mark = b"\xef\xbb\xbf" if before is not None and before.startswith(b"\xef\xbb\xbf") else b""
    data = mark + after.encode()
    replace_file(root / RULES_PATH, data)
    if not trust.renew(root, RULES_PATH, before, data):
        raise ConfigError(
            f"{root / RULES_PATH} was written, but something else changed in {PROJECT_FOLDER} at the same time.",
            "The next start asks whether you trust this folder.",
        )


def _with_rules(text: str | None, rules: Sequence[str]) -> str:
    """Return the text with what is new of the rules."""
    if text is None:
        return _NEW_FILE + "".join(f"  - {rule}\n" for rule in rules)
    known = {str(rule) for rule in read_rules(text, RULES_PATH)}
    fresh = [rule for rule in rules if rule not in known]
    if not fresh:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    at, indent = _end_of_rules(text)
    if at is None:
        at, indent, fresh_lines = len(lines), 2, ["rules:", *_items(fresh, 2)]
    else:
        fresh_lines = _items(fresh, indent)
    if at and not lines[at - 1].endswith(("\n", "\r")):
        lines[at - 1] += newline
    lines[at:at] = [f"{line}{newline}" for line in fresh_lines]
    made = "".join(lines)
    _check(text, made, fresh)
    return made


def _items(rules: Sequence[str], indent: int) -> list[str]:
    return [f"{' ' * indent}- {rule}" for rule in rules]


def _check(before: str, after: str, fresh: Sequence[str]) -> None:
    """Make sure that what was written reads as what was there and the new rules behind it."""
    expected = [str(rule) for rule in read_rules(before, RULES_PATH)] + list(fresh)
    try:
        is_right = [str(rule) for rule in read_rules(after, RULES_PATH)] == expected
    except ConfigError:
        is_right = False
    if not is_right:
        raise ConfigError(
            f"{RULES_PATH} is written in a way that leaves no place for another rule.",
            f"Add it yourself: {'; '.join(fresh)}",
        )


def _end_of_rules(text: str) -> tuple[int | None, int]:
    """Return the number of lines up to the end of the last rule, and the column of its dash; `None`: no rules yet."""
    import yaml

    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in root.value if root is not None else ():
        if key.value == "rules":
            if isinstance(value, yaml.SequenceNode) and value.value:
                return _last_line(value.value[-1]) + 1, value.start_mark.column
            return key.end_mark.line + 1, 2
    return None, 2


def _last_line(node: yaml.Node) -> int:
    """Return the line of the last sign of a value; the end of a block reaches over remarks behind it."""
    while isinstance(node.value, list) and node.value and not getattr(node, "flow_style", False):
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.line
    return end - 1 if node.end_mark.column == 0 and end > node.start_mark.line else end
