"""Watches the twins while tests run: `python -m pytest -p contract.plugin …`, once for each process that shares them.

CONTRACT_REPORT names the folder where each process leaves its figures; CONTRACT_PRODUCT says that the product is the client.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from contract.court import Court
from contract.tally import save
from contract.watching import watched

court = Court(product_asks=bool(os.environ.get("CONTRACT_PRODUCT")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch one test, its fixtures included."""
    court.seen = item.nodeid
    with watched(court.hear, court.hear_of_damage):
        return (yield)


def pytest_sessionfinish() -> None:
    """Leave the figures where the run that asked for them finds them."""
    folder = os.environ["CONTRACT_REPORT"]
    save(court.basware, Path(folder) / f"basware-{uuid4()}.json")
    save(court.quickbooks, Path(folder) / f"quickbooks-{uuid4()}.json")
