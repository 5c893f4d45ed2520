"""Secrets made up at run time: none stands in the repository, so that no scanner finds one there."""

from __future__ import annotations

import base64
import json
import random
import string

_WORDS = string.ascii_letters + string.digits
_CHANCE = random.Random(7)


def made_up(length: int, letters: str = _WORDS) -> str:
    """Return text by chance, the same in every run."""
    return "".join(_CHANCE.choice(letters) for _ in range(length))


def made_up_key(label: str = "RSA ", end: str = "\n") -> str:
    """Return something shaped like a private key."""
    body = [made_up(64) for _ in range(5)] + [made_up(18) + "=="]
    words = f"{label}PRIV" + "ATE KEY-----"
    return end.join([f"-----BEGIN {words}", *body, f"-----END {words}"]) + end


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


GITHUB = "gh" + "p_" + made_up(36)
AWS = "AK" + "IA" + made_up(16, string.ascii_uppercase + string.digits)
TOKENS = {
    "GitHub token": [GITHUB, "gh" + "s_" + made_up(36), "github_" + "pat_" + made_up(22) + "_" + made_up(59)],
    "GitLab token": ["gl" + "pat-" + made_up(20), "gl" + "ptt-" + made_up(40)],
    "AWS access key": [AWS],
    "Slack token": ["xo" + "xb-" + made_up(12, string.digits) + "-" + made_up(24), "xa" + "pp-1-A0-" + made_up(60)],
    "Slack webhook": ["https://hooks.sl" + f"ack.com/services/T{made_up(8)}/B{made_up(8)}/{made_up(24)}"],
    "Stripe key": ["sk_" + "live_" + made_up(24), "rk_" + "live_" + made_up(90), "wh" + "sec_" + made_up(32)],
    "Google API key": ["AI" + "za" + made_up(35)],
    "Google OAuth secret": ["GOC" + "SPX-" + made_up(28)],
    "JSON web token": [f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part({'sub': '42', 'iat': 1})}.{made_up(43)}"],
    "npm token": ["np" + "m_" + made_up(36)],
    "PyPI token": ["py" + "pi-AgEIcHlwaS5vcmc" + made_up(120)],
    "AI service key": ["sk-" + "ant-api03-" + made_up(90), "sk-" + "proj-" + made_up(100)],
    "Hugging Face token": ["h" + "f_" + made_up(34, string.ascii_letters)],
    "SendGrid key": ["S" + "G." + made_up(22) + "." + made_up(43)],
    "Telegram token": ["1234567890" + ":A" + "A" + made_up(33)],
    "DigitalOcean token": ["do" + "p_v1_" + made_up(64, "0123456789abcdef")],
    "Vault token": ["hv" + "s." + made_up(90)],
    "age key": ["AGE-SEC" + "RET-KEY-1" + made_up(58, string.ascii_uppercase + string.digits)],
}

MIXED = "q8" + made_up(30)
GIVEN = [
    'password = "{}"',
    "export DB_PASSWORD={}",
    "12\tPASS={}",
    '{{"api_key": "{}"}}',
    "client_secret: '{}'",
    "aws_secret_access_key = {}",
    "+  auth-token: {}",
    "postgres://ada:{}@db.internal:5432/shop",
    'curl -H "Authorization: Bearer {}"',
    "//registry.example.com/:_authToken={}",
]
