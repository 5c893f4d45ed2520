"""What this machine has to spare."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from trashclaw.providers.machine import free_memory_bytes, on_battery

MEBI = 2**20
NOWHERE = Path("/nowhere")


def write(folder: Path, **files: str) -> None:
    """Write the files of a control group."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")


def belonging(folder: Path, line: str) -> Path:
    """Return a file that says in which groups a process is."""
    path = folder / "own"
    path.write_text(f"1:name=systemd:/somewhere\n{line}\nnonsense\n", encoding="utf-8")
    return path


def test_without_groups_it_is_what_the_system_has_to_spare() -> None:
    free = free_memory_bytes(NOWHERE, NOWHERE)
    assert free is not None
    assert 0 < free <= psutil.virtual_memory().total


def test_a_container_may_take_less_and_files_that_were_read_give_way(tmp_path: Path) -> None:
    groups = tmp_path / "groups"
    write(
        groups,
        memory__max=str(8 * MEBI),
        memory__current=str(6 * MEBI),
        memory__stat=f"anon {2 * MEBI}\ninactive_file {3 * MEBI}\n",
    )
    assert free_memory_bytes(groups, belonging(tmp_path, "0::/")) == 5 * MEBI


def test_the_narrowest_of_the_groups_above_counts(tmp_path: Path) -> None:
    groups = tmp_path / "groups"
    write(groups / "a" / "b", memory__max="max", memory__current=str(MEBI))
    write(groups / "a", memory__max=str(4 * MEBI), memory__current=str(MEBI))
    assert free_memory_bytes(groups, belonging(tmp_path, "0::/a/b/c")) == 3 * MEBI


def test_the_older_kind_of_groups_is_read_too(tmp_path: Path) -> None:
    groups = tmp_path / "groups"
    write(
        groups / "memory" / "box",
        memory__limit_in_bytes=str(4 * MEBI),
        memory__usage_in_bytes=str(3 * MEBI),
        memory__stat=f"total_inactive_file {MEBI}\n",
    )
    assert free_memory_bytes(groups, belonging(tmp_path, "5:cpu,memory:/box")) == 2 * MEBI


def test_a_group_that_has_taken_more_than_it_may_leaves_nothing(tmp_path: Path) -> None:
    groups = tmp_path / "groups"
    write(groups, memory__max=str(MEBI), memory__current=str(2 * MEBI))
    assert free_memory_bytes(groups, belonging(tmp_path, "0::/")) == 0


@pytest.mark.parametrize("limit", ["max", "", "much", "-1", "9" * 5_000], ids=lambda limit: limit[:5])
def test_no_limit_and_nonsense_are_no_limit(tmp_path: Path, limit: str) -> None:
    groups = tmp_path / "groups"
    write(groups, memory__max=limit, memory__current="0")
    free = free_memory_bytes(groups, belonging(tmp_path, "0::/../../etc"))
    assert free is not None
    assert free > MEBI


def test_a_battery_is_used_or_not_or_nobody_knows() -> None:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    told = battery.power_plugged if battery is not None else None
    assert on_battery() == (None if told is None else not told)
