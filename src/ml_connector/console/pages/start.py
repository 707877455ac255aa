"""The first address of all: on to the connection one was at last."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from ml_connector.console.screens import Console

LAST = "ml_connector_last"
"""Cookie with the name of the connection that was looked at last."""


def router(console: Console) -> APIRouter:
    """GET /."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def start(request: Request) -> Response:
        """To the screen of today of the last connection, else of the first; to the list where there is none."""
        names = [row.name for row in console.visible(console.visitor(request))]
        last = request.cookies.get(LAST, "")
        name = last if last in names else next(iter(names), "")
        return RedirectResponse(console.url(f"/c/{name}/today" if name else "/connections"), status_code=303)

    return routes
