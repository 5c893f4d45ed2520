"""A folder in which everything that has a name has a hostile one, and a model that says hostile things in every way."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

Step = dict[str, Any]
QUESTION = "Which one?"


def make_folder(root: Path, strings: Sequence[str]) -> None:
    """Make a repository with hostile file names, contents, a branch, commands and instructions."""
    root.mkdir(parents=True)
    # A file with a NUL is binary, and an argument with one is refused: the model's own words keep theirs.
    whole = "\n".join(strings).replace("\0", "")
    (root / "evil.py").write_bytes(b"first = 1\n# " + _bytes(whole))
    (root / "run.sh").write_bytes(b"cat evil.py\n")
    (root / "AGENTS.md").write_bytes(_bytes(whole[:4_000]))
    for text in strings:
        _write(root, f"f-{_name(text)}.txt")
    commands = root / ".trashclaw" / "commands"
    commands.mkdir(parents=True)
    for place, text in enumerate(strings[:6]):
        described = yaml.safe_dump({"description": text[:60]}, allow_unicode=False)
        (commands / f"c{place}.md").write_text(f"---\n{described}---\nSay it.\n", encoding="utf-8")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", *arguments], cwd=root, env=environment, check=True)
    for text in strings:
        branch = f"b-{_name(text)}"
        made = subprocess.run(
            ["git", "checkout", "-qb", branch], cwd=root, env=environment, check=False, capture_output=True
        )
        if made.returncode == 0:
            break


def make_script(folder: Path, strings: Sequence[str], fault: str) -> Path:
    """Write what the model says: text, thoughts, calls, a plan, a question, an edit, and an error of its server."""
    whole = "\n\n".join(strings)
    # Arguments with these look as if their backslashes were doubled by half, and are asked for again.
    short = [text.translate(dict.fromkeys(map(ord, "\0\b\f\r\t")))[:200] or "x" for text in strings]
    steps: list[Step] = [
        {"thought": whole, "text": whole, "calls": [_call("read_file", path="evil.py")]},
        {"text": "\n".join(strings), "calls": [_call(text[:60] or "x", anything=text) for text in short[:2]]},
        {"calls": [_call("bash", command=f"sh run.sh # {short[0]}")]},
        {"calls": [_call("grep", pattern=text) for text in short[:3]]},
        {"calls": [_call("update_plan", entries=[{"text": text, "status": "pending"} for text in short])]},
        {"calls": [_call("ask_user", question=f"{QUESTION} {' '.join(short)}", options=short[:4])]},
        {"calls": [_call("edit_file", path="evil.py", old_text="first = 1", new_text=f"first = 2 # {short[0]}")]},
        {"text": "\n".join(f"```{text}\n{text}\n```" for text in short)},
        {"error": {"kind": "http", "status": 400, "text": fault}},
    ]
    script = {"model": f"model {' '.join(short[:2])}"[:120], "steps": steps}
    file = folder / "script.yaml"
    file.write_text(yaml.safe_dump(script, allow_unicode=False), encoding="utf-8")
    return file


def make_home(home: Path, strings: Sequence[str]) -> None:
    """Write settings and themes with hostile names, which are told as wrong or offered for choice."""
    themes = home / "config" / "themes"
    themes.mkdir(parents=True)
    for text in strings:
        _write(themes, f"{_name(text)}.yaml")


def _call(name: str, **arguments: Any) -> Step:
    return {"name": name, "arguments": json.loads(json.dumps(arguments))}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "surrogatepass")


def _is_escaped(text: str) -> bool:
    return all(0xDC80 <= ord(one) <= 0xDCFF for one in text if 0xD800 <= ord(one) <= 0xDFFF)


def _name(text: str) -> bytes | str:
    return text.replace("/", "-").replace("\0", "")[:40].encode("utf-8", "replace").decode()


def _write(folder: Path, name: str) -> None:
    try:
        (folder / name).write_bytes(b"x = 1\n")
    except OSError:
        return
