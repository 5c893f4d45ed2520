"""The detectors of `detect-secrets` that go by a pattern; the library is loaded when a text first has their marks.

Left out are those that guess (by entropy or by a name alone), those that take quadratic time, and those whose pattern
ends before the secret does; `secret_patterns.py` has the looks of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module


@dataclass(frozen=True, slots=True)
class _Detector:
    """One detector of the library."""

    kind: str
    module: str
    name: str
    marks: tuple[str, ...]
    is_exact: bool = False
    """Its length is fixed: with more letters behind, it is something else."""


_GITLAB = ("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-")
_DETECTORS = (
    _Detector("GitHub token", "github_token", "GitHubTokenDetector", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    _Detector("GitLab token", "gitlab_token", "GitLabTokenDetector", (*_GITLAB, "GR1348941")),
    _Detector("AWS access key", "aws", "AWSKeyDetector", ("AKIA", "ASIA", "ABIA", "ACCA"), is_exact=True),
    _Detector("Slack token", "slack", "SlackDetector", ("xoxa-", "xoxb-", "xoxp-", "xoxo-", "xoxs-", "xoxr-")),
    _Detector("Slack webhook", "slack", "SlackDetector", ("hooks.slack.com/services/T",)),
    _Detector("Stripe key", "stripe", "StripeDetector", ("sk_live_", "rk_live_")),
    _Detector("Square secret", "square_oauth", "SquareOAuthDetector", ("sq0csp-",)),
    _Detector("PyPI token", "pypi_token", "PypiTokenDetector", ("pypi-AgE",)),
    _Detector("Azure storage key", "azure_storage_key", "AzureStorageKeyDetector", ("AccountKey=",)),
    _Detector("Telegram token", "telegram_token", "TelegramBotTokenDetector", (":AA",), is_exact=True),
)

_JWT = re.compile(
    r"(?:(?<![A-Za-z0-9_=-])|(?<=\\n)|(?<=[0-9]m))eyJ[A-Za-z0-9_=-]{10,4000}+"
    r"\.eyJ[A-Za-z0-9_=-]{2,8000}+(?:\.[A-Za-z0-9_+/=-]{0,2000}+)?"
)
_JWT_MARK = ".eyJ"
KNOWN_MARKS = (*(mark for detector in _DETECTORS for mark in detector.marks), _JWT_MARK)
"""A text without any of these holds nothing that is found here."""

_WORD = re.compile(r"[A-Za-z0-9_-]++")


def find_known(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what the library's detectors find; what overlaps comes as it is found."""
    for detector in _DETECTORS:
        if any(mark in text for mark in detector.marks):
            for regex in _load(detector.module, detector.name):
                yield from _spans(detector, regex, text)
    if _JWT_MARK in text:
        for match in _JWT.finditer(text):
            if _is_token(match[0]):
                yield *match.span(), "JSON web token"


def _spans(detector: _Detector, regex: re.Pattern[str], text: str) -> Iterator[tuple[int, int, str]]:
    last = 0
    for match in regex.finditer(text):
        start, end = match.span()
        if start < last or (mark := next((mark for mark in detector.marks if mark in match[0]), None)) is None:
            continue
        rest = _WORD.match(text, end)
        if rest is not None and detector.is_exact:
            last = rest.end()
            continue
        last = rest.end() if rest is not None else end
        yield start + (len(mark) if mark.endswith("=") else 0), last, detector.kind


@cache
def _load(module: str, name: str) -> tuple[re.Pattern[str], ...]:
    detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
    return tuple(detector.denylist)


def _is_token(text: str) -> bool:
    """Tell whether the first two parts are JSON; of what was cut off they may end anywhere."""
    from detect_secrets.plugins.jwt import JwtTokenDetector

    header, _, _ = text.partition(".")
    return bool(JwtTokenDetector.is_formally_valid(header))
