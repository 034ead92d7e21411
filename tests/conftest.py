"""What all tests share: the oracles are importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
