"""The corpus of hostile text: what terminals obey, what markup would do, and what upsets columns."""

from __future__ import annotations

from collections.abc import Iterator

ESC, BEL, ST = "\x1b", "\a", "\x1b\\"
_CSI = (
    "2J", "3J", "H", "1;1H", "10;10Hover", "999A", "5B", "2K", "1P", "4L", "3M", "5X", "2S", "2T", "31;5m", "7m",
    "0m", "38;2;255;0;0m", "48;5;196m", "?1049h", "?1049l", "?25h", "?25l", "?1000h", "?1003h", "?2004l", "?2026h",
    "?7h", "?1004l", "?5h", "?69h", "4h", "20h", "!p", "6n", "c", ">c", "=c", "?6n", "5n", "21t", "14t", "8;5;5t",
    "3;1;1t", "2;2r", "s", "u", ">31u", "<9u", "?u", "?2048h", "0 q", "5i", "4i", "?12$p", "1$r", "b", "1;2;3;4$x",
    "?996n",
)  # fmt: skip
_OSC = (
    "0;title", "1;icon", "2;title", "4;1;rgb:ff/00/00", "4;1;?", "7;file:///etc", "8;;http://evil.example", "9;done",
    "9;4;1;50", "10;?", "11;?", "11;#ff0000", "12;#00ff00", "22;wait", "50;?", "52;c;cm0gLXJmIH4=", "52;c;?",
    "52;p;eA==", "99;i=1;hello", "104", "110", "112", "133;A", "133;D;0", "176;x", "633;E;ls", "666;x",
    "777;notify;a;b", "777;precmd", "1337;File=inline=1:AAAA", "1337;SetMark", "1337;RequestAttention=yes",
    "5522;type=read",
)  # fmt: skip
_MARKUP = (
    "[red]markup[/red]", "[bold red on blue]markup[/]", "[@click=app.leave]press[/]", "[@click=app.bell]press[/]",
    "[@click=screen.toggle_side()]press[/]", "[link=http://evil.example]bank[/link]", "[on red]x[/on red]", "[/]",
    "[/red]", "[blink]x[/blink]", "[reverse]x[/reverse]", "[$error]x[/]", "[#ff0000]x[/]", "[b]x[/b]",
    "[not bold]x[/]", "[@click='app.quit']x[/]", "[@click=app.open_url('http://evil.example')]x[/]", ":smile:",
    ":warning:", "[[red]]", "[red", "]red[", "[@click=]x[/]", "[link]x[/link]", "[u s i dim]x[/]",
)  # fmt: skip
_DOCUMENTS = (
    "[bank](http://evil.example)", "[x](javascript:alert(1))", "![p](http://evil.example/p.png)",
    "<http://evil.example>", "[a]: http://evil.example", "<script>alert(1)</script>", "<b>bold</b>",
    "<img src=x onerror=y>", "<!-- hidden -->", "&#27;[31mred", "&#x1b;[2J", "&#x202e;abc", "&lt;b&gt;", "&nbsp;",
    "`[red]`", "```\n[red]\x1b[2J\n```", "| a |\n|-|\n| \x1b[2J |", "# \x1b]0;t\x07", "- [x] \u202e", "> \x1b[31m",
    "1. \x9b2J", "***\x1b[5m***", "\\\x1b[2J", "[x](\x1b]8;;evil\x07)", "$\\x1b[2J$",
)  # fmt: skip
_UNICODE = (
    "\u202egnp.exe", "\u202dabc", "\u202aabc\u202c", "\u202babc\u202c", "\u2066abc", "\u2067abc\u2069", "\u2068abc",
    "\u200eabc", "\u200fabc", "\u061cabc", "a\u200bb", "a\u200cb", "a\u200db", "a\u2060b", "\ufeffa", "a\u00adb",
    "a\u180eb", "\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\U000e0041\U000e0042",
    "\U0001f3f4\U000e0067\U000e007f", "a\ufe0f", "a\ufe01\ufe02\ufe03", "\U0001f600" + "\U000e0100" * 20,
    "\u2764\ufe0f", "\u2764\ufe0e", "1\ufe0f\u20e3", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\U0001f44d\U0001f3fd", "\U0001f3fd", "\U0001f1e9\U0001f1ea", "\U0001f1e9", "\U0001f3f3\ufe0f\u200d\U0001f308",
    "e\u0301", "o" + "\u0336" * 50, "\u0301first", "Z" + "\u0300\u0316" * 200,
    "a\u20dd\u20dd\u20dd\u20dd\u20dd\u20dd", "\u0489" * 30, "\u1112\u1161\u11ab", "\u1161\u1161\u1161", "\u11ab" * 20,
    "\u1100" * 5, "\u6f22\u5b57\u304b\u306a\u4ea4\u3058\u308a", "\uff46\uff55\uff4c\uff4c", "\ud55c\uad6d\uc5b4",
    "\u00b1\u00a7\u2606\u03b1", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627",
    "abc \u05e9\u05dc\u05d5\u05dd 123", "\u0928\u092e\u0938\u094d\u0924\u0947", "\ud800", "\udfff", "\ud83d x",
    "\udcff\udc80", "\ufffe", "\uffff", "\ufdd0", "\u2028next", "\u2029next", "\ufff9a\ufffab\ufffb",
    "\U0001d173x\U0001d17a", "\u2061\u2062\u2063\u2064", "\u206a\u206f", "\ufdfd", "\u0e01\u0e33\u0e33\u0e33",
    "\U0010ffff",
)  # fmt: skip
_CONTROLS = (
    "\0", "a\0b", "\a", "\a\a\a", "abc\b\b\bxyz", "over\rwrite", "line\r\n\rline", "\v\f", "\x0e\x0f", "\x05",
    "\x11\x13", "\x18", "\x1a", "\x7f", "\x85next", "\x84", "\x8d", "\x90q\x9c", "\x9b2J", "\x9b31m", "\x9d0;t\x9c",
    "\x9d52;c;eA==\x9c", "\x98s\x9c", "\x9ep\x9c", "\x9fa\x9c", "\x9a", "\x8e\x8f", "tab\tin\tbetween",
    "\x1c\x1d\x1e\x1f", "\x7f\x7f\x7f",
)  # fmt: skip
_OTHER = (
    f"{ESC}c", f"{ESC}7{ESC}8", f"{ESC}D{ESC}M", f"{ESC}E", f"{ESC}#8", f"{ESC}(0lqqk{ESC}(B", f"{ESC}=", f"{ESC}>",
    f"{ESC}Z", f"{ESC}n{ESC}o", f"{ESC}%G", f"{ESC} F", f"{ESC}6{ESC}9", f"{ESC}PP+q544e{ST}", f"{ESC}P$q m{ST}",
    f"{ESC}P1$tx{ST}", f"{ESC}Ptmux;{ESC}{ESC}]52;c;eA=={BEL}{ST}", f"{ESC}P0;0;0q#0!10~-{ST}",
    f"{ESC}_Gf=100;AAAA{ST}", f"{ESC}_tmux{ST}", f"{ESC}^privacy{ST}", f"{ESC}Xstring{ST}", f"{ESC}ktitle{ST}",
    f"{ESC}", f"text {ESC}", f"{ESC}[", f"{ESC}]", f"{ESC}]0;no end", f"{ESC}[31", f"{ESC}P no end", f"{ESC}{ESC}[2J",
    f"{ESC}[{ESC}[2J", f"{ESC}\n[2J", f"{ESC}[\n2J", f"{ESC}[200~paste{ESC}[201~",
)  # fmt: skip


def all_strings() -> tuple[str, ...]:
    """Return the corpus, in a fixed order."""
    return tuple(dict.fromkeys(_strings()))


def markup_strings() -> tuple[str, ...]:
    """Return those that are markup, each of which has to be shown as it stands."""
    return _MARKUP


def _strings() -> Iterator[str]:
    yield from (f"{ESC}[{rest}" for rest in _CSI)
    yield from (f"{ESC}]{rest}{BEL if place % 2 else ST}" for place, rest in enumerate(_OSC))
    yield from _OTHER
    yield from _CONTROLS
    yield from _UNICODE
    yield from _MARKUP
    yield from _DOCUMENTS
    yield "long " * 800
    yield "x" * 5_000
    yield "o" + "\u0301" * 100_000
    yield "\u6f22" * 2_000
