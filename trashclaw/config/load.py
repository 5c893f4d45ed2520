"""Layers of configuration become typed settings, and every mistake in them is told at once with its place."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from trashclaw.config.paths import FILE_NAME, HOME_VARIABLE, config_folder
from trashclaw.config.project_files import SETTINGS_PATH, ProjectFiles
from trashclaw.config.schema import Settings, as_list
from trashclaw.config.tightening import is_guarded, loosened_keys
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
    """`default`, the path of a file, the name of a variable, or `option`; several of them for a list."""

    notices: tuple[str, ...] = ()
    """What a project's file said in vain, each with its place."""


@dataclass(slots=True)
class Layer:
    """What one source says, by dotted key."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """Where a key stands, for a person."""

    problems: list[str] = field(default_factory=list)


def load_settings(
    overrides: Mapping[str, object],
    *,
    environ: Mapping[str, str] | None = None,
    project: ProjectFiles | None = None,
    config_file: Path | None = None,
) -> Loaded:
    """Return the settings: defaults, the person's file, the project's, the environment, options.

    `overrides` are the options given, by dotted key; `None` means not given. Lists of several layers add up.
    `project` is what a trusted folder brings; it never loosens what the person set (`tightening.py`).
    `config_file`, named by the person, stands in the project file's place and is always read.

    Raises:
        ConfigError: one or more mistakes, each with file, line, key and the nearest valid key.
    """
    own = _read_optional(config_folder() / FILE_NAME)
    brought = _read_file(config_file) if config_file is not None else _read_project(project)
    environment = _environment_layer(os.environ if environ is None else environ)
    layers = [own, brought, environment, _option_layer(overrides)]
    problems = [problem for layer in layers for problem in [*layer.problems, *_wrong_values(layer)]]
    if problems:
        raise _mistakes(problems)
    notices = _hold_back(brought, own) if config_file is None else []
    return _merge(layers, tuple(notices))


def setting_keys() -> dict[str, Any]:
    """Return the pydantic field of every setting by its dotted key, in the order of the schema."""
    return dict(_leaves(Settings, ""))


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _leaves(info.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


def _read_project(project: ProjectFiles | None) -> Layer:
    try:
        text = project.text(SETTINGS_PATH) if project is not None else None
    except ConfigError as error:
        return Layer(problems=[str(error)])
    return Layer() if project is None or text is None else _layer_of(text, str(project.root / SETTINGS_PATH))


def _hold_back(project: Layer, own: Layer) -> list[str]:
    """Take out of the project's layer what would loosen the person's own settings, and say so."""
    before, after = (Settings.model_validate(_nested(_guarded(layer.values))) for layer in (own, project))
    notices = []
    for key in list(loosened_keys(before, after, project.values)):
        del project.values[key], project.origins[key]
        place = project.places.pop(key)
        notices.append(
            f"{place}: {key} is passed over: a project may not loosen it. Set it in your own file, or by option."
        )
    return notices


def _guarded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if is_guarded(key)}


def _read_optional(path: Path) -> Layer:
    return _read_file(path) if os.path.lexists(path) else Layer()


def _read_file(path: Path) -> Layer:
    try:
        return _layer_of(read_source(path), str(path))
    except ConfigError as error:
        return Layer(problems=[str(error)])


def _layer_of(text: str, source: str) -> Layer:
    layer = Layer()
    try:
        document = read_mapping(text, source)
    except ConfigError as error:
        layer.problems.append(str(error))
        return layer
    keys = setting_keys()
    for path_in_file, value in _flatten(document.values, (), keys):
        _add(layer, ".".join(path_in_file), value, source, document.place(path_in_file), keys)
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


def _merge(layers: list[Layer], notices: tuple[str, ...]) -> Loaded:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    places: dict[str, str] = {}
    lists = {key for key, info in setting_keys().items() if get_origin(info.annotation) is tuple}
    for layer in layers:
        for key in lists & values.keys() & layer.values.keys():
            layer.values[key] = list(dict.fromkeys([*as_list(values[key]), *as_list(layer.values[key])]))
            layer.origins[key] = f"{origins[key]}, {layer.origins[key]}"
        values |= layer.values
        origins |= layer.origins
        places |= layer.places
    try:
        settings = Settings.model_validate(_nested(values))
        return Loaded(settings, dict.fromkeys(setting_keys(), DEFAULT) | origins, notices)
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
