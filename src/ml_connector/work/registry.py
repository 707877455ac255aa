"""Which function does which job, and which jobs a connection wants. A job that is not here is not planned."""

from collections.abc import Callable, Mapping

from ml_connector.work.attachments.job import copy_attachments
from ml_connector.work.changes.reading import read_changes
from ml_connector.work.engine import post_invoices
from ml_connector.work.feeds.extracts import load_extracts
from ml_connector.work.feeds.missed_notices import find_missed_notices
from ml_connector.work.feeds.network import take_from_network
from ml_connector.work.feeds.orders import take_over_orders
from ml_connector.work.feeds.outcomes import learn_outcomes
from ml_connector.work.feeds.vendors import read_vendors
from ml_connector.work.jobs import Job, Perform
from ml_connector.work.payments.job import tell_payments
from ml_connector.work.sending.job import keep_master_data
from ml_connector.work.sending.steps import gives_basware
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.sign_in.job import keep_sign_in

PERFORM: Mapping[Job, Perform] = {
    Job.INVOICES: post_invoices,
    Job.CHANGES: read_changes,
    Job.SIGN_IN: keep_sign_in,
    Job.ORDERS: take_over_orders,
    Job.VENDORS: read_vendors,
    Job.ATTACHMENTS: copy_attachments,
    Job.MASTER_DATA: keep_master_data,
    Job.PAYMENTS: tell_payments,
    Job.OUTCOMES: learn_outcomes,
    Job.NOTICES: find_missed_notices,
    Job.NETWORK: take_from_network,
    Job.EXTRACTS: load_extracts,
}

SWITCHES: Mapping[Job, Callable[[ConnectionSettings], bool]] = {
    Job.ORDERS: lambda settings: settings.basware.orders.enabled,
    Job.VENDORS: lambda settings: settings.basware.vendors.enabled,
    Job.MASTER_DATA: gives_basware,
    Job.PAYMENTS: lambda settings: settings.basware.payments.enabled,
    Job.ATTACHMENTS: lambda settings: settings.basware.attachments.files != "none",
    Job.OUTCOMES: lambda settings: settings.basware.outcomes.enabled,
    Job.NETWORK: lambda settings: settings.basware.network.enabled,
    Job.EXTRACTS: lambda settings: settings.basware.extracts.enabled,
}
"""Jobs that a connection has only as long as its settings say so. All others every connection has: `notices` too, since whoever
has Basware announce something is told when it no longer does, whether or not missed notifications are looked for."""


def enabled_jobs(settings: ConnectionSettings) -> frozenset[Job]:
    """The jobs this connection has: those that are registered, and not switched off by its settings."""
    return frozenset(job for job in PERFORM if job not in SWITCHES or SWITCHES[job](settings))
