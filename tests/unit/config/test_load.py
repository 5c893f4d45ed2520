"""Settings come from layers, and a mistake in one is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.config.load import Loaded, load_settings
from trashclaw.config.paths import config_folder
from trashclaw.config.project_files import read_project
from trashclaw.protocol.errors import ConfigError
from trashclaw.protocol.modes import Mode


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(
    workspace: Path,
    overrides: dict[str, object] | None = None,
    *,
    environ: dict[str, str] | None = None,
    is_trusted: bool = True,
    config_file: Path | None = None,
) -> Loaded:
    project = read_project(workspace) if is_trusted else None
    return load_settings(overrides or {}, environ=environ or {}, project=project, config_file=config_file)


def complaint(workspace: Path, text: str | bytes) -> str:
    """Return what is said of a project file with this text."""
    write(workspace / ".trashclaw" / "config.yaml", text)
    with pytest.raises(ConfigError) as caught:
        load(workspace)
    return str(caught.value)


def test_without_any_file_the_defaults_hold(workspace_folder: Path) -> None:
    loaded = load(workspace_folder)
    assert loaded.settings.limits.steps == 40
    assert loaded.settings.server.keep_alive == "30m"
    assert loaded.settings.mode is None
    assert set(loaded.origins.values()) == {"default"}


def test_each_layer_beats_the_one_before_and_says_so(workspace_folder: Path) -> None:
    names = ("steps", "tokens", "time_s")
    own = write(
        config_folder() / "config.yaml", "model: a\nlimits: {steps: 1, tokens: 1, time_s: 1}\nui: {ascii: true}"
    )
    project = write(workspace_folder / ".trashclaw" / "config.yaml", "limits: {steps: 2, tokens: 2, time_s: 2}")
    environ = {"TRASHCLAW_LIMITS__TOKENS": "3", "TRASHCLAW_LIMITS__TIME_S": "3", "TRASHCLAW_HOME": "x", "PATH": "y"}
    loaded = load(workspace_folder, {"limits.time_s": 4, "model": None}, environ=environ)
    assert [getattr(loaded.settings.limits, name) for name in names] == [2, 3, 4]
    assert loaded.settings.model == "a"
    assert loaded.settings.ui.ascii
    assert [loaded.origins[f"limits.{name}"] for name in names] == [str(project), "TRASHCLAW_LIMITS__TOKENS", "option"]
    assert loaded.origins["model"] == str(own)
    assert loaded.origins["mode"] == "default"


def test_the_file_of_an_untrusted_project_is_not_even_read(workspace_folder: Path) -> None:
    write(workspace_folder / ".trashclaw" / "config.yaml", "allow_shell: true\n{{{{")
    assert not load(workspace_folder, is_trusted=False).settings.allow_shell


def test_a_file_named_by_the_person_stands_in_for_the_projects(workspace_folder: Path, tmp_path: Path) -> None:
    write(workspace_folder / ".trashclaw" / "config.yaml", "model: project")
    named = write(tmp_path / "named.yaml", "mode: accept")
    loaded = load(workspace_folder, is_trusted=False, config_file=named)
    assert loaded.settings.mode is Mode.ACCEPT
    assert loaded.settings.model is None


def test_a_named_file_that_is_missing_is_a_mistake(workspace_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(workspace_folder, config_file=tmp_path / "absent.yaml")


def test_environment_text_becomes_what_the_setting_needs(workspace_folder: Path) -> None:
    environ = {
        "TRASHCLAW_MODEL": "7",
        "TRASHCLAW_ALLOW_WRITE": "true",
        "TRASHCLAW_SERVER__TEMPERATURE": "0.2",
        "TRASHCLAW_SERVER__THINK": "high",
        "TRASHCLAW_BASE_URL": "http://127.0.0.1:9/v1/",
        "TRASHCLAW_PROVIDER": "",
    }
    settings = load(workspace_folder, environ=environ).settings
    assert (settings.model, settings.allow_write, settings.server.temperature) == ("7", True, 0.2)
    assert settings.server.think == "high"
    assert settings.base_url == "http://127.0.0.1:9/v1"
    assert settings.provider is None


@pytest.mark.parametrize(
    ("text", "kept"), [("-1", "-1s"), ("90", "90s"), ("1h30m", "1h30m"), ("'10m'", "10m"), ("0", "0s")]
)
def test_keep_alive_always_carries_a_unit(workspace_folder: Path, text: str, kept: str) -> None:
    write(workspace_folder / ".trashclaw" / "config.yaml", f"server:\n  keep_alive: {text}\n")
    assert load(workspace_folder).settings.server.keep_alive == kept


def test_an_empty_file_and_an_empty_section_say_nothing(workspace_folder: Path) -> None:
    write(workspace_folder / ".trashclaw" / "config.yaml", "# only a remark\nlimits:\n")
    write(config_folder() / "config.yaml", "")
    assert set(load(workspace_folder).origins.values()) == {"default"}


def test_an_unknown_key_is_told_with_line_and_nearest_key(workspace_folder: Path) -> None:
    said = complaint(workspace_folder, "model: a\nlimits:\n  # few\n  stpes: 3\n")
    assert "config.yaml, line 4: there is no setting limits.stpes. Did you mean limits.steps?" in said


def test_a_key_in_the_wrong_section_is_pointed_to_the_right_one(workspace_folder: Path) -> None:
    assert "Did you mean limits.steps?" in complaint(workspace_folder, "steps: 3\n")


def test_everything_wrong_is_told_at_once(workspace_folder: Path) -> None:
    write(config_folder() / "config.yaml", "modl: a\nallow_write: maybe\n")
    write(workspace_folder / ".trashclaw" / "config.yaml", "limits: 3\nserver: {num_ctx: 1}\n")
    environ = {"TRASHCLAW_MODE": "yolo", "TRASHCLAW_LIMITS__STEP": "1"}
    with pytest.raises(ConfigError) as caught:
        load(workspace_folder, {"context.high_water": 7}, environ=environ)
    said = str(caught.value)
    assert said.startswith("7 mistakes")
    for part in (
        "line 1: there is no setting modl. Did you mean model?",
        "line 2: allow_write: 'maybe' is not usable",
        "line 1: limits holds other settings",
        "line 2: server.num_ctx: 1 is not usable",
        "TRASHCLAW_LIMITS__STEP: there is no setting limits.step. Did you mean limits.steps?",
        "TRASHCLAW_MODE: mode: 'yolo' is not usable: should be 'plan', 'review', 'accept' or 'auto'",
        "option: context.high_water: 7 is not usable",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("limits:\n  steps: [1\nmodel: a", "line 3: broken YAML"),
        ("model: 'a\n\n", "line 3: broken YAML"),
        ("- a\n- b\n", "line 1: expected `key: value` lines"),
        ("just words", "line 1: expected `key: value` lines"),
        (b"model: a\nui: \xff\n", "line 2: not UTF-8"),
        ("model: a\nui: \x00\n", "line 2: a control character"),
        ("a: &x [1]\nb: *x\n", "line 1: anchors and aliases"),
        ("model: !!python/object/apply:os.system ['true']", "line 1: the tag"),
        ("model: !env SECRET", "line 1: the tag !env"),
        ("model: a\nmodel: b\n", "line 2: the key model stands on line 1 already"),
        ("1: a\n", "the key 1 is no text"),
        ("<<: {model: a}\n", "the key << is no text"),
        ("model: " + "[" * 50_000, "nested deeper than"),
        ("model: a\n---\nmodel: b\n", "line 2: broken YAML"),
        ("limits: {steps: " + "9" * 5000 + "}", "is no usable number"),
        ("#" * 300_000, "larger than 256 KiB"),
        ("limits: {steps: true}", "limits.steps: True is not usable: must be a number"),
        ("limits: {time_s: .inf}", "limits.time_s: inf is not usable"),
        ("limits: {steps: {}}", "limits.steps: {} is not usable"),
        ("base_url: localhost:11434", "must begin with http:// or https://"),
        ("server: {keep_alive: soon}", "must be seconds or a duration"),
        ("context: {low_water: 0.8}", "low_water (0.8) must be less than high_water (0.75)"),
        ("\n".join(f"k{number}: 1" for number in range(600)), "line 501: more than 500 keys"),
        ("{a: b}: c", "is no text"),
        ("? [a]\n: c", "is no text"),
        ("yes: c", "the key yes is no text. Put it in quotes"),
        ("model: 2026-01-01\nmode: 2026-01-01", "line 2: mode: '2026-01-01' is not usable"),
    ],
)
def test_a_broken_file_is_told_with_its_place(workspace_folder: Path, text: str | bytes, part: str) -> None:
    said = complaint(workspace_folder, text)
    assert part in said
    assert ".trashclaw/config.yaml" in said
    assert len(said) < 600


def test_a_hostile_key_is_told_without_its_control_characters(workspace_folder: Path) -> None:
    said = complaint(workspace_folder, '"\\e]52;c;aGk=\\a' + "x" * 500 + '": 1\n')
    assert "there is no setting '\\x1b]52;c;" in said
    assert said.isprintable()
    assert len(said) < 300


def test_marks_that_only_clash_across_layers_name_both_places(workspace_folder: Path) -> None:
    write(config_folder() / "config.yaml", "context: {high_water: 0.3, low_water: 0.1}")
    with pytest.raises(ConfigError) as caught:
        load(workspace_folder, environ={"TRASHCLAW_CONTEXT__LOW_WATER": "0.5"})
    assert "config.yaml, line 1" in str(caught.value)
    assert "TRASHCLAW_CONTEXT__LOW_WATER" in str(caught.value)


def test_a_file_can_lean_on_a_stronger_layer_for_its_marks(workspace_folder: Path) -> None:
    write(config_folder() / "config.yaml", "context: {low_water: 0.8}")
    loaded = load(workspace_folder, environ={"TRASHCLAW_CONTEXT__HIGH_WATER": "0.9"})
    assert loaded.settings.context.low_water == 0.8


def test_a_folder_or_a_dangling_link_in_place_of_the_file_is_a_mistake(workspace_folder: Path) -> None:
    file = workspace_folder / ".trashclaw" / "config.yaml"
    file.mkdir(parents=True)
    with pytest.raises(ConfigError, match="not a plain file"):
        load(workspace_folder)
    file.rmdir()
    file.symlink_to("nowhere")
    with pytest.raises(ConfigError, match="a link, which is not followed"):
        load(workspace_folder)


@given(st.binary(max_size=200) | st.text(alphabet="abc:-{}[]&*!<>|'\"#\n \t0.,?%@`", max_size=80).map(str.encode))
def test_no_bytes_in_a_file_lead_to_anything_but_settings_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = write(tmp_path_factory.getbasetemp() / "any.yaml", data)
    try:
        load(file.parent, config_file=file)
    except ConfigError as error:
        assert "any.yaml" in error.text


def test_lists_come_from_files_variables_and_options_and_add_up(workspace_folder: Path) -> None:
    own = write(config_folder() / "config.yaml", "allow_net: [a.example.com, 'B.example.com.']\nadd_dirs: one\n")
    environ = {"TRASHCLAW_ALLOW_NET": "c.example.com:443, a.example.com,", "TRASHCLAW_SANDBOX__HIDDEN": "*.pem"}
    loaded = load(workspace_folder, {"allow_net": ["*.d.example.com"], "add_dirs": None}, environ=environ)
    assert loaded.settings.allow_net == ("a.example.com", "b.example.com", "c.example.com:443", "*.d.example.com")
    assert loaded.settings.add_dirs == ("one",)
    assert loaded.settings.sandbox.hidden == ("*.pem",)
    assert loaded.origins["allow_net"] == f"{own}, TRASHCLAW_ALLOW_NET, option"


@pytest.mark.parametrize(
    "host", ["http://a.example.com", "a b", "a/b", "-a", "a.example.com:x", "", "*.*", "bücher.example"]
)
def test_what_is_no_host_is_told_with_its_place(workspace_folder: Path, host: str) -> None:
    said = complaint(workspace_folder, f"sandbox:\n  hosts: ['x.example.com', '{host}']\n")
    assert "line 2: sandbox.hosts" in said


@pytest.mark.parametrize("host", ["*", "*:443", "127.0.0.1:8000", "[::1]:80", "localhost", "a_b.example.com"])
def test_hosts_come_with_ports_and_stars(workspace_folder: Path, host: str) -> None:
    assert load(workspace_folder, {"sandbox.hosts": [host]}).settings.sandbox.hosts == (host,)
