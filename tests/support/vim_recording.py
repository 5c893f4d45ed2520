"""What the real vim makes of keys: `python -m tests.support.vim_recording` asks it again and stores the answers.

The stored ones are what `tests/unit/vim` compares with, so that the tests need no vim.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

FILE = Path(__file__).parents[1] / "unit" / "vim" / "recorded.json"
SCRIPT = """
set nocompatible noautoindent nojoinspaces nostartofline& noswapfile cpoptions=aABceFs tabstop=4
set startofline
let cases = json_decode(join(readfile($CASES), "\\n"))
let answers = []
for case in cases
  enew!
  call setline(1, case.text)
  call cursor(case.row + 1, case.column + 1)
  let @" = ''
  set undolevels=100
  if case.keys =~# "[u\\x12]"
    call feedkeys(case.keys, 'tx')
  else
    exe "normal! " . case.keys
  endif
  let column = strchars(strpart(getline('.'), 0, col('.') - 1))
  call add(answers, {'text': getline(1, '$'), 'row': line('.') - 1, 'column': column})
endfor
call writefile([json_encode(answers)], $ANSWERS)
qall!
"""
TEXTS = (
    "one two  three\nfour, five.six\n\n  seven (eight [nine] ten) \"el even\" 'tw'\nthirteen",
    "def f(a, b):\n    return {\n        a: b,\n    }\n\n\nlast line here",
    "a\n\n\nb c\n  d\n",
    "x",
    'say "hi there" now; foo_bar-baz qux!  \n  indented  line\nend',
)
MOTIONS = (*"hjklwbeWBE0^$}{%G;,", "gg", "fe", "Fe", "te", "Te", "f ", "t)", "2w", "3e", "2b", "2j", "2G", "3fe")
OBJECTS = tuple(f"{scope}{kind}" for scope in "ia" for kind in "wW\"'([{bBp")
CHANGES: tuple[str, ...] = (
    "x",
    "X",
    "D",
    "Cnew\x1b",
    "snew\x1b",
    "Snew\x1b",
    "dd",
    "ccnew\x1b",
    "yyp",
    "yyP",
    "Yp",
    "rZ",
    "~",
    "J",
    "p",
)
CHANGES += (
    "ofresh\x1b",
    "Ofresh\x1b",
    "inew \x1b",
    "anew \x1b",
    "Inew \x1b",
    "Anew \x1b",
    "3inew\x1b",
    "2oa\x1b",
    "3x",
)
CHANGES += ("2dd", "2~", "2rZ", "yw$p", "xp", "ddp", "ddP", "2yyp", "ywP", "xu", "inew\x1bu", "xxuu")
CHANGES += (
    "x.",
    "dw.",
    "dd.",
    "inew\x1b.",
    "cwnew\x1bw.",
    "3x.",
    "x2.",
    "Anew\x1bj.",
    "dwu.",
    "2dwj.",
    "xxxu\x12",
    "rZl.",
)
CHANGES += ("vd", "vwd", "Vd", "Vjd", "viwd", "vawd", "v$d", "vwcnew\x1b", "vey$p", "vipd", "vwr-", "vw~", "vwU")
CHANGES += ("vjJ", "vwy$p", "vwod", "Vyp", "vbd", "vex", "ywviwp", "yyVp", "viwiwd", "J.", "~.", "p.")


def made_cases(seed: int = 5) -> list[dict[str, object]]:
    """Return texts, places and keys: every motion, alone and behind every operator, every object, every change."""
    chance = random.Random(seed)
    cases: list[dict[str, object]] = []

    def add(keys: str, times: int) -> None:
        """Add cases; not of what vims differ in: words from an empty line on, `{` in a text of one line."""
        for _ in range(times):
            lines = chance.choice([text for text in TEXTS if "\n" in text or not {"{", "v"} & set(keys)]).split("\n")
            row = chance.randrange(len(lines))
            if not lines[row] and ("aw" in keys or "aW" in keys or "viw" in keys):
                row = 0
            column = chance.randrange(max(1, len(lines[row])))
            cases.append({"text": lines, "row": row, "column": column, "keys": keys})

    for motion in MOTIONS:
        add(f"fe{motion}" if motion in ";," else motion, 8)
        for operator in ("d", "cnew", "y"):
            end = "\x1b" if operator == "cnew" else ""
            found = "fe" if motion in ";," else ""
            add(f"{found}{operator[0]}{motion}{operator[1:]}{end}" + ("P" if operator == "y" else ""), 6)
    for name in OBJECTS:
        add(f"d{name}", 10)
        add(f"c{name}new\x1b", 6)
        add(f"y{name}P", 4)
    for keys in CHANGES:
        add(keys, 8)
    return cases


def ask_vim(cases: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return what vim makes of each case: the lines, and where the cursor stands."""
    with tempfile.TemporaryDirectory() as folder:
        script, asked, answers = (Path(folder) / name for name in ("script.vim", "cases.json", "answers.json"))
        script.write_text(SCRIPT)
        asked.write_text(json.dumps(cases))
        command = ["vim", "-u", "NONE", "-i", "NONE", "-n", "-N", "-es", "-S", str(script)]
        surroundings = {"CASES": str(asked), "ANSWERS": str(answers), "PATH": "/usr/bin:/bin", "HOME": folder}
        subprocess.run(command, env=surroundings, check=False, timeout=120, stdin=subprocess.DEVNULL)
        found: list[dict[str, object]] = json.loads(answers.read_text())
        return found


def main() -> None:
    """Ask, and store."""
    cases = made_cases()
    rows = [case | {"after": answer} for case, answer in zip(cases, ask_vim(cases), strict=True)]
    FILE.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
