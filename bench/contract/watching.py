"""Standing beside the twins: every exchange of every twin of this process goes to a listener, whoever made the twin."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from twins.basware import BaswareTwin
from twins.http import Request, Response
from twins.quickbooks import QuickBooksTwin

Listener = Callable[[Any, Request, Response | Exception], None]
"""Hears of each exchange: the twin, the request, and the answer or what the twin broke with."""

_DAMAGE = "corrupt"


@contextmanager
def watched(listener: Listener, on_damage: Callable[[Any], None]) -> Iterator[None]:
    """While this lasts, twins tell the listener what they are asked and what they answer.

    `on_damage` hears of a Basware twin in which somebody corrupts a document on purpose.
    """
    kinds: tuple[type[Any], ...] = (BaswareTwin, QuickBooksTwin)
    originals, act = [kind.handle for kind in kinds], BaswareTwin.act

    def acting(twin: BaswareTwin, action: str, **details: Any) -> str:
        if action == _DAMAGE:
            on_damage(twin)
        return act(twin, action, **details)

    for kind, original in zip(kinds, originals, strict=True):
        kind.handle = _telling(original, listener)
    BaswareTwin.act = acting  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        BaswareTwin.act = act  # type: ignore[method-assign]
        for kind, original in zip(kinds, originals, strict=True):
            kind.handle = original


def _telling(original: Callable[[Any, Request], Response], listener: Listener) -> Callable[[Any, Request], Response]:
    def handle(twin: Any, request: Request) -> Response:
        try:
            answer = original(twin, request)
        except Exception as error:
            listener(twin, request, error)
            raise
        listener(twin, request, answer)
        return answer

    return handle
