"""Where in the console an alert is put right: the page, in a word what one does there, and the right it takes.

A table of facts about the kinds of alerts; what each says is written where it is raised.
"""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from ml_connector.model.people import Right
from ml_connector.store.alerts import AlertRow
from ml_connector.work import early_answers, meter, order_links, refusals, same_customer, tax_check, unclaimed
from ml_connector.work.attachments import job as attachments
from ml_connector.work.changes import copies
from ml_connector.work.credits import applying
from ml_connector.work.drift import watching
from ml_connector.work.engines import runs
from ml_connector.work.feeds import (
    extract_columns,
    extracts,
    extracts_again,
    network_documents,
    network_telling,
    outcomes,
    reading,
)
from ml_connector.work.messages import noticing
from ml_connector.work.payments import heard
from ml_connector.work.reactivating import telling as reactivations
from ml_connector.work.sending import left_companies, rates
from ml_connector.work.sign_in import keeping
from ml_connector.work.vendors import planning, portion
from ml_connector.work.webhook_setup import basware as subscriptions


class AlertPage(msgspec.Struct, frozen=True, kw_only=True):
    """`title` is what an alert is called, `page` where to go below the connection's address ({subject} is the alert's), `way` what
    one does there."""

    title: str
    page: str = ""
    way: str = ""
    right: Right = Right.VIEW


def _setting(title: str, subject: str) -> AlertPage:
    return AlertPage(
        title=title, page=f"settings?subject={subject}", way="Look at the settings", right=Right.ADMINISTER
    )


def _run(title: str, job: str) -> AlertPage:
    return AlertPage(title=title, page=f"runs?job={job}", way="See the runs")


def _document(title: str) -> AlertPage:
    return AlertPage(title=title, page="documents/{subject}", way="Look at the document")


_SIGN_IN = AlertPage(
    title="Sign-in to QuickBooks", page="connection", way="Sign in to QuickBooks again", right=Right.ADMINISTER
)

PAGES: Mapping[str, AlertPage] = {
    keeping.SIGN_IN_NEEDED: _SIGN_IN,
    keeping.SIGN_IN_ENDS: _SIGN_IN,
    watching.ALERT: AlertPage(title="Changed in QuickBooks afterwards", page="drift", way="Decide"),
    heard.ALERT: AlertPage(title="Payments Basware did not take", page="payments", way="Look at the payments"),
    planning.REVIEW_ALERT: AlertPage(title="Vendors to review", page="vendors/unsure", way="Say who they are"),
    portion.BANK_ALERT: AlertPage(title="Bank details changed", page="vendors/{subject}", way="Approve or reject them"),
    same_customer.ALERT: _setting("A company in two connections", "basware"),
    left_companies.ALERT: _setting("A company was taken out", "basware"),
    rates.CURSOR: _setting("Exchange rates for Basware", "basware.master_data"),
    copies.UNREAD: AlertPage(title="Records QuickBooks does not show", page="feeds", way="See what is read"),
    runs.FAILING: AlertPage(title="A job does not get through", page="runs?failed=true&job={subject}", way="See why"),
    outcomes.ALERT: AlertPage(title="Taken by Basware and then refused", page="runs?job=outcomes", way="See the runs"),
    extract_columns.COLUMNS_ALERT: _setting("Columns of Basware's extracts", "basware.extracts"),
    extract_columns.CHANGE_ALERT: _setting("Basware's extracts change", "basware.extracts"),
    extracts_again.ALERT: _run("An extract could not be loaded", "extracts"),
    extracts.KEYLESS_ALERT: _run("Rows of an extract without a key", "extracts"),
    network_telling.ALERT: _run("A document of the Basware Network", "network"),
    network_documents.FILE_ALERT: _run("A file of the Basware Network", "network"),
    reading.UNREADABLE: AlertPage(title="Records nobody can read", page="feeds", way="See what is read"),
    subscriptions.ALERT: AlertPage(
        title="Webhooks of Basware", page="connection#hooks-title", way="Look at the subscriptions"
    ),
    refusals.KIND: AlertPage(title="Webhook calls refused", page="webhooks", way="Look at the calls"),
    unclaimed.UNCLAIMED: _setting("A company nobody posts for", "basware"),
    unclaimed.NOT_LOOKED: _setting("Companies nobody posts for", "basware.unclaimed"),
    order_links.ALERT: AlertPage(title="Bills and their orders", page="orders/links", way="See what was left out"),
    tax_check.TAX_ALERT: AlertPage(title="Tax differs in QuickBooks", page="documents", way="Look for the document"),
    attachments.ALERT: AlertPage(title="Files not copied", page="documents", way="Look for the document"),
    reactivations.ALERT: AlertPage(
        title="Not made active in QuickBooks", page="needs-you", way="See what waits for it"
    ),
    applying.ALERT: _document("A vendor credit is not applied"),
    early_answers.REFUSED_ALERT: _document("Basware refused an early answer"),
    noticing.UNDELIVERED: AlertPage(
        title="A message could not be sent", page="messages", way="See who is told", right=Right.ADMINISTER
    ),
    noticing.BEHIND: AlertPage(title="Behind its schedule", page="schedules", way="See the schedules"),
    meter.USED: AlertPage(title="Metered reads of QuickBooks", page="budget", way="See the budget"),
    meter.FORECAST: AlertPage(title="Metered reads of QuickBooks", page="budget", way="See the budget"),
}


def page_of(alert: AlertRow) -> AlertPage:
    """Where one alert is put right; one of a kind that is not listed has no page of its own."""
    known = PAGES.get(alert.kind)
    if known is None:
        return AlertPage(title=alert.kind.replace("-", " ").capitalize())
    page = known.page.replace("{subject}", quote(alert.subject, safe=""))
    return msgspec.structs.replace(known, page=page)
