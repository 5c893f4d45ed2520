"""Rules for hosts: what they match, and what is none."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.protocol.errors import UsageError
from trashclaw.sandbox.host_rules import HostRule, HostRules, Target, host_name, is_public


@pytest.mark.parametrize(
    ("rule", "host", "port"),
    [
        ("api.example.com", "api.example.com", 443),
        ("api.example.com", "api.example.com", 80),
        ("API.Example.COM.", "api.example.com", 443),
        ("api.example.com:8443", "api.example.com", 8443),
        ("api.example.com:*", "api.example.com", 5432),
        ("*.example.com", "a.example.com", 443),
        ("*.example.com", "a.b.example.com", 443),
        ("*.example.com:8443", "a.example.com", 8443),
        ("*", "anything.example", 443),
        ("*:*", "anything.example", 22),
        ("bücher.example", "xn--bcher-kva.example", 443),
        ("93.184.216.34", "93.184.216.34", 443),
        ("[2001:4860:4860::8888]:853", "2001:4860:4860::8888", 853),
        ("2001:4860:4860:0:0:0:0:8888", "2001:4860:4860::8888", 443),
        ("localhost:8000", "localhost", 8000),
        ("localhost:8000", "127.0.0.1", 8000),
        ("localhost:8000", "::1", 8000),
    ],
)
def test_a_rule_matches(rule: str, host: str, port: int) -> None:
    assert HostRule.parse(rule).matches(Target(host, port))


@pytest.mark.parametrize(
    ("rule", "host", "port"),
    [
        ("api.example.com", "api.example.com", 8443),
        ("api.example.com", "api.example.com", 22),
        ("api.example.com:8443", "api.example.com", 443),
        ("api.example.com", "example.com", 443),
        ("api.example.com", "xapi.example.com", 443),
        ("api.example.com", "api.example.com.evil.example", 443),
        ("*.example.com", "example.com", 443),
        ("*.example.com", "notexample.com", 443),
        ("*.example.com", "a.example.com", 22),
        ("*", "anything.example", 22),
        ("localhost:8000", "127.0.0.2", 8000),
        ("localhost", "localhost.example", 443),
        ("127.0.0.1:8000", "localhost", 8000),
    ],
)
def test_a_rule_does_not_match(rule: str, host: str, port: int) -> None:
    assert not HostRule.parse(rule).matches(Target(host, port))


@pytest.mark.parametrize(
    "rule",
    [
        "",
        ".",
        " ",
        "*.",
        "**",
        "a*.example.com",
        "*.*.example.com",
        "https://api.example.com",
        "user@api.example.com",
        "api.example.com/path",
        "api.example.com:0",
        "api.example.com:65536",
        "api.example.com:https",
        "api.example.com:",
        "api.example.com:٣",
        "api example.com",
        "api.example.com\r\nx",
        "-api.example.com",
        "2130706433",
        "127.1",
        "0x7f.0.0.1",
        "1.2.3.4.5",
        "*.1.2.3.4",
        "[1.2.3.4]",
        "[::1",
        "[::1]x",
        "fe80::1%eth0",
        "straße.example",
        "a" * 64 + ".example",
        ("a." * 200) + "example",
    ],
)
def test_what_is_no_rule_is_refused_with_the_reason(rule: str) -> None:
    with pytest.raises(UsageError) as caught:
        HostRule.parse(rule)
    assert "is no rule for hosts" in caught.value.text
    assert caught.value.hint


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.5",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "fec0::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_an_address_that_is_not_public_needs_its_own_rule(address: str) -> None:
    found = ip_address(address)
    assert not is_public(found)
    assert not HostRules.parse(["*:*", "api.example.com"]).lets_connect(found, 443)
    assert HostRules.parse([f"[{address}]" if ":" in address else address]).lets_connect(found, 443)


@pytest.mark.parametrize("address", ["93.184.216.34", "2001:4860:4860::8888", "::ffff:93.184.216.34"])
def test_a_public_address_needs_no_rule_of_its_own(address: str) -> None:
    assert HostRules().lets_connect(ip_address(address), 443)


def test_a_rule_for_an_address_holds_for_its_port_only() -> None:
    rules = HostRules.parse(["127.0.0.1:8000", "localhost:9000"])
    address = ip_address("127.0.0.1")
    assert rules.lets_connect(address, 8000) and rules.lets_connect(address, 9000)
    assert not rules.lets_connect(address, 443)


@pytest.mark.parametrize(
    "text", ["2130706433", "127.1", "0x7f.1", "0x7f", "0177.0.0.1", "a..b", "a b", "ä.example", "a%2eb"]
)
def test_a_name_that_a_resolver_could_take_for_another_is_none(text: str) -> None:
    assert host_name(text) is None


def test_a_target_is_written_as_the_rule_that_allows_it() -> None:
    for target in (Target("api.example.com", 443), Target("api.example.com", 22), Target("::1", 80), Target("::1", 99)):
        rule = HostRule.parse(str(target))
        assert rule.matches(target)
    assert str(Target("::1", 99)) == "[::1]:99"


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    try:
        rule = HostRule.parse(text)
    except UsageError:
        return
    assert rule.host == rule.host.lower() and rule.host.isascii()
