"""What the tests of the checks share: a workspace whose commands run in each sandbox that works here."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.checking import Checked, checked
from trashclaw.sandbox.ports import Sandbox


async def _sandbox(name: str, root: Path, state: Path) -> Sandbox:
    if sys.platform != "linux":
        pytest.skip("Linux sandboxes")
    if name == "sandlock":
        from trashclaw.sandbox import landlock

        if reason := landlock.probe():
            pytest.skip(reason)
        return landlock.SandlockSandbox(root, state)
    from trashclaw.sandbox.overlay import probe
    from trashclaw.sandbox.overlay.sandbox import OverlaySandbox

    if found := await probe.probe(state):
        pytest.skip(found)
    return OverlaySandbox(root, state)


@pytest.fixture(params=["overlay", "sandlock"])
async def any_box(request: pytest.FixtureRequest, workspace_folder: Path, tmp_path: Path) -> AsyncIterator[Checked]:
    """An empty workspace, in each of the sandboxes."""
    sandbox = await _sandbox(request.param, workspace_folder, tmp_path / "state")
    async with checked(workspace_folder, sandbox) as one:
        yield one


@pytest.fixture
async def box(workspace_folder: Path, tmp_path: Path) -> AsyncIterator[Checked]:
    """An empty workspace, in the overlay sandbox."""
    sandbox = await _sandbox("overlay", workspace_folder, tmp_path / "state")
    async with checked(workspace_folder, sandbox) as one:
        yield one


@pytest.fixture
async def open_box(workspace_folder: Path) -> AsyncIterator[Checked]:
    """An empty workspace without a sandbox."""
    async with checked(workspace_folder, None) as one:
        yield one
