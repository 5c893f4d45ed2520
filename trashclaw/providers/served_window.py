"""The window of a server that chose it itself: what it tells, against what was asked for."""

from __future__ import annotations

from trashclaw.agent.messages import NoticePart
from trashclaw.providers.chosen_window import ASSUMED_LIMIT_TOKENS, ChosenWindow
from trashclaw.providers.server_traits import ServerTraits, WindowSource
from trashclaw.providers.windows import ModelFacts

_HOW_TO_RAISE = {
    "llamacpp": "Start it with: llama-server -c {tokens} (for each slot, if it has several)",
    "lmstudio": "Load it again with: lms unload {model}; lms load {model} --context-length {tokens}",
    "vllm": "Start it with: vllm serve {model} --max-model-len {tokens}",
}
_TOLD = {
    WindowSource.PROPS: "what the server was started with",
    WindowSource.INSTANCES: "what LM Studio has loaded it with",
    WindowSource.MODELS: "what the server tells of the model",
}


def choose_served(asked: int | None, facts: ModelFacts, traits: ServerTraits) -> ChosenWindow:
    """Return a session's window at a server that does not take one with a request.

    What was `asked` for is a bound where the server tells its own, and believed where it does not.
    """
    told = facts.limit_tokens
    if told is None:
        return _untold(asked, facts, traits)
    reason = _TOLD[traits.window_source]
    if facts.slots > 1:
        reason += f", for each of its {facts.slots} slots"
    if asked is None or asked == told:
        return ChosenWindow(told, reason)
    if asked < told:
        return ChosenWindow(asked, f"asked for; the server would give {told:,}")
    warning = f"{facts.model} has a window of {told:,} tokens at {traits.title}, not the {asked:,} asked for."
    return ChosenWindow(told, reason, warning, how_to_raise(traits, facts.model, asked))


def how_to_raise(traits: ServerTraits, model: str, tokens: int) -> str:
    """Return what to type for a window of so many tokens; nothing for a server that is not known."""
    return _HOW_TO_RAISE.get(traits.name, "").format(model=model, tokens=tokens)


def change_notice(before: int, now: int, model: str, traits: ServerTraits) -> NoticePart:
    """Return what there is to tell of a server that came back with another window."""
    text = f"{traits.title} gives {model} a window of {now:,} tokens now; it was {before:,}."
    if now > before:
        return NoticePart("window_changed", f"{text} This session keeps to what it has.", "To use it: /model")
    return NoticePart("window_changed", text, how_to_raise(traits, model, before), now)


def _untold(asked: int | None, facts: ModelFacts, traits: ServerTraits) -> ChosenWindow:
    if asked is None:
        why = "it is not loaded yet" if not facts.is_loaded else "the server does not tell"
        return ChosenWindow(ASSUMED_LIMIT_TOKENS, f"assumed: {why}", is_assumed=True)
    longest = facts.longest_tokens
    tokens = min(asked, longest) if longest else asked
    if tokens < asked:
        return ChosenWindow(tokens, f"{asked:,} asked for, but the model was made for {tokens:,}")
    is_set = traits.window_source is WindowSource.INSTANCES
    return ChosenWindow(asked, "asked for" if is_set else "asked for; the server does not tell what it has")
