"""The way from nothing to a connection that posts, step by step; each step can be left and taken up again.

What is done is read from what is stored (`work/setup/progress.py`). Nothing is posted before the release.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from ml_connector.app import CompanyCodeTakenError, set_up
from ml_connector.console.forms import Fields
from ml_connector.console.pages.came_back import words_of
from ml_connector.console.pages.connections import link_for, to_intuit
from ml_connector.console.pages.mapping_forms import matched_in, told_of
from ml_connector.console.pages.settings import save_settings, secrets_in, seen_in, touched_in
from ml_connector.console.pages.setup_page import SetupPage, at
from ml_connector.console.screens import Console, Who
from ml_connector.console.trouble import TELLABLE, NotFoundError
from ml_connector.model.people import Right
from ml_connector.store.errors import StoreError
from ml_connector.work.mapping_matching import take_over
from ml_connector.work.settings import SettingsError
from ml_connector.work.setup.looking import look
from ml_connector.work.setup.other_company import leave_company
from ml_connector.work.setup.progress import Step, steps_of
from ml_connector.work.setup.steps import auth_of, let_begin, plan_first, require_connected, start_setting
from ml_connector.work.sign_in.outcomes import Outcome

_REFUSED = (SettingsError, CompanyCodeTakenError, StoreError)
"""What a form comes back with, in words."""


def router(console: Console) -> APIRouter:
    """GET and POST /connections/new, and a page for each step under /c/{connection}/setup."""
    routes, screen = APIRouter(include_in_schema=False), _Screen(console)
    routes.get("/connections/new")(screen.new)
    routes.post("/connections/new")(screen.create)
    here = "/c/{connection}/setup"
    routes.get(here)(screen.resume)
    routes.get(f"{here}/{{step}}")(screen.show)
    routes.post(f"{here}/quickbooks")(screen.quickbooks)
    routes.post(f"{here}/quickbooks/leave")(screen.leave)
    routes.post(f"{here}/basware")(screen.basware)
    routes.post(f"{here}/check")(screen.check)
    routes.post(f"{here}/policies")(screen.policies)
    routes.post(f"{here}/look")(screen.look)
    routes.post(f"{here}/match")(screen.match)
    routes.post(f"{here}/mapping")(screen.mapping)
    routes.post(f"{here}/start")(screen.start)
    routes.post(f"{here}/plan")(screen.plan)
    routes.post(f"{here}/release")(screen.release)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._app, self._setup = console, console.app, SetupPage(console)

    # a new connection

    def new(self, request: Request) -> Response:
        """The page a set-up begins with."""
        self._console.one_of(request, Who.ALL)
        return self._console.page(request, "setup/new.html", problem="", name="", companies="")

    def create(
        self, request: Request, name: Annotated[str, Form()] = "", companies: Annotated[str, Form()] = ""
    ) -> Response:
        """Make a connection that rests until it is released."""
        visitor = self._console.one_of(request, Who.ALL)
        try:
            row, is_new = set_up.begin(self._app, name, companies.split(","), visitor)
        except _REFUSED as error:
            return self._console.page(
                request, "setup/new.html", status=422, problem=str(error), name=name, companies=companies
            )
        if not is_new:
            return self._console.done(
                request, f"{row.name} was begun already; nothing was changed.", to=f"/c/{row.name}/setup"
            )
        return self._console.done(
            request, f"{row.name} is begun. Nothing is posted before you release it.", to=at(row, Step.QUICKBOOKS)
        )

    # pages

    def resume(self, request: Request, connection: str) -> Response:
        """On to the first step that is not done."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        if row.setup_since is None:
            return RedirectResponse(self._console.url(f"/c/{row.name}/connection"), status_code=303)
        with self._app.database.read() as tx:
            step = next((one.step for one in steps_of(tx, row) if one.next), Step.RELEASE.value)
        return RedirectResponse(self._console.url(at(row, Step(step))), status_code=303)

    def show(self, request: Request, connection: str, step: str, outcome: str = "") -> Response:
        """The page of one step; for somebody who has come back from Intuit with what came of it."""
        if step not in set(Step):
            raise NotFoundError
        row = self._console.connection(request, connection, Right.ADMINISTER)
        if row.setup_since is None:
            return RedirectResponse(self._console.url(f"/c/{row.name}/connection"), status_code=303)
        came_back = words_of(outcome) if outcome != Outcome.CONNECTED else None
        return self._setup.page(request, row, Step(step), came_back=came_back)

    # what each step does

    def quickbooks(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep the keys of the app, and open the way to Intuit."""
        row = self._setup.in_setup(request, connection)
        try:
            self._setup.save(request, row, fields)
            row = self._setup.in_setup(request, connection)
            link = link_for(self._console, request, row) if fields.get("then") in {"connect", "link"} else None
        except _REFUSED as error:
            return self._setup.page(request, row, Step.QUICKBOOKS, problem=str(error), entered=touched_in(fields))
        if link is None:
            return self._console.done(request, "Saved.", to=at(row, Step.QUICKBOOKS))
        if fields.get("then") == "link":
            return self._setup.page(request, row, Step.QUICKBOOKS, link=link)
        return to_intuit(self._console, request, row, link)

    def leave(self, request: Request, connection: str) -> Response:
        """Let go of the company that was connected: another one was meant."""
        row = self._setup.in_setup(request, connection)
        try:
            told = leave_company(self._app.connecting(), row, actor=self._setup.actor(request))
        except TELLABLE as error:
            return self._setup.told(request, row, Step.QUICKBOOKS, error)
        words = f"The company is let go of: {told}. What was read of it and matched to it is forgotten. Connect the other one now."
        return self._console.done(request, words, to=at(row, Step.QUICKBOOKS))

    def basware(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep where Basware is and how to sign in there."""
        row = self._setup.in_setup(request, connection)
        try:
            self._setup.save(request, row, fields, **auth_of(secrets_in(fields)))
        except _REFUSED as error:
            return self._setup.page(request, row, Step.BASWARE, problem=str(error), entered=touched_in(fields))
        row = self._setup.in_setup(request, connection)
        if Step.BASWARE not in self._setup.steps_done(row):
            words = "The address is saved. Still to enter: the credentials, as Basware's consultant hands them out."
            return self._console.done(request, words, to=at(row, Step.BASWARE))
        tried = self._app.try_basware(row)
        if not tried.ok:
            words = f"{tried.found.rstrip('.')}.\n{tried.to_do}"
            return self._setup.page(
                request, row, Step.BASWARE, problem=words, title="Saved, but Basware does not accept it."
            )
        words = (
            "Saved, and Basware accepts it." if tried.status == "ok" else f"Saved. {tried.found}; the check asks again."
        )
        return self._console.done(request, words, to=at(row, Step.CHECK))

    def check(self, request: Request, connection: str) -> Response:
        """Ask both systems whether it works."""
        row = self._setup.in_setup(request, connection)
        try:
            checks = set_up.check_in_setup(self._app, row, self._console.visitor(request))
        except TELLABLE as error:
            return self._setup.told(request, row, Step.CHECK, error)
        return self._setup.page(request, row, Step.CHECK, checks=checks)

    def policies(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep how documents are posted."""
        row = self._setup.in_setup(request, connection)
        try:
            self._setup.save(request, row, fields)
        except _REFUSED as error:
            entered, place = touched_in(fields), fields.get("place", "")
            return self._setup.page(request, row, Step.POLICIES, problem=str(error), entered=entered, place=place)
        return self._setup.note(request, row, Step.POLICIES, Step.MAPPING, "Saved.")

    def look(self, request: Request, connection: str) -> Response:
        """Look at what waits in Basware, and read QuickBooks' lists."""
        row = self._setup.in_setup(request, connection)
        try:
            require_connected(self._app.database, row)
            with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
                seen = look(desk)
        except TELLABLE as error:
            return self._setup.told(request, row, Step.MAPPING, error)
        more = " Basware has more; these are enough to match codes by." if seen.more else ""
        waiting = "1 document waits" if seen.documents == 1 else f"{seen.documents} documents wait"
        words = f"{waiting} in Basware. Nothing was acknowledged.{more}"
        return self._console.done(request, words, to=at(row, Step.MAPPING))

    def match(self, request: Request, connection: str, fields: Fields) -> Response:
        """Match codes side by side; with a mistake everything that was ticked and named comes back."""
        row, (accepted, named) = self._setup.in_setup(request, connection), matched_in(fields)
        try:
            with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
                number = take_over(desk, accepted, named, actor=self._setup.actor(request), known=self._setup.read)
        except TELLABLE as error:
            return self._setup.told(request, row, Step.MAPPING, error, title="Nothing was matched.", entered=fields)
        return self._console.done(request, told_of(number), to=at(row, Step.MAPPING))

    def mapping(self, request: Request, connection: str) -> Response:
        """A person goes on; what is not matched holds its documents."""
        return self._setup.note(request, self._setup.in_setup(request, connection), Step.MAPPING, Step.START, "")

    def start(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep from which day on documents are posted, or that all are."""
        row, everything = self._setup.in_setup(request, connection), fields.get("everything") == "yes"
        try:
            written = start_setting("" if everything else fields.get("start_date", ""), everything=everything)
            save_settings(self._console, request, row, written, seen=seen_in(fields), reason="set-up")
        except _REFUSED as error:
            return self._setup.page(request, row, Step.START, problem=str(error), entered=fields)
        words = "All documents will be posted." if everything else "The start is saved."
        return self._setup.note(request, row, Step.START, Step.PLAN, words)

    def plan(self, request: Request, connection: str, again: Annotated[str, Form()] = "") -> Response:
        """Work out what would be posted, after another look if asked for. Nothing is written."""
        row = self._setup.in_setup(request, connection)
        try:
            require_connected(self._app.database, row)
            with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
                actor, now = self._setup.actor(request), self._app.clock.now()
                found = plan_first(desk, row, again=again == "yes", actor=actor, now=now)
        except TELLABLE as error:
            return self._setup.told(request, row, Step.PLAN, error)
        return self._setup.page(request, row, Step.PLAN, plan=found)

    def release(
        self,
        request: Request,
        connection: str,
        reason: Annotated[str, Form()] = "",
        review: Annotated[str, Form()] = "",
    ) -> Response:
        """Let it begin; with `review` every posting waits for a person at first."""
        row = self._console.connection(request, connection, Right.ADMINISTER)
        today = f"/c/{row.name}/today"
        if row.setup_since is None:  # pressed twice, or by two people
            return self._console.done(request, f"{row.name} was released already; nothing was changed.", to=today)
        try:
            with self._console.desk(request, row.name, Right.ADMINISTER) as desk:
                actor, now = self._setup.actor(request), self._app.clock.now()
                let_begin(desk, row, reviewed=review == "yes", actor=actor, reason=reason, now=now)
        except TELLABLE as error:
            return self._setup.told(request, row, Step.RELEASE, error, title="Not released.")
        words = f"{row.name} is released. The first run begins by itself, usually within a minute; this page shows it."
        if review == "yes":
            words += " Nothing is posted before somebody releases it under Plan."
        return self._console.done(request, words, to=today)
