"""What a change that makes the user's backward pass right says of the mistake in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrograd.diagnosis.amounts import of_gradient, of_operand
from retrograd.diagnosis.edit import changed_step
from retrograd.diagnosis.entering import entered
from retrograd.diagnosis.indices import chosen
from retrograd.diagnosis.kinds import in_loss, is_recurrent
from retrograd.diagnosis.origins import (
    is_gradient_of,
    is_logit,
    is_probability,
    is_sum_so_far,
    times_weights,
    was_overwritten,
    was_updated,
)
from retrograd.diagnosis.saying import said
from retrograd.diagnosis.slopes import taken_wrong
from retrograd.diagnosis.spot import Spot
from retrograd.program import Value
from retrograd.report import Position

_SLOPE = "activation derivative"
_COMPARES = ("greater", "greater_equal", "less", "less_equal", "where", "maximum")


class Named(Spot):
    """The name of a mistake, from the change that repairs it."""

    @property
    def where(self) -> Position | None:
        """The line to blame."""
        if self.edit.slot >= 0:
            made = self.made_for_this()
            return made or entered(self.step, self.operand, self.tape)
        if self.edit.keys and self.step.where is not None:
            if self.turns_around:
                return entered(self.step, 0, self.tape)
            return chosen(self.step.where, self.operand)
        if self.cause == "derivative_shortcut_applied_to_preactivation":
            first = next((s for s in self.block.runs[0] if s.op.elementwise), self.step)
            return entered(first, int(first.op.name == "subtract"), self.tape)
        return self.step.where

    @property
    def cause(self) -> str | None:
        """The word of the vocabulary; None where it has none."""
        return _NAMES[self.edit.kind](self)

    @property
    def family(self) -> str:
        """The group that it belongs to, where it has no name."""
        kind = self.edit.kind
        if kind == "operand" and self.step.op.name in _COMPARES:
            return _SLOPE
        e = self.function if self.edit.slope else None
        if e is not None and e.z.values[0] in self.forward.weights:
            return "regularization"
        if kind in ("as slope", "operand as slope") and e is not None:
            return "other loss" if in_loss(self.forward, e.z.values[0]) else _SLOPE
        return _FAMILIES.get(kind, "")

    @property
    def says(self) -> str:
        """The change in words, with the user's names."""
        return said(self.edit, self.step, self.tape)

    def operand_name(self) -> str | None:
        """Another operand was needed."""
        old, new, values = self.old, self.new, self.block.slots[self.edit.slot][0]
        if new == "weight":
            if old == "weight":
                return None
            if old != "gradient" and was_updated(values, self.tape, self.entries):
                return "weights_updated_before_backprop"
            gradient = old == "gradient" or is_gradient_of(values, self.edit.values[0], self.search)
            return "used_weight_gradient_instead_of_weight" if gradient else None
        if was_overwritten(values, self.edit.values[0], self.tape):
            return "inplace_mutation"
        if self.lacks_slope() and (old, new) != ("z", "a"):  # a ReLU is z times its slope
            return self.slope_name()
        if old == "weight" and new in ("a", "data"):
            return "weight_grad_multiplied_by_weight"
        if (
            (old == "z" or is_logit(self.block.stacked(values), self.forward))
            and new in ("a", "forward")
            and is_probability(self.block.stacked(self.edit.values[0]), self.forward)
        ):
            return "logits_used_for_probabilities"
        if old == "z" and new == "a" and self.is_own_slope(values):
            return "wrong_activation_derivative_formula"  # of exp, the result
        if old == "z" and new == "a":
            product = self.in_product or "gradient" in self.beside
            return (
                "weight_grad_uses_preactivation"
                if product
                else "derivative_shortcut_applied_to_preactivation"
            )
        if self.in_product:
            return None
        if old == "a" and new == "z":
            return "derivative_applied_to_activation"
        if old in ("gradient", "") and new in ("z", "a"):
            if self.step.op.name in _COMPARES:
                return "relu_mask_on_gradient"
            return "derivative_evaluated_on_gradient"
        return None

    def is_own_slope(self, values: Sequence[Value]) -> bool:
        """Whether the operand that was needed is the slope of a function of the one there is."""
        old, new = self.block.stacked(values), self.block.stacked(self.edit.values[0])
        return any(
            e.z.array.size >= np.size(old)
            and np.isin(old, e.z.array).all()
            and np.allclose(e.derivative, e.a.array, rtol=1e-9)
            and np.isin(new, e.a.array).all()
            for e in self.forward.elementwise
        )

    def slope_name(self) -> str | None:
        """A slope was missing."""
        if self.edit.slot >= 0 and self.in_product and "weight" in self.beside:
            return "propagated_error_not_delta"
        return (
            "missing_output_activation_derivative"
            if self.is_output
            else "missing_hidden_activation_derivative"
        )

    def as_slope_name(self) -> str | None:
        """Something else stood in the place of a slope."""
        if self.edit.slot >= 0:
            old = self.block.stacked(self.block.slots[self.edit.slot][0])
        else:
            old = self.block.made(self.block.outputs[-1])
        e = self.function
        if e is not None and e.z.values[0] in self.forward.weights:
            return None  # of a penalty
        if self.entries.kind(old) == "a":
            return "activation_used_as_derivative"
        if e is not None and in_loss(self.forward, e.z.values[0]):
            return None
        slope, some = np.asarray(self.edit.slope[0]), np.asarray(old)
        if np.isin(slope, (0.0, 1.0)).all() and np.isin(some, (0.0, 1.0)).all():
            if np.array_equal(slope, 1 - some):
                return "relu_mask_inverted"
            return "relu_mask_always_true" if some.all() else None
        return taken_wrong(e, self.edit.slope[0], some) or "wrong_activation_derivative_formula"

    def compared_name(self) -> str | None:
        """A comparison was wrong."""
        opposite = {"greater": np.less_equal, "greater_equal": np.less}
        opposite |= {"less": np.greater_equal, "less_equal": np.greater}
        strict = {"greater": np.less, "less": np.greater}
        change = changed_step(self.edit, self.step)
        name = self.step.op.name
        turned = change in (opposite.get(name), strict.get(name))
        made = np.stack([self.edit.arrays[r[self.edit.step].output] for r in self.block.runs])
        slopes = any(
            np.array_equal(np.ravel(made), np.ravel(e.derivative)) for e in self.forward.elementwise
        )
        return "relu_mask_inverted" if turned and slopes else None

    def without_slope_name(self) -> str | None:
        """A slope was there that does not belong there."""
        return "combined_gradient_times_activation_derivative" if self.is_output else None

    def dropped_name(self) -> str | None:
        """An operand was there that does not belong there."""
        operand = self.step.inputs[self.operand]
        if self.step.op.name == "add" and is_sum_so_far(operand, self.step, self.tape):
            return "gradients_not_reset"
        kind = self.kind_of(operand)
        if self.step.op.name in ("multiply", "divide"):
            taken = kind == "data" or (kind == "a" and not is_recurrent(self.forward))
            if taken and "slope" not in self.beside:
                return "input_multiplied_twice"
            if np.ndim(self.tape.array(self.step.inputs[self.operand])) == 0:
                return self.scaled_name()
        return None

    def transposed_name(self) -> str | None:
        """A transpose was missing, or one too many."""
        kinds = [self.kind_of(i) for i in self.step.inputs]
        if "weight" in kinds:
            return "missing_weight_transpose"
        own = [self.search.finals[n] for n in self.edit.repairs]
        return "weight_grad_transposed" if self.step.output in own else None

    def product_name(self) -> str | None:
        """The other product was needed."""
        made = self.step.op.name != "multiply"
        return "matmul_instead_of_elementwise" if made else "elementwise_instead_of_matmul"

    def negated_name(self) -> str | None:
        """A sign was wrong inside of an expression."""
        arrays = [self.tape.array(i) for i in self.step.inputs]
        if any(times_weights(i, self.tape, self.entries) for i in self.step.inputs):
            return "l2_sign_wrong"
        flat = any(np.ndim(a) == 0 and a is not None for a in arrays)
        return "wrong_activation_derivative_formula" if flat and self._makes_slope() else None

    def _makes_slope(self) -> bool:
        arrays = [self.edit.arrays.get(run[self.edit.step].output) for run in self.block.runs]
        return all(a is not None and self.entries.kind(a) == "slope" for a in arrays)

    def axis_name(self) -> str | None:
        """The sum went over the other axis."""
        own = [self.search.finals[n] for n in self.edit.repairs]
        return "bias_grad_wrong_axis" if self.step.output in own else None

    def scaled_name(self) -> str | None:
        """A number was wrong."""
        return of_gradient(self.edit, self.search)

    def number_name(self) -> str | None:
        """An operand was off by a number."""
        weights = times_weights(self.block.slots[self.edit.slot][0][0], self.tape, self.entries)
        return of_operand(1 + self.edit.factor, self.forward.sizes.n, weights)

    def factor_name(self) -> str | None:
        """A factor was left out: of a slope, where another factor of it is there."""
        other, run = self.block.stacked(self.edit.values[0]), range(len(self.block.runs[0]))
        with np.errstate(all="ignore"):
            made = [
                self.block.made(k) * other for k in run if self.block.made(k).shape == other.shape
            ]
        slope = any(self.entries.kind(a) == "slope" for a in made)
        return "wrong_activation_derivative_formula" if slope else None

    def term_name(self) -> str | None:
        """A term was left out."""
        others = set(self.edit.values[0])
        used = self.tape.ancestors(list(self.search.finals.values()))
        if self.new == "weight":
            return "l2_gradient_missing"
        if np.isclose(self.edit.factor, 1) and not others & used:
            return "accumulator_overwritten"
        return None


_NAMES = {
    "operand as slope": Named.as_slope_name,
    "as slope": Named.as_slope_name,
    "entries": lambda named: "missing_weight_transpose",
    "operand scaled": Named.number_name,
    **dict.fromkeys(("flipped", "key"), lambda named: None),
    **dict.fromkeys(("operand factor", "factor"), Named.factor_name),
    "compared": Named.compared_name,
    "entries product": Named.product_name,
    "operand": Named.operand_name,
    "operand slope": Named.slope_name,
    "slope": Named.slope_name,
    "without slope": Named.without_slope_name,
    "dropped": Named.dropped_name,
    "transposed": Named.transposed_name,
    "product": Named.product_name,
    "negated": Named.negated_name,
    **dict.fromkeys(("axis", "axis kept"), Named.axis_name),
    "scaled": Named.scaled_name,
    "term": Named.term_name,
}

_FAMILIES = {
    **dict.fromkeys(("slope", "operand slope", "without slope", "compared"), _SLOPE),
    **dict.fromkeys(("transposed", "product", "axis", "axis kept", "entries product"), "layout"),
    **dict.fromkeys(("operand", "key"), "wrong operand"),
    "negated": "sign",
    "scaled": "scale",
}
