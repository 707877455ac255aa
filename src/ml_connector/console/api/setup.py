"""The way from nothing to a connection that posts, step by step, as the console's wizard goes it.

Each step answers how far the set-up is. Only what happens at Intuit needs a person: the API hands out the link they follow.
"""

from datetime import date
from typing import Any

import msgspec

from ml_connector.app import set_up
from ml_connector.console.api.connections import CheckReport, ConnectionLine, line_of
from ml_connector.console.api.operation import Call, Text, reader, writer
from ml_connector.console.api.settings import Secrets, Settings
from ml_connector.console.pages.connections import public_url
from ml_connector.model.people import Right
from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.company import company_of, zone_in_quickbooks
from ml_connector.work.ping import Check
from ml_connector.work.settings import decode_settings
from ml_connector.work.setup.first_plan import FirstPlan
from ml_connector.work.setup.looking import Look, last_look, look
from ml_connector.work.setup.other_company import leave_company
from ml_connector.work.setup.progress import Step, StepView, good_enough, note_step, steps_of
from ml_connector.work.setup.steps import (
    auth_of,
    let_begin,
    plan_first,
    require_connected,
    require_in_setup,
    start_setting,
)
from ml_connector.work.setup.zone import proposed_zone
from ml_connector.work.sign_in.links import CALLBACK


class SetupView(msgspec.Struct, frozen=True, kw_only=True):
    """How far a set-up is. `next` is the first step that is not done, empty when all are; `redirect_uri` has to stand in the Intuit
    app; `look` is what was seen of both systems last. `country` is the company's as QuickBooks says, empty until it did; of the
    policies `policy.us_tax` concerns US only, `policy.non_us_tax` everybody else. `time_zone_in_quickbooks` is the zone that it
    says the company is in, empty where it says none; `time_zone_proposed` is the same until a person chose `schedule.time_zone`."""

    connection: str
    in_setup: bool
    next: str
    steps: tuple[StepView, ...]
    redirect_uri: str
    start_date: date | None
    look: Look | None
    country: str
    time_zone_in_quickbooks: str
    time_zone_proposed: str


