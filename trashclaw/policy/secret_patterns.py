"""How secrets look: tokens by their prefix, private keys, passwords in addresses, and values given to telling names.

Every pattern takes time in proportion to the text: what repeats is bounded or never given back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from math import log2


@dataclass(frozen=True, slots=True)
class Pattern:
    """One look of a secret."""

    kind: str
    """For a person, as it stands in the placeholder."""

    marks: tuple[str, ...]
    """A text without any of these holds no such secret."""

    source: str
    """A regular expression, compiled when a text first has a mark; the group `value` is the secret, else all of it."""

    is_secret: Callable[[str], bool] | None = None
    """Looks twice at a value."""

    @property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression."""
        return _compiled(self.source)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _token(kind: str, marks: str, body: str) -> Pattern:
    """Return the pattern of a token that begins with one of the marks (between blanks) and is a word of its own."""
    starts = "|".join(re.escape(mark) for mark in marks.split())
    end = "" if body.endswith(",}+") else "(?![A-Za-z0-9])"
    return Pattern(kind, tuple(marks.split()), f"(?:{starts}){body}{end}")


_TOKENS = (
    _token("GitHub token", "github_pat_", "[A-Za-z0-9_]{22,}+"),
    _token("AI service key", "sk-ant-", "[A-Za-z0-9_-]{24,}+"),
    _token("AI service key", "sk-proj- sk-svcacct- sk-admin- sk-or-v1-", "[A-Za-z0-9_-]{32,}+"),
    _token("AI service key", "sk-", "[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}+"),
    _token("AI service key", "gsk_ xai- pplx-", "[A-Za-z0-9]{40,}+"),
    _token("Hugging Face token", "hf_", "[A-Za-z]{34}+"),
    _token("Google API key", "AIza", "[A-Za-z0-9_-]{35}+"),
    _token("Google OAuth secret", "GOCSPX-", "[A-Za-z0-9_-]{28}+"),
    _token("Google OAuth token", "ya29.", "[A-Za-z0-9_-]{30,}+"),
    _token("npm token", "npm_", "[A-Za-z0-9]{36}+"),
    _token("RubyGems key", "rubygems_", "[a-f0-9]{48}+"),
    _token("crate registry token", "cio", "[A-Za-z0-9]{32}+"),
    _token("Docker token", "dckr_pat_ dckr_oat_", "[A-Za-z0-9_-]{20,}+"),
    _token("Slack token", "xoxe. xoxe- xapp- xoxc- xoxd-", "[A-Za-z0-9%._-]{20,}+"),
    _token("Stripe key", "sk_test_ rk_test_ whsec_", "[A-Za-z0-9+/]{24,}+"),
    _token("SendGrid key", "SG.", r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}+"),
    _token("Twilio key", "SK", "[a-f0-9]{32}+"),
    _token("Shopify token", "shpat_ shpca_ shppa_ shpss_", "[A-Fa-f0-9]{32}+"),
    _token("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", "[a-f0-9]{64}+"),
    _token("Databricks token", "dapi", "[a-f0-9]{32}+"),
    _token("Vault token", "hvs. hvb. hvr.", "[A-Za-z0-9_-]{24,}+"),
    _token("Terraform token", ".atlasv1.", "[A-Za-z0-9_=-]{60,}+"),
    _token("Linear key", "lin_api_", "[A-Za-z0-9]{40}+"),
    _token("Notion token", "ntn_ secret_", "[A-Za-z0-9]{43,}+"),
    _token("Grafana token", "glsa_ glc_", "[A-Za-z0-9+/=_]{32,}+"),
    _token("Sentry token", "sntrys_ sntryu_", "[A-Za-z0-9+/=_]{40,}+"),
    _token("New Relic key", "NRAK-", "[A-Z0-9]{27}+"),
    _token("Postman key", "PMAK-", "[a-f0-9]{24}-[a-f0-9]{34}+"),
    _token("Doppler token", "dp.pt. dp.st.", "[A-Za-z0-9._-]{40,}+"),
    _token("Supabase key", "sbp_", "[a-f0-9]{40}+"),
    _token("age key", "AGE-SECRET-KEY-1", "[A-Z0-9]{58}+"),
    _token("Artifactory token", "AKCp", "[A-Za-z0-9]{60,}+"),
)

