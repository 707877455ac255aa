"""Which function does which job. A job that is not here is not planned."""

from collections.abc import Mapping

from ml_connector.work.engine import post_invoices
from ml_connector.work.jobs import Job, Perform

PERFORM: Mapping[Job, Perform] = {
    Job.INVOICES: post_invoices,
}
