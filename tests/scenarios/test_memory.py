"""What a session begins with: the project's instructions, what was remembered, and what was done before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.sessions import assert_continues, open_driven
from trashclaw.config.project_files import read_project
from trashclaw.config.schema import Settings

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
SAY = [{"text": "Done."}]


def trusted(root: Path) -> dict[str, Any]:
    """Return what opens a session in a folder that is trusted as it is now."""
    return {"project": read_project(root), "is_trusted": True}


async def test_the_instructions_of_a_trusted_folder_stand_in_every_request(repository: Path) -> None:
    (repository / "AGENTS.md").write_text("# Rules\n\nUse tabs.\n")
    async with open_driven(repository, [*SAY, *SAY], **trusted(repository)) as driven:
        await driven.turn()
        await driven.turn("again")
        first, second = driven.provider.requests
        system = first.messages[0].text
        assert '<instructions from="AGENTS.md">\n# Rules\n\nUse tabs.\n</instructions>' in system
        assert_continues(second, first)
        (fragment,) = driven.session.started[0].event.fragments
        assert (fragment.name, fragment.source, fragment.left_out_chars) == ("instructions", "AGENTS.md", 0)
        assert system[fragment.start : fragment.end].startswith("<instructions") and "Use tabs" in system
        assert [notice.text for notice in driven.notices] == ["The model is told AGENTS.md (19 tokens)."]


async def test_without_trust_or_by_setting_nothing_of_the_project_is_told(repository: Path) -> None:
    (repository / "AGENTS.md").write_text("Use tabs.\n")
    off = Settings.model_validate({"memory": {"instructions": False}})
    for opening in ({}, {**trusted(repository), "settings": off}):
        async with open_driven(repository, SAY, **opening) as driven:
            await driven.turn()
            assert "Use tabs" not in driven.provider.requests[0].messages[0].text
            assert "AGENTS.md" not in {one.source for one in driven.session.started[0].event.fragments}
