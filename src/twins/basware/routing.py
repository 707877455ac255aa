"""One operation of the interface, and how it is found: method, path, the scope it needs, what answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from twins.http import Response


@dataclass(frozen=True)
class Route:
    """One operation: its method and path (`*` stands for an id), the name it is counted under, and what answers it.

    `answer` is called with the Call and the ids of the path. `scope` is the resource whose scope is needed, without `.read`,
    `.write` or `.delete`; empty: none.
    """

    method: str
    path: tuple[str, ...]
    kind: str
    answer: Callable[..., Response]
    scope: str = ""

    def arguments(self, resource: list[str]) -> list[str] | None:
        """The ids in a path of this form; None for any other path."""
        if len(resource) != len(self.path):
            return None
        if any(part not in {"*", actual} for part, actual in zip(self.path, resource, strict=True)):
            return None
        return [actual for part, actual in zip(self.path, resource, strict=True) if part == "*"]

    def missing_scope(self, granted: frozenset[str]) -> str:
        """The scope this operation needs and isn't in those granted; empty when it may go on."""
        needed = f"{self.scope}.{_RIGHTS[self.method]}" if self.scope else ""
        return "" if needed in granted else needed


def segments(path: str) -> list[str]:
    """The parts of a path, each decoded on its own, so that an id may hold an encoded slash."""
    return [unquote(part) for part in path.strip("/").split("/")]


_RIGHTS = {"GET": "read", "POST": "write", "PATCH": "write", "DELETE": "delete"}
