"""A setting is changed in a person's file, and nothing else in it."""

from __future__ import annotations

import pytest

from trashclaw.config.editing import with_setting, without_setting
from trashclaw.config.load import load_settings
from trashclaw.config.paths import FILE_NAME, config_folder
from trashclaw.config.setting_files import (
    SettingFile,
    holds_setting,
    own_settings_file,
    refuse_loosening,
    reset_setting,
    write_setting,
)
from trashclaw.config.setting_kinds import Kind, kind_of, value_typed
from trashclaw.protocol.errors import ConfigError

FILES = {
    "empty": "",
    "remark": "# only a remark\n",
    "usual": "limits:\n  steps: 4  # mine\n  # before idle\n  idle_steps: 9\n# tail\nui:\n  theme: nord\n",
    "flow": "limits: {steps: 4, repeats: 5}  # kept\nui: {}\n",
    "dotted, no end": "limits.steps: 7\nmodel: x",
    "lists": "sandbox:\n  hosts:\n    - a.example # one\n    # remark\n    - b.example\n  time_s: 3\n\n# end\n",
    "windows": "limits:\r\n  steps: 4\r\nui:\r\n",
    "empty section": "limits: # none yet\nui:\n  theme: ''\n",
    "all flow": "{limits: {steps: 3}}\n",
    "block text": "checks:\n  test: |\n    a\n    b\n  lint: off\n",
    "folded text": "checks:\n  test:\n    folded words\n    go on\n  time_s: 4\n",
}
CHANGES = {
    "limits.steps": 12,
    "ui.theme": "gruvbox-dark",
    "ui.notify": "off",
    "sandbox.hosts": ["b.example", "c.example"],
    "model": "qwen: 3",
    "checks.test": "pytest -q # no",
    "limits.time_s": None,
}


def remarks(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line and "'" not in line]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("key", CHANGES)
def test_any_key_is_set_and_taken_out_of_any_form(name: str, key: str) -> None:
    text, value = FILES[name], CHANGES[key]
    made = with_setting(text, key, value, "f")
    assert set(remarks(text)) - {"one"} <= set(remarks(made))
    assert with_setting(made, key, value, "f") == made
    assert ("\r\n" in text) == ("\r\n" in made)
    assert "\n" not in made.replace("\r\n", "") or "\r\n" not in text
    gone = without_setting(made, key, "f")
    assert without_setting(gone, key, "f") == gone
    if without_setting(text, key, "f") == text and not (name == "windows" and key.startswith("ui.")):
        assert gone.strip() == text.strip()


def test_only_the_lines_of_the_setting_change() -> None:
    text = FILES["usual"]
    assert with_setting(text, "limits.steps", 5, "f") == text.replace("steps: 4 ", "steps: 5 ")
    assert with_setting(text, "limits.tokens", 9, "f") == text.replace(
        "idle_steps: 9\n", "idle_steps: 9\n  tokens: 9\n"
    )
    assert with_setting(text, "model", "m", "f") == f"{text}model: m\n"
    assert without_setting(text, "ui.theme", "f") == text.replace("ui:\n  theme: nord\n", "")
    listed = with_setting(FILES["lists"], "sandbox.hosts", ["a.example", "b.example", "c.example"], "f")
    assert listed == FILES["lists"].replace("    - b.example\n", "    - b.example\n    - c.example\n")


def test_a_file_that_leaves_no_place_is_refused_and_a_broken_one_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError, match="line 3"):
        with_setting("ui:\n  theme: [\n", "model", "m", "f")


def test_a_file_is_written_closed_to_others_and_read_back() -> None:
    file = write_setting(own_settings_file(), "limits.steps", 5)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert load_settings({}, environ={}).settings.limits.steps == 5
    assert load_settings({}, environ={}).origins["limits.steps"] == str(config_folder() / FILE_NAME)
    assert holds_setting(file, "limits.steps")
    file = reset_setting(file, "limits.steps")
    assert load_settings({}, environ={}).origins["limits.steps"] == "default"
    assert not [entry for entry in file.path.parent.iterdir() if entry.name != FILE_NAME]


def test_a_file_that_was_changed_meanwhile_is_not_written_over() -> None:
    file = write_setting(own_settings_file(), "limits.steps", 5)
    file.path.write_text("model: other\n")
    with pytest.raises(ConfigError, match="was changed meanwhile; nothing was written"):
        write_setting(file, "limits.steps", 6)
    assert file.path.read_text() == "model: other\n"


def test_a_link_is_followed_for_the_persons_own_file(tmp_path) -> None:
    config_folder().mkdir(parents=True)
    elsewhere = tmp_path / "dotfiles.yaml"
    elsewhere.write_text("# mine\n")
    (config_folder() / FILE_NAME).symlink_to(elsewhere)
    write_setting(own_settings_file(), "model", "m")
    assert elsewhere.read_text() == "# mine\nmodel: m\n"
    assert (config_folder() / FILE_NAME).is_symlink()


def test_a_byte_order_mark_stays() -> None:
    file = own_settings_file()
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(b"\xef\xbb\xbfmodel: a\n")
    assert write_setting(own_settings_file(), "model", "b").bytes_read == b"\xef\xbb\xbfmodel: b\n"


def test_a_project_may_not_be_made_to_loosen(tmp_path) -> None:
    write_setting(own_settings_file(), "mode", "review")
    with pytest.raises(ConfigError, match="may not loosen mode, which is review for you"):
        refuse_loosening("mode", "auto")
    refuse_loosening("mode", "plan")
    refuse_loosening("limits.steps", 900)
    project = SettingFile(tmp_path / ".trashclaw" / FILE_NAME, None, tmp_path)
    write_setting(project, "mode", "plan")
    assert (tmp_path / ".trashclaw" / FILE_NAME).read_text() == "mode: plan\n"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("limits.steps", " 7 ", 7),
        ("limits.tokens", "none", None),
        ("limits.tokens", "", None),
        ("server.keep_alive", "20", "20s"),
        ("server.think", "low", "low"),
        ("server.think", "on", True),
        ("mode", "auto", "auto"),
        ("sandbox.hosts", "a.com, B.com", ["a.com", "b.com"]),
        ("ui.notify", "off", "off"),
        ("ui.mouse", "no", False),
        ("ui.theme", "", ""),
    ],
)
def test_what_is_typed_is_understood(key: str, text: str, value: object) -> None:
    assert value_typed(load_settings({}, environ={}).settings, key, text) == value


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("limits.steps", "0", "limits.steps: should be greater than or equal to 1."),
        ("limits.steps", "x", "limits.steps: should be a whole number."),
        ("ui.mouse", "maybe", "ui.mouse: should be on or off."),
        ("context.low_water", "0.9", r"low_water \(0.9\) must be less than high_water"),
        ("limits.time_s", "inf", "finite"),
        ("mode", "wild", "should be"),
    ],
)
def test_what_is_not_usable_is_told_in_words(key: str, text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        value_typed(load_settings({}, environ={}).settings, key, text)


def test_every_setting_has_a_way_to_be_changed() -> None:
    from trashclaw.config.load import setting_keys

    kinds = {key: kind_of(key) for key in setting_keys()}
    assert {kind.kind for kind in kinds.values()} == set(Kind)
    assert all(kind.choices for kind in kinds.values() if kind.kind is Kind.CHOICE)
