"""The tax service: it makes a tax code together with its rates, which the entities TaxCode and TaxRate cannot.

Request and answer have a form of their own, without an entity around them (Intuit's API reference of TaxService).
"""

from decimal import Decimal
from typing import Any

from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.checks import inspect_as
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import without
from twins.quickbooks.events import Operation
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.properties import PROPERTIES
from twins.quickbooks.shapes import read_shape
from twins.quickbooks.storing import store
from twins.quickbooks.values import Json

_SHAPE = read_shape(PROPERTIES["TaxService"])
_MOST = Decimal(100)
_LISTS = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}


def create(context: Context, body: Any) -> Json:
    """Make a tax code with new or existing rates; what the service answers. Raises FaultError."""
    if isinstance(body, dict):
        body = without(body, "Id")  # python-quickbooks sends it, and its tests against a sandbox pass
    fields = inspect_as("TaxService", _SHAPE, body, latin1_only=context.latin1_only)
    if fields.get("TaxCode") is None:
        raise FaultError(missing("TaxCode"))
    if not fields.get("TaxRateDetails"):
        raise FaultError(missing("TaxRateDetails"))
    _check_free(context, "TaxCode", fields["TaxCode"], "TaxCode")
    details = [_checked(context, each) for each in fields["TaxRateDetails"]]
    news = [each["TaxRateName"].casefold() for each in details if "TaxRateId" not in each]
    if len(set(news)) < len(news):
        raise _taken("TaxRateName")
    rates = [_rate(context, each) for each in details]
    code = _code(context, fields["TaxCode"], list(zip(details, rates, strict=True)))
    return {"TaxCode": code["Name"], "TaxCodeId": code["Id"], "TaxRateDetails": [
        _answered(detail, rate) for detail, rate in zip(details, rates, strict=True)
    ]}  # fmt: skip


def _check_free(context: Context, entity: str, name: str, element: str) -> None:
    if context.company.name_owner(ENTITIES[entity], name) is not None:
        raise _taken(element)


def _taken(element: str) -> FaultError:
    return refusal("6240", "The name supplied already exists. : null", element)


def _checked(context: Context, detail: Json) -> Json:
    """One rate as asked for, complete. Raises FaultError."""
    if detail.get("TaxApplicableOn", "Sales") not in _LISTS:
        raise refusal("2170", f"TaxApplicableOn : {detail['TaxApplicableOn']}", "TaxApplicableOn")
    detail = {"TaxApplicableOn": "Sales", **detail}
    if "TaxRateId" in detail:
        context.find("TaxRate", {"value": detail["TaxRateId"]})
        return detail
    absent = [missing(name) for name in ("TaxRateName", "RateValue", "TaxAgencyId") if name not in detail]
    if absent:
        raise FaultError(*absent)
    _check_free(context, "TaxRate", detail["TaxRateName"], "TaxRateName")
    if not 0 <= detail["RateValue"] <= _MOST:
        raise business("Tax rate has to be from 0 to 100.", "RateValue")
    context.find("TaxAgency", {"value": detail["TaxAgencyId"]})
    return detail


def _rate(context: Context, detail: Json) -> Json:
    if "TaxRateId" in detail:
        return context.find("TaxRate", {"value": detail["TaxRateId"]})
    record = {
        "Name": detail["TaxRateName"],
        "Description": detail["TaxRateName"],
        "Active": True,
        "RateValue": detail["RateValue"],
        "AgencyRef": {"value": detail["TaxAgencyId"]},
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
        "domain": "QBO",
        "sparse": False,
    }
    return store(context, ENTITIES["TaxRate"], record, None, Operation.CREATE)


def _code(context: Context, name: str, rates: list[tuple[Json, Json]]) -> Json:
    lists: dict[str, Json] = {each: {"TaxRateDetail": []} for each in _LISTS.values()}
    for detail, rate in rates:
        entries = lists[_LISTS[detail["TaxApplicableOn"]]]["TaxRateDetail"]
        reference = reference_to("TaxRate", rate)
        entries.append({"TaxRateRef": reference, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": len(entries)})
    record = {
        "Name": name,
        "Description": name,
        "Active": True,
        "Hidden": False,
        "Taxable": True,
        "TaxGroup": True,
        "TaxCodeConfigType": "USER_DEFINED",
        **lists,
        "domain": "QBO",
        "sparse": False,
    }
    return store(context, ENTITIES["TaxCode"], record, None, Operation.CREATE)


def _answered(detail: Json, rate: Json) -> Json:
    return {
        "TaxRateName": rate["Name"],
        "TaxRateId": rate["Id"],
        "RateValue": rate["RateValue"],
        "TaxAgencyId": rate.get("AgencyRef", {}).get("value", ""),
        "TaxApplicableOn": detail["TaxApplicableOn"],
    }
