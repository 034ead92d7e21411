"""Put the gradients of one layer in the order in which they are read: weights first, then biases.

before    db = dz.sum(axis=0);  dW = a.T @ dz;  da = dz @ W.T
after     dW = a.T @ dz;  db = dz.sum(axis=0);  da = dz @ W.T
"""

from __future__ import annotations

from dataclasses import replace

from retrograd.program import Program, Step, Value


def arrange(program: Program) -> Program:
    """Move each result that is a sum behind the result that is a product with the same gradient."""
    results, users = program.results, program.users
    start = program.backward_from or 0
    order = list(program.steps[:start])
    waiting: list[Step] = []
    backward = _products_first(program.steps[start:], results)
    for index, step in enumerate(backward):
        ends_here = step.output in results and step.output not in users
        if (
            ends_here
            and step.op.name == "sum"
            and _product_follows(backward[index:], step, results)
        ):
            waiting.append(step)
            continue
        order.append(step)
        if step.op.name == "matmul" and step.output in results:
            ready = [w for w in waiting if set(w.values()) & set(step.values())]
            order += ready
            waiting = [w for w in waiting if w not in ready]
    return replace(program, steps=tuple(order + waiting))


def _product_follows(steps: list[Step], step: Step, results: set[Value]) -> bool:
    gradients = set(step.values())
    return any(
        s.op.name == "matmul" and s.output in results and set(s.values()) & gradients for s in steps
    )


def _products_first(steps: tuple[Step, ...], results: set[Value]) -> list[Step]:
    """Of the two products that a matmul sends back, the one that is a result comes first."""
    order = list(steps)
    for index, step in enumerate(steps):
        if step.op.name != "matmul" or step.output not in results:
            continue
        gradients = set(step.values())
        before = order.index(step)
        for place in range(before):
            other = order[place]
            pair = other.op.name == "matmul" and other.forward is step.forward
            if pair and set(other.values()) & gradients:
                needed = [s for s in order[place:before] if s.output in gradients]
                moved = [*needed, step]
                rest = [s for s in order[place:before] if s not in needed]
                if _independent(needed, rest):
                    order[place : before + 1] = [*moved, *rest]
                break
        assert len(order) == len(steps), index
    return order


def _independent(moved: list[Step], over: list[Step]) -> bool:
    made = {s.output for s in over}
    return not any(value in made for s in moved for value in s.values())
