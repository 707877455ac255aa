"""The Basware half of the check report: sign-in, region, each right, each company."""

from collections.abc import Mapping

from ml_connector.basware.auth import INVOICE_SCOPES
from ml_connector.basware.client import Company
from ml_connector.basware.errors import BaswareError, CredentialsRejected
from ml_connector.basware.regions import Addresses, Certainty, Environment, Region, elsewhere, place_name
from ml_connector.work.check.line import Check, failed, failed_by, passed, warned
from ml_connector.work.check.probe import Probe
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.registry import enabled_jobs
from ml_connector.work.same_customer import note_customer, possibly_shared, shared_codes, shared_message
from ml_connector.work.sending.job import rights_needed
from ml_connector.work.settings import BaswareSettings

NEEDED: Mapping[str, tuple[str, ...]] = {
    "invoices": INVOICE_SCOPES,
    "orders": ("exportedPurchaseOrders.read", "exportedPurchaseOrders.write"),
    "vendors": ("vendors.read",),
    "payments": INVOICE_SCOPES,
    "outcomes": ("requestStatus.read", "requestStatus.write", "errorFeedbacks.read"),
    "notices": ("tasks.read",),
}
"""Rights by the job that needs them (Basware P2P specification, securitySchemes)."""

WEBHOOKS = ("subscriptions.read", "subscriptions.write", "subscriptions.delete")
"""Rights for notifications, wanted where this installation can be reached from outside."""

_SIGN_IN = ("basware.sign-in", "Basware sign-in")
_REGION = ("basware.region", "Basware region")
_CREDENTIALS = (
    "Enter the credentials again, under Settings or in the connection file; Basware's consultant hands them out."
)


def check_basware(desk: Desk, probe: Probe) -> list[Check]:
    """All lines about Basware's Purchase-to-Pay."""
    return [*_sign_in_and_rights(desk, probe), *_companies(desk, probe)]


def try_credentials(own: BaswareSettings, probe: Probe) -> Check:
    """Whether Basware takes credentials that somebody has just entered: one question, and another to each other region if not."""
    match probe.basware.opens(probe.basware.where):
        case True:
            return passed(*_SIGN_IN, "accepted")
        case False:
            line = _right_region(own, probe)
            to_do = line.to_do if line.status == "failed" else f"{_CREDENTIALS} {line.to_do}"
            return failed(*_SIGN_IN, line.found, to_do, sign_in=True)
        case None:
            found = f"{place_name(*_place(own))} did not say whether it accepts these credentials"
            return warned(*_SIGN_IN, found, "Nothing now; the check of both systems asks again.")


def _place(own: BaswareSettings) -> tuple[Region, Environment]:
    return Region(own.region), Environment(own.environment)


def _sign_in_and_rights(desk: Desk, probe: Probe) -> list[Check]:
    wanted = _wanted(desk, probe)
    try:
        if probe.basware.basic:
            desk.basware.ping()
            rights = [
                passed(
                    "basware.rights", "Basware rights", "a user and password carry no list of rights; used as they come"
                )
            ]
        else:
            grants = probe.basware.grants(wanted)
            rights = [_right(scope, wanted[scope], granted=scope in grants.granted) for scope in wanted]
    except CredentialsRejected as error:
        return [failed_by(*_SIGN_IN, error, _CREDENTIALS), _right_region(desk.settings.basware, probe)]
    except BaswareError as error:
        return [failed_by(*_SIGN_IN, error, "Have Basware's consultant grant the rights that docs/connect.md names.")]
    return [passed(*_SIGN_IN, "accepted"), _region(desk, probe.basware.where), *_customer(desk, probe), *rights]


def _customer(desk: Desk, probe: Probe) -> list[Check]:
    """Whether another connection takes over a company of this one; lines only where that is so, or may be."""
    note_customer(desk, probe.basware.customer())
    lines = [
        failed(
            f"basware.shared.{code}", f"Basware company {code} in two connections", shared_message(code, other.name),
            "One company belongs to one connection.",
        )
        for code, other in shared_codes(desk).items()
    ]  # fmt: skip
    for code, other in possibly_shared(desk):
        found = (
            f"the connection {other.name} has a company {code} as well, with another sign-in; whether it is the same, "
            f"nobody can say"
        )
        to_do = (
            f"If it is the same company, take {code} out of one of them: each of its documents would be posted twice."
        )
        if other.id not in {one.id for one in desk.tenant()}:
            lines.append(warned(f"basware.shared.{code}", f"Basware company {code} in two connections", found, to_do))
    return lines


