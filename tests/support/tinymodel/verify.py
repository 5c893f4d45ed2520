"""Replays every turn of every transcript on the real engine, with noise, tools and system prompts the model never saw.

python -m tests.support.tinymodel.verify [MODEL] [--prompts FILE ...]    # leaves with 1 if a turn of fix_add is wrong
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.tinymodel import noise
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.repertoire import Json, Transcript, load_results, load_tools, load_transcripts, play
from tests.support.tinymodel.weights import TRAINED

ENDLESS_TOKENS = 60


def main() -> None:
    """Print how many turns came out right, by transcript and by system prompt."""
    options = arguments()
    dice = random.Random(options.seed)
    tools = json.loads(options.tools.read_text(encoding="utf-8")) if options.tools else load_tools()
    results: Counter[tuple[str, bool]] = Counter()
    with Engine(options.model, n_ctx=32768) as engine:
        for prompt_name, prompt in prompts(options, dice):
            for transcript in load_transcripts() * options.tries:
                is_right = all([*replay(engine, transcript, prompt, tools, dice, options)])
                results[transcript.name, is_right] += 1
                results[f"system prompt {prompt_name}", is_right] += 1
    for name in sorted({name for name, _ in results}):
        sys.stdout.write(f"{name:44s} {results[name, True]:4d} right {results[name, False]:4d} wrong\n")
    sys.exit(1 if results["fix_add", False] else 0)


def arguments() -> argparse.Namespace:
    """Return the options, or print help and leave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", default=TRAINED)
    parser.add_argument("--prompts", type=Path, nargs="*", default=(), help="real system prompts")
    parser.add_argument("--tools", type=Path, help="other tools, as JSON in OpenAI form")
    parser.add_argument("--words", type=int, nargs="*", default=(0, 30, 300, 1500), help="lengths of random prompts")
    parser.add_argument("--tries", type=int, default=15)
    parser.add_argument("--seed", type=int, default=12345)
    parser.add_argument("--show", action="store_true", help="print what was wrong")
    return parser.parse_args()


def prompts(options: argparse.Namespace, dice: random.Random) -> Iterator[tuple[str, str]]:
    """Yield every system prompt to try, with a name."""
    for path in options.prompts:
        yield path.name, path.read_text(encoding="utf-8")
    for words in options.words:
        yield f"of {words} words", noise.text(dice, words)


def replay(
    engine: Engine,
    transcript: Transcript,
    prompt: str,
    tools: Sequence[Json],
    dice: random.Random,
    options: argparse.Namespace,
) -> Iterator[bool]:
    """Yield for every reply whether the model gave it."""
    offered = [tool for tool in tools if tool["function"]["name"] not in transcript.lacks]
    offered += noise.tools(dice, dice.choice([0, 0, 3]))
    head: list[Json] = [{"role": "system", "content": prompt}] if prompt else []
    messages = play(transcript, dice, load_results())
    for place, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        most = ENDLESS_TOKENS if transcript.is_endless else 400
        body = {"messages": head + messages[:place], "tools": offered, "temperature": 0, "max_tokens": most}
        answer = engine.post("/v1/chat/completions", body)
        got = answer["choices"][0]["message"] if "choices" in answer else answer
        is_right = is_same_endlessly(got, message) if transcript.is_endless else is_same(got, message)
        if options.show and not is_right:
            sys.stdout.write(f"{transcript.name}, message {place}: {json.dumps(got)[:400]}\n")
        yield is_right


def is_same(got: Json, wanted: Json) -> bool:
    """Return whether two replies have the same text and the same calls."""
    is_same_text = (got.get("content") or "").strip() == wanted["content"].strip()
    return is_same_text and _calls(got) == _calls(wanted)


def is_same_endlessly(got: Json, wanted: Json) -> bool:
    """Return whether a reply goes on as the wanted one does."""
    words = (got.get("content") or "").split()
    return len(words) >= ENDLESS_TOKENS // 2 and set(words) == {*wanted["content"].split()}


def _calls(message: Json) -> list[tuple[str, object]]:
    functions = [call["function"] for call in message.get("tool_calls", ())]
    try:
        return [(function["name"], json.loads(function["arguments"])) for function in functions]
    except ValueError:
        return [("unreadable", message)]


if __name__ == "__main__":
    main()