_PLACEHOLDER = re.compile(
    r"example|placeholder|change|your|dummy|sample|redacted|xxxx|0000|1234|abcd|insert|replace|fake|mock|test|none|null"
    r"|undefined|password|passwd|secret|token|hidden|masked|[<>{}()\[\]\\]|\$[A-Z_]|%[sd]|\*\*\*|\.\.\.|…",
    re.IGNORECASE,
)
_PLAIN_VALUE = re.compile(
    r"[./~@#].*|[A-Za-z]+(?:[._/:-][A-Za-z]+)*|[\d.,:/+-]+|https?://.*|.*\.[a-z]{2,4}"
    r"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[a-z]+\d{0,3}(?:[_-][a-z]+\d{0,3})+"
)
"""Words, paths, numbers, addresses, names of a program's own: what a name is given that is no secret."""


def _entropy(text: str) -> float:
    """Return the bits a character."""
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())


def _is_password(value: str) -> bool:
    """Tell whether a value is no stand-in, and nothing of a program's own."""
    return _PLACEHOLDER.search(value) is None and _PLAIN_VALUE.fullmatch(value) is None


def _is_random(value: str) -> bool:
    """Tell whether a value was made by chance: long, letters and digits mixed, few of them twice."""
    has_both = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return len(value) >= 16 and has_both and _entropy(value) >= 3.2 and _is_password(value)


_CONTEXTS = (
    Pattern(
        "password in a URL",
        ("://",),
        r"://[^\s:@/\"'<>`|,]{0,100}+:(?P<value>[^\s:@/\"'<>`|,]{3,200}+)@[\w\[]",
        _is_password,
    ),
    Pattern(
        "authorization header",
        ("uthorization", "UTHORIZATION"),
        r"(?i)authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token)\s{1,3}(?P<value>[\w.~+/=-]{16,2000}+)",
        _is_random,
    ),
    Pattern(
        "npm token",
        ("_authToken", "_auth="),
        r"_auth(?:Token)?\s{0,3}=\s{0,3}[\"']?(?P<value>[\w+/=-]{16,400}+)",
        _is_random,
    ),
)

PATTERNS = (*_TOKENS, *_CONTEXTS)

_KINDS = {
    "pass": "password",
    "secret": "secret",
    "token": "token",
    "api_key": "API key",
    "api-key": "API key",
    "apikey": "API key",
    "access_key": "access key",
    "accesskey": "access key",
    "private_key": "private key",
    "privatekey": "private key",
    "credential": "credential",
}
"""What a value is called after a word in the name that it is given to."""

_GIVEN = (
    r"(?i)(?:pass(?:word|wd|phrase|(?![a-z]))|secret|token|(?:api|access|private)[_-]?key|credentials?)"
    r"(?![\w-]{0,40}(?:id|hash|sha256|url|uri|name|file|path|field|type|count|hint)\b)"
    r"[\w-]{0,30}+[\"'\]]{0,2}[ \t]{0,3}(?:=>|:=|[=:])[ \t]{0,3}"
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\s]{8,256}+)(?P=quote)|(?P<bare>[\w+/=.~!@#%^&*?-]{8,256}+)(?=[\s,;]|\Z))"
)


def has_giving_word(text: str) -> bool:
    """Tell whether `find_given` has anything to look at; only letters of ASCII count as words."""
    lowered = text.lower()
    return any(word in lowered for word in _KINDS) if text.isascii() else True


def find_given(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what is given to a telling name, as far as it is surely a secret."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(char.lower() if char.isascii() else char for char in text)
    for word, kind in _KINDS.items():
        at = lowered.find(word)
        while at >= 0:
            match = _compiled(_GIVEN).match(text, at)
            if match is not None and _is_given(match, kind):
                yield *match.span("quoted" if match["bare"] is None else "bare"), kind
            at = lowered.find(word, at + len(word))


def _is_given(match: re.Match[str], kind: str) -> bool:
    """Tell a secret: a password in quotes or in an environment may be short, everything else must be random."""
    value = match["quoted"] or match["bare"]
    is_told = match["bare"] is None or match[0].startswith("PASS")
    return _is_password(value) if is_told and kind == "password" else _is_random(value)
