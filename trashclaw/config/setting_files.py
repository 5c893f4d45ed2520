"""The settings as a person sees and changes them: what holds, which layer said so, and the files to write to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trashclaw.config.editing import Value, with_setting, without_setting
from trashclaw.config.load import DEFAULT, OPTION, PREFIX, Loaded, load_settings, setting_keys
from trashclaw.config.paths import FILE_NAME, config_folder, private_folder
from trashclaw.config.project_files import SETTINGS_PATH
from trashclaw.config.replacing import replace_file
from trashclaw.config.setting_kinds import settings_with, text_of
from trashclaw.config.tightening import is_guarded, loosened_keys, value_of
from trashclaw.directives.strict_yaml import decode_source
from trashclaw.protocol.errors import ConfigError

if TYPE_CHECKING:
    from trashclaw.config.trust import TrustStore

_PRIVATE = 0o600
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SettingFile:
    """A file that settings are written to."""

    path: Path
    bytes_read: bytes | None
    """What stood in it when it was looked at; `None` if it was not there."""

    project_root: Path | None = None
    """The folder that it belongs to, if it is a project's."""

    @property
    def is_project(self) -> bool:
        """Whether it is a project's."""
        return self.project_root is not None

    @property
    def has_text(self) -> bool:
        """Whether anything is in it."""
        return bool(self.bytes_read)


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it is."""

    key: str
    value: Any
    default: Any
    description: str
    origin: str

    @property
    def section(self) -> str:
        """The name of its section, empty for those without."""
        return self.key.rpartition(".")[0]

    @property
    def is_default(self) -> bool:
        """Whether nothing sets it."""
        return self.origin == DEFAULT


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings of a folder, and where they can be written."""

    loaded: Loaded
    own: SettingFile
    project: SettingFile | None = None
    """`None` where the folder is not trusted, or its file is not read."""

    trust: TrustStore | None = None


def read_own_settings() -> SettingsView:
    """Return the settings of no folder: those of the person's file and of the environment.

    Raises:
        ConfigError: a file of them is wrong.
    """
    return SettingsView(load_settings({}), own_settings_file())


def own_settings_file() -> SettingFile:
    """Return the person's own file as it is now.

    Raises:
        ConfigError: there is no home folder, or the file cannot be read.
    """
    # A link is followed, since people keep such files elsewhere and link them here.
    path = Path(os.path.realpath(config_folder() / FILE_NAME))
    return SettingFile(path, _bytes(path))


def project_settings_file(root: Path) -> SettingFile:
    """Return a project's file as it is now.

    Raises:
        ConfigError: it cannot be read, or a link stands in its place.
    """
    path = root / SETTINGS_PATH
    if path.is_symlink() or path.parent.is_symlink():
        raise ConfigError(f"{path} is a link, which is not followed.", "Write to your own file instead.")
    return SettingFile(path, _bytes(path), root)


def setting_rows(loaded: Loaded) -> list[SettingRow]:
    """Return every setting, in the order of the schema."""
    from trashclaw.config.schema import Settings

    usual = Settings()
    return [
        SettingRow(
            key, value_of(loaded.settings, key), value_of(usual, key), info.description or "", loaded.origins[key]
        )
        for key, info in setting_keys().items()
    ]


def write_setting(file: SettingFile, key: str, value: Value, *, trust: TrustStore | None = None) -> SettingFile:
    """Set a key in a file; return the file as it is then.

    `trust` keeps a project trusted whose file is written.

    Raises:
        ConfigError: the file was changed since it was looked at, cannot be written, or leaves no place for the key.
    """
    return _write(file, with_setting(_text(file), key, value, str(file.path)), trust)


def reset_setting(file: SettingFile, key: str, *, trust: TrustStore | None = None) -> SettingFile:
    """Take a key out of a file; return the file as it is then.

    Raises:
        ConfigError: as for `write_setting`.
    """
    return _write(file, without_setting(_text(file), key, str(file.path)), trust)


def holds_setting(file: SettingFile, key: str) -> bool:
    """Tell whether a file sets a key.

    Raises:
        ConfigError: the file is broken.
    """
    text = _text(file)
    return without_setting(text, key, str(file.path)) != text


def refuse_loosening(key: str, value: Value) -> None:
    """Refuse what a project's file may not say.

    Raises:
        ConfigError: the value would allow more than the person's own settings do.
    """
    own = load_settings({}, environ={}).settings
    if is_guarded(key) and any(loosened_keys(own, settings_with(own, key, value), {key: value})):
        raise ConfigError(
            f"A project may not loosen {key}, which is {text_of(value_of(own, key))} for you.",
            "Write it to your own file.",
        )


def overruled(origin: str, file: SettingFile) -> str:
    """Return what to say when another layer says otherwise than a file that was written; empty if none does."""
    if str(file.path) in origin.split(", ") or (not file.is_project and origin.endswith(str(file.path))):
        return ""
    if origin.startswith(PREFIX):
        return f"{origin} sets it too, so this has no effect until that variable is gone."
    if origin == OPTION:
        return "An option of this start sets it too, so this has no effect before the next start."
    return "" if origin == DEFAULT else f"{origin} sets it too, so this has no effect until that line is gone."


def _write(file: SettingFile, text: str, trust: TrustStore | None) -> SettingFile:
    data = (_BOM if (file.bytes_read or b"").startswith(_BOM) else b"") + text.encode()
    if data == (file.bytes_read or b""):
        return file
    if _bytes(file.path) != file.bytes_read:
        raise ConfigError(f"{file.path} was changed meanwhile; nothing was written.", "Look again, and set it again.")
    if not file.is_project and file.bytes_read is None:
        private_folder(file.path.parent)
    replace_file(file.path, data, mode=None if file.is_project else _PRIVATE)
    if file.project_root is not None and trust is not None:
        trust.renew(file.project_root, SETTINGS_PATH, file.bytes_read, data)
    return SettingFile(file.path, data, file.project_root)


def _text(file: SettingFile) -> str:
    return decode_source(file.bytes_read or b"", str(file.path))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
