"""What the tests of one process need to make only once: SQL and page templates compiled, addresses and their forms understood.

An installation opens its database once and serves for weeks. Tests open thousands of databases and serve hundreds of
installations, and making all this anew for each took more than half of their time. Only what depends on the source alone is
kept from one to the next: nothing an installation stores, decides or remembers.
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from types import CodeType
from typing import Any
from unittest import mock

import fastapi.routing
import httpx2
import jinja2
from jinja2.bccache import Bucket
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.util import LRUCache

from frozen import shelf
from ml_connector.console import screens
from ml_connector.store import database

_STATEMENTS = 20_000
"""More than the program has, so that none is compiled twice."""


@contextmanager
def remembered() -> Iterator[None]:
    """Make each of these once while the block runs."""
    with ExitStack() as stack:
        for one in (_statements, _templates, _addresses, _authorities, shelf):
            stack.enter_context(one())
        yield


@contextmanager
def _statements() -> Iterator[None]:
    """All databases of one server, and all SQLite files, share what SQLAlchemy compiled for them.

    Compiled statements belong to a dialect, of which each engine otherwise makes one of its own. It knows what is the same in
    every database of a server: its version, the names of its types.
    """
    dialects: dict[str, Dialect] = {}
    compiled: Any = LRUCache(_STATEMENTS)

    def engine_of(url: Any, **options: Any) -> Engine:
        address = make_url(url)
        engine = create_engine(address, **options)
        server = f"{address.drivername} {address.host} {address.port} {dict(address.query)}"
        engine.dialect = dialects.setdefault(server, engine.dialect)
        engine._compiled_cache = compiled
        return engine

    with mock.patch.object(database, "sqlalchemy_engine", engine_of):
        yield


@contextmanager
def _templates() -> Iterator[None]:
    """Pages are compiled when they are first shown."""
    with mock.patch.object(screens, "Environment", partial(jinja2.Environment, bytecode_cache=_CompiledTemplates())):
        yield


class _CompiledTemplates(jinja2.BytecodeCache):
    """In memory; Jinja looks whether a template is still the same."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is known of the template, unless it was changed."""
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        assert bucket.code is not None
        self._known[bucket.key] = (bucket.checksum, bucket.code)


@contextmanager
def _addresses() -> Iterator[None]:
    """FastAPI understands the parameters of each handler once, whichever installation's console the handler then asks."""
    handlers: dict[tuple[str, str, CodeType], Any] = {}
    forms: dict[tuple[str, tuple[int, ...]], tuple[list[Any], Any]] = {}
    understand, understand_form = fastapi.routing.get_dependant, fastapi.routing._get_body_field

    def dependant_of(*, path: str, call: Callable[..., Any], **options: Any) -> Any:
        code = getattr(call, "__code__", None)
        if code is None:
            return understand(path=path, call=call, **options)
        key = (path, call.__qualname__, code)
        known = handlers.get(key)
        if known is None:
            known = understand(path=path, call=call, **options)
            if known.dependencies:  # they may be of one console
                return known
            handlers[key] = known
        own = dataclasses.replace(known, call=call)
        own.dependencies = []
        return own

    def form_of(*, body_params: list[Any], name: str, **options: Any) -> Any:
        key = (name, tuple(map(id, body_params)))
        if key not in forms:  # with the fields themselves, so that no other gets their ids
            forms[key] = (body_params, understand_form(body_params=body_params, name=name, **options))
        return forms[key][1]

    with (
        mock.patch.object(fastapi.routing, "get_dependant", dependant_of),
        mock.patch.object(fastapi.routing, "_get_body_field", form_of),
    ):
        yield


@contextmanager
def _authorities() -> Iterator[None]:
    """Clients on loopback read the authorities they trust once, though none of them meets one."""
    of_clients = httpx2._transports.default
    with mock.patch.object(of_clients, "create_ssl_context", cache(of_clients.create_ssl_context)):
        yield
