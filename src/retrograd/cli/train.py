"""`retrograd train`: train a network on handwritten digits."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retrograd.errors import ArgumentError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from retrograd.data import Dataset
    from retrograd.layers import Sequential
    from retrograd.train import Epoch, Trainer


class Data(StrEnum):
    """The data sets."""

    digits = "digits"
    mnist = "mnist"


class Activation(StrEnum):
    """The activations between the layers."""

    relu = "relu"
    tanh = "tanh"
    sigmoid = "sigmoid"


class Algorithm(StrEnum):
    """The optimizers."""

    adam = "adam"
    sgd = "sgd"


class Format(StrEnum):
    """How results are printed."""

    text = "text"
    json = "json"


def train(
    dataset: Annotated[
        Data, typer.Argument(help="digits (ships with scikit-learn) or mnist.")
    ] = Data.digits,
    data: Annotated[Path | None, typer.Option(help="Directory of MNIST's four IDX files.")] = None,
    hidden: Annotated[str, typer.Option(help="Hidden units, such as 128,64; 0 for none.")] = "128",
    activation: Annotated[Activation, typer.Option(help="Between the layers.")] = Activation.relu,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes; 40 for digits, 5 for mnist.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="32 for digits, 128 for mnist.")
    ] = None,
    lr: Annotated[
        float | None, typer.Option(help="Learning rate; 0.001 for adam, 0.1 for sgd.")
    ] = None,
    optimizer: Annotated[
        Algorithm, typer.Option(help="adam, or sgd with momentum 0.9.")
    ] = Algorithm.adam,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same run.")
    ] = 0,
    out: Annotated[Path, typer.Option(help="Directory for the model.")] = Path("runs/latest"),
    format: Annotated[Format, typer.Option(help="text, or one JSON object.")] = Format.text,
    show_source: Annotated[
        bool, typer.Option("--show-source", help="Print the step that ran.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Print where the time of a step goes.")
    ] = False,
) -> None:
    """Train a network on handwritten digits, test it, and save it."""
    from retrograd.cli.console import terminal
    from retrograd.train import check_writable, evaluate, save_model

    units = parse_hidden(hidden)
    check_writable(out)
    as_json = format is Format.json
    console = terminal()
    samples = _load(dataset, data, seed)
    epochs = epochs or {Data.digits: 40, Data.mnist: 5}[dataset]
    batch_size = batch_size or {Data.digits: 32, Data.mnist: 128}[dataset]
    trainer = _trainer(units, activation, optimizer, lr, seed, samples)
    if not as_json:
        _print_architecture(console, trainer.model, samples)
    progress = nullcontext() if as_json else _progress(console, epochs)
    with progress as report:
        history = trainer.fit(
            samples.X_train,
            samples.y_train,
            epochs,
            batch_size,
            validation=(samples.X_test, samples.y_test),
            on_epoch=report,
        )
    training = evaluate(trainer.model, trainer.loss, samples.X_train, samples.y_train)
    test = evaluate(trainer.model, trainer.loss, samples.X_test, samples.y_test)
    settings = {
        "dataset": str(dataset),
        "hidden": units,
        "activation": str(activation),
        "optimizer": str(optimizer),
        "learning_rate": trainer.optimizer.learning_rate,
        "epochs": epochs,
        "batch_size": batch_size,
        "seed": seed,
    }
    file = save_model(trainer.model, out, settings)
    batch = (samples.X_train[:batch_size], samples.y_train[:batch_size])
    if as_json:
        result: dict[str, Any] = {
            **settings,
            "parameters": int(trainer.model.flat.size) if trainer.model.flat is not None else 0,
            "train_accuracy": training.accuracy,
            "test_accuracy": test.accuracy,
            "train_loss": training.loss,
            "test_loss": test.loss,
            "losses": history.losses,
            "seconds": sum(e.seconds for e in history.epochs),
            "model": str(file),
        }
        if show_source:
            result["source"] = trainer.step.source(*batch)
        if profile:
            spent = trainer.profile(samples.X_train, samples.y_train, batch_size)
            result["profile"] = [asdict(part) for part in spent.parts]
        typer.echo(json.dumps(result))
        return
    console.print(f"training  accuracy {training.accuracy:.4f}   loss {training.loss:.4f}")
    console.print(f"test      accuracy {test.accuracy:.4f}   loss {test.loss:.4f}")
    console.print(f"saved     {file}", soft_wrap=True)
    if show_source:
        typer.echo("\nThe training step that ran:\n")
        typer.echo(trainer.step.source(*batch))
    if profile:
        spent = trainer.profile(samples.X_train, samples.y_train, batch_size)
        typer.echo("\nWhere the time of a step goes:\n")
        typer.echo(spent.table(console.width))
    if not (show_source or profile) and console.is_terminal:
        console.print("\nretrograd train --show-source prints the training step that ran.")


def parse_hidden(text: str) -> list[int]:
    """The numbers of hidden units in `128,64`.

    Raises:
        UsageError: RG801, something that is no list of whole numbers from 1.
    """
    if text.strip() in ("", "0"):
        return []
    if re.fullmatch(r"[1-9][0-9]{0,6}(,[1-9][0-9]{0,6})*", text.replace(" ", "")) is None:
        raise UsageError(
            "RG801", f"--hidden takes whole numbers from 1, such as 128,64, and not {text!r}"
        )
    return [int(part) for part in text.split(",")]


def _load(dataset: Data, directory: Path | None, seed: int) -> Dataset:
    from retrograd.data import load_digits, load_mnist

    if dataset is Data.digits:
        if directory is not None:
            raise UsageError("RG801", "--data goes with mnist: retrograd train mnist --data DIR")
        return load_digits(seed)
    if directory is None:
        raise UsageError(
            "RG801",
            "mnist needs --data DIR, the directory of its four IDX files",
            help="retrograd train, without mnist, needs no files",
        )
    return load_mnist(directory)


def _trainer(
    units: list[int],
    activation: Activation,
    optimizer: Algorithm,
    lr: float | None,
    seed: int,
    samples: Dataset,
) -> Trainer:
    import numpy as np

    from retrograd.layers import Dense, Layer, ReLU, Sequential, Sigmoid, Tanh
    from retrograd.losses import cross_entropy
    from retrograd.optimizers import SGD, Adam, Optimizer
    from retrograd.train import Trainer

    kinds: dict[str, type[Layer]] = {"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}
    layers: list[Layer] = []
    for n in units:
        layers += [Dense(n), kinds[activation]()]
    model = Sequential(*layers, Dense(samples.classes))
    try:
        if optimizer is Algorithm.adam:
            chosen: Optimizer = Adam(1e-3 if lr is None else lr)
        else:
            chosen = SGD(0.1 if lr is None else lr, momentum=0.9)
    except ArgumentError as error:
        raise UsageError("RG801", f"--lr: {error.headline}") from None
    trainer = Trainer(model, cross_entropy, chosen, seed=seed)
    model.build(samples.X_train.shape[1], trainer.rng, np.float32)
    return trainer


def _print_architecture(console: Console, model: Sequential, samples: Dataset) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "result", "parameters"):
        table.add_column(heading)
    size = samples.X_train.shape[1]
    table.add_row("input", f"(N, {size})", "")
    for layer in model.layers:
        arrays = {name: getattr(layer, name) for name in layer.parameters}
        if "W" in arrays:
            size = arrays["W"].shape[1]
        shapes = "  ".join(f"{name}{layer.number} {array.shape}" for name, array in arrays.items())
        table.add_row(type(layer).__name__, f"(N, {size})", shapes)
    assert model.flat is not None
    console.print(
        f"{samples.name}: {len(samples.X_train)} training and {len(samples.X_test)} test examples"
    )
    console.print(table)
    console.print(f"{model.flat.size:,} parameters\n")


def _progress(console: Console, epochs: int) -> AbstractContextManager[Any]:
    """A context that gives a function to call after each epoch; it shows a bar on a terminal."""
    return _Bar(console, epochs) if console.is_terminal else _Lines(epochs)


class _Bar:
    """A progress bar that is replaced as epochs end."""

    def __init__(self, console: Console, epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("epoch {task.completed}/{task.total}"),
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self._progress.add_task("", total=epochs)

    def __enter__(self) -> Any:
        self._progress.start()
        return self._after

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def _after(self, epoch: Epoch) -> None:
        self._progress.update(self._task, completed=epoch.number, description=_summary(epoch))


class _Lines:
    """A line every few epochs on standard error, where there is no terminal."""

    def __init__(self, epochs: int) -> None:
        self._every = max(1, epochs // 5)
        self._epochs = epochs

    def __enter__(self) -> Any:
        return self._after

    def __exit__(self, *error: object) -> None:
        return None

    def _after(self, epoch: Epoch) -> None:
        if epoch.number % self._every == 0 or epoch.number == self._epochs:
            typer.echo(f"epoch {epoch.number}/{self._epochs}  {_summary(epoch)}", err=True)


def _summary(epoch: Epoch) -> str:
    accuracy = epoch.validation_accuracy
    return f"loss {epoch.loss:.4f}" + (
        f"  test accuracy {accuracy:.4f}" if accuracy is not None else ""
    )
