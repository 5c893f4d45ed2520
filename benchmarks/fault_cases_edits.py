"""Section 3: edits whose text has drifted, files that changed, and files that must keep their form."""

from __future__ import annotations

from typing import Any

from benchmarks.fault_cases_dialects import MENDED, NEW, OLD
from benchmarks.fault_steps import DONE, bash, call, do, edit, read, script, write
from benchmarks.fault_world import CALC, Case

SHOP = b'''class Shop:
    def price(self, item):
        """Return the price of an item."""
        net = self.nets[item]
        tax = net * self.rate
        return net + tax

    def label(self, item):
        return "item: %s" % item
'''
_BOTH = {"calc.py": CALC.replace(b"a - b", b"a + b")}


def _case(name: str, *steps: Any, **more: Any) -> Case:
    return Case(section="edits", name=name, model=script(*steps), **more)


def _lands(name: str, path: str, data: bytes, old: str, new: str, after: bytes) -> Case:
    """Return a case whose edit must land, in a file that was read."""
    return _case(
        name,
        do(read(path)),
        do(edit(old, new, path)),
        DONE,
        files={path: data},
        after={path: after},
        runs=("done", "done"),
    )


def _drifts(name: str, old: str, new: str, before: bytes, now: bytes) -> Case:
    return _lands(name, "shop.py", SHOP, old, new, SHOP.replace(before, now))


def _refused(name: str, *told: str, old: str, new: str = "x = 1\n", files: Any = None, path: str = "shop.py") -> Case:
    """Return a case whose edit must be refused, in a file that was read."""
    return _case(
        name,
        do(read(path)),
        do(edit(old, new, path)),
        DONE,
        files=files or {"shop.py": SHOP},
        runs=("done", "failed"),
        told=told,
    )


def _patch(name: str, patch: str, *, is_good: bool, after: Any = None, told: tuple[str, ...] = ()) -> Case:
    runs = ("done", "done") if is_good else ("done", "failed")
    return _case(name, do(read()), do(call("apply_patch", patch=patch)), DONE, runs=runs, after=after or {}, told=told)


_HUNK = "@@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
_UNIFIED = "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
_ADDED = "*** Add File: new.txt\n+new\n"
_ROWS = b"def f():\n    return 0\n" + b"".join(b"def f_%d(x):\n    return x * %d\n" % (n, n) for n in range(20_000))
_NET, _NETS = b"tax = net * self.rate", b"tax = net * self.tax_rate"
_TAX = "tax = net * self.tax_rate"

