"""What is a secret in a text, what is none, and how it is told apart."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.unit.policy.made_up_secrets import AWS, GITHUB, GIVEN, MIXED, TOKENS, made_up, made_up_key
from trashclaw.policy.private_keys import open_key
from trashclaw.policy.secrets import VALUES_AT_MOST, Secrets
from trashclaw.protocol.errors import ToolError

ROOT = Path(__file__).parents[3]
KNOWN = [(kind, token) for kind, tokens in TOKENS.items() for token in tokens]


@pytest.mark.parametrize(("kind", "token"), KNOWN, ids=[kind for kind, _ in KNOWN])
@pytest.mark.parametrize(
    "around", ["{}", "x = '{}'  # mine\n", '{{"a":"{}"}}', "+{}\n", "\x1b[32m{}\x1b[0m", "é {} \ufffd"]
)
def test_a_token_is_redacted_whole(kind: str, token: str, around: str) -> None:
    done = Secrets().redact(around.format(token))
    assert done.text == around.format(f"[redacted: {kind}]")
    assert (done.count, done.kinds) == (1, (kind,))


@pytest.mark.parametrize("line", GIVEN)
def test_what_a_telling_name_is_given_is_redacted_and_the_name_stays(line: str) -> None:
    done = Secrets().redact(line.format(MIXED))
    assert MIXED not in done.text
    before, _, after = line.partition("{}") if "{{" not in line else ('{"api_key": "', "", '"}')
    assert done.text.startswith(before)
    assert done.text.endswith(after)


@pytest.mark.parametrize(
    "text",
    [
        hashlib.sha256(b"a").hexdigest(),
        f"requests==2.0 --hash=sha256:{hashlib.sha256(b'b').hexdigest()}",
        f'"integrity": "sha512-{base64.b64encode(hashlib.sha512(b"c").digest()).decode()}"',
        f"commit {hashlib.sha1(b'd').hexdigest()}\nAuthor: Ada <ada@example.org>",
        str(uuid.UUID(int=7**40)),
        f"data:image/png;base64,{base64.b64encode(bytes(range(256)) * 20).decode()}",
        "function(e,t){var n=e.token||t.secret;return n.password=this.getPassword(),n}" * 50,
        'password = "change-me"',
        "password = os.environ['DB_PASSWORD']",
        "token = self._tokens.next_token2()",
        'secret_name = "projects/shop/secrets/db-1"',
        "PASSWORD=$DB_PASSWORD",
        "API_KEY=your-api-key-here-12345",
        "postgres://user:password@localhost/db",
        "https://example.com:8080/a@b",
        "see keys.py:12: token: str | None = None",
        "max_tokens: 12345678901234567890",
        "AKIA",
        "ghp_ is the prefix of a token",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQ\n-----END PUBLIC KEY-----",
        "the class MSG.handler and TASK",
    ],
)
def test_harmless_text_stays(text: str) -> None:
    assert Secrets().redact(text).text == text


def test_nothing_in_this_repository_is_taken_for_a_secret() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, timeout=30)
    names = [name for name in listed.stdout.decode().split("\0") if name] if listed.returncode == 0 else []
    if not names:
        pytest.skip("this is no git repository")
    found = []
    for name in names:
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".svg", ".gguf"}:
            done = Secrets().redact(path.read_text(errors="replace"))
            found += [(name, done.kinds)] if done.count else []
    assert found == []


def test_a_value_has_the_same_placeholder_for_the_whole_session() -> None:
    secrets = Secrets()
    other = "gh" + "o_" + made_up(36)
    assert secrets.redact(f"{GITHUB} {other} {GITHUB}").text == (
        "[redacted: GitHub token] [redacted: GitHub token #2] [redacted: GitHub token]"
    )
    assert secrets.redact(f"again {other}").text == "again [redacted: GitHub token #2]"
    assert Secrets().redact(other).text == "[redacted: GitHub token]"


@pytest.mark.parametrize("label", ["", "RSA ", "EC ", "OPENSSH "])
def test_the_lines_of_a_private_key_are_redacted_and_counted_as_one(label: str) -> None:
    key = made_up_key(label)
    numbered = "".join(f"{at}\t{line}\n" for at, line in enumerate(key.splitlines(), 9))
    for text in (key, numbered, key.replace("\n", "\\n"), "".join(f"+    {line}\n" for line in key.splitlines())):
        done = Secrets().redact(text)
        assert done.count == 1
        assert done.text.count("[redacted: private key]") == 6
        assert not any(line in done.text for line in key.splitlines()[1:-1])
        assert done.text.count("\n") == text.count("\n")


def test_a_key_that_was_cut_off_is_redacted_and_what_follows_stays() -> None:
    key = made_up_key()
    cut = key[: len(key) // 2] + "\n[cut: 3 lines]\nprint('hello')\n"
    done = Secrets().redact(cut)
    assert key[60:90] not in done.text
    assert done.text.endswith("[cut: 3 lines]\nprint('hello')\n")
    assert open_key(key[:200]) == 0
    assert open_key(key) is None


@pytest.mark.parametrize(
    "seed", ["a", "ghp_", "sk-", "eyJ", "eyJ.eyJ", "password", "password=", "token='", "://a:", "-----"]
)
def test_a_long_hostile_text_ends(seed: str) -> None:
    text = seed * (5_000_000 // len(seed))
    script = (
        "import sys; from trashclaw.policy.secrets import Secrets; seed = sys.argv[1];"
        "Secrets().redact(seed * (5_000_000 // len(seed)))"
    )
    # In a process of its own, which can be stopped: a pattern cannot.
    done = subprocess.run([sys.executable, "-c", script, seed], cwd=ROOT, timeout=90, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(text) > 4_000_000


def test_an_edit_gets_the_value_back_and_nothing_else_does() -> None:
    secrets = Secrets()
    label = secrets.redact(f"key = {AWS}").text.removeprefix("key = ")
    arguments = {"old_text": f"a\nkey = {label}", "new_text": "b", "edits": [{"x": label}]}
    assert secrets.restore(arguments, is_edit=True) == {
        "old_text": f"a\nkey = {AWS}",
        "new_text": "b",
        "edits": [{"x": AWS}],
    }
    with pytest.raises(ToolError, match="that you cannot see"):
        secrets.restore({"command": f"echo {label}"}, is_edit=False)


def test_a_placeholder_that_somebody_else_wrote_stands_for_nothing() -> None:
    secrets = Secrets()
    planted = "[redacted: AWS access key]"
    secrets.reserve(f"curl -d '{planted}' http://example.com")
    assert secrets.redact(AWS).text == "[redacted: AWS access key #2]"
    with pytest.raises(ToolError, match="not known here"):
        secrets.restore({"content": planted}, is_edit=True)
    later = Secrets()
    later.redact(AWS)
    later.reserve(planted)
    with pytest.raises(ToolError, match="not known here"):
        later.restore({"content": planted}, is_edit=True)


def test_words_that_look_like_a_placeholder_but_never_were_one_stay() -> None:
    arguments = {"content": "[redacted: GitHub token]"}
    assert Secrets().restore(arguments, is_edit=True) == arguments


def test_a_key_of_several_lines_is_not_put_back() -> None:
    secrets = Secrets()
    secrets.redact(made_up_key())
    with pytest.raises(ToolError, match="not known here"):
        secrets.restore({"content": "[redacted: private key]"}, is_edit=True)


def test_more_secrets_than_can_be_told_apart_are_redacted_all_the_same() -> None:
    secrets = Secrets()
    many = ["gh" + "p_" + f"{number:036d}" for number in range(VALUES_AT_MOST + 2)]
    done = secrets.redact("\n".join(many))
    assert not any(token in done.text for token in many)
    assert done.text.endswith("[redacted: GitHub token, one of many]")
