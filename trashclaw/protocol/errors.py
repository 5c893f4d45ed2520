"""One tree of errors.

TrashclawError
|-- UsageError              what was typed or sent cannot be done          (exit 2)
|   `-- ConfigError         a configuration file or value is wrong         (exit 2)
|-- ProviderError           the model server, or the way to it
|   |-- ServerUnreachable   nobody answers                                 (exit 5)
|   |-- ModelNotFound       the server does not have this model            (exit 5)
|   |-- ContextOverflow     the request is larger than the window
|   |-- ServerTooSlow       a phase of a request took longer than it may
|   |-- StreamBroken        an answer that did not end well
|   |-- AnswerUnreadable    the server could not read the model's call
|   |-- ToolsUnsupported    the server or the model takes no tools
|   `-- ServerFailed        any other refusal, with its status
|-- WorkspaceError          a file or folder that cannot be used as asked
|   |-- OutsideWorkspace    the path leaves the workspace
|   |-- UnsuitableFile      binary, too large, not a file, not readable
|   |-- StaleFile           it changed since it was read
|   `-- GitFailed           git said no
|-- ToolError               arguments or circumstances that a tool refuses
`-- StoreError              the log cannot be opened, read or written
"""

from __future__ import annotations


class TrashclawError(Exception):
    """Base of all our errors: a stable `code`, `text` for a person, and `hint`, the next thing to do."""

    code = "error"

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text} {self.hint}".strip()


class UsageError(TrashclawError):
    """What was typed or sent cannot be done."""

    code = "usage"


class ConfigError(UsageError):
    """A configuration file or value is wrong; the text names file, line and key."""

    code = "config"


class ProviderError(TrashclawError):
    """The model server, or the way to it."""

    code = "provider"
    is_retryable = False
    """Whether the same request may be sent again: nothing of an answer had come."""


class ServerUnreachable(ProviderError):
    """Nobody answers at the address."""

    code = "server_unreachable"
    is_retryable = True


class ModelNotFound(ProviderError):
    """The server does not have this model."""

    code = "model_not_found"


class ContextOverflow(ProviderError):
    """The request is larger than the window; sizes in tokens where the server told them."""

    code = "context_overflow"

    def __init__(self, text: str, hint: str = "", prompt_tokens: int | None = None, limit: int | None = None) -> None:
        super().__init__(text, hint)
        self.prompt_tokens = prompt_tokens
        self.limit = limit


class ServerTooSlow(ProviderError):
    """A phase of a request took longer than it may; the text says which. Never sent again by itself."""

    code = "server_too_slow"


class StreamBroken(ProviderError):
    """An answer that began and did not end well."""

    code = "stream_broken"
    is_resumable = False
    """Whether it makes sense to go on from what arrived."""


class AnswerUnreadable(ProviderError):
    """The server could not read what the model wrote, a call most likely; nothing of it was used."""

    code = "answer_unreadable"


class ToolsUnsupported(ProviderError):
    """The server or the model takes no tools; the request can be sent in another dialect."""

    code = "tools_unsupported"


class ServerFailed(ProviderError):
    """The server refused or failed; `status` is its HTTP status where there was one."""

    code = "server_failed"

    def __init__(self, text: str, hint: str = "", status: int | None = None) -> None:
        super().__init__(text, hint)
        self.status = status
        self.is_retryable = status in {429, 500, 502, 503, 504}


class WorkspaceError(TrashclawError):
    """A file or folder that cannot be used as asked."""

    code = "workspace"


class OutsideWorkspace(WorkspaceError):
    """The path leaves the workspace."""

    code = "outside_workspace"


class UnsuitableFile(WorkspaceError):
    """Binary, too large, no file, or not readable."""

    code = "unsuitable_file"


class StaleFile(WorkspaceError):
    """The file changed since it was read."""

    code = "stale_file"


class GitFailed(WorkspaceError):
    """Git said no."""

    code = "git_failed"


class ToolError(TrashclawError):
    """Arguments or circumstances that a tool refuses; the model reads the text and the hint."""

    code = "tool"


class StoreError(TrashclawError):
    """The log cannot be opened, read or written."""

    code = "store"
