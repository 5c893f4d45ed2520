"""The person's keys: what of `keymap.yaml` holds, and what is wrong with the rest of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from trashclaw.config.keymap_file import KeyLine, read_keymap
from trashclaw.directives.strict_yaml import legible
from trashclaw.faces.tui.keymap import ACTIONS, Group, KeyTable
from trashclaw.faces.tui.keys.action import Action
from trashclaw.faces.tui.keys.names import is_text, key_name, parse_key
from trashclaw.faces.tui.keys.places import TYPED_IN, meet

_BY_ID = {action.action_id: action for action in ACTIONS}
_WHERE = {Group.ANYWHERE: "anywhere"}
_NEEDED = (("prompt.send",), ("quit", "quit.twice"))
"""Of each of these, one action has a key."""

SENTENCE_CHARS = 200
"""What is shown of a sentence about a key, which may hold a part of the file."""

MAX_TOLD = 6
"""Problems in a notice; `trashclaw config keymap` tells all of them."""

_HEAD = """\
# Keys of trashclaw, by action. Save it as {file},
# take the # away from a line, and name other keys: one, several with commas, or nothing, which takes them away.
# Keys are written ctrl+j, alt+up, shift+enter, f4, escape, space, or as the character itself: ] ? A
# /keys reload takes changes over at once.
"""


def read_keys(path: Path) -> tuple[KeyTable, Sequence[str]]:
    """Return the keys that hold with a keymap file, and what is wrong in it, each with its line, in their order.

    What is wrong costs only its own line: the action keeps its usual keys.
    """
    lines, problems = read_keymap(path)
    wanted: dict[str, tuple[KeyLine, tuple[str, ...]]] = {}
    found = list(problems)
    for line in lines:
        try:
            wanted[line.action_id] = (line, _keys(line))
        except ValueError as error:
            found.append(f"{line.place}: {error}.")
    found += _leave_a_way_out(wanted)
    found += _take_conflicts_out(wanted)
    return KeyTable({action_id: keys for action_id, (_, keys) in wanted.items()}), sorted(
        found, key=partial(_line_of, path)
    )


def notice_of(path: Path, problems: Sequence[str]) -> str:
    """Return what is wrong with a keymap file for a notice: the file once, a line for each of the first problems."""
    shown = [problem.replace(f"{path}, ", "") for problem in problems[:MAX_TOLD]]
    left = len(problems) - len(shown)
    more = [f"{left} more: trashclaw doctor"] if left else []
    return "\n".join([f"{path}:", *shown, *more])


def _line_of(path: Path, problem: str) -> int:
    """Return the line that a problem is in; 0 for what concerns the whole file."""
    digits = problem.removeprefix(f"{path}, line ").partition(":")[0]
    return int(digits) if digits.isdecimal() else 0


def keymap_template(file: Path) -> str:
    """Return a keymap file in which every action stands with its usual keys, as a remark."""
    rows = [_HEAD.format(file=file)]
    for group in Group:
        own = [action for action in ACTIONS if action.group is group]
        if own:
            rows.append(f"\n# {group.value}\n")
            rows += [f"# {_template_line(action)}\n" for action in own]
    return "".join(rows)


def _template_line(action: Action) -> str:
    said = f"{action.action_id}: {', '.join(action.usual_keys)}".rstrip()
    return f"{said:<44}  # {action.label}"


def _keys(line: KeyLine) -> tuple[str, ...]:
    action = _BY_ID.get(line.action_id)
    if action is None:
        near = difflib.get_close_matches(line.action_id, _BY_ID, n=1)
        hint = f"did you mean {near[0]}?" if near else "`trashclaw config keymap` names them all"
        raise ValueError(f"there is no action {legible(line.action_id)}; {hint}".removesuffix("?"))
    keys: list[str] = []
    for word in line.words:
        try:
            key = parse_key(word)
        except ValueError as error:
            raise ValueError(f"{line.action_id}: {legible(error, SENTENCE_CHARS)}") from error
        if is_text(key) and (action.group in TYPED_IN or action.is_priority):
            raise ValueError(
                f"{line.action_id}: {key_name(key)} is typed as text where this counts; take one with Ctrl or Alt"
            )
        if key not in keys:
            keys.append(key)
    return tuple(keys)


def _take_conflicts_out(wanted: dict[str, tuple[KeyLine, tuple[str, ...]]]) -> Iterator[str]:
    """Yield the conflicts, and take the line of each out; that of two lines which stands later in the file."""
    for action_id in reversed(list(wanted)):
        line, keys = wanted[action_id]
        rival = _rival(_BY_ID[action_id], keys, wanted)
        if rival is None:
            continue
        del wanted[action_id]
        key, other = rival
        where = "" if other.action_id not in wanted else f" by {wanted[other.action_id][0].place}"
        also = "" if where else f"; give that another one too, as in `{other.action_id}: KEY`"
        yield (
            f"{line.place}: {key_name(key)} cannot be {action_id}, since it is {other.action_id}{where} "
            f"({place_and_words(other)}) and both count in one place{also}."
        )


def _leave_a_way_out(wanted: dict[str, tuple[KeyLine, tuple[str, ...]]]) -> Iterator[str]:
    """Yield and take out the lines without which a person could say nothing more, or not leave."""
    for needed in _NEEDED:
        if all(action_id in wanted and not wanted[action_id][1] for action_id in needed):
            line, _ = wanted.pop(needed[0])
            label = _BY_ID[needed[0]].label
            yield f"{line.place}: {needed[0]} needs a key ({label}): give it one, or leave the line out."


def place_and_words(action: Action) -> str:
    """Return where an action counts and what it does, in a few words."""
    return f"{_WHERE.get(action.group, action.group.value)}: {action.label}"


def _rival(
    action: Action, keys: Sequence[str], wanted: Mapping[str, tuple[KeyLine, tuple[str, ...]]]
) -> tuple[str, Action] | None:
    """Return the first of an action's new keys that another has in a place where both count, with that other.

    A key that both have by default is none: there the narrower place goes first, as with Esc.
    """
    for other in ACTIONS:
        if other is action or not meet(action, other):
            continue
        theirs = wanted[other.action_id][1] if other.action_id in wanted else other.usual_keys
        shared = set(action.usual_keys) & set(other.usual_keys)
        for key in keys:
            if key in theirs and key not in shared:
                return key, other
    return None
