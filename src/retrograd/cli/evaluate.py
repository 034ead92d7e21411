"""`retrograd evaluate`: how well a saved model does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from retrograd.cli.train import Format
from retrograd.errors import UsageError


def evaluate(
    model: Annotated[
        Path, typer.Argument(help="Directory that retrograd train wrote.", metavar="MODEL_DIR")
    ],
    data: Annotated[
        str, typer.Argument(help="digits, or the directory of MNIST's files.", metavar="DATA")
    ],
    format: Annotated[Format, typer.Option(help="text, or one JSON object.")] = Format.text,
) -> None:
    """Report a saved model's accuracy on the test examples of a data set."""
    from retrograd.data import load_digits, load_mnist
    from retrograd.losses import cross_entropy
    from retrograd.train import evaluate as score_of
    from retrograd.train import load_model

    network, about = load_model(model)
    samples = load_digits(int(about.get("seed", 0))) if data == "digits" else load_mnist(data)
    features = samples.X_test.shape[1]
    if network.features != features:
        raise UsageError(
            "RG804",
            f"the model takes {network.features} features and {samples.name} has {features}",
        )
    score = score_of(network, cross_entropy, samples.X_test, samples.y_test)
    if format is Format.json:
        result = {"dataset": samples.name, "examples": len(samples.y_test)}
        typer.echo(json.dumps({**result, "test_accuracy": score.accuracy, "test_loss": score.loss}))
        return
    typer.echo(f"{samples.name}: {len(samples.y_test)} test examples")
    typer.echo(f"test      accuracy {score.accuracy:.4f}   loss {score.loss:.4f}")
