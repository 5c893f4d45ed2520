"""The benchmark of assembling a request runs on the parts as they are."""

from __future__ import annotations

from benchmarks.assembly import measure


def test_each_side_is_measured_on_a_history_of_its_size() -> None:
    figures = measure(1)
    sizes = [figure.name for figure in figures if figure.name.startswith("assembling")]
    assert [name.rpartition(", ")[2] for name in sizes] == ["llama.cpp", "Ollama", "typed", "text"]
    assert all(int(figure.notes[0].split()[0]) > 800 for figure in figures if figure.name in sizes)
