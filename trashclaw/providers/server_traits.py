"""How OpenAI-compatible servers differ, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WindowSource(StrEnum):
    """Where a server tells the size of the window it really uses."""

    PROPS = "props"
    """llama.cpp: `/props`, and `/models` in router mode."""

    INSTANCES = "instances"
    """LM Studio: the loaded instances of `/api/v1/models`, or `/api/v0/models` before 0.4."""

    MODELS = "models"
    """The entry of `/v1/models`: `max_model_len`, `meta.n_ctx` or `context_length`."""


@dataclass(frozen=True, slots=True)
class ServerTraits:
    """What one kind of server understands beyond the common ground."""

    name: str
    """The provider's name in settings."""

    title: str
    """Its name for a person."""

    default_url: str = ""
    start_hint: str = "Is it running?"
    window_source: WindowSource = WindowSource.MODELS
    reports_progress: bool = False
    """Takes `return_progress` and tells how much of the prompt it has read."""

    counts_tokens: bool = False
    """Has `/v1/chat/completions/input_tokens`."""

    takes_template_kwargs: bool = False
    """Thinking is switched by `chat_template_kwargs.enable_thinking`."""

    takes_think_budget: bool = False
    """Takes `thinking_budget_tokens`, and closes the thought itself when they are spent."""

    can_constrain: bool = False
    """Holds an answer to the schema of `response_format`."""

    can_continue: bool = False
    """Goes on with a last message of the assistant's, or does so when it is asked in vLLM's words."""

    asks_to_continue: bool = False
    """Wants `continue_final_message` for that."""

    can_leave_answer_unopened: bool = False
    """Takes `add_generation_prompt: false`, so that nothing but the messages is read."""

    first_ahead_tokens: int = 0
    """See `ModelProfile.first_ahead_tokens`."""

    reasoning_field: str = ""
    """Field for thoughts that came from another kind of server; empty if they are left out."""

    names_results: bool = False
    """Its templates want the tool's name on a result."""

    is_silent_on_overflow: bool = False
    """Answers nothing, and counts nothing, where a request is larger than the window."""

    checks_model: bool = False
    """Its list of models is complete: a name that is not there is refused."""


LLAMA_FIRST_AHEAD_TOKENS = 520
"""llama.cpp keeps the state at the start of a message only where more than 516 tokens stand behind it, and only the
first state of all for good."""

LLAMACPP = ServerTraits(
    name="llamacpp",
    title="llama.cpp's server",
    default_url="http://127.0.0.1:9931",
    start_hint="Start it with: llama-server -m MODEL.gguf --jinja",
    window_source=WindowSource.PROPS,
    reports_progress=True,
    counts_tokens=True,
    takes_template_kwargs=True,
    takes_think_budget=True,
    can_constrain=True,
    can_continue=True,
    can_leave_answer_unopened=True,
    reasoning_field="reasoning_content",
    names_results=True,
    first_ahead_tokens=LLAMA_FIRST_AHEAD_TOKENS,
)
LMSTUDIO = ServerTraits(
    name="lmstudio",
    title="LM Studio",
    default_url="http://127.0.0.1:1234",
    start_hint="Start its server with: lms server start",
    window_source=WindowSource.INSTANCES,
    is_silent_on_overflow=True,
    can_constrain=True,
    reasoning_field="reasoning_content",
    checks_model=True,
)
VLLM = ServerTraits(
    name="vllm",
    title="vLLM",
    default_url="http://127.0.0.1:8000",
    start_hint="Start it with: vllm serve MODEL",
    takes_template_kwargs=True,
    can_constrain=True,
    can_continue=True,
    asks_to_continue=True,
    reasoning_field="reasoning",
    checks_model=True,
)
OPENAI = ServerTraits(name="openai", title="The server")

TRAITS = {traits.name: traits for traits in (LLAMACPP, LMSTUDIO, VLLM, OPENAI)}
