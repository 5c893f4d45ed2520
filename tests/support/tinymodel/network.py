"""The network of the llama family in torch, as functions over tensors that carry their GGUF names."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as functional
from torch import Tensor

from tests.support.tinymodel import weights
from tests.support.tinymodel.weights import Shape

State = dict[str, Tensor]


def new_state(shape: Shape) -> State:
    """Return fresh parameters."""
    state: State = {}
    for name, size in shape.tensors().items():
        spread = 0.02 if name.startswith("token_embd") else 0.7 / math.sqrt(size[-1])
        value = torch.ones(size) if len(size) == 1 else torch.randn(size) * spread
        state[name] = value.requires_grad_()
    return state


def hidden(shape: Shape, state: State, ids: Tensor, positions: Tensor) -> Tensor:
    """Return the last layer's output for token ids and positions of shape (batch, length)."""
    half = shape.head_size // 2
    frequencies = shape.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
    angles = (positions[..., None].float() * frequencies)[:, :, None]
    turn = (angles.cos(), angles.sin())
    x = functional.embedding(ids, state["token_embd.weight"])
    for layer in range(shape.n_layer):
        x = _block(shape, state, f"blk.{layer}.", x, turn)
    return _norm(shape, x, state["output_norm.weight"])


def logits(state: State, x: Tensor) -> Tensor:
    """Return the score of every token; the output matrix is the embedding."""
    return x @ state["token_embd.weight"].T


def export(state: State) -> dict[str, weights.Tensor]:
    """Return the parameters as GGUF tensors."""
    made = {}
    for name, value in state.items():
        number = value.detach().to(torch.float32 if value.dim() == 1 else torch.float16)
        made[name] = weights.Tensor(tuple(number.shape), number.numpy().astype(f"<f{number.itemsize}").tobytes())
    return made


def _block(shape: Shape, state: State, prefix: str, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    def linear(name: str, value: Tensor) -> Tensor:
        return functional.linear(value, state[f"{prefix}{name}.weight"])

    def heads(name: str, value: Tensor) -> Tensor:
        return linear(name, value).unflatten(-1, (shape.n_head, shape.head_size))

    h = _norm(shape, x, state[prefix + "attn_norm.weight"])
    query, key = (_turned(heads(name, h), turn).transpose(1, 2) for name in ("attn_q", "attn_k"))
    value = heads("attn_v", h).transpose(1, 2)
    attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    x = x + linear("attn_output", attended.transpose(1, 2).flatten(-2))
    h = _norm(shape, x, state[prefix + "ffn_norm.weight"])
    return x + linear("ffn_down", functional.silu(linear("ffn_gate", h)) * linear("ffn_up", h))


def _norm(shape: Shape, x: Tensor, weight: Tensor) -> Tensor:
    return functional.rms_norm(x, (shape.n_embd,), weight, shape.epsilon)


def _turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate neighbouring pairs (0, 1), (2, 3), ... by their position, as llama.cpp does for this family."""
    cos, sin = turn
    left, right = x[..., 0::2], x[..., 1::2]
    return torch.stack((left * cos - right * sin, left * sin + right * cos), -1).flatten(-2)
