"""Faults of syntax are found with their place, valid text has none, and no text takes long or raises."""

from __future__ import annotations

import threading
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trashclaw.languages import syntax
from trashclaw.languages.grammars import GRAMMARS, language_of
from trashclaw.languages.syntax import LIMIT_BYTES, LIMIT_FAULTS, SyntaxFault, syntax_errors


def faults(path: str, text: str) -> list[tuple[int, str]]:
    grammar = language_of(path, text)
    assert grammar is not None
    return [(fault.line, fault.what) for fault in syntax_errors(grammar, text)]


BROKEN = [
    ("a.py", "def f(:\n    pass\n", 1),
    ("a.py", "def f():\nreturn 1\n", 2),
    ("a.py", "x = 1\n    y = 2\n", 2),
    ("a.py", "def f():\n    x = 1\n  y = 2\n", 3),
    ("a.py", "x = 1\ny = (1,\nz = 2\n", 2),
    ("a.py", "x = 'abc\n", 1),
    ("a.js", "function f() {\n  return 1;\n", 2),
    ("a.js", "let a = 1;\nlet b = ;\n", 2),
    ("a.ts", "interface A { a: string\n", 1),
    ("a.tsx", "const a = <div><b></div>;\n", 1),
    ("a.go", "package x\n\nfunc f() {\n}\n}\n", 5),
    ("a.rs", "fn main() {\n    let x = 1\n    let y = 2;\n}\n", 2),
    ("A.java", "class A {\n  int f( { return 1; }\n}\n", 2),
    ("a.c", "int main(void) {\n  return 0;\n", 2),
    ("a.json", '{"a": 1,}', 1),
    ("a.json", '{\n  "a": 1\n  "b": 2\n}\n', 2),
    ("a.toml", "a = 1\nb = \n", 2),
    ("a.yaml", "a: [1, 2\nb: 3\n", 1),
    ("a.rb", "def f\n  1\n", 2),
    ("a.sh", "if true; then\n  echo\n", 2),
]

