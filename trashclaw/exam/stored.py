"""Results of exams in the state folder; what is damaged, foreign or of another version counts as none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from trashclaw.agent.messages import ModelProfile
from trashclaw.exam.result import ExamResult
from trashclaw.protocol.errors import StoreError
from trashclaw.store.exams import ExamStore


def load_exam(
    state: Path, profile: ModelProfile, notice: Callable[[str], None] = lambda text: None
) -> ExamResult | None:
    """Return the stored result for a model, `None` if there is none; `notice` hears why one was passed over."""
    identity = (profile.provider, profile.model, profile.digest)
    try:
        data = ExamStore(state).read(*identity)
    except StoreError as error:
        notice(str(error))
        return None
    if data is None:
        return None
    path = ExamStore(state).path(*identity)
    try:
        result = ExamResult.model_validate_json(data)
    except ValidationError:
        notice(f"{path} is damaged or of another version, and was passed over. `trashclaw models exam` makes it anew.")
        return None
    if (result.provider, result.model, result.digest) != identity:
        notice(f"{path} is the result of another model, and was passed over.")
        return None
    return result


def save_exam(state: Path, profile: ModelProfile, result: ExamResult) -> tuple[ExamResult, Path]:
    """Store a result, filled with what an earlier exam of the same model knows; return it, and where it is.

    Raises:
        StoreError: it cannot be written.
    """
    older = load_exam(state, profile)
    whole = result.filled_from(older) if older else result
    identity = (profile.provider, profile.model, profile.digest)
    return whole, ExamStore(state).write(*identity, whole.model_dump_json(indent=1))
