"""How fast training is, next to other libraries, in one interleaved run: `python -m benchmarks`."""
