"""Which jobs a connection has."""

from ml_connector.work.feed_settings import NetworkSettings
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM, SWITCHES, enabled_jobs
from ml_connector.work.settings import BaswareSettings, ConnectionSettings


def test_a_connection_has_every_registered_job_but_those_it_has_not_switched_on() -> None:
    plain = ConnectionSettings(basware=BaswareSettings(company_codes=("US10",)))

    assert Job.INVOICES in enabled_jobs(plain)
    assert not enabled_jobs(plain) & {Job.NETWORK, Job.EXTRACTS}


def test_a_switch_that_is_on_adds_its_job_and_no_other() -> None:
    plain = ConnectionSettings(basware=BaswareSettings(company_codes=("US10",)))
    switched = ConnectionSettings(
        basware=BaswareSettings(company_codes=("US10",), network=NetworkSettings(enabled=True))
    )

    assert enabled_jobs(switched) - enabled_jobs(plain) == {Job.NETWORK} & PERFORM.keys()
    assert SWITCHES[Job.NETWORK](switched)
