"""JAX: a jitted step with donated buffers, and lax.scan over the epoch."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from benchmarks.contenders import Ways
from benchmarks.losses import loss_of
from benchmarks.workloads import RATE, Workload


def begin(params):
    """Parameters, the two means of Adam, and the number of steps."""
    params = [jnp.array(p) for p in params]
    return params, [p * 0 for p in params], [p * 0 for p in params], jnp.float32(0)


def adam(state, grads):
    """One step of it."""
    params, m, v, t = state
    t = t + 1
    m = [0.9 * a + 0.1 * g for a, g in zip(m, grads, strict=True)]
    v = [0.999 * a + 0.001 * g * g for a, g in zip(v, grads, strict=True)]
    first, second = 1 - 0.9**t, 1 - 0.999**t
    params = [
        p - RATE * (a / first) / (jnp.sqrt(b / second) + 1e-8)
        for p, a, b in zip(params, m, v, strict=True)
    ]
    return params, m, v, t


def prepare(workload: Workload, threads: int) -> Ways:
    """Two ways of training."""
    loss_and_grad = jax.value_and_grad(loss_of(workload.kind, jnp))

    def update(state, x, y):
        loss, grads = loss_and_grad(state[0], x, y)
        return adam(state, grads), loss

    @partial(jax.jit, donate_argnums=0)
    def step(state, x, y):
        return update(state, x, y)

    @partial(jax.jit, donate_argnums=0)
    def scan(state, X, y, order):
        def body(state, rows):
            return update(state, X[rows], y[rows])

        state, losses = jax.lax.scan(body, state, order)
        return state, losses.mean()

    batches = [(jnp.array(x), jnp.array(y)) for x, y in workload.batches()]
    X, y = (jnp.array(a) for a in workload.data())
    order = jnp.arange(len(X)).reshape(-1, workload.batch)
    states = {way: begin(workload.parameters()) for way in ("call", "scan")}

    def calls() -> float:
        losses, state = [], states["call"]
        for x, t in batches:
            state, loss = step(state, x, t)
            losses.append(loss)
        states["call"] = state
        losses[-1].block_until_ready()
        return float(sum(map(float, losses))) / len(losses)

    def epoch() -> float:
        states["scan"], loss = scan(states["scan"], X, y, order)
        return float(loss)

    return {"JAX jit": calls, "JAX scan": epoch}
