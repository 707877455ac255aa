"""What every step of a set-up shares: its page with the steps above it, what may be said on it, and whether it may be shown at all.

Decides nothing: how far a set-up is, is `work/setup/progress.py`.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import Response

from ml_connector.console.pages.connections import public_url
from ml_connector.console.pages.settings import save_settings, secrets_in, seen_in, settings_in
from ml_connector.console.pages.setup_fields import ZONE, fields_of, place_of, secrets_of, zones
from ml_connector.console.screens import Console
from ml_connector.console.trouble import trouble_of
from ml_connector.model.people import Right
from ml_connector.store import secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.company import company_of, zone_in_quickbooks
from ml_connector.work.mapping_coverage import ReadDocuments, coverage
from ml_connector.work.mapping_matching import offered
from ml_connector.work.settings import decode_settings
from ml_connector.work.setup.looking import last_look
from ml_connector.work.setup.progress import Step, note_step, steps_of
from ml_connector.work.setup.steps import require_in_setup
from ml_connector.work.setup.zone import proposed_zone
from ml_connector.work.sign_in.links import CALLBACK

_SYSTEMS = {Step.QUICKBOOKS.value: "QuickBooks", Step.BASWARE.value: "Basware"}


class SetupPage:
    """The pages of one installation's set-ups. `read` keeps the documents that were read for the mapping."""

    def __init__(self, console: Console) -> None:
        self._console, self._app, self.read = console, console.app, ReadDocuments()

    def page(
        self, request: Request, row: ConnectionRow, step: Step, *, problem: str = "", title: str = "Nothing was saved.",
        status: int = 200, entered: Mapping[str, str] | None = None, **more: object,
    ) -> Response:  # fmt: skip
        settings = decode_settings(row.settings)
        with self._app.database.read() as tx:
            steps, stored = steps_of(tx, row), set(secrets.fields(tx, row.id))
            seen, company = last_look(tx, row.id), company_of(tx, row.id, settings)
            zone_said, zone_proposed = zone_in_quickbooks(tx, row.id), proposed_zone(tx, row)
        place = place_of(company.country, str(more.pop("place", "") or request.query_params.get("place", "")))
        values: dict[str, object] = {
            "link": None, "came_back": None, "checks": None, "plan": None, "coverage": None, "choices": {}, "first_open": None,
            **more,
        }  # fmt: skip
        if step is Step.START and seen is not None:
            with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
                closed = self.read.books.of(desk).preferences.book_close_date
            values["first_open"] = closed + timedelta(days=1) if closed else None
        if step is Step.MAPPING and seen is not None:
            with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
                values |= {"coverage": coverage(desk, self.read), "choices": offered(desk, self.read)}
        shown: dict[str, object] = {
            "steps": steps,
            "step": step.value,
            "missing": [one for one in steps if one.step in _SYSTEMS and not one.done],
            "problem": problem,
            "problem_title": title,
            "entered": ({ZONE: zone_proposed} if zone_proposed else {}) | dict(entered or {}),
            "zone_said": zone_said,
            "zone_proposed": zone_proposed,
            "fields_of": fields_of(settings, place),
            "place": place,
            "zones": zones() if step is Step.POLICIES else (),
            "secrets_of": secrets_of(stored),
            "start_date": settings.policy.start_date,
            "look": seen,
            "redirect_uri": f"{public_url(self._console, request)}{CALLBACK}",
        }
        status = status if status != HTTPStatus.OK or not problem else HTTPStatus.UNPROCESSABLE_ENTITY
        template = f"setup/{step.value}.html"
        return self._console.page(request, template, connection=row.name, status=status, **(shown | values))

    def save(self, request: Request, row: ConnectionRow, fields: Mapping[str, str], **known: str) -> None:
        """Save what a form of settings and secrets holds, and what is `known` besides. Raises SettingsError and StoreError."""
        save_settings(
            self._console, request, row, settings_in(fields) | known, seen=seen_in(fields), reason="set-up",
            given=secrets_in(fields),
        )  # fmt: skip

    def told(
        self, request: Request, row: ConnectionRow, step: Step, error: Exception, *, title: str = "",
        entered: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        """The page of a step with why what was asked for could not be done, so that nobody is led away from it.

        A page that is open already and asks for a piece of itself takes no answer that is an error: it says so by its words alone.
        """
        trouble = trouble_of(error)
        status = HTTPStatus.OK if request.headers.get("HX-Request") == "true" else trouble.status
        words = "\n".join(filter(None, (trouble.words, trouble.what_to_do)))
        return self.page(
            request, row, step, problem=words, title=title or f"{trouble.title}.", status=status, entered=entered
        )

    def steps_done(self, row: ConnectionRow) -> set[str]:
        with self._app.database.read() as tx:
            return {one.step for one in steps_of(tx, row) if one.done}

    def in_setup(self, request: Request, connection: str) -> ConnectionRow:
        row = self._console.connection(request, connection, Right.ADMINISTER)
        require_in_setup(row)
        return row

    def note(self, request: Request, row: ConnectionRow, step: Step, following: Step, words: str) -> Response:
        note_step(self._app.database, row, step, actor=self.actor(request), now=self._app.clock.now())
        return self._console.done(request, words, to=at(row, following))

    def actor(self, request: Request) -> str:
        return self._console.visitor(request).actor


def at(row: ConnectionRow, step: Step) -> str:
    return f"/c/{row.name}/setup/{step.value}"
