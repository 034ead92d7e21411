"""Trees: the dicts, lists, tuples and dataclasses in which people keep their arrays.

A `Tree` remembers how a container was built, so that a gradient can have the same structure, and
how each leaf is reached from the outside (`params["W1"]`), so that written text can reach it too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any


@dataclasses.dataclass(frozen=True)
class Leaf:
    """Where a leaf is: the parameter's name and the way from there, as Python text and as keys."""

    parameter: str
    path: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """How Python code reaches it, such as `params["W1"]` or `layers[0].b`."""
        text = self.parameter
        for kind, key in self.path:
            text += f".{key}" if kind == "attribute" else f"[{_key_text(key)}]"
        return text

    @property
    def name(self) -> str:
        """The name that a variable for it should have."""
        for kind, key in reversed(self.path):
            if (kind == "attribute" or isinstance(key, str)) and str(key).isidentifier():
                return str(key)
        digits = "_".join(str(key) for _, key in self.path if isinstance(key, int))
        return f"{self.parameter}_{digits}" if digits else self.parameter

    def get(self, argument: Any) -> Any:
        """The leaf in `argument`, the value of the parameter."""
        for kind, key in self.path:
            argument = getattr(argument, key) if kind == "attribute" else argument[key]
        return argument


def _key_text(key: Any) -> str:
    return (
        '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"' if type(key) is str else repr(key)
    )


def is_float(thing: Any) -> bool:
    """Whether a leaf is a float or an array of floats."""
    dtype = getattr(thing, "dtype", None)
    return type(thing) is float or getattr(dtype, "kind", None) == "f"


@dataclasses.dataclass(frozen=True)
class Tree:
    """A container or a leaf.

    Attributes:
        kind: "leaf", "list", "tuple", "dict", "named" (a named tuple) or "dataclass".
        type: the container's class.
        keys: dict keys, or field names; positions for lists and tuples.
        children: the trees under those keys.
        leaf: for a leaf, whatever the tree is a tree of.
        origin: for an argument, how Python code reaches it.
    """

    kind: str
    type: type
    keys: tuple[Any, ...] = ()
    children: tuple[Tree, ...] = ()
    leaf: Any = None
    origin: str = ""

    def leaves(self) -> Iterator[Any]:
        """The leaves, in order."""
        if self.kind == "leaf":
            yield self.leaf
        for child in self.children:
            yield from child.leaves()

    def map(self, function: Callable[[Any], Any]) -> Tree:
        """The same structure with `function` of each leaf."""
        if self.kind == "leaf":
            return dataclasses.replace(self, leaf=function(self.leaf))
        return dataclasses.replace(self, children=tuple(c.map(function) for c in self.children))

    def build(self, function: Callable[[Any], Any] = lambda leaf: leaf) -> Any:
        """The container itself, with `function` of each leaf in it."""
        if self.kind == "leaf":
            return function(self.leaf)
        items = [child.build(function) for child in self.children]
        if self.kind == "list":
            return items
        if self.kind == "dict":
            return dict(zip(self.keys, items, strict=True))
        if self.kind == "tuple":
            return tuple(items)
        if self.kind == "named":
            return self.type(*items)
        return self.type(**dict(zip(self.keys, items, strict=True)))

    def describe(self, leaf_text: Callable[[Any], str]) -> str:
        """Python text that builds the container.

        Args:
            leaf_text: the text of a leaf.

        Named tuples and dataclasses are built with `type(argument)`, so that text needs no import.
        """
        if self.kind == "leaf":
            return leaf_text(self.leaf)
        texts = [child.describe(leaf_text) for child in self.children]
        if self.kind == "list":
            return f"[{', '.join(texts)}]"
        if self.kind == "dict":
            pairs = zip(self.keys, texts, strict=True)
            return "{" + ", ".join(f"{_key_text(k)}: {t}" for k, t in pairs) + "}"
        if self.kind == "tuple":
            return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
        made = f"type({self.origin})" if self.origin else self.type.__name__
        pairs = zip(self.keys, texts, strict=True)
        return f"{made}({', '.join(f'{k}={t}' for k, t in pairs)})"


def tree_of(value: Any, parameter: str = "", path: tuple[tuple[str, Any], ...] = ()) -> Tree:
    """The tree of a value; its leaves are (Leaf, object) pairs."""
    kind = type(value)
    origin = Leaf(parameter, path).text if parameter else ""

    def children(way: str, items: Iterable[tuple[Any, Any]]) -> tuple[Tree, ...]:
        return tuple(tree_of(item, parameter, (*path, (way, key))) for key, item in items)

    if issubclass(kind, tuple) and kind.__module__.startswith("numpy") and not parameter:
        kind = tuple  # such as EighResult: text that needs only NumPy has no name for it
    if kind in (list, tuple):
        parts = children("item", enumerate(value))
        name = "list" if kind is list else "tuple"
        return Tree(name, kind, tuple(range(len(value))), parts, origin=origin)
    if kind is dict:
        return Tree("dict", kind, tuple(value), children("item", value.items()), origin=origin)
    names = _field_names(value, kind)
    if names is not None:
        parts = children("attribute", ((n, getattr(value, n)) for n in names))
        named = "named" if issubclass(kind, tuple) else "dataclass"
        return Tree(named, kind, names, parts, origin=origin)
    return Tree("leaf", kind, leaf=(Leaf(parameter, path), value))


def _field_names(value: Any, kind: type) -> tuple[str, ...] | None:
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return tuple(kind._fields)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(f.name for f in dataclasses.fields(value) if f.init)
    return None
