"""Getting every shape that is read from JSON ready before threads read it.

The library that reads JSON works out what a struct looks like when it first meets it. Two threads that meet the same one first at
the same moment can end the whole process (a segmentation fault, seen with msgspec 0.22), so it is done for all of them beforehand.
"""

from collections.abc import Iterator
from contextlib import suppress
from threading import Lock
from typing import Any

import msgspec

_PACKAGE = __name__.partition(".")[0]
_ready: set[type[Any]] = set()
_lock = Lock()


def prepare_shapes() -> None:
    """Work out every struct of ours that is known by now. Cheap when it was done before; safe to call from anywhere."""
    with _lock:
        for shape in _below(msgspec.Struct):
            if shape not in _ready and shape.__module__.startswith(f"{_PACKAGE}."):
                with suppress(TypeError):  # one that JSON cannot describe is never read from it
                    msgspec.json.Decoder(shape)
                _ready.add(shape)


def _below(shape: type[Any]) -> Iterator[type[Any]]:
    for one in shape.__subclasses__():
        yield one
        yield from _below(one)
