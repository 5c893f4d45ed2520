"""Layers of configuration become typed settings, and every mistake in them is told at once with its place."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from trashclaw.config.paths import FILE_NAME, HOME_VARIABLE, PROJECT_FOLDER, config_folder
from trashclaw.config.schema import Settings
from trashclaw.directives.strict_yaml import legible, read_mapping, read_source
from trashclaw.protocol.errors import ConfigError

PREFIX = "TRASHCLAW_"
DEFAULT = "default"
OPTION = "option"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and for each dotted key (`limits.steps`) the layer that set it."""

    settings: Settings
    origins: Mapping[str, str]
    """`default`, the path of a file, the name of a variable, or `option`."""


@dataclass(slots=True)
class Layer:
    """What one source says, by dotted key."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """Where a key stands, for a person."""

    problems: list[str] = field(default_factory=list)


def load_settings(
    workspace: Path,
    overrides: Mapping[str, object],
    *,
    environ: Mapping[str, str] | None = None,
    is_trusted: bool = False,
    config_file: Path | None = None,
) -> Loaded:
    """Return the settings for a workspace: defaults, the person's file, the project's, the environment, options.

    `overrides` are the options given, by dotted key; `None` means not given. The project's file counts only when the
    folder is trusted. `config_file`, named by the person, stands in the project file's place and is always read.

    Raises:
        ConfigError: one or more mistakes, each with file, line, key and the nearest valid key.
    """
    layers = [
        _read_optional(config_folder() / FILE_NAME),
        *_project_layers(workspace, is_trusted, config_file),
        _environment_layer(os.environ if environ is None else environ),
        _option_layer(overrides),
    ]
    problems = [problem for layer in layers for problem in [*layer.problems, *_wrong_values(layer)]]
    if problems:
        raise _mistakes(problems)
    return _merge(layers)


def setting_keys() -> dict[str, Any]:
    """Return the pydantic field of every setting by its dotted key, in the order of the schema."""
    return dict(_leaves(Settings, ""))


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _leaves(info.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


def _project_layers(workspace: Path, is_trusted: bool, config_file: Path | None) -> list[Layer]:
    if config_file is not None:
        return [_read_file(config_file)]
    return [_read_optional(workspace / PROJECT_FOLDER / FILE_NAME)] if is_trusted else []


def _read_optional(path: Path) -> Layer:
    return _read_file(path) if os.path.lexists(path) else Layer()


def _read_file(path: Path) -> Layer:
    layer = Layer()
    try:
        document = read_mapping(read_source(path), str(path))
    except ConfigError as error:
        layer.problems.append(str(error))
        return layer
    keys = setting_keys()
    for path_in_file, value in _flatten(document.values, (), keys):
        _add(layer, ".".join(path_in_file), value, str(path), document.place(path_in_file), keys)
    return layer


def _flatten(
    values: Mapping[str, Any], path: tuple[str, ...], keys: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the path and value of each leaf; an empty section says nothing, a wrong one is yielded as it is."""
    for name, value in values.items():
        here = (*path, name)
        is_section = any(key.startswith(".".join(here) + ".") for key in keys)
        if is_section and isinstance(value, dict):
            yield from _flatten(value, here, keys)
        elif not (is_section and value is None):
            yield here, value


def _environment_layer(environ: Mapping[str, str]) -> Layer:
    layer = Layer()
    keys = setting_keys()
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name == HOME_VARIABLE or not environ[name]:
            continue
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        _add(layer, key, environ[name], name, name, keys)
    return layer


def _option_layer(overrides: Mapping[str, object]) -> Layer:
    layer = Layer()
    keys = setting_keys()
    for key, value in overrides.items():
        if value is not None:
            _add(layer, key, value, OPTION, OPTION, keys)
    return layer


def _add(layer: Layer, key: str, value: object, origin: str, place: str, keys: Mapping[str, Any]) -> None:
    if key in keys:
        layer.values[key] = value
        layer.origins[key] = origin
        layer.places[key] = place
    elif any(known.startswith(f"{key}.") for known in keys):
        layer.problems.append(f"{place}: {key} holds other settings, and needs `name: value` lines under it.")
    else:
        layer.problems.append(f"{place}: there is no setting {legible(key)}.{_nearest(key, keys)}")


def _nearest(key: str, keys: Mapping[str, Any]) -> str:
    last_words = {known.rpartition(".")[2]: known for known in keys}
    found = difflib.get_close_matches(key, keys, n=1, cutoff=0.7)
    if not found:
        words = difflib.get_close_matches(key.rpartition(".")[2], last_words, n=1, cutoff=0.7)
        found = [last_words[word] for word in words]
    return f" Did you mean {found[0]}?" if found else " All of them are in docs/configuration.md."


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in values.items():
        *sections, name = key.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[name] = value
    return tree


def _wrong_values(layer: Layer) -> list[str]:
    """Return the mistakes in single values; what only concerns several together is judged after the merge."""
    try:
        Settings.model_validate(_nested(layer.values))
    except ValidationError as error:
        return _explain(error, layer)
    return []


def _explain(error: ValidationError, layer: Layer) -> list[str]:
    found: dict[str, str] = {}
    for mistake in error.errors(include_url=False):
        words = [str(part) for part in mistake["loc"]]
        key = next((".".join(words[:n]) for n in range(len(words), 0, -1) if ".".join(words[:n]) in layer.values), "")
        if not key:
            continue
        reason = mistake["msg"].removeprefix("Value error, ").removeprefix("Input ")
        told = f"{layer.places[key]}: {key}: {layer.values[key]!r:.80} is not usable: {reason}"
        found[key] = f"{found[key]}, or {reason}" if key in found else told
    return [f"{text}." for text in found.values()]


def _merge(layers: list[Layer]) -> Loaded:
    values: dict[str, Any] = {}
    origins = dict.fromkeys(setting_keys(), DEFAULT)
    places: dict[str, str] = {}
    for layer in layers:
        values |= layer.values
        origins |= layer.origins
        places |= layer.places
    try:
        return Loaded(Settings.model_validate(_nested(values)), origins)
    except ValidationError as error:
        problems = []
        for mistake in error.errors(include_url=False):
            section = ".".join(str(part) for part in mistake["loc"])
            where = [place for key, place in places.items() if key.startswith(f"{section}.")]
            problems.append(f"{' and '.join(where)}: {mistake['msg'].removeprefix('Value error, ')}.")
        raise _mistakes(problems) from error


def _mistakes(problems: list[str]) -> ConfigError:
    if len(problems) == 1:
        return ConfigError(problems[0])
    listed = "\n".join(f"- {problem}" for problem in problems)
    return ConfigError(f"{len(problems)} mistakes in the configuration:\n{listed}")
