"""The state file: both twins and their clock, put away whole and taken out again where the story stopped.

A file is read as data. It may name only what this program's own state is made of, so a file from elsewhere can neither run
anything nor reach outside; it is refused unless this very version of the twins wrote it, and whole.
"""

import hashlib
import io
import json
import os
import pickle
import tempfile
import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import EnumType
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from twins.basware import BaswareInstances
from twins.clock import Clock
from twins.control import ControlledTwin
from twins.panels import BaswarePanel, QuickBooksPanel
from twins.quickbooks.twin import QuickBooksTwin

Kind = TypeVar("Kind")

FORMAT = 1
_MAGIC = b"twins state file\n"
_HEADER_LIMIT = 4096

STATE_MODULES = (
    "twins.basware",
    "twins.quickbooks",
    "twins.calls",
    "twins.clock",
    "twins.control",
    "twins.faults",
    "twins.damage",
    "twins.http",
    "twins.luck",
    "twins.outgoing",
    "twins.recorder",
    "twins.rows",
)
"""Modules and packages whose own classes and functions a state may name. None of them opens files, sockets or processes."""

APART = frozenset({"twins.quickbooks.sign_in.pages"})
"""Modules among them that no state names: it loads templates."""

_STANDARD: frozenset[tuple[str, str]] = frozenset(
    {
        ("builtins", "bytearray"), ("builtins", "dict"), ("builtins", "frozenset"), ("builtins", "int"), ("builtins", "list"),
        ("builtins", "object"), ("builtins", "set"), ("builtins", "str"), ("builtins", "tuple"),
        ("collections", "Counter"), ("collections", "OrderedDict"), ("collections", "defaultdict"), ("collections", "deque"),
        ("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"), ("datetime", "timedelta"),
        ("datetime", "timezone"), ("decimal", "Decimal"), ("functools", "partial"), ("random", "Random"),
    }
)  # fmt: skip
"""What a state may name of the standard library: plain values and containers."""


class StateFileError(Exception):
    """A state file can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Story:
    """Everything that is put away: both twins with their instruments, on one clock."""

    clock: Clock
    quickbooks: ControlledTwin
    basware: ControlledTwin

    @classmethod
    def begin(cls, clock: Clock, *, seed: int = 0) -> "Story":
        """Both twins without any company."""
        quickbooks = ControlledTwin(QuickBooksPanel(QuickBooksTwin(clock)), clock, seed=seed)
        basware = ControlledTwin(BaswarePanel(BaswareInstances(clock, seed=seed)), clock, seed=seed)
        return cls(clock, quickbooks, basware)

    @property
    def company_books(self) -> QuickBooksTwin:
        """The QuickBooks twin itself."""
        return _expect(self.quickbooks.panel.twin, QuickBooksTwin)

    @property
    def regions(self) -> BaswareInstances:
        """Basware's systems themselves."""
        return _expect(self.basware.panel.twin, BaswareInstances)

    @property
    def mark(self) -> tuple[Any, ...]:
        """Differs when anything may have changed, other than by the mere passage of time."""
        outboxes = [self.company_books.outbox, *self.regions.outboxes.values()]
        clock = (self.clock.running, self.clock.scale, None if self.clock.running else self.clock.now())
        sent = tuple(last for outbox in outboxes for last in outbox.attempts()[-1:])
        return (self.quickbooks.changes, self.basware.changes, clock, sent)


def save(story: Story, path: Path) -> int:
    """Write the file so that there is always a whole one, readable by its owner only. Returns its size in bytes.

    Raises OSError when it can't be written.
    """
    content = pickle.dumps((story.clock, story.quickbooks, story.basware), protocol=5)
    header = {
        "format": FORMAT,
        "version": version(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    whole = _MAGIC + json.dumps(header).encode() + b"\n" + content
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:  # mkstemp makes it readable by the owner only
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return len(whole)


def load(path: Path) -> Story:
    """Read a file. Raises StateFileError for one that is not ours, of another version, or damaged; OSError if it can't be read."""
    with path.open("rb") as file:
        header, content = _header(path, file.read(len(_MAGIC)), file.readline(_HEADER_LIMIT)), file.read()
    if header.get("format") != FORMAT or header.get("version") != version():
        raise StateFileError(
            f"{path} was written by another version of the twins, and only the one that wrote it can read it. "
            "Start with another --state FILE, or move this one away."
        )
    if hashlib.sha256(content).hexdigest() != header.get("sha256"):
        raise StateFileError(
            f"{path} is damaged: its content is not what was written. Restore a copy, or move it away."
        )
    try:
        kept = _Reader(io.BytesIO(content)).load()
    except (pickle.UnpicklingError, AttributeError, ImportError, LookupError, TypeError, ValueError, EOFError) as error:
        raise StateFileError(f"{path} is no state the twins wrote: {error}. Move it away.") from error
    kinds = (Clock, ControlledTwin, ControlledTwin)
    if not (isinstance(kept, tuple) and len(kept) == len(kinds) and all(map(isinstance, kept, kinds))):
        raise StateFileError(f"{path} is no state the twins wrote: it holds something else. Move it away.")
    story = Story(*kept)
    _ = story.company_books, story.regions
    return story


def _expect(found: object, kind: type[Kind]) -> Kind:
    if not isinstance(found, kind):
        raise StateFileError(f"the state holds a {type(found).__name__} where a {kind.__name__} belongs")
    return found


def _header(path: Path, magic: bytes, line: bytes) -> dict[str, Any]:
    try:
        header = json.loads(line) if magic == _MAGIC else None
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise StateFileError(
            f"{path} is not a state file of the twins. Name another one with --state, or move it away."
        )
    return header


class _Reader(pickle.Unpickler):
    """Reads nothing but what `STATE_MODULES` define and `_STANDARD` lists."""

    def find_class(self, module: str, name: str) -> Any:
        """What a state names. Raises pickle.UnpicklingError for anything else; nothing of it is even imported."""
        if (module, name) == ("builtins", "getattr"):
            return _part
        if (module, name) in _STANDARD:
            return getattr(import_module(module), name)
        if _is_ours(module) and "." not in name:
            found = getattr(import_module(module), name, None)
            if isinstance(found, type | types.FunctionType) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is no part of a state")


def _part(holder: object, name: str) -> Any:
    """A method of one of our objects, which is how a bound method is stored, or a member of one of our enumerations, which is how
    Python 3.11 stored one until 3.11.4. Raises pickle.UnpicklingError for anything else."""
    if isinstance(holder, EnumType) and _is_ours(holder.__module__) and name in holder.__members__:
        return holder[name]
    kind = type(holder)
    plain = isinstance(name, str) and not name.startswith("__")
    if not (_is_ours(kind.__module__) and plain and isinstance(getattr(kind, name, None), types.FunctionType)):
        raise pickle.UnpicklingError(f"it asks {kind.__qualname__} for {name}, which is no method of a state")
    return getattr(holder, name)


def _is_ours(module: str) -> bool:
    within = any(module == known or module.startswith(f"{known}.") for known in STATE_MODULES)
    return within and module not in APART


@cache
def version() -> str:
    """What tells versions of the twins apart as far as their state goes: a digest of the modules it is made of."""
    digest = hashlib.sha256()
    for file in _sources():
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    root = Path(__file__).parent
    for module in STATE_MODULES:
        place = root / module.removeprefix("twins.")
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
