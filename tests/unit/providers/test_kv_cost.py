"""What a token of the window costs, by what a model's file says."""

from __future__ import annotations

from typing import Any

import pytest

from trashclaw.providers.kv_cost import KvCost, kv_cost


def told(arch: str, **facts: Any) -> dict[str, object]:
    """Return metadata; two underlines stand for a dot."""
    return {"general.architecture": arch} | {f"{arch}.{key.replace('__', '.')}": value for key, value in facts.items()}


LLAMA = told("llama", block_count=32, attention__head_count=32, attention__head_count_kv=8, embedding_length=4096)
QWEN3 = told(
    "qwen3",
    block_count=36,
    embedding_length=4096,
    attention__head_count=32,
    attention__head_count_kv=8,
    attention__key_length=128,
    attention__value_length=128,
)


def test_a_plain_model_keeps_a_key_and_a_value_of_each_head_in_each_layer() -> None:
    assert kv_cost(LLAMA) == KvCost(32 * 8 * 2 * 128 * 2)
    assert kv_cost(QWEN3) == KvCost(36 * 8 * 2 * 128 * 2)


@pytest.mark.parametrize(("cache_type", "share"), [("q8_0", 34 / 64), ("q4_0", 18 / 64), ("f32", 2.0)])
def test_the_type_of_the_cache_counts(cache_type: str, share: float) -> None:
    assert kv_cost(LLAMA, cache_type) == KvCost(131072 * share, cache_type=cache_type)


def test_a_type_that_nobody_knows_counts_as_the_usual_one() -> None:
    assert kv_cost(LLAMA, "q99") == kv_cost(LLAMA)


def test_heads_may_differ_by_layer_and_layers_without_any_keep_a_state() -> None:
    lfm2 = told(
        "lfm2",
        block_count=4,
        embedding_length=1024,
        attention__head_count=16,
        attention__head_count_kv=[0, 8, 0, 8],
        shortconv__l_cache=3,
    )
    assert kv_cost(lfm2) == KvCost(2 * 8 * 2 * 64 * 2, fixed_bytes=2 * 1024 * 2 * 4)


@pytest.mark.parametrize("interval", [{"full_attention_interval": 4}, {}])
def test_of_a_hybrid_every_fourth_layer_keeps_keys(interval: dict[str, int]) -> None:
    facts = {"attention__key_length": 256, "attention__value_length": 256, "attention__head_count_kv": 2}
    state = {"ssm__conv_kernel": 4, "ssm__inner_size": 4096, "ssm__state_size": 128, "ssm__group_count": 16}
    hybrid = told("qwen35", block_count=8, attention__head_count=16, **facts, **state, **interval)
    conv, states = 3 * (4096 + 2 * 16 * 128), 4096 * 128
    assert kv_cost(hybrid) == KvCost(2 * 2 * 512 * 2, fixed_bytes=6 * (conv + states) * 4)


def gemma3(**more: Any) -> dict[str, object]:
    facts = {"attention__head_count": 8, "attention__head_count_kv": 4, "attention__key_length": 256}
    return told("gemma3", block_count=12, **facts, attention__value_length=256, attention__sliding_window=1024, **more)


@pytest.mark.parametrize(
    "pattern",
    [{}, {"attention__sliding_window_pattern": 6}, {"attention__sliding_window_pattern": ([True] * 5 + [False]) * 2}],
)
def test_layers_that_look_back_a_little_cost_the_same_whatever_the_window(pattern: dict[str, object]) -> None:
    head = 4 * 512 * 2
    assert kv_cost(gemma3(**pattern)) == KvCost(2 * head, fixed_bytes=10 * head * (1024 + 512))


def test_a_pattern_that_nobody_knows_is_taken_for_the_worst_and_said_to_be() -> None:
    unknown = {key.replace("gemma3", "new"): value for key, value in gemma3().items()} | {"general.architecture": "new"}
    assert kv_cost(unknown) == KvCost(12 * 4 * 512 * 2, is_at_most=True)


def test_layers_that_share_the_keys_of_others_cost_nothing() -> None:
    shared = {**LLAMA, "llama.attention.shared_kv_layers": 12}
    assert kv_cost(shared) == KvCost(20 * 8 * 2 * 128 * 2)


def test_a_compressed_row_holds_key_and_value() -> None:
    heads = {"attention__head_count": 128, "attention__head_count_kv": 1}
    lengths = {"attention__key_length": 576, "attention__value_length": 512, "attention__key_length_mla": 192}
    assert kv_cost(told("deepseek2", block_count=61, **heads, **lengths)) == KvCost(61 * 576 * 2)


@pytest.mark.parametrize("heads_kv", [None, [], [8, 8], "many", -1])
def test_without_the_heads_of_the_keys_all_heads_are_taken_and_it_is_said(heads_kv: object) -> None:
    cost = kv_cost({**LLAMA, "llama.attention.head_count_kv": heads_kv})
    assert cost == KvCost(32 * 32 * 2 * 128 * 2, is_at_most=True)


def test_a_model_without_attention_keeps_a_state_alone() -> None:
    ssm = {"ssm__conv_kernel": 4, "ssm__inner_size": 1536, "ssm__state_size": 16}
    assert kv_cost(told("mamba", block_count=24, embedding_length=768, **ssm)) == KvCost(
        0.0, fixed_bytes=24 * (3 * 1536 + 1536 * 16) * 4
    )


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"general.architecture": 3, "3.block_count": 1},
        told("llama"),
        told("llama", block_count=10**9, attention__head_count=1),
        told("llama", block_count=2, attention__head_count=8),
        told("llama", block_count=2, attention__head_count=0, embedding_length=8, attention__head_count_kv=8),
        told("llama", block_count=2, attention__head_count="x", embedding_length=8),
        told("llama", block_count=True, attention__head_count=8, embedding_length=8),
        told("llama", block_count=2, attention__head_count=8, attention__shared_kv_layers=9, embedding_length=8),
        told("llama", block_count=2, attention__head_count=8, embedding_length=4),
    ],
)
def test_too_little_to_go_by_and_nonsense_are_no_figures(info: dict[str, object]) -> None:
    assert kv_cost(info) is None
