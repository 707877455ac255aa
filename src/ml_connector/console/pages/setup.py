"""The way from nothing to a connection that posts, step by step; each step can be left and taken up again.

What is done is read from what is stored (`work/setup/progress.py`). Nothing is posted before the release.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from ml_connector.app import CompanyCodeTakenError
from ml_connector.console.forms import Fields
from ml_connector.console.pages.connections import link_for, public_url
from ml_connector.console.pages.settings import save_settings, secrets_in
from ml_connector.console.screens import Console
from ml_connector.console.trouble import ForbiddenError, NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.errors import StoreError
from ml_connector.work.mapping_coverage import ReadDocuments, coverage
from ml_connector.work.mapping_matching import offered
from ml_connector.work.people.directory import administers_everything
from ml_connector.work.settings import (
    BaswareSettings,
    ConnectionFile,
    ConnectionSettings,
    MissingSecretError,
    SettingsError,
    decode_settings,
)
from ml_connector.work.settings_texts import secret_sentences
from ml_connector.work.settings_views import setting_views
from ml_connector.work.setup.first_plan import FirstPlan, first_plan
from ml_connector.work.setup.looking import SetupError, last_look, look
from ml_connector.work.setup.progress import Step, good_enough, note_check, note_step, release, steps_of
from ml_connector.work.sign_in.links import CALLBACK

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_REFUSED = (SettingsError, CompanyCodeTakenError, StoreError)
"""What a form comes back with, in words."""

QUICKBOOKS = ("quickbooks.environment",)
QUICKBOOKS_ADDRESSES = tuple(
    f"quickbooks.{name}" for name in ("base_url", "discovery_url", "authorize_url", "token_url", "revoke_url")
)
QUICKBOOKS_SECRETS = ("quickbooks.client_id", "quickbooks.client_secret")
BASWARE = ("basware.company_codes", "basware.region", "basware.environment", "basware.auth")
BASWARE_ADDRESSES = ("basware.base_url", "basware.token_url")
BASWARE_SECRETS = ("basware.client_id", "basware.client_secret", "basware.user", "basware.password")
POLICIES = tuple(
    f"policy.{name}"
    for name in (
        "sources.account", "sources.location", "sources.class", "sources.customer", "several_locations", "empty_location",
        "empty_class", "us_tax", "non_us_tax", "posting_date", "closed_period", "unknown_vendor", "rate_source",
        "payment_block", "taken_back", "rounding_limit", "rounding_account_id", "answer_fixable_in_basware",
        "answer_fixable_here", "hold_days",
    )
)  # fmt: skip
"""What a company decides before it begins; everything else has its place under Settings."""


def router(console: Console) -> APIRouter:
    """GET and POST /connections/new, and a page for each step under /c/{connection}/setup."""
    routes, screen = APIRouter(include_in_schema=False), _Screen(console)
    routes.get("/connections/new")(screen.new)
    routes.post("/connections/new")(screen.create)
    here = "/c/{connection}/setup"
    routes.get(here)(screen.resume)
    routes.get(f"{here}/{{step}}")(screen.show)
    routes.post(f"{here}/quickbooks")(screen.quickbooks)
    routes.post(f"{here}/basware")(screen.basware)
    routes.post(f"{here}/check")(screen.check)
    routes.post(f"{here}/policies")(screen.policies)
    routes.post(f"{here}/look")(screen.look)
    routes.post(f"{here}/mapping")(screen.mapping)
    routes.post(f"{here}/start")(screen.start)
    routes.post(f"{here}/plan")(screen.plan)
    routes.post(f"{here}/release")(screen.release)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._app, self._read = console, console.app, ReadDocuments()

    # a new connection

    def new(self, request: Request) -> Response:
        """The page a set-up begins with."""
        self._require_everything(request)
        return self._console.page(request, "setup/new.html", problem="", name="", companies="")

    def create(
        self, request: Request, name: Annotated[str, Form()] = "", companies: Annotated[str, Form()] = ""
    ) -> Response:
        """Make a connection that rests until it is released."""
        self._require_everything(request)
        actor, codes = (
            self._console.visitor(request).actor,
            [one.strip() for one in companies.split(",") if one.strip()],
        )
        try:
            file = _new_file(name.strip(), codes)
            row = self._app.add_connection(file, {}, actor=actor, in_setup=True, must_be_new=True)
        except _REFUSED as error:
            return self._console.page(
                request, "setup/new.html", status=422, problem=str(error), name=name, companies=companies
            )
        return self._console.done(
            request, f"{row.name} is begun. Nothing is posted before you release it.", to=_at(row, Step.QUICKBOOKS)
        )

    def _require_everything(self, request: Request) -> None:
        if not administers_everything(self._console.visitor(request)):
            raise ForbiddenError("This needs the role of administrator in every connection.")

    # pages

    def resume(self, request: Request, connection: str) -> Response:
        """On to the first step that is not done."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        if row.setup_since is None:
            return RedirectResponse(self._console.url(f"/c/{row.name}/connection"), status_code=303)
        with self._app.database.read() as tx:
            step = next((one.step for one in steps_of(tx, row) if one.next), Step.RELEASE.value)
        return RedirectResponse(self._console.url(_at(row, Step(step))), status_code=303)

    def show(self, request: Request, connection: str, step: str) -> Response:
        """The page of one step."""
        if step not in set(Step):
            raise NotFoundError
        row = self._console.connection(request, connection, Right.ADMINISTER)
        if row.setup_since is None:
            return RedirectResponse(self._console.url(f"/c/{row.name}/connection"), status_code=303)
        return self._page(request, row, Step(step))

    def _page(
        self, request: Request, row: ConnectionRow, step: Step, *, problem: str = "",
        entered: Mapping[str, str] | None = None, **more: object,
    ) -> Response:  # fmt: skip
        settings = decode_settings(row.settings)
        with self._app.database.read() as tx:
            steps, stored = steps_of(tx, row), set(secrets.fields(tx, row.id))
            seen = last_look(tx, row.id)
        sentences = secret_sentences()
        values: dict[str, object] = {
            "link": None,
            "checks": None,
            "plan": None,
            "coverage": None,
            "choices": {},
            **more,
        }
        if step is Step.MAPPING and seen is not None:
            with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
                values |= {"coverage": coverage(desk, self._read), "choices": offered(desk, self._read)}
        shown: dict[str, object] = {
            "steps": steps,
            "step": step.value,
            "problem": problem,
            "entered": entered or {},
            "fields_of": {
                "quickbooks": setting_views(settings, QUICKBOOKS),
                "quickbooks addresses": setting_views(settings, QUICKBOOKS_ADDRESSES),
                "basware": setting_views(settings, BASWARE),
                "basware addresses": setting_views(settings, BASWARE_ADDRESSES),
                "policies": setting_views(settings, POLICIES),
            },
            "secrets_of": {
                "quickbooks": [(one, sentences[one], one in stored) for one in QUICKBOOKS_SECRETS],
                "basware": [(one, sentences[one], one in stored) for one in BASWARE_SECRETS],
            },
            "start_date": settings.policy.start_date,
            "look": seen,
            "redirect_uri": f"{public_url(self._console, request)}{CALLBACK}",
        }
        status = 422 if problem else 200
        template = f"setup/{step.value}.html"
        return self._console.page(request, template, connection=row.name, status=status, **(shown | values))

    # what each step does

    def quickbooks(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep the keys of the app, and open the way to Intuit."""
        row = self._in_setup(request, connection)
        written = _written(fields)
        try:
            save_settings(self._console, request, row, written, reason="set-up", given=secrets_in(fields))
            row = self._in_setup(request, connection)
            link = link_for(self._console, request, row) if fields.get("then") == "connect" else None
        except MissingSecretError:
            words = "Enter the client id and the client secret of your Intuit app first."
            return self._page(request, row, Step.QUICKBOOKS, problem=words, entered=written)
        except _REFUSED as error:
            return self._page(request, row, Step.QUICKBOOKS, problem=str(error), entered=written)
        if link is None:
            return self._console.done(request, "Saved.", to=_at(row, Step.QUICKBOOKS))
        return self._page(request, row, Step.QUICKBOOKS, link=link)

    def basware(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep where Basware is and how to sign in there."""
        row, written = self._in_setup(request, connection), _written(fields)
        try:
            save_settings(self._console, request, row, written, reason="set-up", given=secrets_in(fields))
        except _REFUSED as error:
            return self._page(request, row, Step.BASWARE, problem=str(error), entered=written)
        with self._app.database.read() as tx:
            done = {one.step for one in steps_of(tx, self._in_setup(request, connection)) if one.done}
        if Step.BASWARE not in done:
            words = "The address is saved. Still to enter: the credentials, as Basware's consultant hands them out."
            return self._console.done(request, words, to=_at(row, Step.BASWARE))
        return self._console.done(request, "Saved.", to=_at(row, Step.CHECK))

    def check(self, request: Request, connection: str) -> Response:
        """Ask both systems whether it works."""
        row = self._in_setup(request, connection)
        self._require_signed_in(row)
        checks = self._app.ping(row)
        works = good_enough(checks)
        note_check(self._app.database, row, works=works, actor=self._actor(request), now=self._app.clock.now())
        return self._page(request, row, Step.CHECK, checks=checks)

    def policies(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep how documents are posted."""
        row, written = self._in_setup(request, connection), _written(fields)
        try:
            save_settings(self._console, request, row, written, reason="set-up")
        except _REFUSED as error:
            return self._page(request, row, Step.POLICIES, problem=str(error), entered=written)
        return self._note(request, row, Step.POLICIES, Step.MAPPING, "Saved.")

    def look(self, request: Request, connection: str) -> Response:
        """Look at what waits in Basware, and read QuickBooks' lists."""
        row = self._in_setup(request, connection)
        self._require_signed_in(row)
        with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
            seen = look(desk)
        more = " Basware has more; these are enough to match codes by." if seen.more else ""
        words = f"{seen.documents} documents wait in Basware. None was acknowledged.{more}"
        return self._console.done(request, words, to=_at(row, Step.MAPPING))

    def mapping(self, request: Request, connection: str) -> Response:
        """A person goes on; what is not matched holds its documents."""
        return self._note(request, self._in_setup(request, connection), Step.MAPPING, Step.START, "")

    def start(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep from which day on documents are posted, or that all are."""
        row, text = self._in_setup(request, connection), fields.get("start_date", "").strip()
        if not text and fields.get("everything") != "yes":
            words = "Enter the first day whose documents are posted here, or say that all are to be posted."
            return self._page(request, row, Step.START, problem=words)
        written = {"policy.start_date": "" if fields.get("everything") == "yes" else text}
        try:
            save_settings(self._console, request, row, written, reason="set-up")
        except _REFUSED as error:
            return self._page(request, row, Step.START, problem=str(error))
        day = date.fromisoformat(text).isoformat() if written["policy.start_date"] else "all documents"
        return self._note(request, row, Step.START, Step.PLAN, f"Start: {day}.")

    def plan(self, request: Request, connection: str, again: Annotated[str, Form()] = "") -> Response:
        """Work out what would be posted, after another look if asked for. Nothing is written."""
        row = self._in_setup(request, connection)
        self._require_signed_in(row)
        with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
            with self._app.database.read() as tx:
                seen = last_look(tx, row.id)
            if seen is None or again:
                look(desk)
            found: FirstPlan = first_plan(desk)
        note_step(self._app.database, row, Step.PLAN, actor=self._actor(request), now=self._app.clock.now())
        return self._page(request, row, Step.PLAN, plan=found)

    def release(self, request: Request, connection: str, reason: Annotated[str, Form()] = "") -> Response:
        """Let it begin."""
        row = self._in_setup(request, connection)
        release(self._app.database, row, actor=self._actor(request), reason=reason, now=self._app.clock.now())
        return self._console.done(
            request,
            f"{row.name} is released. The first run begins as soon as a worker looks.",
            to=f"/c/{row.name}/today",
        )

    def _in_setup(self, request: Request, connection: str) -> ConnectionRow:
        row = self._console.connection(request, connection, Right.ADMINISTER)
        if row.setup_since is None:
            raise SetupError(f"{row.name} is released already. Everything can be changed under Settings.")
        return row

    def _require_signed_in(self, row: ConnectionRow) -> None:
        with self._app.database.read() as tx:
            done = {one.step for one in steps_of(tx, row) if one.done}
        both = ((Step.QUICKBOOKS, "QuickBooks"), (Step.BASWARE, "Basware"))
        names = [name for step, name in both if step not in done]
        if names:
            raise SetupError(f"Connect {' and '.join(names)} first: both systems have to be read for this.")

    def _note(self, request: Request, row: ConnectionRow, step: Step, following: Step, words: str) -> Response:
        note_step(self._app.database, row, step, actor=self._actor(request), now=self._app.clock.now())
        return self._console.done(request, words, to=_at(row, following))

    def _actor(self, request: Request) -> str:
        return self._console.visitor(request).actor


def _new_file(name: str, codes: list[str]) -> ConnectionFile:
    if not _NAME.fullmatch(name):
        raise SettingsError(
            "The name may have letters, digits, dots, hyphens and underscores, at most 60 of them, and begins with a letter or a "
            "digit. It stands in addresses and cannot be changed later."
        )
    if not codes:
        raise SettingsError("Name at least one Basware company code, such as US10. Basware's consultant knows it.")
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=tuple(codes)))
    return ConnectionFile(name=name, settings=settings, secrets={})


def _at(row: ConnectionRow, step: Step) -> str:
    return f"/c/{row.name}/setup/{step.value}"


def _written(fields: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("set:"): text for name, text in fields.items() if name.startswith("set:")}
