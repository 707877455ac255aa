"""Where and for how long a redirected answer can be fetched."""

from urllib.parse import urlsplit

import pytest


@pytest.fixture
def caller(tools):
    return tools.everything([tools.invoice(number) for number in range(1, 40)])


def address(caller, query=""):
    return caller.get(f"/v1/accountingDocuments?{query}").headers["Location"]


@pytest.mark.row("S6")
def test_only_bodies_above_the_size_that_was_set_are_redirected(caller):
    caller.twin.switches.redirect = "large"
    small = caller.get("/v1/accountingDocuments?pageSize=1")
    assert (small.status, caller.get("/v1/accountingDocuments").status) == (200, 200)
    caller.twin.switches.redirect_bytes = len(small.body)
    statuses = [caller.get(f"/v1/accountingDocuments?pageSize={size}").status for size in (1, 2)]
    assert statuses == [200, 302]


@pytest.mark.row("S6")
def test_the_host_of_downloads_can_be_chosen(caller):
    assert urlsplit(address(caller)).netloc == "downloads.basware.test"
    caller.twin.switches.download_host = "files.example"
    found = address(caller)
    assert urlsplit(found).netloc == "files.example"
    assert caller.get(found, anonymous=True).status == 200
    assert caller.get(found.replace("files.example", "basware.test"), anonymous=True).status == 403


@pytest.mark.row("S26")
def test_an_address_ends_after_a_quarter_of_an_hour_or_what_was_set(caller):
    for seconds in (900, 60):
        caller.twin.switches.download_seconds = seconds
        found = address(caller)
        caller.clock.advance(seconds - 1)
        assert caller.get(found, anonymous=True).status == 200
        caller.clock.advance(1)
        assert caller.get(found, anonymous=True).status == 403
