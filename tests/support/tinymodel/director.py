"""A scripted session on the real engine: a proxy that leaves the model no choice.

It rewrites requests only; every byte of every answer (streams, calls, figures, errors) is the real server's own.
Step n answers the request that holds n assistant messages. A step is one text or one call, and a call step changes the
tools in the prompt: for prompt-cache figures, use the trained model without a director.
"""

from __future__ import annotations

import http.client
import json
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.relay import Proxy, Relay
from tests.support.tinymodel.repertoire import Json

LAST_STEP = "The script is over."


@dataclass(frozen=True)
class Say:
    """A text, with thoughts before it if need be.

    A call written out in it stays text, as it does on servers that know no calls.
    """

    text: str
    thought: str = ""

    def apply(self, body: Json) -> Json:
        """Return the request with a grammar of this one text."""
        text = f"<think>\n{self.thought}\n</think>\n\n{self.text}" if self.thought else self.text
        choice = {"tool_choice": "none"} if body.get("tools") else {}
        return body | choice | {"grammar": f'root ::= "{_quoted(text)}"'}


@dataclass(frozen=True)
class Call:
    """One native tool call."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    def apply(self, body: Json) -> Json:
        """Return the request with this one tool, its arguments pinned, and the call begun."""
        function = {"name": self.name, "description": "", "parameters": _pinned(self.arguments)}
        begun = {"role": "assistant", "content": "<tool_call>\n"}
        return body | {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": "required",
            "parallel_tool_calls": False,
            "messages": [*body["messages"], begun],
        }


@dataclass(frozen=True)
class Ramble:
    """Whatever the model says, at a temperature that makes it long."""

    def apply(self, body: Json) -> Json:
        """Return the request with no end to its answer but `max_tokens`."""
        return body | {"ignore_eos": True, "temperature": 1.0}


Step = Say | Call | Ramble


class Director(Proxy):
    """The proxy; a context manager that stops it. `requests` holds the bodies that came, as they came."""

    def __init__(self, engine: Engine, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.requests: list[Json] = []
        self._upstream = urllib.parse.urlsplit(engine.url).netloc
        # Once the grammar allows it, the call ends.
        self._ending = [[token, 100] for token in engine.tokens("</tool_call><|im_end|>")]
        director = self

        class Handler(Relay):
            def rewritten(self, body: bytes) -> bytes:
                return director.rewrite(body) if self.path.endswith("/chat/completions") else body

            def upstream(self) -> http.client.HTTPConnection:
                return http.client.HTTPConnection(director._upstream, timeout=600)

        self.listen(Handler, "director")

    def rewrite(self, raw: bytes) -> bytes:
        """Return a chat request such that its answer can only be the step that is due."""
        try:
            body: Json = json.loads(raw)
            count = sum(message["role"] == "assistant" for message in body["messages"])
        except (ValueError, KeyError, TypeError):
            return raw
        self.requests.append(body)
        step = self.steps[count] if count < len(self.steps) else Say(LAST_STEP)
        bias = {"logit_bias": self._ending} if isinstance(step, Call) else {}
        return json.dumps(step.apply(body) | bias).encode()


def _quoted(text: str) -> str:
    """Return a text as it stands in a GBNF string."""
    marks = {"\\": "\\\\", '"': '\\"'}
    return "".join(f"\\x{ord(sign):02X}" if ord(sign) < 32 else marks.get(sign, sign) for sign in text)


def _pinned(value: object) -> Json:
    if not isinstance(value, Mapping):
        return {"const": value}
    properties = {name: _pinned(inner) for name, inner in value.items()}
    return {"type": "object", "properties": properties, "required": list(value), "additionalProperties": False}
