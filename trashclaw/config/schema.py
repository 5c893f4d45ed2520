"""The settings: names, types, defaults and what each one means."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from trashclaw.protocol.base import Frozen
from trashclaw.protocol.modes import Mode

ProviderName = Literal["ollama", "lmstudio", "llamacpp", "vllm", "openai", "embedded", "scripted"]
BackendName = Literal["auto", "overlay", "bubblewrap", "sandlock", "sandbox-exec", "ask-first"]

_HOST = re.compile(r"(\*|(\*\.)?(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?")
_DURATION = re.compile(r"-?\d+(\.\d+)?(ms|s|m|h)?(\d+(ms|s|m))*")


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _go_duration(value: object) -> object:
    """Bring seconds and `30m` into the form that model servers parse: a number is never without its unit."""
    text = str(value).strip() if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
    if not _DURATION.fullmatch(text):
        raise ValueError("must be seconds or a duration such as 30m, 1h30m or -1 (for ever)")
    return text if text[-1].isalpha() else f"{text}s"


def _http_url(value: str) -> str:
    if not re.match(r"https?://[^\s/]+", value):
        raise ValueError("must begin with http:// or https:// and name a host")
    return value.rstrip("/")


def as_list(value: Any) -> Any:
    """Take one text for a list, divided by commas: an environment variable has no other form."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _host(value: str) -> str:
    host = value.strip().lower().rstrip(".")
    if not _HOST.fullmatch(host):
        raise ValueError("must be a host such as api.example.com, api.example.com:443, *.example.com, or * for all")
    return host


def _off_word(value: object) -> object:
    """Take `off` for the word that it is; YAML takes it for false."""
    return "off" if value is False else value


OnOrOff = Annotated[Literal["auto", "off"], BeforeValidator(_off_word)]
Notify = Annotated[Literal["auto", "osc9", "osc777", "bell", "off"], BeforeValidator(_off_word)]
Count = Annotated[int, BeforeValidator(_no_bool)]
Number = Annotated[float, BeforeValidator(_no_bool)]
Name = Annotated[str, Field(min_length=1, pattern=r"\S")]
Names = Annotated[tuple[Name, ...], BeforeValidator(as_list)]
Hosts = Annotated[tuple[Annotated[Name, AfterValidator(_host)], ...], BeforeValidator(as_list)]


class Section(Frozen):
    """A group of settings; a number in it is always a finite one."""

    model_config = ConfigDict(allow_inf_nan=False)


class LimitSettings(Section):
    """When a turn stops by itself."""

    steps: Count = Field(40, ge=1, description="Steps in one turn: model requests, each with its tool calls.")
    tokens: Count | None = Field(None, ge=1, description="Tokens written in one turn; none: no limit.")
    time_s: Number | None = Field(None, gt=0, description="Seconds for one turn; none: no limit.")
    repeats: Count = Field(6, ge=3, description="How often a turn may go in a circle before it is stopped as stalled.")
    idle_steps: Count = Field(
        12, ge=4, description="Steps without anything new after which a turn is stopped as stalled."
    )
    read_lines: Count = Field(2000, ge=20, description="Lines that one read of a file gives at most.")


class ServerSettings(Section):
    """How the model server is asked."""

    num_ctx: Count | None = Field(
        None,
        ge=512,
        description="Size of the context window in tokens, one value a session; none: chosen by model and free memory.",
    )
    connect_timeout_s: Number = Field(5.0, gt=0, description="Seconds to wait for a connection.")
    request_timeout_s: Number | None = Field(
        None, gt=0, description="Seconds for one whole request, reading of the prompt included; none: no limit."
    )
    load_timeout_s: Number | None = Field(
        900.0, gt=0, description="Seconds for the server to load the model; none: no limit."
    )
    prompt_timeout_s: Number | None = Field(
        None,
        gt=0,
        description="Seconds for the server to read the prompt; none: no limit, a processor may need minutes.",
    )
    idle_timeout_s: Number = Field(
        120.0, gt=0, description="Seconds of silence, once an answer has begun, after which it counts as broken."
    )
    retries: Count = Field(2, ge=0, le=10, description="How often a request that got no answer is sent again.")
    keep_alive: Annotated[str, BeforeValidator(_go_duration)] = Field(
        "30m", description="How long the server keeps the model loaded after a request; -1: for ever."
    )
    temperature: Number | None = Field(None, ge=0, le=2, description="Sampling temperature; none: the model's own.")
    think: bool | Literal["low", "medium", "high"] | None = Field(
        None, description="Whether, or how hard, the model thinks first; none: the model's own way."
    )
    think_tokens: Count | None = Field(
        None, ge=64, description="Tokens of thinking in one step, after which the model has to answer; none: no limit."
    )


class ContextSettings(Section):
    """When the conversation is compacted, and what stays whole."""

    high_water: Number = Field(0.75, gt=0, lt=1, description="Share of the window at which a compaction starts.")
    low_water: Number = Field(0.40, gt=0, lt=1, description="Share of the window that a compaction comes down to.")
    kept_results: Count = Field(5, ge=1, description="The last tool results that are always kept whole.")
    summary: OnOrOff = Field(
        "auto", description="Have the model sum up what is left out, where one line each is not enough."
    )
    read_ahead: bool = Field(
        True, description="Have an idle local server read the next request's beginning ahead, and compact then."
    )
    read_ahead_on_battery: bool = Field(False, description="Do so on battery too.")

    @model_validator(mode="after")
    def _waters_in_order(self) -> Self:
        if self.low_water >= self.high_water:
            raise ValueError(f"low_water ({self.low_water}) must be less than high_water ({self.high_water})")
        return self


