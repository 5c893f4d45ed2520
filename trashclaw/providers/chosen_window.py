"""The window of a session as it was chosen, with the reason for a person."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.providers.memory_fit import MemoryFit, size_text

ASSUMED_LIMIT_TOKENS = 8192
"""The window where nobody tells: small enough to be true almost everywhere."""

_WORTH_ASKING = 1024
"""A smaller window is no advice."""


@dataclass(frozen=True, slots=True)
class ChosenWindow:
    """A session's window in tokens, and why it is that."""

    tokens: int
    reason: str
    """A short clause for a person."""

    warning: str = ""
    """What may go wrong with it, with the figures."""

    hint: str = ""
    is_assumed: bool = False
    """Nobody says how long a window the model was made for."""


def obey(wanted: int, why: str, fit: MemoryFit, server: str) -> ChosenWindow:
    """Return the window that somebody wants, but for what the model was made for; warned of if it will not fit.

    `fit` has the figures, and the longest window; its own window does not count. `server` is a name for a person.
    """
    longest = fit.limit_tokens
    tokens = min(wanted, longest) if longest else wanted
    reason = why if tokens == wanted else f"{wanted:,} {why}, but the model was made for {tokens:,}"
    if fit.fits(tokens) is not False:
        return ChosenWindow(tokens, reason)
    needed, free, largest = fit.needed_bytes(tokens) or 0, fit.free_bytes or 0, fit.largest_tokens or 0
    warning = (
        f"A window of {tokens:,} tokens needs {size_text(needed)} with the weights, and {size_text(free)} are free: "
        f"{server} may refuse to load the model, or be very slow."
    )
    hint = f"At most {largest:,} tokens fit: --num-ctx {largest}." if largest >= _WORTH_ASKING else "Free memory first."
    return ChosenWindow(tokens, reason, warning, hint)


def be_careful(fit: MemoryFit, most: int) -> ChosenWindow:
    """Return the largest window that was not asked for, is no larger than `most`, and should fit."""
    longest = fit.limit_tokens
    wanted = min(longest or min(ASSUMED_LIMIT_TOKENS, most), most)
    free = f"{size_text(fit.free_bytes or 0)} of free memory"
    if fit.holds_weights is False:
        # A graphics card that cannot be seen may hold them; how much more it holds nobody knows.
        return ChosenWindow(min(wanted, ASSUMED_LIMIT_TOKENS), f"careful: the weights alone exceed {free}")
    tokens = fit.step_below(wanted)
    if tokens < wanted:
        uncounted = " (graphics memory not counted)" if fit.has_hidden_memory else ""
        return ChosenWindow(tokens, f"what fits into {free}{uncounted if fit.fits(tokens) else ', and hardly that'}")
    if longest is None:
        return ChosenWindow(wanted, "assumed: nobody tells what the model was made for", is_assumed=True)
    if wanted == longest:
        return ChosenWindow(wanted, "all that the model was made for")
    return ChosenWindow(wanted, f"as much as is taken unasked; the model was made for {longest:,} (server.num_ctx)")
