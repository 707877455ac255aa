"""The JSON API at /api/v1: everything the console and the command line do, for programs with a token.

One file for each noun, each with a list of its operations.
"""

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ml_connector.console.api import (
    causes,
    connections,
    dates,
    dimensions,
    documents,
    drift,
    mapping,
    mapping_codes,
    mapping_versions,
    me,
    messages,
    more,
    operating,
    orders,
    payments,
    people,
    plan,
    schedules,
    settings,
    setup,
    sign_in,
    vendors,
    webhook_setup,
    webhooks,
)
from ml_connector.console.api.description import describe
from ml_connector.console.api.operation import Operation
from ml_connector.console.api.service import ROOT, Service
from ml_connector.console.screens import Console

OPERATIONS: tuple[Operation, ...] = (
    *connections.OPERATIONS,
    *setup.OPERATIONS,
    *sign_in.OPERATIONS,
    *settings.OPERATIONS,
    *causes.OPERATIONS,
    *documents.OPERATIONS,
    *dates.OPERATIONS,
    *plan.OPERATIONS,
    *drift.OPERATIONS,
    *mapping.OPERATIONS,
    *mapping_codes.OPERATIONS,
    *mapping_versions.OPERATIONS,
    *mapping_codes.COVERAGE,
    *vendors.OPERATIONS,
    *orders.OPERATIONS,
    *payments.OPERATIONS,
    *dimensions.OPERATIONS,
    *schedules.OPERATIONS,
    *operating.OPERATIONS,
    *webhooks.OPERATIONS,
    *webhook_setup.OPERATIONS,
    *messages.OPERATIONS,
    *me.OPERATIONS,
    *people.OPERATIONS,
    *more.OPERATIONS,
)
"""Every operation, in the order in which the document tells them."""

DOCUMENT = f"{ROOT}/openapi.json"


def routes(console: Console) -> list[Route]:
    """The routes of the API and of the document that describes it."""
    return [Route(DOCUMENT, _answer, methods=["GET"]), *Service(console, OPERATIONS).routes()]


def _answer(_request: Request) -> Response:
    return JSONResponse(_document())


@cache
def _document() -> dict[str, Any]:
    """Made when it is first asked for: few ask, and it takes a while."""
    return describe(OPERATIONS)
