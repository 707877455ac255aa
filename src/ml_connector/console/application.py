"""The web application of an installation: what it serves, and what has to happen when it starts and stops.

Made from an App and nothing else, so that the command line, tests and any ASGI server can run it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from ml_connector import __version__
from ml_connector.app import App
from ml_connector.console import api, connect
from ml_connector.console.api.service import no_such
from ml_connector.console.forgery import Forgery
from ml_connector.console.forms import page_of_form, short_enough
from ml_connector.console.given_back import GivenBack
from ml_connector.console.guard import Guard
from ml_connector.console.metrics import Metrics
from ml_connector.console.pages import ROUTERS
from ml_connector.console.pages.came_back import came_back
from ml_connector.console.pages.not_yet import not_yet
from ml_connector.console.screens import Console, SignInNeededError
from ml_connector.console.trouble import ERRORS, NOT_FOUND, NOTHING_TO_SHOW, Trouble, misread_trouble, trouble_of
from ml_connector.console.visitors import API, Visitors
from ml_connector.console.webhooks import Receivers
from ml_connector.store.errors import StoreError
from ml_connector.work.settings import MissingSecretError
from ml_connector.work.webhook_log import forget_old

LARGEST_UPLOAD = 20_000_000
"""Bytes of what people and programs send at once: a mapping table of a hundred thousand rows has a quarter of it."""
_TIDY_EVERY = 6 * 3600.0  # seconds
_log = logging.getLogger("ml_connector.console")


def create_application(app: App) -> FastAPI:
    """The application for an installation. The caller closes `app` after the server has stopped."""
    receivers = Receivers(app)

    @asynccontextmanager
    async def lifespan(_application: FastAPI) -> AsyncIterator[None]:
        tidying = asyncio.create_task(_tidy(app))
        try:
            yield
        finally:
            tidying.cancel()
            await receivers.close()

    application = FastAPI(
        title="ml-connector",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_UPLOAD,
    )
    application.add_middleware(Guard, encrypted=app.public_url.startswith("https://"))
    application.router.routes.extend(receivers.routes())
    application.router.routes.append(Metrics(app).route())
    visitors = Visitors(app)
    console = Console(app, visitors)
    application.include_router(connect.router(app, came_back(console)))
    application.router.routes.extend(api.routes(console))
    _add_screens(application, console, Forgery(visitors.cookie, app.public_url))

    @application.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @application.get("/readyz")
    async def readyz() -> JSONResponse:
        """The database can be used and has the tables of this version."""
        try:
            ready = await asyncio.to_thread(app.database.is_current)
        except StoreError:
            ready = False
        return JSONResponse({"status": "ready" if ready else "not ready"}, status_code=200 if ready else 503)

    return application


def _add_screens(application: FastAPI, console: Console, forgery: Forgery) -> None:
    """The pages people see, and what they are told when something cannot be done."""
    application.router.routes.append(console.assets.route())
    for router in ROUTERS:
        application.include_router(router(console), dependencies=[Depends(forgery), Depends(short_enough)])

    given_back = GivenBack(console, application.router)

    async def tell(request: Request, error: Exception) -> Response:
        page = await asyncio.to_thread(not_yet, console, request) if isinstance(error, MissingSecretError) else None
        if page is not None:
            return page
        return await refuse(request, trouble_of(error))

    async def refuse(request: Request, trouble: Trouble) -> Response:
        """With the form that was sent, where it was one of a page."""
        answer = await given_back(request, trouble)
        return await asyncio.to_thread(console.trouble, request, trouble) if answer is None else answer

    def sign_in(request: Request, _error: Exception) -> Response:
        if request.headers.get("HX-Request") == "true":  # of a page that was left open: all of it goes to the form
            return Response(status_code=401, headers={"HX-Refresh": "true"})
        query = f"?{request.url.query}" if request.url.query else ""
        back = f"{request.url.path}{query}" if request.method == "GET" else page_of_form(request) or "/"
        return RedirectResponse(console.url(f"/sign-in?next={quote(back, safe='/')}"), status_code=303)

    def no_page(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and request.url.path.startswith(API):
            return no_such(console, HTTPStatus(error.status_code), error.headers or {})
        if isinstance(error, HTTPException) and error.status_code != NOT_FOUND.status:
            if error.status_code == NOTHING_TO_SHOW.status and _reads_pages(request):
                answer = console.trouble(request, NOTHING_TO_SHOW)
                answer.headers.update(error.headers or {})
                return answer
            return Response(
                f"{error.detail}\n", status_code=error.status_code, media_type="text/plain", headers=error.headers
            )
        return console.trouble(request, NOT_FOUND)

    async def misread(request: Request, error: Exception) -> Response:
        """Somebody with a browser is told in words; anybody else, and of whatever else, nothing that was sent."""
        if not _reads_pages(request) or not isinstance(error, RequestValidationError):
            return await _not_understood(request, error)
        named = ", ".join(dict.fromkeys(str(one["loc"][-1]).replace("_", " ") for one in error.errors()))
        return await refuse(request, misread_trouble(named))

    for kind in ERRORS:
        application.add_exception_handler(kind, tell)
    application.add_exception_handler(RequestValidationError, misread)
    application.add_exception_handler(SignInNeededError, sign_in)
    application.add_exception_handler(HTTPException, no_page)


def _reads_pages(request: Request) -> bool:
    """Whether somebody with a browser asks, and for what is no call of the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(API)


async def _tidy(app: App) -> None:
    """Forget old webhook calls, now and every few hours."""
    while True:
        try:
            await asyncio.to_thread(forget_old, app.database, app.clock.now(), app.webhook_days)
        except StoreError:
            _log.warning("Old webhook calls could not be removed. It is tried again in a few hours.")
        await asyncio.sleep(_TIDY_EVERY)


async def _not_understood(_request: Request, _error: Exception) -> JSONResponse:
    """422 without what was sent: a query may hold codes."""
    return JSONResponse({"error": "the request is not understood"}, status_code=422)
