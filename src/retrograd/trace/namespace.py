"""The globals of a function in the shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retrograd.trace.paths import global_path

if TYPE_CHECKING:
    from retrograd.trace.shadow import World


class ShadowGlobals(dict[str, Any]):
    """A function's globals while it is recorded; LOAD_GLOBAL honours a dict subclass."""

    def __init__(self, world: World, real: dict[str, Any]) -> None:
        super().__init__()
        self.world = world
        self.real = real
        self["__builtins__"] = world.builtins

    def __missing__(self, name: str) -> Any:
        value = self.real[name]  # KeyError: Python looks among the builtins
        made = self.world.shadow(value, global_path(self.real, name))
        self[name] = made
        return made
