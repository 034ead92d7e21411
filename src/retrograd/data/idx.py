"""Reader of IDX files, the format of MNIST: a magic number, sizes, then bytes."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from retrograd.errors import DataError

Array = np.ndarray[Any, Any]

LARGEST = 256 * 2**20  # bytes after decompression; the largest MNIST file has 47 million
_UNSIGNED_BYTE = 0x08


def read_idx(path: Path, axes: int) -> Array:
    """The array in an IDX file of unsigned bytes, plain or compressed with gzip.

    Args:
        path: the file; whether it is compressed is read off its first bytes.
        axes: how many axes it must have: 1 for labels, 3 for images.

    Returns:
        uint8, with the shape that the file states.

    Raises:
        DataError: RG702, the file cannot be read, or is not what it says: magic number, sizes,
            length.
    """
    content = _content(path)
    header = 4 + 4 * axes
    if len(content) < header:
        raise _bad(path, f"it ends after {len(content)} bytes, inside its header of {header}")
    zero, kind, found = int.from_bytes(content[:2], "big"), content[2], content[3]
    if zero != 0 or kind != _UNSIGNED_BYTE or found != axes:
        wanted = (_UNSIGNED_BYTE << 8) | axes
        magic = int.from_bytes(content[:4], "big")
        raise _bad(path, f"its magic number is 0x{magic:08x}, not 0x{wanted:08x}")
    shape = tuple(int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes))
    size = 1
    for n in shape:
        size *= n
    if len(content) - header != size:
        raise _bad(
            path,
            f"it states {' × '.join(map(str, shape))} = {size} bytes "
            f"and holds {len(content) - header}",
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if compressed else file
            content = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _bad(path, f"{error}") from error
    if len(content) > LARGEST:
        raise _bad(path, f"it holds more than {LARGEST // 2**20} MiB")
    return content


def _bad(path: Path, reason: str) -> DataError:
    return DataError(
        "RG702",
        f"{path} cannot be used: {reason}",
        help="get the file again; MNIST's files are train-images-idx3-ubyte and companions",
    )
