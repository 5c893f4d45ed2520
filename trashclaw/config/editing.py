"""A setting is changed in a file that a person wrote: only its own lines, so that remarks, order and form stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trashclaw.directives.strict_yaml import read_mapping
from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    import yaml

Value = str | int | float | bool | Sequence[str] | None
_WIDTH = 10_000


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a key stands, and in what."""

    key: yaml.Node
    value: yaml.Node
    parent: yaml.MappingNode


def with_setting(text: str, key: str, value: Value, source: str) -> str:
    """Return the text of a settings file with a dotted key set.

    Raises:
        ConfigError: the text is no settings file, or is written in a way that leaves no place for the key.
    """
    before = _flat(text, source)
    root = _root(text)
    spot = _find(root, key) if root is not None else None
    if root is None:
        made = _appended(text, key, value)
    elif spot is not None:
        made = _revalued(text, spot, value)
    else:
        made = _inserted(text, root, key, value)
    _check(made, {**before, key: list(value) if isinstance(value, (list, tuple)) else value}, key, source)
    return made


def without_setting(text: str, key: str, source: str) -> str:
    """Return the text of a settings file without a dotted key; one that is not there is no mistake.

    Raises:
        ConfigError: as for `with_setting`.
    """
    before = _flat(text, source)
    root = _root(text)
    spot = _find(root, key) if root is not None else None
    if root is None or spot is None:
        return text
    siblings = spot.parent.value
    if spot.parent.flow_style:
        made = _cut_from_flow(text, spot)
    elif len(siblings) == 1 and spot.parent is not root and not _has_remark(text, root, spot):
        holder = _holder(root, spot.parent)
        made = _without_lines(text, holder.key.start_mark.line, _last_line(spot.value))
    else:
        made = _without_lines(text, spot.key.start_mark.line, _last_line(spot.value))
    _check(made, {name: known for name, known in before.items() if name != key}, key, source)
    return made


def _root(text: str) -> yaml.MappingNode | None:
    import yaml

    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return node if isinstance(node, yaml.MappingNode) else None


def _flat(text: str, source: str) -> dict[str, Any]:
    """Return every value by its dotted key; sections that hold nothing say nothing."""
    return dict(_leaves(read_mapping(text, source).values, ""))


