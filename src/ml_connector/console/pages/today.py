"""The screen of today: whether the books are current, and what that is made of. What it says is decided in `work/today.py`."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ml_connector.console.pages.start import LAST
from ml_connector.console.screens import Console
from ml_connector.work.today import history_view, today_view

YEAR = 365 * 24 * 3600  # seconds


def router(console: Console) -> APIRouter:
    """GET /c/{connection}/today, the part of it that stays fresh, and the figures of its chart."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/c/{connection}/today")
    def today(request: Request, connection: str, format: str = "") -> Response:  # noqa: A002 - the address's own word
        """The whole screen; the history as CSV where that is asked for."""
        with console.desk(request, connection) as desk:
            days, view = history_view(desk), None if format == "csv" else today_view(desk)
        if view is None:
            rows = [(one.day.isoformat(), one.posted, one.held) for one in days]
            return console.csv("history.csv", ("day", "posted", "began to wait"), rows)
        answer = console.page(request, "today/page.html", connection=connection, view=view, days=days)
        answer.set_cookie(
            LAST, connection, max_age=YEAR, path="/", secure=console.secure, httponly=True, samesite="lax"
        )
        return answer

    @routes.get("/c/{connection}/today/now")
    def now(request: Request, connection: str) -> Response:
        """What stays fresh while the page is open."""
        with console.desk(request, connection) as desk:
            view = today_view(desk)
        return console.part(request, "today/now.html", connection=connection, view=view)

    @routes.get("/c/{connection}/today/history.json")
    def history(request: Request, connection: str) -> Response:
        """The chart's figures: days as text, and two series."""
        with console.desk(request, connection) as desk:
            days = history_view(desk)
        figures = {
            "days": [one.day.isoformat() for one in days],
            "posted": [one.posted for one in days],
            "held": [one.held for one in days],
        }
        return JSONResponse(figures)

    return routes
