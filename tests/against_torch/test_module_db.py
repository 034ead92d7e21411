"""Layers beside PyTorch's modules, on its `module_db`: outputs, gradients, statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db

import retrograd as rg
from retrograd import layers

pytestmark = pytest.mark.filterwarnings("ignore")

RENAMED = {"weight": "gamma", "bias": "beta"}


def conv(module: Any) -> layers.Layer:
    return layers.Conv2D(
        module.out_channels,
        module.kernel_size,
        module.stride,
        module.padding,
        module.dilation,
        module.groups,
        module.bias is not None,
    )


def batch_norm(module: Any) -> layers.Layer:
    return layers.BatchNorm(module.momentum, module.eps, module.affine, module.track_running_stats)


def layer_norm(module: Any) -> layers.Layer:
    return layers.LayerNorm(len(module.normalized_shape), module.eps, module.elementwise_affine)


def rms_norm(module: Any) -> layers.Layer:
    return layers.RMSNorm(len(module.normalized_shape), module.eps, module.elementwise_affine)


def max_pool(m: Any) -> layers.Layer:
    return layers.MaxPool2D(m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode)


def avg_pool(m: Any) -> layers.Layer:
    return layers.AvgPool2D(
        m.kernel_size, m.stride, m.padding, m.ceil_mode, m.count_include_pad, m.divisor_override
    )


def activation(name: str, **settings: str) -> Callable[[Any], layers.Layer]:
    """Our activation, with the attributes of PyTorch's module."""
    return lambda m: layers.Activation(name, **{k: getattr(m, v) for k, v in settings.items()})


MODULES: dict[str, Callable[[Any], layers.Layer]] = {
    "Linear": lambda m: layers.Dense(m.out_features),
    "Conv2d": conv,
    "BatchNorm1d": batch_norm,
    "BatchNorm2d": batch_norm,
    "BatchNorm3d": batch_norm,
    "LayerNorm": layer_norm,
    "RMSNorm": rms_norm,
    "GroupNorm": lambda m: layers.GroupNorm(m.num_groups, m.eps, m.affine),
    "Embedding": lambda m: layers.Embedding(m.num_embeddings, m.embedding_dim, m.padding_idx),
    "Flatten": lambda m: layers.Flatten(),
    "MaxPool2d": max_pool,
    "AvgPool2d": avg_pool,
    "ReLU": lambda m: layers.ReLU(),
    "Tanh": lambda m: layers.Tanh(),
    "Sigmoid": lambda m: layers.Sigmoid(),
    "ReLU6": activation("relu6"),
    "LeakyReLU": activation("leaky_relu", negative_slope="negative_slope"),
    "ELU": activation("elu", alpha="alpha"),
    "CELU": activation("celu", alpha="alpha"),
    "SELU": activation("selu"),
    "GELU": activation("gelu", approximate="approximate"),
    "SiLU": activation("silu"),
    "Softplus": activation("softplus", beta="beta", threshold="threshold"),
    "Softsign": activation("softsign"),
    "Mish": activation("mish"),
    "Hardsigmoid": activation("hardsigmoid"),
    "Hardswish": activation("hardswish"),
    "Hardtanh": activation("hardtanh", min_val="min_val", max_val="max_val"),
    "Tanhshrink": activation("tanhshrink"),
    "LogSigmoid": activation("logsigmoid"),
    "Softmax": activation("softmax", axis="dim"),
    "LogSoftmax": activation("log_softmax", axis="dim"),
    "Softmin": activation("softmin", axis="dim"),
    "GLU": activation("glu", axis="dim"),
}
INFOS = {info.module_cls.__name__: info for info in module_db}
CASES = [
    pytest.param(name, training, id=f"{name} {'training' if training else 'evaluating'}")
    for name in MODULES
    if name in INFOS
    for training in (True, False)
    if INFOS[name].train_and_eval_differ or not training
]