def _wanted(desk: Desk, probe: Probe) -> dict[str, str]:
    """Rights in the order they are shown, each with what it is for."""
    jobs = [job.value for job in enabled_jobs(desk.settings)]
    if not desk.settings.basware.notices.enabled:
        jobs.remove(Job.NOTICES)  # it only watches the subscriptions then, with their own rights
    wanted = {scope: job for job, scopes in NEEDED.items() if job in jobs for scope in scopes}
    if Job.MASTER_DATA.value in jobs:
        wanted |= {scope: wanted.get(scope, Job.MASTER_DATA.value) for scope in rights_needed(desk.settings)}
    if desk.settings.basware.extracts.enabled:
        wanted |= {scope: wanted.get(scope, "extracts") for scope in desk.settings.basware.extracts.scopes}
    if probe.public_url:
        wanted |= dict.fromkeys(WEBHOOKS, "webhooks")
    return wanted


def _right(scope: str, job: str, *, granted: bool) -> Check:
    line = (f"basware.right.{scope}", f"Basware right {scope}")
    if granted:
        return passed(*line, "granted")
    to_do = "Ask Basware's consultant to grant it to this API client."
    if scope in INVOICE_SCOPES:
        return failed(*line, "not granted; invoices cannot be taken over without", to_do, sign_in=True)
    return warned(*line, f"not granted; needed for {job}", f"{to_do} Or switch {job} off, if you do not need them.")


def _region(desk: Desk, where: Addresses) -> Check:
    found = f"{place_name(*_place(desk.settings.basware))} at {where.base_url}"
    if where.certainty is Certainty.DOCUMENTED or desk.settings.basware.base_url:
        return passed(*_REGION, found)
    return passed(*_REGION, f"{found}; the address is {where.certainty}, and it answered")


def _right_region(own: BaswareSettings, probe: Probe) -> Check:
    """Credentials were refused: perhaps they belong to another system. Only systems of Basware's table are asked."""
    here = place_name(*_place(own))
    others = elsewhere(*_place(own), hosts=own.hosts)
    if own.base_url and own.base_url.rstrip("/") not in {one.base_url for one in others.values()}:
        found = f"{here} refused, at the connection's own address; since that is not in Basware's table, no other region was asked"
        return warned(*_REGION, found, "Compare base_url with what Basware told you.")
    answers = {
        name: probe.basware.opens(where)
        for name, where in others.items()
        if where.base_url != probe.basware.where.base_url
    }
    right = [name for name, opens in answers.items() if opens]
    silent = [name for name, opens in answers.items() if opens is None]
    unasked = f" Not to be asked just now: {', '.join(silent)}." if silent else ""
    if right:
        region, _, environment = right[0].partition(" ")
        found = (
            f"{here} refused, {' and '.join(right)} accepts these credentials ({others[right[0]].base_url}).{unasked}"
        )
        to_do = (
            f'Set region to "{region}" and environment to "{environment}", without base_url and token_url of your own.'
        )
        return failed(*_REGION, found, to_do, sign_in=True)
    found = f"{here} refused, and no other region or environment accepts these credentials.{unasked}"
    return failed(*_REGION, found, _CREDENTIALS, sign_in=True)


def _companies(desk: Desk, probe: Probe) -> list[Check]:
    try:
        listed = probe.basware.companies()
    except BaswareError:
        listed = None  # the same trouble shows in the lines of each company, where it is told
    return [_company(desk, code, listed) for code in desk.settings.basware.company_codes]


def _company(desk: Desk, code: str, listed: tuple[Company, ...] | None) -> Check:
    line = (f"basware.company.{code}", f"Basware company {code}")
    try:
        waiting = "documents are waiting" if desk.basware.ping(code) else "no document is waiting"
    except BaswareError as error:
        return failed_by(*line, error, _CREDENTIALS)
    if not listed:
        why = "Basware's list of companies is empty" if listed == () else "Basware's list of companies may not be seen"
        return passed(*line, f"{waiting}; {why}, which proves nothing about the code")
    known = next((one for one in listed if one.code == code), None)
    if known is None:
        codes = ", ".join(sorted(one.code for one in listed)[:10])
        to_do = "Compare the code with Basware. It is right if documents of it arrive: Basware does not always list all companies."
        return warned(*line, f"{waiting}; not among the companies Basware lists ({codes})", to_do)
    if not known.active:
        return warned(
            *line,
            f"{known.name}; {waiting}; not active in Basware",
            "Ask Basware's administrator whether it is the right one.",
        )
    return passed(*line, "; ".join(filter(None, (known.name, waiting))))
