"""How the text dialect writes tools, calls and results: a few forms, of which each model knows one best."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trashclaw.protocol.tools import ToolCall, ToolSpec

_FUNCTIONS = """# Tools
Call a tool by writing exactly this, and then end your answer; the result comes in the next message:
{example}
Several calls may follow each other. Never write a result yourself.
<tools>
{tools}
</tools>"""


@dataclass(frozen=True, slots=True)
class Form:
    """One form."""

    name: str
    example: str
    write_call: Callable[[ToolCall], str]
    result_opening: str = "<tool_response>\n"
    result_closing: str = "\n</tool_response>"
    separator: str = "\n"
    """Stands between calls, and between words and calls."""

    def introduce(self, tools: Iterable[ToolSpec]) -> str:
        """Return what the model is told of the tools; equal tools give equal text."""
        listed = "\n".join(_described(tool) for tool in tools)
        return _FUNCTIONS.format(example=self.example, tools=listed)

    def write_calls(self, calls: Iterable[ToolCall]) -> str:
        """Return calls as the model writes them, their arguments byte for byte where the form is JSON."""
        return self.separator.join(self.write_call(call) for call in calls)

    def write_result(self, text: str) -> str:
        """Return the result of one call; what a file or program says in it cannot end it."""
        closing = self.result_closing.strip()
        inside = text.replace(closing, f"{closing[0]} {closing[1:]}")
        return f"{self.result_opening}{inside}{self.result_closing}"


def _described(tool: ToolSpec) -> str:
    described = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return json.dumps(described, ensure_ascii=False)


def _hermes(call: ToolCall) -> str:
    return f"<tool_call>\n{_object(call, 'arguments')}\n</tool_call>"


def _lm_studio(call: ToolCall) -> str:
    return f"[TOOL_REQUEST]{_object(call, 'arguments')}[END_TOOL_REQUEST]"


def _object(call: ToolCall, key: str) -> str:
    return f'{{"name": {json.dumps(call.name, ensure_ascii=False)}, "{key}": {call.arguments}}}'


def _llama(call: ToolCall) -> str:
    return _object(call, "parameters")


def _mistral(call: ToolCall) -> str:
    return f"[TOOL_CALLS]{call.name}[ARGS]{call.arguments}"


def _qwen_coder(call: ToolCall) -> str:
    values = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in _values(call))
    return f"<tool_call>\n<function={call.name}>\n{values}</function>\n</tool_call>"


def _glm(call: ToolCall) -> str:
    pairs = "".join(f"<arg_key>{key}</arg_key>\n<arg_value>{value}</arg_value>\n" for key, value in _values(call))
    return f"<tool_call>{call.name}\n{pairs}</tool_call>"


def _invoke(call: ToolCall) -> str:
    values = "".join(f'<parameter name="{key}">{value}</parameter>\n' for key, value in _values(call))
    return f'<function_calls>\n<invoke name="{call.name}">\n{values}</invoke>\n</function_calls>'


def _values(call: ToolCall) -> list[tuple[str, str]]:
    """Return the arguments as plain text: strings as they are, all others as JSON."""
    try:
        members = json.loads(call.arguments, strict=False)
    except (ValueError, RecursionError):
        return []
    if not isinstance(members, dict):
        return []
    return [(k, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) for k, v in members.items()]


_XML_VALUE = "VALUE"
_FORMS = (
    Form("hermes", '<tool_call>\n{"name": NAME, "arguments": OBJECT}\n</tool_call>', _hermes),
    Form(
        "qwen3-coder",
        f"<tool_call>\n<function=NAME>\n<parameter=KEY>\n{_XML_VALUE}\n</parameter>\n</function>\n</tool_call>",
        _qwen_coder,
    ),
    Form("llama", '{"name": NAME, "parameters": OBJECT}', _llama),
    Form("mistral", "[TOOL_CALLS]NAME[ARGS]OBJECT", _mistral, "[TOOL_RESULTS]", "[/TOOL_RESULTS]", ""),
    Form("glm", f"<tool_call>NAME\n<arg_key>KEY</arg_key>\n<arg_value>{_XML_VALUE}</arg_value>\n</tool_call>", _glm),
    Form(
        "invoke",
        f'<function_calls>\n<invoke name="NAME">\n<parameter name="KEY">{_XML_VALUE}</parameter>\n'
        "</invoke>\n</function_calls>",
        _invoke,
        "<function_results>\n",
        "\n</function_results>",
    ),
    Form("lm-studio", '[TOOL_REQUEST]{"name": NAME, "arguments": OBJECT}[END_TOOL_REQUEST]', _lm_studio),
)
FORMS = {form.name: form for form in _FORMS}
"""All forms by name; `hermes` is what most models understand."""

_FORM_OF = (
    ("qwen3-coder", "qwen3-coder"),
    ("qwen3.5", "qwen3-coder"),
    ("nemotron-3", "qwen3-coder"),
    ("glm", "glm"),
    ("llama-3", "llama"),
    ("llama3", "llama"),
    ("mistral", "mistral"),
    ("devstral", "mistral"),
    ("ministral", "mistral"),
    ("minimax", "invoke"),
)


def form_for(model: str) -> str:
    """Return the name of the form that a model of this name was trained on; `hermes` for all others."""
    folded = model.casefold()
    return next((form for word, form in _FORM_OF if word in folded), "hermes")
