"""The first address of all: on to the connection one was at last."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from ml_connector.console.screens import Console
from ml_connector.model.people import Right

LAST = "ml_connector_last"
"""Cookie with the name of the connection that was looked at last."""


def router(console: Console) -> APIRouter:
    """GET /."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def start(request: Request) -> Response:
        """To the last connection, else the first that works: to today, or on with its set-up; to the list where there is none."""
        visitor = console.visitor(request)
        rows = {row.name: row for row in console.visible(visitor)}
        at_work = next((one for one in rows.values() if one.setup_since is None), None)
        row = rows.get(request.cookies.get(LAST, "")) or at_work or next(iter(rows.values()), None)
        if row is None:
            return RedirectResponse(console.url("/connections"), status_code=303)
        begun = row.setup_since is not None and visitor.may(row.id, Right.ADMINISTER)
        return RedirectResponse(console.url(f"/c/{row.name}/{'setup' if begun else 'today'}"), status_code=303)

    return routes
