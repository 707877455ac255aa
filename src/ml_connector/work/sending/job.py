"""The job `master-data`: plan what Basware is to hold, step by step in the order in which records need each other, and send it.

A step whose forerunners Basware has not decided on waits: a vendor that names an unknown term would be refused.
"""

from ml_connector.basware.errors import ScopeMissing
from ml_connector.basware.master_data import resource_named
from ml_connector.store import outgoing
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import JobReport
from ml_connector.work.sending.dimensions import DIMENSION_STEPS
from ml_connector.work.sending.left_companies import LEFT_COMPANY_STEPS
from ml_connector.work.sending.orders import ORDER_STEPS
from ml_connector.work.sending.rates import RATE_STEPS
from ml_connector.work.sending.sender import Sent, send_records
from ml_connector.work.sending.steps import Step
from ml_connector.work.sending.vendors import VENDOR_STEPS
from ml_connector.work.settings import ConnectionSettings

STEPS: tuple[Step, ...] = (
    *DIMENSION_STEPS,
    *RATE_STEPS,
    *LEFT_COMPANY_STEPS,
    *VENDOR_STEPS,
    *ORDER_STEPS,
)
"""Every kind of record Basware is given, in the order in which they need each other: each group of steps in a module of its own."""


def keep_master_data(desk: Desk, steps: tuple[Step, ...] = STEPS) -> JobReport:
    """Bring Basware's lists to what they are to be. A missing right costs the step that needs it, and fails the run at its end."""
    sent, waiting, lacking = Sent(), list[str](), list[ScopeMissing]()
    for step in steps:
        if not step.wanted(desk.settings):
            continue
        try:
            step.plan(desk)
            if _undecided(desk, step.after):
                waiting.append(step.label)
                continue
            for resource in step.resources(desk.settings):
                sent.add(send_records(desk, resource, label=step.label))
        except ScopeMissing as error:
            lacking.append(error)
    if lacking:
        raise lacking[0]
    return _report(desk, sent, waiting)


def rights_needed(settings: ConnectionSettings, steps: tuple[Step, ...] = STEPS) -> tuple[str, ...]:
    """The rights of Basware's that the steps in use need, in the order of the steps."""
    needed = dict[str, None]()
    for step in steps:
        if step.wanted(settings):
            needed |= dict.fromkeys(step.reads(settings))
            needed |= dict.fromkeys(resource_named(one).scope for one in step.resources(settings))
    return tuple(needed)


def _undecided(desk: Desk, resources: tuple[str, ...]) -> int:
    with desk.database.read() as tx:
        return outgoing.open_records(tx, desk.connection_id, resources) if resources else 0


def _report(desk: Desk, sent: Sent, waiting: list[str]) -> JobReport:
    with desk.database.read() as tx:
        again_at = outgoing.next_try(tx, desk.connection_id)
    told = [f"{sent.taken} sent in {sent.calls} calls"]
    if sent.refused:
        told.append(f"{sent.refused} refused")
    if sent.unclear:
        told.append(f"{sent.unclear} without an answer")
    if waiting:
        told.append(f"waiting for Basware's word on others: {', '.join(waiting)}")
    counts = {"sent": sent.taken, "refused": sent.refused, "unclear": sent.unclear, "calls": sent.calls}
    return JobReport(outcome="; ".join(told), counts=counts, again_at=again_at)
