"""YAML written by people: plain data only, and every mistake with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_KEYS = 500
KeyPath = tuple[str, ...]

_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_WORDS = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value"}
"""What YAML 1.1 takes for something special and a person meant as text: `2026-01-01`, `=`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping read from YAML, with the place of everything in it."""

    source: str
    values: Mapping[str, Any]
    """Strings, numbers, booleans, `None`, lists and dicts, nothing else."""

    lines: Mapping[KeyPath, int]
    """The line of each key, counted from 1."""

    def place(self, path: KeyPath) -> str:
        """Return where a key stands, for a person: `config.yaml, line 3`."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.source}, line {self.lines[path]}" if path else self.source


def read_source(path: Path) -> str:
    """Return the text of a file that a person wrote.

    Raises:
        ConfigError: it is missing, no plain file, unreadable, too large or no UTF-8.
    """
    try:
        if not path.is_file():
            raise ConfigError(f"{path}: {'not a plain file' if path.exists() else 'no such file'}.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES // 1024} KiB, which no such file needs.")
    return decode_source(data, str(path))


def decode_source(data: bytes, source: str) -> str:
    """Return the bytes of a file that a person wrote as text.

    Raises:
        ConfigError: they are no UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{source}, line {line}: not UTF-8 text.", "Save it as UTF-8.") from error


def read_mapping(text: str, source: str, first_line: int = 1) -> Document:
    """Read a YAML mapping; an empty text is an empty one.

    `first_line` is the line of `source` that the text begins at.

    Raises:
        ConfigError: broken YAML, no mapping, an alias, a tag, a key twice or no text, too deep, too many keys.
    """
    return _Reader(source, first_line).read(text)


def legible(word: object, limit: int = 60) -> str:
    """Return a word from a file as it may be shown: short, and without anything that a terminal obeys."""
    text = str(word)
    return (text if text.isprintable() else ascii(text))[:limit]


def _describe(error: yaml.YAMLError) -> str:
    words = [getattr(error, name, None) for name in ("context", "problem")]
    said = ", ".join(word for word in words if word) or str(error).splitlines()[0]
    return f"broken YAML: {said}."


class _Reader:
    """Turns the nodes of one text into plain values, noting their lines."""

    def __init__(self, source: str, first_line: int) -> None:
        self._source = source
        self._offset = first_line
        self._lines: dict[KeyPath, int] = {}

    def read(self, text: str) -> Document:
        import yaml

        try:
            self._refuse_tricks(text)
            loader = yaml.SafeLoader(text)
            node = loader.get_single_node()
            if node is None:
                return Document(self._source, {}, {})
            if not isinstance(node, yaml.MappingNode):
                raise self._mistake(node.start_mark.line, "expected `key: value` lines.")
            return Document(self._source, self._mapping(loader, node, ()), self._lines)
        except yaml.YAMLError as error:
            raise self._broken(text, error) from error

    def _refuse_tricks(self, text: str) -> None:
        """Look at the stream before anything is built from it: bombs are made of aliases, surprises of depth."""
        import yaml

        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = event.start_mark.line if event.start_mark else 0
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise self._mistake(line, "anchors and aliases (& and *) are not allowed.", "Write the value out.")
            if tag := getattr(event, "tag", None):
                raise self._mistake(line, f"the tag {legible(tag)} is not allowed.", "Put text in quotes.")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise self._mistake(line, f"nested deeper than {MAX_DEPTH} levels.")

    def _mapping(self, loader: yaml.SafeLoader, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag != "tag:yaml.org,2002:str":
                raise self._mistake(
                    key_node.start_mark.line, f"the key {legible(key)} is no text.", "Put it in quotes."
                )
            if key in values:
                first = self._lines[(*path, key)]
                raise self._mistake(key_node.start_mark.line, f"the key {legible(key)} stands on line {first} already.")
            if len(self._lines) >= MAX_KEYS:
                raise self._mistake(key_node.start_mark.line, f"more than {MAX_KEYS} keys.")
            self._lines[(*path, key)] = self._offset + key_node.start_mark.line
            values[key] = self._value(loader, value_node, (*path, key))
        return values

    def _value(self, loader: yaml.SafeLoader, node: yaml.Node, path: KeyPath) -> Any:
        import yaml

        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, child, (*path, str(index))) for index, child in enumerate(node.value)]
        if node.tag in _WORDS:
            return node.value
        if node.tag not in _SCALARS:
            raise self._mistake(node.start_mark.line, f"{legible(node.value)} is no plain value.", "Put it in quotes.")
        try:
            return loader.construct_object(node)
        except ValueError as error:
            raise self._mistake(node.start_mark.line, f"{legible(node.value)} is no usable number.") from error

    def _mistake(self, line: int, text: str, hint: str = "") -> ConfigError:
        return ConfigError(f"{self._source}, line {self._offset + line}: {text}", hint)

    def _broken(self, text: str, error: yaml.YAMLError) -> ConfigError:
        mark = getattr(error, "problem_mark", None)
        if mark is not None:
            return self._mistake(mark.line, _describe(error))
        position = getattr(error, "position", None)
        if isinstance(position, int):
            return self._mistake(text.count("\n", 0, position), "a control character, which YAML does not allow.")
        return ConfigError(f"{self._source}: {_describe(error)}")