VALID = [
    ("a.py", "print 'two'\n"),  # Another version's syntax is none of ours to refuse.
    ("a.py", "type A[T] = list[T]\n\n\ndef f[T](x: T) -> T:\n    return x\n"),
    ("a.py", "match x:\n    case {'a': 1}:\n        pass\n"),
    ("a.py", "x = f'{a!r:>{width}} {b}'\nasync def f():\n    async with a:\n        return [c async for c in d]\n"),
    ("a.py", "\ufeffx = 1\r\nif x:\r\n\ty = 2\r\n"),
    ("a.py", "x = '\\d'\n"),
    ("a.js", "export default async () => { const {a, ...b} = await x?.y ?? z; for await (const q of r) {} };\n"),
    ("a.jsx", "const a = <A b={{c: 1}} {...d}>{e && <F />}</A>;\n"),
    ("a.ts", "export abstract class A<T extends B = C> { private x!: T; constructor(public y?: number) {} }\n"),
    ("a.tsx", "const f = <T,>(x: T) => <A<string> b={x as any} />;\n"),
    ("a.go", "package x\n\nfunc F[T any](a ...T) (err error) {\n\tselect {}\n}\n"),
    ("a.rs", "impl<'a, T: Fn() -> u8> A<'a> for B where T: 'a { async fn f(&self) -> Result<(), E> { x?.await } }\n"),
    ("A.java", "record A(int b) { String c() { return switch (b) { case 1 -> \"x\"; default -> \"y\"; }; } }\n"),
    ("a.json", '{"a": [1.5e-3, null, "\\u00e4"]}'),
    ("a.toml", '[a.b]\nc = [1, 2,]\nd = """x"""\n[[e]]\n'),
    ("a.yaml", "a: &x\n  - 1\n  - {b: c}\nd: *x\ne: |\n  text\n---\nf: 1\n"),
    ("a.rb", "class A < B\n  def c(d:, **e) = d\nend\n"),
    ("a.sh", 'for a in "$@"; do [[ $a =~ ^x ]] && echo "${a%%.*}"; done < "x"\n'),
    ("a.py", ""),
    ("a.go", "\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "line"), BROKEN)
def test_a_fault_is_found_near_its_line(path: str, text: str, line: int) -> None:
    found = faults(path, text)
    assert found and abs(found[0][0] - line) <= 1, found


@pytest.mark.parametrize(("path", "text"), VALID)
def test_valid_text_has_no_fault(path: str, text: str) -> None:
    assert faults(path, text) == []


def test_the_words_say_what_is_wrong() -> None:
    assert faults("a.py", "x = (1,\ny = 2\n") == [(1, "'(' was never closed")]
    assert (
        faults("a.py", "def f():\nreturn 1\n")[0][1] == "expected an indented block after function definition on line 1"
    )
    assert faults("a.py", "def f(:\n    pass\n") == [(1, "`)` is expected here")]
    assert faults("a.py", "def f(a: str -> str:\n    pass\n") == [(1, "`-> str:` does not fit here")]
    assert faults("a.json", '{"a": 1,}') == [(1, "`,}` does not fit here")]
    assert faults("a.js", "f() {\n  'ä' +\u202e\x1b[31m;\n}\n")[0][1].isprintable()


def test_what_the_interpreter_reads_is_valid_whatever_the_grammar_says(monkeypatch: pytest.MonkeyPatch) -> None:
    toml = 'a = """\n  b \\  \n  """\n'
    grammar = language_of("a.toml")
    assert grammar is not None and syntax._grammar_faults(grammar, toml.encode())
    assert faults("a.toml", toml) == []
    fault = SyntaxFault(1, 1, "something is wrong")
    monkeypatch.setattr(syntax, "_grammar_faults", lambda *_: (fault,))
    for path, text in (("a.py", "x = 1\n"), ("a.json", "null"), ("a.toml", "x = 1")):
        assert faults(path, text) == []
    assert faults("a.go", "package x\n") == [(1, "something is wrong")]


def test_columns_count_characters() -> None:
    grammar = language_of("a.json")
    assert grammar is not None
    assert syntax_errors(grammar, '{"ää": 1,}') == (SyntaxFault(1, 9, "`,}` does not fit here"),)


def test_a_warning_of_the_interpreter_is_neither_shown_nor_an_error() -> None:
    found: list[list[tuple[int, str]]] = []

    def look() -> None:
        found.extend(faults("a.py", "x = '\\d' is 1\n") for _ in range(20))

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        filters = list(warnings.filters)
        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(warnings.filters) == filters
    assert found == [[]] * 80
    assert told == []


def test_what_is_too_large_is_not_judged() -> None:
    assert faults("a.py", "(" * (LIMIT_BYTES + 1)) == []


@pytest.mark.parametrize("opening", ["(", "{'a':", "-", "not ", "if x:\n", '"""', "<a>", "}", "\\", "\udc80"])
def test_hostile_text_gives_few_faults_and_ends(opening: str) -> None:
    text = opening * (30_000 // len(opening))
    for grammar in GRAMMARS:
        assert len(syntax_errors(grammar, text)) <= LIMIT_FAULTS


def test_a_text_that_takes_too_long_has_no_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{'a':" * 500
    assert faults("a.go", text)
    monkeypatch.setattr(syntax, "LIMIT_S", 0.0)
    assert faults("a.go", text) == []


def test_a_scanner_that_looks_ahead_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """For NUL characters the scanner of the shell's grammar takes the square of their number, and asks nobody."""
    grammar = language_of("a.sh")
    assert grammar is not None
    monkeypatch.setattr(syntax, "LIMIT_S", 0.05)
    assert syntax._grammar_faults(grammar, b"\0" * 1_500_000) == ()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(GRAMMARS), st.text(max_size=300))
def test_no_text_raises(grammar: object, text: str) -> None:
    lines = text.count("\n") + 1
    for fault in syntax_errors(grammar, text):  # type: ignore[arg-type]
        assert 1 <= fault.line <= lines + 1 and fault.column >= 1 and fault.what