def test_the_promised_layers_are_there() -> None:
    promised = "BatchNorm1d BatchNorm2d LayerNorm RMSNorm GroupNorm Embedding Conv2d MaxPool2d"
    assert set(promised.split()) <= set(INFOS)


def with_examples(name: str, x: Any) -> Any:
    """PyTorch lets the axis of examples out for one example."""
    without = {"Conv2d": 3, "MaxPool2d": 3, "AvgPool2d": 3}.get(name)
    return x[None] if x.ndim == without else x


@pytest.mark.parametrize(("name", "training"), CASES)
def test_outputs_gradients_and_statistics(name: str, training: bool) -> None:
    info = INFOS[name]
    torch.manual_seed(0)
    compared = 0
    for item in info.module_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
    ):
        made = item.constructor_input
        module = info.module_cls(*made.args, **made.kwargs).to(torch.float64)
        module.train(training)
        if getattr(module, "return_indices", False):
            continue  # it returns places as well
        x = (*item.forward_input.args, *item.forward_input.kwargs.values())[0]
        x = with_examples(name, x)
        layer = MODULES[name](module)
        array = np.array(x.detach().numpy())
        shape = (array.shape or (1,))[-1] if array.ndim < 3 else array.shape[1:]
        layer.build(shape, np.random.default_rng(0), np.float64)
        layer.training = training
        parameters = copied(name, module, layer)
        if training and not array.size:  # PyTorch leaves its statistics as they are
            with pytest.raises(rg.RetrogradError, match="RG109"):
                layer(array)
            continue
        expected = module(x)
        np.testing.assert_allclose(layer(array), expected.detach(), rtol=1e-9, atol=1e-9)
        compare_gradients(module, layer, x, array, parameters, expected)
        if layer.buffers and training:
            layer(array)
            layer.observe(*layer.statistics())
            for ours in layer.buffers:
                theirs = getattr(module, ours)
                np.testing.assert_allclose(getattr(layer, ours), theirs, rtol=1e-9, atol=1e-9)
        compared += 1
    assert compared


def copied(name: str, module: Any, layer: layers.Layer) -> dict[str, str]:
    """Give the layer PyTorch's parameters; returns our name of each."""
    names: dict[str, str] = {}
    for theirs, value in module.named_parameters():
        if name in ("Linear", "Conv2d", "Embedding"):
            ours = "W" if theirs == "weight" else "b"
        else:
            ours = RENAMED[theirs]
        array = np.array(value.detach().numpy())
        setattr(layer, ours, array.T.copy() if name == "Linear" and ours == "W" else array)
        names[theirs] = ours
    return names


def compare_gradients(
    module: Any, layer: layers.Layer, x: Any, array: Any, names: dict[str, str], expected: Any
) -> None:
    g = np.random.default_rng(1).normal(size=tuple(expected.shape))
    wanted = [x] if x.requires_grad else []
    wanted += [p for _, p in module.named_parameters()]
    if not wanted or not expected.requires_grad:
        return
    theirs = torch.autograd.grad(expected, wanted, torch.as_tensor(g), allow_unused=True)
    values = {ours: getattr(layer, ours) for ours in names.values()}

    def f(x: Any, values: dict[str, Any]) -> Any:
        for ours, value in values.items():
            setattr(layer, ours, value)
        return np.sum(g * layer(x))

    if x.requires_grad:
        ours = rg.grad(lambda x: np.sum(g * layer(x)))(array)
        np.testing.assert_allclose(ours, theirs[0], rtol=1e-7, atol=1e-7)
    if values:
        found = rg.grad(f, wrt="values")(array, values)
        for (theirs_name, _), t in zip(
            module.named_parameters(), theirs[len(wanted) - len(names) :], strict=True
        ):
            d = found[names[theirs_name]]
            t = t.numpy().T if theirs_name == "weight" and type(module).__name__ == "Linear" else t
            np.testing.assert_allclose(d, t, rtol=1e-7, atol=1e-7)
