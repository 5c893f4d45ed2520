"""Trains the tiny model on the transcripts and writes `tiny.gguf`.

    pip install torch==2.13.0 numpy tokenizers xllamacpp      # in an environment of its own
    python -m tests.support.tinymodel.build                   # ten to twenty minutes of one core

Equal seeds give equal files on equal machines. Tests never come here: they use the committed file.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as functional
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from torch import Tensor

import trashclaw
from tests.support.tinymodel import network, noise
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.repertoire import play
from tests.support.tinymodel.samples import Library, Renderer, Sample, batches
from tests.support.tinymodel.weights import CONTROL, TAGS, TEMPLATE, TRAINED, Shape, Vocabulary, write_gguf

QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How llama.cpp cuts text for `tokenizer.ggml.pre = "qwen2"`."""

PROMPTS = sorted((Path(trashclaw.__file__).parent / "agent/prompts").glob("*.md"))

SHORT_WORDS, LONG_WORDS = 25, 900
"""How many random words a system prompt may have."""


def main() -> None:
    """Build the model file that the arguments ask for."""
    options = arguments()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    library = Library(random.Random(options.seed), [path.read_text(encoding="utf-8") for path in options.prompts])
    vocabulary = train_vocabulary(library, options.vocabulary)
    shape = Shape(n_vocab=len(vocabulary.tokens))
    state = network.new_state(shape)
    pools = make_pools(library, shape, vocabulary, state, options.samples)
    train(shape, state, pools, library.dice, options)
    # A session in a test is the same each time, though the program asks for no temperature.
    write_gguf(options.out, shape, vocabulary, network.export(state), "tiny", temperature=0.0)
    say(f"wrote {options.out}: {options.out.stat().st_size} bytes, {time.process_time():.0f} s of processor time")


def arguments() -> argparse.Namespace:
    """Return the options, or print help and leave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TRAINED)
    parser.add_argument("--prompts", type=Path, nargs="*", default=PROMPTS, help="real system prompts to train with")
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--tokens", type=int, default=4096, help="tokens in one step")
    parser.add_argument("--samples", type=int, default=1500)
    parser.add_argument("--vocabulary", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def train_vocabulary(library: Library, size: int) -> Vocabulary:
    """Learn a byte-level BPE from transcripts, tools, template and noise."""
    dice = library.dice
    corpus = [json.dumps(tool) for tool in library.tools] * 4 + [TEMPLATE.read_text(encoding="utf-8")] * 4
    corpus += [prompt for prompt in library.prompts for _ in range(4)]
    for _ in range(60):
        corpus += [
            json.dumps(message, ensure_ascii=False) + "\n" + message["content"]
            for transcript in library.transcripts
            for message in play(transcript, dice, library.results)
        ]
    corpus += [noise.text(dice, 40) for _ in range(200)]
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated")
    letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, letters])
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = [*CONTROL, *TAGS]
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, special_tokens=special, show_progress=False),
    )
    ranks: Mapping[str, int] = tokenizer.get_vocab()
    merges = [" ".join(merge) for merge in json.loads(tokenizer.to_str())["model"]["merges"]]
    return Vocabulary(sorted(ranks, key=lambda token: ranks[token]), merges)


def make_pools(
    library: Library, shape: Shape, vocabulary: Vocabulary, state: network.State, count: int
) -> dict[str, list[Sample]]:
    """Draw all samples, with an engine that runs the still untrained network."""
    with tempfile.TemporaryDirectory() as folder:
        untrained = Path(folder) / "untrained.gguf"
        write_gguf(untrained, shape, vocabulary, network.export(state), "untrained")
        with Engine(untrained, n_ctx=4096) as engine:
            renderer = Renderer(engine, library)
            renderer.check_prefixes()
            drawn = {
                "bare": [library.bare_conversation() for _ in range(2 * count)],
                "short": [library.conversation(SHORT_WORDS) for _ in range(count)],
                "long": [library.conversation(LONG_WORDS) for _ in range(count // 6)],
            }
            pools = {kind: [renderer.sample(conversation) for conversation in drawn[kind]] for kind in drawn}
    for kind, pool in pools.items():
        tokens = sum(len(sample.ids) for sample in pool)
        learned = sum(weight > 0 for sample in pool for weight in sample.weights)
        say(
            f"{kind}: {len(pool)} conversations of {tokens // len(pool)} tokens, {learned / tokens:.0%} of them learned"
        )
    return pools


def train(
    shape: Shape,
    state: network.State,
    pools: Mapping[str, list[Sample]],
    dice: random.Random,
    options: argparse.Namespace,
) -> None:
    """Learn, first from short and dense samples, then from realistic and long ones."""
    matrices = [value for value in state.values() if value.dim() > 1]
    vectors = [value for value in state.values() if value.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98))
    feeds = {kind: feed(pool, dice, options.tokens * (2 if kind == "long" else 1)) for kind, pool in pools.items()}
    right: dict[str, float] = dict.fromkeys(pools, 0.0)
    for step in range(options.steps):
        done = step / options.steps
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / 50) * (0.485 * (1 + math.cos(math.pi * done)) + 0.03)
        kind = choose_kind(done, dice)
        loss, share = measure(shape, state, next(feeds[kind]), dice)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(state.values()), 1.0)
        optimizer.step()
        right[kind] = 0.9 * right[kind] + 0.1 * share
        if (step + 1) % 50 == 0:
            shares = ", ".join(f"{kind} {value:.4f}" for kind, value in right.items())
            say(f"step {step + 1}: right decisions {shares}; {time.process_time():.0f} s")


def choose_kind(done: float, dice: random.Random) -> str:
    """Return the kind of the next batch, `done` being the share of the steps behind us."""
    shares = (0.7, 0.3, 0.0) if done < 0.45 else (0.3, 0.7, 0.0) if done < 0.75 else (0.15, 0.35, 0.5)
    return dice.choices(("bare", "short", "long"), shares)[0]


def feed(pool: Sequence[Sample], dice: random.Random, tokens: int) -> Iterator[list[Sample]]:
    """Yield batches without end."""
    while True:
        yield from batches(pool, dice, tokens)


def measure(shape: Shape, state: network.State, batch: Sequence[Sample], dice: random.Random) -> tuple[Tensor, float]:
    """Return the loss of a batch, and the share of deciding tokens that came out right."""
    width = max(len(sample.ids) for sample in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    wanted = torch.zeros(len(batch), width, dtype=torch.long)
    weights = torch.zeros(len(batch), width)
    positions = torch.arange(width).repeat(len(batch), 1)
    for row, sample in enumerate(batch):
        length = len(sample.ids)
        ids[row, :length] = torch.tensor(sample.ids)
        wanted[row, : length - 1] = ids[row, 1:length]
        weights[row, : length - 1] = torch.tensor(sample.weights[1:])
        if dice.random() < 0.5:
            # A jump where the user speaks first: long system prompts are then no news.
            positions[row, sample.first_words :] += int(2 ** dice.uniform(4, 14))
    kept = weights > 0
    with torch.autocast("cpu", torch.bfloat16):
        scores = network.logits(state, network.hidden(shape, state, ids, positions)[kept])
    losses = functional.cross_entropy(scores.float(), wanted[kept], reduction="none")
    is_first = weights[kept] > 1
    right = (scores.argmax(-1) == wanted[kept])[is_first].float().mean()
    return (losses * weights[kept]).sum() / weights.sum(), float(right)


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
