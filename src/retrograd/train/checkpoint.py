"""Saved models: one safetensors file with a checksum, replaced as a whole or not at all."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from retrograd import layers as all_layers
from retrograd.errors import ArgumentError, DataError
from retrograd.layers import Activation, BatchNorm, Layer, Residual, Sequential

FILE = "model.safetensors"
FORMAT = "1"
LARGEST = 2 * 2**30  # bytes
_LAYERS: dict[str, type[Layer]] = {
    name: getattr(all_layers, name) for name in all_layers.__all__ if name != "Layer"
}


def save_model(
    model: Sequential, directory: str | Path, about: Mapping[str, Any] | None = None
) -> Path:
    """Write the model into a directory, which is made if it is not there.

    The file is written beside its place, flushed to the disk, and then moved there: after a crash
    the place holds the old model or the new one.

    Args:
        model: a network with parameters.
        directory: where `model.safetensors` goes.
        about: further facts that JSON can hold, such as the training's settings.

    Returns:
        The file.

    Raises:
        DataError: RG703, the file cannot be written; an earlier one is as it was. RG705, a layer of
            the user's own.
        ArgumentError: RG603, a network without parameters.
    """
    from safetensors.numpy import save

    unknown = [
        type(layer).__name__ for layer in model.inner() if type(layer) not in _LAYERS.values()
    ]
    if unknown:
        raise DataError(
            "RG705",
            f"{unknown[0]} is no layer of this library, and a saved model could not be read again",
            help="save model.named_parameters() yourself, with np.savez",
        )
    if model.flat is None:
        raise ArgumentError("RG603", "the network has no parameters yet: call build or Trainer.fit")
    tensors = {**model.named_parameters(), **model.named_buffers()}
    metadata = {
        "format": FORMAT,
        "features": json.dumps(model.features, default=_plain),
        "layers": json.dumps([_described(layer) for layer in model.layers], default=_plain),
        "about": json.dumps(dict(about or {}), default=_plain),
    }
    metadata["sha256"] = _checksum(tensors, metadata)
    target = Path(directory) / FILE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        about_it = json.dumps(metadata, sort_keys=True)  # one entry: the order of entries varies
        _replace(target, save(tensors, metadata={"retrograd": about_it}))
    except OSError as error:
        raise DataError(
            "RG703", f"{target} cannot be written: {error.strerror or error}"
        ) from error
    return target


def check_writable(directory: str | Path) -> None:
    """Refuse a directory into which no model could be written, before any work is done.

    Raises:
        DataError: RG703, with the reason.
    """
    place = Path(directory).absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise DataError("RG703", f"{directory} cannot be a directory: {place} is a file")
    if not os.access(place, os.W_OK | os.X_OK):
        raise DataError("RG703", f"{directory} cannot be written: no permission in {place}")


def _replace(target: Path, content: bytes) -> None:
    import tempfile  # it imports much; needed here alone

    mode = target.stat().st_mode & 0o777 if target.exists() else None
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{FILE}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is None:
            umask = os.umask(0)
            os.umask(umask)
            mode = 0o666 & ~umask
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(target.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def load_model(directory: str | Path) -> tuple[Sequential, dict[str, Any]]:
    """The model that `save_model` wrote, and the facts about it.

    Raises:
        DataError: RG704, no such file, or one that is cut, damaged or of another format.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(directory)
    path = path / FILE if path.is_dir() else path
    if not path.is_file():
        raise _bad(path, "there is no such file")
    if path.stat().st_size > LARGEST:
        raise _bad(path, f"it is larger than {LARGEST // 2**30} GiB")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = json.loads((file.metadata() or {}).get("retrograd", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise _bad(path, str(error)) from error
    if metadata.get("format") != FORMAT:
        raise _bad(
            path, f"its format is {metadata.get('format')!r}, and this version reads {FORMAT}"
        )
    if metadata.pop("sha256", None) != _checksum(tensors, metadata):
        raise _bad(path, "its checksum does not fit: it was damaged")
    layers = [_layer(item) for item in json.loads(metadata["layers"])]
    model = Sequential(*layers)
    dtype = next((t.dtype for t in tensors.values()), np.dtype(np.float32))
    features = json.loads(metadata["features"])
    shape = tuple(features) if isinstance(features, list) else features
    model.build(shape, np.random.default_rng(0), dtype)
    buffers = model.named_buffers()
    model.set_parameters({n: t for n, t in tensors.items() if n not in buffers})
    for name, array in buffers.items():
        array[...] = tensors[name]
    return model, json.loads(metadata["about"])


def _bad(path: Path, reason: str) -> DataError:
    return DataError(
        "RG704",
        f"{path} is no model: {reason}",
        help="a model is a directory written by retrograd train",
    )


def _checksum(tensors: Mapping[str, Any], metadata: Mapping[str, str]) -> str:
    from hashlib import sha256  # loads OpenSSL

    digest = sha256()
    for key in sorted(set(metadata) - {"sha256"}):
        digest.update(f"{key}={metadata[key]}\n".encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _plain(thing: Any) -> Any:
    """A NumPy number as Python's."""
    if isinstance(thing, np.generic):
        return thing.item()
    raise TypeError(f"{type(thing).__name__} is no part of JSON")


def _described(layer: Layer) -> dict[str, Any]:
    """A layer as JSON: its class, and the arguments that make it again."""
    found: dict[str, Any] = {"kind": type(layer).__name__}
    if isinstance(layer, Activation):
        return {**found, "name": layer.name, **layer.settings}
    if isinstance(layer, Residual | Sequential):
        found["layers"] = [_described(inner) for inner in layer.layers]
        if isinstance(layer, Residual) and layer.shortcut is not None:
            found["shortcut"] = _described(layer.shortcut)
        return found
    if isinstance(layer, BatchNorm):
        found["batches"] = layer.batches
    names = inspect.signature(type(layer)).parameters
    return {**found, **{name: getattr(layer, name) for name in names}}


def _layer(description: Mapping[str, Any]) -> Layer:
    arguments: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in description.items()
    }
    kind = _LAYERS[arguments.pop("kind")]
    inner = [_layer(item) for item in arguments.pop("layers", ())]
    batches = arguments.pop("batches", 0)
    if "shortcut" in arguments:
        arguments["shortcut"] = _layer(arguments["shortcut"])
    made = kind(*inner, **arguments)
    if isinstance(made, BatchNorm):
        made.batches = batches
    return made