CASES = [
    _lands("CRLF is kept", "a.py", b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n", "x = 3\ny = 4\n", b"x = 3\r\ny = 4\r\n"),
    _lands("a BOM is kept", "a.py", b"\xef\xbb\xbfx = 1\n", "x = 1", "x = 2", b"\xef\xbb\xbfx = 2\n"),
    _lands("no final newline is kept", "a.py", b"x = 1\ny = 2", "y = 2", "y = 3", b"x = 1\ny = 3"),
    _lands(
        "UTF-16 is kept",
        "a.txt",
        "\ufeffeins\nzwei\n".encode("utf-16-le"),
        "zwei",
        "drei",
        "\ufeffeins\ndrei\n".encode("utf-16-le"),
    ),
    _lands(
        "blanks at the end of lines",
        "a.py",
        b"x = 1   \ny = 2\n",
        "x = 1\ny = 2\n",
        "x = 3\ny = 4\n",
        b"x = 3\ny = 4\n",
    ),
    _drifts(
        "indentation shifted",
        "net = self.nets[item]\ntax = net * self.rate",
        f"net = self.nets[item]\n{_TAX}",
        _NET,
        _NETS,
    ),
    _drifts(
        "escapes for line ends",
        "net = self.nets[item]\\n        tax = net * self.rate",
        f"net = self.nets[item]\\n        {_TAX}",
        _NET,
        _NETS,
    ),
    _drifts("curly quotes", "return “item: %s” % item", 'return "thing: %s" % item', b"item: %s", b"thing: %s"),
    _drifts(
        "line numbers copied",
        "4\t        net = self.nets[item]\n5\t        tax = net * self.rate",
        f"4\t        net = self.nets[item]\n5\t        {_TAX}",
        _NET,
        _NETS,
    ),
    _drifts(
        "an elided middle",
        "    def price(self, item):\n...\n        return net + tax",
        "    def price(self, item):\n...\n        return net - tax",
        b"net + tax",
        b"net - tax",
    ),
    _case(
        "an elided middle, and a whole new one",
        do(read("shop.py")),
        do(
            edit(
                "    def price(self, item):\n...\n        return net + tax",
                "    def price(self, item):\n        return 1",
                "shop.py",
            )
        ),
        DONE,
        files={"shop.py": SHOP},
        runs=("done", "failed"),
        told=("its middle is left out",),
    ),
    _refused("two places", "2 times", old="return a - b", path="calc.py", files={"shop.py": SHOP}),
    _refused("not there", "not in the file", old="def discount(self):"),
    _refused("the same text", "the same", old="net + tax", new="net + tax"),
    _refused("an empty old text", "old_text is empty", old=""),
    _refused("half of an elided middle", "", old="    def price(self, item):\n...\n        return nothing"),
    _refused(
        "similar to two places", "", old="def f_1O(x):\n    return x * 1O", files={"f.py": _ROWS[:600]}, path="f.py"
    ),
    _case(
        "not unique, then all",
        do(read()),
        do(edit("a - b", "a + b", replace_all=True)),
        DONE,
        runs=("done", "done"),
        after=_BOTH,
    ),
    _case(
        "a guess at a file that was not read",
        do(edit("return  net+tax", "return net", "shop.py")),
        DONE,
        files={"shop.py": SHOP},
        runs=("failed",),
        told=("Read shop.py",),
    ),
    _case(
        "overwriting what was not read",
        do(write("shop.py", "x = 1\n")),
        DONE,
        files={"shop.py": SHOP},
        runs=("failed",),
        told=("you have not read it",),
    ),
    _case(
        "overwriting what changed since",
        do(read()),
        do(bash("echo '# end' >> calc.py")),
        do(write("calc.py", "x = 1\n")),
        DONE,
        runs=("done", "done", "failed"),
        told=("changed since you saw it",),
        after={"calc.py": CALC + b"# end\n"},
    ),
    _case(
        "an old guess at what changed since",
        do(read()),
        do(bash("sed -i 's/a - b/b - a/' calc.py")),
        do(edit(OLD, NEW)),
        DONE,
        runs=("done", "done", "failed"),
        after={"calc.py": CALC.replace(b"a - b", b"b - a")},
    ),
    _case(
        "a whole file with the rest left out",
        do(read("shop.py")),
        do(write("shop.py", "class Shop:\n    # ... rest of the code ...\n")),
        DONE,
        files={"shop.py": SHOP},
        runs=("done", "failed"),
        told=("left out",),
    ),
    _case(
        "a whole file in a fence", do(write("a.py", "```python\nx = 1\n```\n")), DONE, runs=("failed",), told=("fence",)
    ),
    _case(
        "a whole file over CRLF",
        do(read("a.py")),
        do(write("a.py", "x = 2\ny = 2\n")),
        DONE,
        files={"a.py": b"x = 1\r\ny = 2\r\n"},
        after={"a.py": b"x = 2\r\ny = 2\r\n"},
        runs=("done", "done"),
    ),
    _case(
        "one of three edits is bad",
        do(read()),
        do(
            call(
                "edit_file",
                path="calc.py",
                edits=[
                    {"old_text": "def add", "new_text": "def plus"},
                    {"old_text": "def div", "new_text": "def over"},
                    {"old_text": "def sub", "new_text": "def minus"},
                ],
            )
        ),
        DONE,
        runs=("done", "failed"),
        told=("Edit 2 of 3", "None of them was made"),
    ),
    _patch(
        "a patch",
        f"*** Begin Patch\n*** Update File: calc.py\n{_HUNK}*** End Patch",
        is_good=True,
        after={"calc.py": MENDED},
    ),
    _patch("a patch without its frame", f"*** Update File: calc.py\n{_HUNK}", is_good=True, after={"calc.py": MENDED}),
    _patch("a unified diff", _UNIFIED, is_good=True, after={"calc.py": MENDED}),
    _patch(
        "a unified diff with wrong numbers",
        _UNIFIED.replace("-1,2 +1,2", "-40,9 +41,7"),
        is_good=True,
        after={"calc.py": MENDED},
    ),
    _patch("a diff in a fence", f"```diff\n{_UNIFIED}```", is_good=True, after={"calc.py": MENDED}),
    _patch(
        "a patch that could go to two places",
        "*** Begin Patch\n*** Update File: calc.py\n@@\n-    return a - b\n+    return a + b\n*** End Patch",
        is_good=False,
    ),
    _patch(
        "one of two files is bad",
        f"*** Begin Patch\n{_ADDED}*** Update File: calc.py\n@@\n-nothing\n+something\n*** End Patch",
        is_good=False,
    ),
    _patch(
        "a patch that leaves the workspace",
        "*** Begin Patch\n*** Add File: ../out.txt\n+x\n*** End Patch",
        is_good=False,
    ),
    _patch(
        "a patch into git's own folder",
        "*** Begin Patch\n*** Add File: .git/hooks/pre-commit\n+x\n*** End Patch",
        is_good=False,
    ),
    _patch("a patch of nothing", "*** Begin Patch\n*** End Patch", is_good=False),
    _patch(
        "half a megabyte of hunks",
        "*** Begin Patch\n*** Update File: calc.py\n" + "@@\n-x\n+y\n" * 60_000,
        is_good=False,
    ),
    _case(
        "a file of 700 KB, nearly",
        do(read("rows.py")),
        do(edit("def  f_19999(x):\n    return x*19999", "def f_19999(x):\n    return 0", "rows.py")),
        DONE,
        files={"rows.py": _ROWS},
        runs=None,
        after={"rows.py": _ROWS},
    ),
    _case(
        "a binary file",
        do(edit("PNG", "GIF", "a.png")),
        DONE,
        files={"a.png": b"\x89PNG\r\n\x1a\n\0\0\0\xff"},
        runs=("failed",),
    ),
    _case("a folder for a file", do(write("data", "x\n")), DONE, runs=("failed",), told=("is a folder",)),
]
