"""A pause that Basware asks for holds for every interface the same sign-in uses, however it was met."""

from pathlib import Path

import httpx2
import pytest

from ml_connector.basware.attachments import AttachmentsClient
from ml_connector.basware.errors import Throttled
from ml_connector.basware.extracts import ExtractsClient
from ml_connector.basware.network import NetworkClient
from ml_connector.basware.network_http import NetworkHttp
from ml_connector.model.clock import Clock

BASE = "https://basware.test"


class Noted:
    """Pauses as they are shared: who asks and what is left."""

    def __init__(self, left: float = 0.0) -> None:
        self._left = left
        self.asked: list[float] = []

    def left(self) -> float:
        return self._left

    def ask(self, seconds: float) -> None:
        self.asked.append(seconds)


def throttled(_request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(429, headers={"Retry-After": "900"})


def unreachable(request: httpx2.Request) -> httpx2.Response:
    raise AssertionError(f"{request.url} was called during a pause")


def extracts(handler, pauses: Noted, clock: Clock, _folder: Path):
    http = httpx2.Client(transport=httpx2.MockTransport(handler))
    return ExtractsClient(
        http, base_url=BASE, authorization=lambda _force: "Bearer t", clock=clock, pauses=pauses
    ).waiting


def network(handler, pauses: Noted, clock: Clock, _folder: Path):
    client = NetworkClient(
        NetworkHttp(transport=httpx2.MockTransport(handler)), base_url=BASE, authorization=lambda _force: "Basic t",
        clock=clock, largest_document=1000, largest_file=1000, pauses=pauses,
    )  # fmt: skip
    return lambda: list(client.notifications())


def files(handler, pauses: Noted, clock: Clock, folder: Path):
    http = httpx2.Client(transport=httpx2.MockTransport(handler))
    client = AttachmentsClient(http, base_url=BASE, authorization=lambda _force: "Bearer t", clock=clock, pauses=pauses)
    return lambda: client.fetch("A-1", "F-1", folder / "file", largest=1000)


INTERFACES = pytest.mark.parametrize("interface", [extracts, network, files])


@INTERFACES
def test_a_pause_asked_for_is_told_to_all(interface, clock, tmp_path):
    pauses = Noted()

    with pytest.raises(Throttled):
        interface(throttled, pauses, clock, tmp_path)()

    assert pauses.asked == [900.0]


@INTERFACES
@pytest.mark.parametrize("named", ["2147483647", "9" * 400])
def test_a_pause_of_years_is_kept_for_an_hour_and_then_basware_is_asked_again(interface, named, clock, tmp_path):
    pauses = Noted()

    with pytest.raises(Throttled):
        interface(lambda _request: httpx2.Response(429, headers={"Retry-After": named}), pauses, clock, tmp_path)()

    assert pauses.asked == [3600.0]


@INTERFACES
def test_nobody_calls_during_a_long_pause_of_somebody_else(interface, clock, tmp_path):
    with pytest.raises(Throttled, match="another 900 seconds"):
        interface(unreachable, Noted(900.0), clock, tmp_path)()


@INTERFACES
def test_a_short_pause_of_somebody_else_is_waited_out(interface, clock, tmp_path):
    with pytest.raises(Throttled):
        interface(throttled, Noted(30.0), clock, tmp_path)()

    assert clock.slept[:1] == [30.0]