def _leaves(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    from trashclaw.config.load import setting_keys

    for name, value in values.items():
        here = f"{prefix}{name}"
        is_section = any(known.startswith(f"{here}.") for known in setting_keys())
        if isinstance(value, dict):
            yield from _leaves(value, f"{here}.")
        elif not (is_section and value is None):
            yield here, value


def _check(made: str, expected: Mapping[str, Any], key: str, source: str) -> None:
    """Make sure that what was made reads as what was there, with the one change."""
    try:
        is_right = _flat(made, source) == expected
    except ConfigError:
        is_right = False
    if not is_right:
        raise ConfigError(
            f"{source} is written in a way in which {key} cannot be changed from here.", "Change it in the file itself."
        )


def _find(node: yaml.MappingNode, wanted: str, prefix: str = "") -> _Spot | None:
    """Return where a dotted key stands: under its section, or written with its dots."""
    import yaml

    found = None
    for key, value in node.value:
        here = f"{prefix}{key.value}"
        if here == wanted:
            found = _Spot(key, value, node)
        elif wanted.startswith(f"{here}.") and isinstance(value, yaml.MappingNode):
            found = _find(value, wanted, f"{here}.") or found
    return found


def _revalued(text: str, spot: _Spot, value: Value) -> str:
    """Put another value in the place of one; of a list in lines only the lines that differ."""
    import yaml

    old = spot.value
    if isinstance(old, yaml.SequenceNode) and not old.flow_style and isinstance(value, (list, tuple)) and value:
        return _relisted(text, old, value)
    start, end = old.start_mark.index, _end_index(old)
    if start == end:
        end = start = text.index(":", spot.key.end_mark.index) + 1
        return f"{text[:start]} {_dumped(value)}{text[end:]}"
    if not getattr(old, "flow_style", True) or getattr(old, "style", None) in ("|", ">"):
        start = text.index(":", spot.key.end_mark.index) + 1
        return f"{text[:start]} {_dumped(value)}{text[end:]}"
    return text[:start] + _dumped(value) + text[end:]


def _relisted(text: str, old: yaml.SequenceNode, items: Sequence[str]) -> str:
    """Take out the lines of items that are gone, and put new ones behind the last."""
    lines, newline = _lines(text)
    column = " " * old.start_mark.column
    kept = [node for node in old.value if node.value in items]
    fresh = [f"{column}- {_dumped(item)}{newline}" for item in items if item not in {node.value for node in kept}]
    last = _last_line(old.value[-1])
    if last == len(lines) - 1 and not lines[last].endswith(("\n", "\r")):
        lines[last] += newline
    lines[last + 1 : last + 1] = fresh
    for node in reversed([node for node in old.value if node not in kept]):
        del lines[node.start_mark.line : _last_line(node) + 1]
    return "".join(lines)


def _inserted(text: str, root: yaml.MappingNode, key: str, value: Value) -> str:
    """Put a new key behind the last of its section, or a new section at the end."""
    import yaml

    section, _, name = key.rpartition(".")
    holder = next((pair for pair in root.value if pair[0].value == section), None) if section else None
    if root.flow_style:
        return _added_to_flow(text, root, _line(key, value, ""))
    if section and holder is None:
        return _appended(text, key, value, " " * root.start_mark.column)
    if holder is None:
        return _with_line(text, _last_line(root), _line(key, value, " " * root.start_mark.column))
    node = holder[1]
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        return _added_to_flow(text, node, _line(name, value, ""))
    if isinstance(node, yaml.MappingNode):
        return _with_line(text, _last_line(node), _line(name, value, " " * node.start_mark.column))
    indent = " " * (root.start_mark.column + 2)
    return _with_line(text, holder[0].end_mark.line, _line(name, value, indent))


def _appended(text: str, key: str, value: Value, indent: str = "") -> str:
    _, newline = _lines(text)
    section, _, name = key.rpartition(".")
    head = f"{indent}{section}:{newline}" if section else ""
    body = f"{head}{_line(name, value, indent + ('  ' if section else ''))}{newline}"
    gap = "" if not text or text.endswith(("\n", "\r")) else newline
    return f"{text}{gap}{body}"


def _line(name: str, value: Value, indent: str) -> str:
    return f"{indent}{name}: {_dumped(value)}"


def _with_line(text: str, after: int, line: str) -> str:
    lines, newline = _lines(text)
    if not lines[after].endswith(("\n", "\r")):
        lines[after] += newline
    lines[after + 1 : after + 1] = [f"{line}{newline}"]
    return "".join(lines)


def _added_to_flow(text: str, node: yaml.MappingNode, said: str) -> str:
    end = node.end_mark.index - 1
    before = text[:end].rstrip()
    gap = ", " if node.value and not before.endswith(",") else " " if node.value else ""
    return before + gap + said + text[end:]


def _cut_from_flow(text: str, spot: _Spot) -> str:
    start, end = spot.key.start_mark.index, _end_index(spot.value) or spot.key.end_mark.index
    rest = text[end:].lstrip()
    if rest.startswith(","):
        return text[:start] + rest[1:].lstrip()
    before = text[:start].rstrip()
    return before.removesuffix(",") + text[end:]


def _without_lines(text: str, first: int, last: int) -> str:
    lines, _ = _lines(text)
    del lines[first : last + 1]
    return "".join(lines)


def _has_remark(text: str, root: yaml.MappingNode, spot: _Spot) -> bool:
    """Tell whether between a section's name and its only key stands something of the person's own."""
    lines, _ = _lines(text)
    head = _holder(root, spot.parent).key.end_mark.line
    between = lines[head : spot.key.start_mark.line]
    return any("#" in line for line in between)


def _holder(root: yaml.MappingNode, node: yaml.MappingNode) -> _Spot:
    return next(_Spot(key, value, root) for key, value in root.value if value is node)


def _last_leaf(node: yaml.Node) -> yaml.Node:
    while isinstance(node.value, list) and node.value and not getattr(node, "flow_style", False):
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _last_line(node: yaml.Node) -> int:
    """Return the line of the last sign of a value; the end of a block reaches over remarks behind it."""
    leaf = _last_leaf(node)
    end: int = leaf.end_mark.line
    return end - 1 if leaf.end_mark.column == 0 and end > leaf.start_mark.line else end


def _end_index(node: yaml.Node) -> int:
    leaf = _last_leaf(node)
    end: int = leaf.end_mark.index
    if getattr(leaf, "style", None) in ("|", ">"):
        return end - (leaf.end_mark.column == 0 and end > leaf.start_mark.index)
    return end


def _lines(text: str) -> tuple[list[str], str]:
    """Return the lines with their ends, divided where YAML divides them, and the end that they have."""
    newline = "\r\n" if "\r\n" in text else "\n"
    parts = text.split("\n")
    lines = [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
    return lines, newline


def _dumped(value: Value) -> str:
    """Return a value as YAML in one line."""
    import yaml

    plain = list(value) if isinstance(value, (list, tuple)) else value
    said = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=_WIDTH)
    return said.removesuffix("\n").removesuffix("\n...").strip()