class MemorySettings(Section):
    """What the model is told at the beginning of every session."""

    instructions: bool = Field(True, description="Load the project's instructions: AGENTS.md and what others call it.")
    instruction_tokens: Count | None = Field(
        None,
        ge=64,
        description="Tokens of instructions and memory, at most a third of the window; none: a tenth, 4,000 at most.",
    )
    tasks: bool = Field(True, description="Remember in a few words what was done, for later sessions in the folder.")


class SandboxSettings(Section):
    """What commands may see, reach and use."""

    backend: BackendName = Field(
        "auto",
        description="What holds back the effects of commands; auto: the strongest that works here.",
    )
    ignored: Literal["merge", "discard"] = Field(
        "merge", description="What becomes of a command's changes to files that git ignores, such as caches."
    )
    readable: Names = Field(
        (), description="Globs of hidden files that commands may read after all, such as `.env.test`."
    )
    hidden: Names = Field((), description="Further paths and globs that neither commands nor tools read.")
    hosts: Hosts = Field((), description="Hosts that commands reach without a question in mode `auto`.")
    time_s: Number = Field(120.0, gt=0, description="Seconds for one command, unless the call says otherwise.")
    memory_mb: Count = Field(8000, ge=16, description="Memory for one command and everything that it starts.")
    processes: Count = Field(512, ge=1, description="Processes of one command at a time.")
    disk_mb: Count = Field(4000, ge=1, description="What one command may write, temporary files included.")


class MannerSettings(Section):
    """How the model is talked to; `auto` is what its exam and the session's own measurements say."""

    dialect: Literal["auto", "native", "typed", "text"] = Field(
        "auto", description="Tool calls by the server, by a schema for the whole answer, or written into the text."
    )
    tool_set: Literal["auto", "full", "lean", "nano"] = Field(
        "auto", description="How many tools are offered, and how long the system prompt is."
    )
    edit_format: Literal["auto", "replace", "patch", "whole_file"] = Field(
        "auto", description="How the model is asked to write an edit."
    )
    switch: bool = Field(
        True, description="Change dialect, edit format, tool set and thinking in a session where they fail."
    )
    other_model: Name | None = Field(
        None, description="Model, or provider/model, to go on with when this one goes in circles; none: stay."
    )


class CheckSettings(Section):
    """What is looked at after an edit, before and after it lands."""

    syntax: bool = Field(True, description="Refuse an edit that brings new syntax errors, unless the model insists.")
    format: OnOrOff = Field(
        "auto", description="Format edited files with the project's own formatter, where they were formatted before."
    )
    lint: OnOrOff = Field("auto", description="Append what the project's own linter says of an edit.")
    test: str | None = Field(None, description="Command that runs the tests, after each step that changed a file.")
    time_s: Number = Field(60.0, gt=0, description="Seconds for one check.")


class WorkflowSettings(Section):
    """How the work is done."""

    plan_first: bool = Field(False, description="Nothing is changed or run before there is a plan.")
    step_check: str | None = Field(
        None, description="Command that looks at each step, as JSON on its standard input; what it prints is told."
    )


class UiSettings(Section):
    """How the screen looks."""

    theme: str = Field(
        "", description="Name of a theme, see /theme; empty: dark or light as the terminal's background is."
    )
    ascii: bool = Field(False, description="Draw with ASCII only, for terminals and fonts without box characters.")
    mouse: bool = Field(True, description="Take clicks and the wheel; off leaves the mouse to the terminal.")
    vim: bool = Field(False, description="Vim keys in the prompt: Esc leaves insert mode.")
    title: bool = Field(True, description="Show what the session is about, and does, in the terminal's title.")
    notify: Notify = Field(
        "auto",
        description="How a terminal that is not looked at tells that you are needed; auto: by what it can.",
    )


class Settings(Section):
    """Everything a person can set."""

    provider: ProviderName | None = Field(
        None, description="The model server; none: what is found running on this machine."
    )
    model: Name | None = Field(None, description="The model's name, or a path for `embedded` and `scripted`.")
    base_url: Annotated[str, AfterValidator(_http_url)] | None = Field(
        None, description="Address of the model server; none: the provider's usual one on this machine."
    )
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = Field(
        None,
        description="The environment variable that holds the server's key; keys themselves are never written down.",
    )
    mode: Mode | None = Field(
        None,
        description="How much happens without a question; none: `review`, and in a batch run what it is allowed.",
    )
    allow_write: bool = Field(False, description="Let a run without a screen change files.")
    allow_shell: bool = Field(False, description="Let a run without a screen run commands.")
    allow_net: Hosts = Field(
        (), description="Hosts that commands may reach, with and without a screen; see `--allow-net`."
    )
    add_dirs: Names = Field(
        (), description="Further folders that count as workspace; a relative path begins at the workspace."
    )
    limits: LimitSettings = Field(default_factory=LimitSettings, description="When a turn stops by itself.")
    server: ServerSettings = Field(default_factory=ServerSettings, description="How the model server is asked.")
    context: ContextSettings = Field(default_factory=ContextSettings, description="When the conversation is compacted.")
    memory: MemorySettings = Field(
        default_factory=MemorySettings, description="What the model is told at the beginning of every session."
    )
    sandbox: SandboxSettings = Field(
        default_factory=SandboxSettings, description="What commands may see, reach and use."
    )
    manner: MannerSettings = Field(default_factory=MannerSettings, description="How the model is talked to.")
    checks: CheckSettings = Field(default_factory=CheckSettings, description="What is looked at after an edit.")
    workflow: WorkflowSettings = Field(default_factory=WorkflowSettings, description="How the work is done.")
    ui: UiSettings = Field(default_factory=UiSettings, description="How the screen looks.")
