"""Of what was accepted lands what can be without the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.copied_branch import branch_of
from trashclaw.protocol.patches import Patch
from trashclaw.sandbox.effects import gather_effects, land_effects
from trashclaw.workspace.root import Workspace


@pytest.mark.parametrize("is_accepted", [False, True])
def test_a_file_lands_in_the_place_of_a_folder_only_if_the_empty_folder_in_it_may_go(
    workspace_folder: Path, tmp_path: Path, is_accepted: bool
) -> None:
    (workspace_folder / "place" / "inner").mkdir(parents=True)
    command = "rm -r place; echo now a file > place; echo other > other"
    workspace = Workspace(workspace_folder)
    effects = gather_effects(workspace, [branch_of(workspace_folder, command, tmp_path / "copy")])
    accepted = Patch(changes=tuple(one for one in effects.patch.changes if is_accepted or one.path != "place/inner"))
    landed = {change.path for change in land_effects(workspace, effects, accepted).landed}
    assert "other" in landed
    assert (workspace_folder / "place").is_file() == is_accepted
    assert (workspace_folder / "place" / "inner").is_dir() != is_accepted
