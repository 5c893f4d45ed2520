"""An edit that breaks the syntax is refused once, and shown; what was broken before may be edited."""

from __future__ import annotations

import pytest

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.checking.syntax_guard import SyntaxGuard

SOUND = "import os\n\n\ndef first(a):\n    return a\n\n\ndef second(b):\n    return b\n"
BROKEN = SOUND.replace("first(a):", "first(a:")


def refused(guard: SyntaxGuard, name: str, before: str | None, after: str) -> str:
    with pytest.raises(ToolError) as raised:
        guard.check(name, before, after)
    return str(raised.value)


def test_a_sound_edit_passes_without_a_word() -> None:
    assert SyntaxGuard().check("a.py", SOUND, SOUND.replace("return b", "return b + 1")) == ""


def test_new_faults_are_refused_with_the_lines_as_they_would_read() -> None:
    assert refused(SyntaxGuard(), "a.py", SOUND, BROKEN) == (
        "Not done: with this edit a.py has an error of syntax (python). Nothing was changed.\n"
        "line 4, column 10: '(' was never closed\n"
        "The file would read:\n"
        " 2\t\n"
        " 3\t\n"
        ">4\tdef first(a:\n"
        " 5\t    return a\n"
        " 6\t\n"
        "Mend the edit. If this is right all the same, say why and send the same edit again: then it is taken as it is."
    )


def test_the_same_edit_passes_the_second_time_and_only_that_one() -> None:
    guard = SyntaxGuard()
    refused(guard, "a.py", SOUND, BROKEN)
    refused(guard, "b.py", SOUND, BROKEN)
    refused(guard, "a.py", SOUND, BROKEN.replace("return b", "return c"))
    assert "because you insisted" in guard.check("a.py", SOUND, BROKEN)
    refused(guard, "a.py", SOUND, BROKEN)


def test_what_was_faulty_before_may_be_edited_as_long_as_it_gets_no_worse() -> None:
    guard = SyntaxGuard()
    assert guard.check("a.py", BROKEN, BROKEN.replace("return b", "return c")) == ""
    assert guard.check("a.json", '{"a": 1,}', '{"a": 2,}') == ""
    refused(guard, "a.json", '{"a": 1,}', '{"a": 2,,}\n{"b": }')


def test_a_new_file_must_be_sound_but_not_in_a_language_whose_grammar_errs() -> None:
    guard = SyntaxGuard()
    refused(guard, "new.py", None, BROKEN)
    for name, text in (
        ("new.c", "int main( {\n"),
        ("new.html", "<p></b>"),
        ("new.css", "a { b: ! c }"),
        ("new.sh", "if x\n"),
    ):
        assert guard.check(name, None, text) == ""
    refused(guard, "old.c", "int main(void) { return 0; }\n", "int main(void) { return 0; \n")
    assert guard.check("old.c", "int main( { }\n", "int main( { ( }\n") == ""


def test_text_in_no_known_language_passes() -> None:
    assert SyntaxGuard().check("notes.txt", "a", "def f(:") == ""
    assert SyntaxGuard().check("page.html", "<p>a</p>", "<p>{{ a }</b>") == ""


def test_lines_of_the_edit_are_shown_where_the_fault_is_elsewhere() -> None:
    before = "function a() {\n  x();\n}\n" + "\n".join(f"f{n}();" for n in range(60)) + "\n"
    said = refused(SyntaxGuard(), "a.js", before, before.replace("  x();\n}\n", "  x();\n"))
    assert "(your edit is at line 2)" in said
    assert " 2\t  x();\n 3\tf0();" in said and "...\n" in said


def test_what_is_told_is_bounded() -> None:
    before = '{"a": 1}'
    after = "[" + ",,".join('"%s"' % ("x" * 500) for _ in range(60)) + "\n" + "\n".join("@," * 100 for _ in range(60))
    said = refused(SyntaxGuard(), "a.json", before, after)
    assert len(said) < 4_000 and " more\n" in said


def test_refusals_are_forgotten_when_there_are_many() -> None:
    guard = SyntaxGuard()
    refused(guard, "a.py", SOUND, BROKEN)
    for number in range(300):
        refused(guard, f"{number}.json", None, "{")
    refused(guard, "a.py", SOUND, BROKEN)
