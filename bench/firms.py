"""Several firms on one Basware: further QuickBooks companies in a world, each with a connection of its own for its company codes.

The further companies are the demo company with other ids, another name and vendors that only they have, so that whatever is posted
in the wrong one cannot pass unnoticed.
"""

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec

from twins.demo_company import quickbooks_seed, setup
from world import World, accept_mapping, connection_file

Json = dict[str, Any]


def other_company(realm_id: str, name: str, *, shift: int) -> Json:
    """A QuickBooks company of the demo company's form: with every id `shift` higher, so that no id of one means anything there."""
    seed = _shifted(copy.deepcopy(quickbooks_seed()), shift)
    seed |= {"realm_id": realm_id, "refresh_token": f"RT1-{realm_id}"}
    seed["CompanyInfo"] |= {"CompanyName": name, "LegalName": name}
    entities: dict[str, list[Json]] = seed["entities"]
    for kind in ("Bill", "VendorCredit", "JournalEntry", "BillPayment"):
        entities[kind] = []
    for vendor in entities["Vendor"]:
        vendor["DisplayName"] = f"{vendor['DisplayName']} ({name})"
    return seed


def _shifted(value: Any, shift: int) -> Any:
    if isinstance(value, list):
        return [_shifted(one, shift) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: str(int(inner) + shift)
        if key in {"Id", "value"} and isinstance(inner, str) and inner.isdecimal()
        else _shifted(inner, shift)
        for key, inner in value.items()
    }


def join(world: World, seed: Mapping[str, Any], *codes: str, name: str, shift: int) -> World:
    """Join another QuickBooks company to these companies of the same Basware; the world as its connection sees it."""
    world.clock.advance(60)
    world.quickbooks.add_company(dict(seed))
    known = world.desk().settings
    basware_seed = {
        "companies": [{"companyCode": code} for code in codes],
        "client_id": "demo-basware-client",
        "client_secret": "demo-basware-secret",
    }
    file, secrets = connection_file(
        seed, basware_seed, name=name, policy=known.policy, quickbooks=known.quickbooks,
        page_size=known.basware.page_size,
    )  # fmt: skip
    row = world.app.add_connection(msgspec.structs.replace(file, secrets=dict(secrets)), secrets)
    joined = dataclasses.replace(world, connection=row, realm_id=str(seed["realm_id"]), _desk=None)
    links = {code: str(int(vendor_id) + shift) for code, vendor_id in setup()["vendor_links"].items()}
    accept_mapping(joined.desk(), vendor_links=links)
    return joined