class Access(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings by dotted name, each as text, and secrets by field. A secret that is left out or empty stays as it is stored."""

    settings: Settings = {}
    secrets: Secrets = {}


class BaswareTried(msgspec.Struct, frozen=True, kw_only=True):
    """How far the set-up is. `tried`: whether Basware takes the credentials, None while they are not complete."""

    setup: SetupView
    tried: Check | None


class LeftCompany(msgspec.Struct, frozen=True, kw_only=True):
    """How far the set-up is, and what became of the sign-in at Intuit."""

    setup: SetupView
    at_intuit: str


class ReleaseAs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why; `review`: every posting of invoices is proposed at first, and waits for a person."""

    reason: Text = ""
    review: bool = False


class Policies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings by dotted name, such as `policy.posting_date`, each as text; what is left out stays, at first the default."""

    settings: Settings = {}


class Start(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first day whose documents are posted, or `everything`: all that wait."""

    start_date: date | None = None
    everything: bool = False


class PlanAgain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`again`: take another look at both systems first."""

    again: bool = False


def _fresh(call: Call) -> ConnectionRow:
    with call.app.database.read() as tx:
        return connections.get(tx, call.connection.id)


def _view(call: Call) -> SetupView:
    row = _fresh(call)
    settings = decode_settings(row.settings)
    with call.app.database.read() as tx:
        steps, seen, company = steps_of(tx, row), last_look(tx, row.id), company_of(tx, row.id, settings)
        zone_said, zone_proposed = zone_in_quickbooks(tx, row.id), proposed_zone(tx, row)
    return SetupView(
        connection=row.name,
        in_setup=row.setup_since is not None,
        next=next((one.step for one in steps if one.next), ""),
        steps=steps,
        redirect_uri=f"{public_url(call.console, call.request)}{CALLBACK}",
        start_date=settings.policy.start_date,
        look=seen,
        country=company.country,
        time_zone_in_quickbooks=zone_said,
        time_zone_proposed=zone_proposed,
    )


def _in_setup(call: Call) -> ConnectionRow:
    require_in_setup(call.connection)
    return call.connection


def _quickbooks(call: Call) -> SetupView:
    body: Access = call.body
    _save(call, body.settings, body.secrets)
    return _view(call)


def _basware(call: Call) -> BaswareTried:
    body: Access = call.body
    _save(call, auth_of(one for one, text in body.secrets.items() if text) | body.settings, body.secrets)
    shown = _view(call)
    stored = next(one.done for one in shown.steps if one.step == Step.BASWARE)
    return BaswareTried(setup=shown, tried=call.app.try_basware(_fresh(call)) if stored else None)


def _leave(call: Call) -> LeftCompany:
    told = leave_company(call.app.connecting(), _in_setup(call), actor=call.visitor.actor)
    return LeftCompany(setup=_view(call), at_intuit=told)


def _save(call: Call, settings: dict[str, str], secrets: dict[str, str] | None = None) -> None:
    set_up.save_settings(call.app, _in_setup(call), settings, secrets=secrets, by=call.visitor, reason="set-up")


def _check(call: Call) -> CheckReport:
    checks = set_up.check_in_setup(call.app, call.connection, call.visitor)
    return CheckReport(works=good_enough(checks), checks=tuple(checks))


def _policies(call: Call) -> SetupView:
    body: Policies = call.body
    _save(call, body.settings)
    return _noted(call, Step.POLICIES)


def _look(call: Call) -> Look:
    require_connected(call.app.database, _in_setup(call))
    with call.desk() as desk:
        return look(desk)


def _matched(call: Call) -> SetupView:
    _in_setup(call)
    return _noted(call, Step.MAPPING)


def _start(call: Call) -> SetupView:
    body: Start = call.body
    day = body.start_date.isoformat() if body.start_date else ""
    _save(call, start_setting(day, everything=body.everything))
    return _noted(call, Step.START)


def _plan(call: Call) -> FirstPlan:
    body: PlanAgain = call.body
    row = _in_setup(call)
    require_connected(call.app.database, row)
    with call.desk() as desk:
        return plan_first(desk, row, again=body.again, actor=call.visitor.actor, now=call.now)


def _release(call: Call) -> ConnectionLine:
    body: ReleaseAs = call.body
    row = _in_setup(call)
    with call.desk() as desk:
        let_begin(desk, row, reviewed=body.review, actor=call.visitor.actor, reason=body.reason, now=call.now)
    return line_of(call, call.connection)


def _noted(call: Call, step: Step) -> SetupView:
    note_step(call.app.database, call.connection, step, actor=call.visitor.actor, now=call.now)
    return _view(call)


_TAG, _HERE = "set-up", "/connections/{connection}/setup"
_MAY: dict[str, Any] = {"right": Right.ADMINISTER}
_ASKS: dict[str, Any] = {"right": Right.ADMINISTER, "asks_vendors": True}
OPERATIONS = (
    reader(_TAG, _HERE, "How far the set-up is, and which step is next", SetupView, _view, **_MAY),
    writer(
        _TAG, f"{_HERE}/quickbooks", "Keep the keys of the Intuit app", SetupView, _quickbooks, body=Access, **_MAY,
        note="Then POST …/sign-in/link gives the link with which a person connects the QuickBooks company.",
        example={
            "settings": {"quickbooks.environment": "production"},
            "secrets": {"quickbooks.client_id": "ABc…", "quickbooks.client_secret": "…"},
        },
    ),
    writer(
        _TAG, f"{_HERE}/basware", "Keep where Basware is and how to sign in there", BaswareTried, _basware, body=Access, **_ASKS,
        example={
            "settings": {"basware.region": "EU", "basware.environment": "production"},
            "secrets": {"basware.client_id": "…", "basware.client_secret": "…"},
        },
    ),
    writer(
        _TAG, f"{_HERE}/quickbooks/leave", "Let go of the company: another one was meant", LeftCompany, _leave, **_ASKS,
        note="What was read of it and matched to it is forgotten.",
    ),
    writer(_TAG, f"{_HERE}/check", "Ask both systems whether it works", CheckReport, _check, **_ASKS),
    writer(
        _TAG, f"{_HERE}/policies", "Keep how documents are posted", SetupView, _policies, body=Policies, **_MAY,
        example={"settings": {"policy.posting_date": "voucher_date"}},
    ),
    writer(_TAG, f"{_HERE}/look", "Look at what waits in Basware; nothing is acknowledged", Look, _look, **_ASKS),
    writer(
        _TAG, f"{_HERE}/mapping", "Matching codes is done; what is not matched holds its documents", SetupView, _matched,
        **_MAY, note="Codes are seen with GET …/mapping/coverage and matched with POST …/mapping/match.",
    ),
    writer(
        _TAG, f"{_HERE}/start", "Keep from which day on documents are posted", SetupView, _start, body=Start, **_MAY,
        example={"start_date": "2026-12-01"},
    ),
    writer(
        _TAG, f"{_HERE}/plan", "Work out what would be posted; nothing is written", FirstPlan, _plan, body=PlanAgain, **_ASKS
    ),
    writer(_TAG, f"{_HERE}/release", "Let it begin", ConnectionLine, _release, body=ReleaseAs, **_MAY),
)  # fmt: skip
