"""Which folders a person has vouched for; kept outside of them, and void when what they bring changes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from trashclaw.config.project_files import ProjectFiles, digest_of, read_project, read_settings_file
from trashclaw.protocol.errors import ConfigError


class Standing(StrEnum):
    """What is known of a folder."""

    UNKNOWN = "unknown"
    TRUSTED = "trusted"
    REFUSED = "refused"
    CHANGED = "changed"
    """There is an answer, and what the folder brings is not what it was given for."""


class Change(StrEnum):
    """How a file differs from the one that an answer was given for."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


class Answer(NamedTuple):
    """What a person said of a folder, and the digests of the files it was said of."""

    is_trusted: bool
    digests: Mapping[str, str]


class TrustStore:
    """The answers to "do you trust this folder?", one small file in the state folder."""

    def __init__(self, state: Path) -> None:
        self._file = state / "trust.json"

    def standing(self, project: ProjectFiles) -> Standing:
        """Tell what is known of a folder as it is now; a damaged store knows nothing."""
        answer = self.answer(project.root)
        if answer is None:
            return Standing.UNKNOWN
        if project.is_too_much or answer.digests != project.digests:
            return Standing.CHANGED
        return Standing.TRUSTED if answer.is_trusted else Standing.REFUSED

    def is_trusted(self, root: Path) -> bool:
        """Tell whether a folder was trusted with everything that it brings now."""
        return self.standing(read_project(root)) is Standing.TRUSTED

    def vouched_settings(self, root: Path) -> bytes | None:
        """Return the settings of a folder if these very bytes were vouched for; all else in it is not looked at."""
        answer = self.answer(root)
        if answer is None or not answer.is_trusted:
            return None
        file = read_settings_file(root)
        return file.data if file is not None and answer.digests.get(file.path) == file.digest else None

    def changes(self, project: ProjectFiles) -> Mapping[str, Change]:
        """Return how the files differ from those of the last answer, by path; without an answer nothing differs."""
        answer = self.answer(project.root)
        if answer is None:
            return {}
        before, now = answer.digests, project.digests
        found = {
            path: Change.NEW if path not in before else Change.CHANGED for path in now if now[path] != before.get(path)
        }
        return found | {path: Change.GONE for path in before if path not in now}

    def answer(self, root: Path) -> Answer | None:
        """Return what was said of a folder."""
        return _answer_of(self._read().get(_name(root)))

    def trust(self, project: ProjectFiles) -> None:
        """Vouch for a folder with the files that were shown.

        Raises:
            ConfigError: there are too many of them, or the answer cannot be stored.
        """
        if project.is_too_much:
            raise ConfigError(
                f"{project.root} brings more files than anybody could look through.", "Look into its .trashclaw folder."
            )
        self._store(project.root, Answer(True, project.digests))

    def refuse(self, project: ProjectFiles) -> None:
        """Note that a folder is not trusted, so that it is not asked about again before it changes.

        Raises:
            ConfigError: the answer cannot be stored.
        """
        self._store(project.root, Answer(False, project.digests))

    def renew(self, root: Path, path: str, before: bytes | None, after: bytes) -> bool:
        """Keep a folder trusted after the program itself wrote one of its files at the person's demand.

        `before` are the bytes that the new ones were made from, `None` if there was no file. Tell whether the folder is
        trusted now; it is not if anything but that one file differs from what was vouched for.

        Raises:
            ConfigError: the answer cannot be stored.
        """
        answer = self.answer(root)
        if answer is None or not answer.is_trusted:
            return False
        now = read_project(root)
        was_vouched_for = answer.digests.get(path) == (None if before is None else digest_of(before))
        expected = {**answer.digests, path: digest_of(after)}
        if not was_vouched_for or now.is_too_much or now.digests != expected:
            return False
        self._store(root, Answer(True, expected))
        return True

    def revoke(self, root: Path) -> None:
        """Forget what was said of a folder.

        Raises:
            ConfigError: the change cannot be stored.
        """
        answers = self._read()
        answers.pop(_name(root), None)
        self._write(answers)

    def _store(self, root: Path, answer: Answer) -> None:
        files = dict(answer.digests)
        self._write({**self._read(), _name(root): {"is_trusted": answer.is_trusted, "files": files}})

    def _read(self) -> dict[str, Any]:
        try:
            stored = self._file.read_bytes()
        except OSError:
            return {}
        import json

        try:
            answers = json.loads(stored)
        except (ValueError, RecursionError):
            return {}
        return answers if isinstance(answers, dict) else {}

    def _write(self, answers: Mapping[str, Any]) -> None:
        import json

        draft = self._file.with_name(f"{self._file.name}.{os.urandom(4).hex()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(answers, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ConfigError(f"{self._file} cannot be written: {error.strerror or error}.") from error


def _name(root: Path) -> str:
    return str(root.resolve())


def _answer_of(stored: object) -> Answer | None:
    """Return a stored answer; one in another form, as an earlier version wrote it, is none."""
    if not isinstance(stored, dict):
        return None
    is_trusted, files = stored.get("is_trusted"), stored.get("files")
    if not isinstance(is_trusted, bool) or not isinstance(files, dict):
        return None
    return Answer(is_trusted, files) if all(isinstance(digest, str) for digest in files.values()) else None
