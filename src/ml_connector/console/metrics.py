"""GET /metrics for Prometheus: the figures of `work/measures.py` in its text format, for those who may see them.

A registry of its own for each answer: nothing about this process, nothing that outlives the answer but figures some seconds old.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ml_connector import __version__
from ml_connector.app import App
from ml_connector.console.visitors import LOOPBACK
from ml_connector.store import connections
from ml_connector.work.measures import METRICS, Measure, measure, of_connections
from ml_connector.work.people.identity import TooManyTriesError
from ml_connector.work.people.tokens import let_in

FRESH_FOR = timedelta(seconds=5)
"""However many monitors ask, the tables are read this often at most."""

_NEEDS_TOKEN = (
    "Give a token of the API: Authorization: Bearer …. On this machine ML_CONNECTOR_OPEN_METRICS=true needs none.\n"
)


class Metrics:
    """The figures of an installation. Safe to share between threads."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._lock = Lock()
        self._found = list[Measure]()
        self._read_at: datetime | None = None

    def route(self) -> Route:
        """GET /metrics."""
        return Route("/metrics", self.answer, methods=["GET"])

    def answer(self, request: Request) -> Response:
        """Every figure of the connections that whoever asks may see. Runs on a thread."""
        try:
            seen = self._visible(request)
        except TooManyTriesError as error:
            wait = {"Retry-After": str(error.seconds)}
            return PlainTextResponse(f"{error}\n", status_code=429, headers=wait)
        if seen is None:
            return PlainTextResponse(_NEEDS_TOKEN, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Figures(of_connections(self._fresh(), seen)))
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _visible(self, request: Request) -> frozenset[str] | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        address = request.client.host if request.client else ""
        visitor = let_in(self._app.identity, token.strip(), address) if kind.lower() == "bearer" else None
        # Asked by that name too: a page of another site can have its own name mean this machine, and a browser here ask for it.
        here = address in LOOPBACK and request.url.hostname in LOOPBACK
        if visitor is None and not (self._app.open_metrics and here):
            return None
        with self._app.database.read() as tx:
            rows = connections.list_all(tx)
        return frozenset(row.id for row in rows if visitor is None or visitor.rights(row.id))

    def _fresh(self) -> list[Measure]:
        now = self._app.clock.now()
        with self._lock:
            if self._read_at is None or not timedelta(0) <= now - self._read_at < FRESH_FOR:
                self._found, self._read_at = measure(self._app.database, now), now
            return self._found


class _Figures(Collector):
    """Figures as Prometheus' library wants them."""

    def __init__(self, found: Iterable[Measure]) -> None:
        self._by_name = dict[str, list[Measure]]()
        for one in found:
            self._by_name.setdefault(one.name, []).append(one)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each metric with its figures."""
        version = GaugeMetricFamily("ml_connector_info", "The version that runs", labels=("version",))
        version.add_metric((__version__,), 1)
        yield version
        for metric in METRICS:
            family = GaugeMetricFamily(
                f"ml_connector_{metric.name}", metric.about, labels=("connection", *metric.labels)
            )
            for one in self._by_name.get(metric.name, ()):
                family.add_metric(one.labels, one.value)
            yield family
