"""Giving Basware records to hold: accounts, cost centres, lists, terms, vendors, orders. Whole records, many in a call.

Each list signs in with the scopes it needs and no others. Nothing here decides what a record says or remembers what was sent.
"""

from collections.abc import Sequence

import httpx2
import msgspec

from ml_connector.basware.exchange import Exchange, OnCall, Turns
from ml_connector.basware.feeds import SignIn
from ml_connector.basware.pauses import Pauses
from ml_connector.model.clock import Clock

LARGEST_BODY = 5_500_000
"""Bytes in one call, below Basware's limit of 6 MB (Basware P2P specification, introduction)."""


TAGS, MARK = "tags", "ml-connector"
"""A vendor's tags, which P2P does not use, and the one of them whose value rises when the same content is sent as something new:
the tags of others stay."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A list of imported data: where it is posted, how requestStatus calls it, the most records in a call.

    `salt` is a property that means nothing to anybody and may be changed so that Basware takes the same content for something new
    (Basware FAQ: a record posted unchanged is not forwarded); empty where a record has no such property. `together`: a call
    carries records of one bundle only, because P2P saves what a call carries in one transaction. `late`: what such a record names
    may reach P2P after it, so that a refusal is worth another try by itself.
    """

    path: str
    entity_type: str
    most: int
    salt: str = ""
    together: bool = False
    late: bool = False

    @property
    def scope(self) -> str:
        """The right to write it (Basware P2P specification, securitySchemes)."""
        return f"{self.path.split('/')[2]}.write"


RESOURCES: dict[str, Resource] = {
    "accounts": Resource(path="/v1/accounts", entity_type="Account", most=500, salt="text5"),
    "costCenters": Resource(path="/v1/costCenters", entity_type="CostCenter", most=500, salt="text10"),
    "projects": Resource(path="/v2/projects", entity_type="Project", most=500),
    "lists": Resource(path="/v1/lists", entity_type="GenericList", most=500, salt="text_5"),
    "taxCodes": Resource(path="/v1/taxCodes", entity_type="TaxCode", most=500),
    "paymentTerms": Resource(path="/v1/paymentTerms", entity_type="PaymentTerm", most=500),
    "exchangeRates": Resource(path="/v1/exchangeRates", entity_type="ExchangeRate", most=500),
    "vendors": Resource(path="/v1/vendors", entity_type="Vendor", most=200, salt=TAGS),
    "matchingOrders": Resource(
        path="/v1/matchingOrders", entity_type="MatchingOrder", most=500, salt="text10", late=True
    ),
    "matchingOrderLines": Resource(
        path="/v1/matchingOrderLines",
        entity_type="MatchingOrderLine",
        most=100,
        salt="text10",
        together=True,
        late=True,
    ),
}
"""What may be posted (Basware P2P specification: paths, records per request, entityType of requestStatus). A generic list is named
with its key, as in `lists/ACC_LIST_1`."""


def resource_named(name: str) -> Resource:
    """A resource by name. Raises KeyError for one there is not."""
    kind, _, key = name.partition("/")
    found = RESOURCES[kind]
    return msgspec.structs.replace(found, path=f"{found.path}/{key}") if key else found


class MasterDataClient:
    """One tenant's lists, for writing. Every call raises the errors of `errors.py`."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        base_url: str,
        sign_in: SignIn,
        clock: Clock,
        on_call: OnCall | None = None,
        turns: Turns | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        def exchange(scope: str) -> Exchange:
            return Exchange(
                http,
                base_url=base_url,
                authorization=sign_in((scope,)),
                clock=clock,
                on_call=on_call,
                turns=turns,
                pauses=pauses,
            )

        self._exchanges = {scope: exchange(scope) for scope in {one.scope for one in RESOURCES.values()}}

    def post(self, resource: Resource, records: Sequence[str]) -> str:
        """Give Basware these records, each a whole JSON object: it creates them, or overwrites those of the same external code.

        Returns Basware's id of the request, by which it tells later what P2P made of each record; its answer 200 says only that its
        interface took them. Raises Refused when it took none, NoAnswer when nobody knows.
        """
        body = b"[" + b",".join(record.encode() for record in records) + b"]"
        return self._exchanges[resource.scope].post(resource.path, body).request_id
