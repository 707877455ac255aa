"""The twin's properties against QuickBooks' published entity catalogue, where a copy of it is at hand."""

import pytest

from contract.quickbooks_catalogue import catalogue, violations
from contract.sources import MissingSourceError
from twins.quickbooks.properties import COMMON, PROPERTIES, UNPUBLISHED
from twins.quickbooks.shapes import SHAPES, read_shape

TYPES = {
    "text": {"string", "id"},
    "email": {"string"},
    "uri": {"anyURI"},
    "bool": {"boolean"},
    "date": {"date"},
    "datetime": {"dateTime"},
    "money": {"decimal"},
    "number": {"decimal"},
    "int": {"int", "long", "positiveInteger"},
    "ref": {"ReferenceType"},
    "typedref": {"ReferenceType"},
    "refs": {"ReferenceType[]"},
}
"""What each kind of the twin's notation is called in the catalogue."""
TEXTS_OF_KNOWN_WORDS = {
    "status": "EntityStatusEnum",
    "TxnSubType": "TxnSubTypeEnum",
    "FirstMonthOfFiscalYear": "MonthEnum",
    "TaxYearMonth": "MonthEnum",
}
"""Never checked on the way in: the service writes them, or overwrites what is sent."""
LISTED_BY_THE_REFERENCE_ALONE = {"Term.Type", "CreditCharge.CCTxnType"}
"""Properties the XSD leaves open and the API reference limits to some words."""


@pytest.fixture(scope="module")
def published():
    try:
        return catalogue()
    except MissingSourceError as missing:
        pytest.skip(str(missing))


def differences(published, entity, notation, name, seen):
    """What of a shape the catalogue does not have, or has as something else; inner shapes are followed."""
    if (name, entity) in seen:
        return
    seen.add((name, entity))
    known = published.records[entity]
    for field, found in read_shape(notation).items():
        where = f"{name}.{field}"
        if where in UNPUBLISHED:
            continue
        declared = known.get(field)
        if declared is None:
            yield f"{where} is not in {entity}"
        elif found.kind == "object":
            if found.many != declared.endswith("[]"):
                yield f"{where} is {declared}"
            yield from differences(published, declared.removesuffix("[]"), SHAPES[found.shape], found.shape, seen)
        elif found.kind == "enum":
            words = published.enumerations.get(declared)
            if words is None and where not in LISTED_BY_THE_REFERENCE_ALONE:
                yield f"{where} is {declared}, no enumeration"
            elif words is not None and not set(found.words) <= words:
                yield f"{where} has words that {declared} lacks: {set(found.words) - words}"
        elif found.kind != "any" and declared not in TYPES[found.kind] | {TEXTS_OF_KNOWN_WORDS.get(field)}:
            yield f"{where} is {declared}, not {found.kind}"


@pytest.mark.parametrize("entity", [name for name in PROPERTIES if name not in UNPUBLISHED])
def test_every_property_the_twin_knows_is_published_with_that_type(published, entity):
    assert list(differences(published, entity, f"{COMMON} {PROPERTIES[entity]}", entity, set())) == []


@pytest.mark.parametrize("entity", [name for name in PROPERTIES if name not in UNPUBLISHED])
def test_no_published_property_is_unknown_to_the_twin(published, entity):
    own = read_shape(f"{COMMON} {PROPERTIES[entity]}")
    assert published.records[entity].keys() - own.keys() - {"Fault"} == set()


def scenario(world):
    """Something of everything: each entity written in every way that shows further properties."""
    world.act("create_vendor", name="Fjord", number="F-1", email="a@b.example", currency="EUR")
    world.post("Customer", {"DisplayName": "Quay", "ParentRef": {"value": "60"}})
    world.post("Employee", {"GivenName": "Liv", "FamilyName": "Dahl", "HiredDate": "2026-01-01", "Gender": "Female"})
    world.post("Department", {"Name": "Bergen", "ParentRef": {"value": "1"}})
    world.post("Class", {"Name": "Web", "ParentRef": {"value": "5000000000000142240"}})
    world.post("Item", {"Name": "Paper", "ExpenseAccountRef": {"value": "20"}, "PurchaseCost": "1.5"})
    world.post("Term", {"Name": "Mid", "DayOfMonthDue": 15, "DueNextMonthDays": 5})
    world.post("CompanyCurrency", {"Code": "SEK"})
    world.post("TaxAgency", {"DisplayName": "State"})
    world.post("Attachable", {"Note": "x", "AttachableRef": [{"EntityRef": {"type": "Vendor", "value": "50"}}]})
    where = {"ClassRef": "5000000000000142240", "CustomerRef": "61", "BillableStatus": "Billable"}
    bill = world.post("Bill", world.bill(world.line("100", **where), DepartmentRef={"value": "2"}, DocNumber="1"))
    order = world.act("create_order", vendor="50", lines=[{"item": "40", "quantity": 2, "price": 5}])
    linked = world.line("5") | {"LinkedTxn": [{"TxnId": order["Id"], "TxnType": "PurchaseOrder", "TxnLineId": "1"}]}
    world.post("Bill", world.bill(linked, LinkedTxn=[{"TxnId": order["Id"], "TxnType": "PurchaseOrder"}]))
    credit = world.post("VendorCredit", world.bill(world.line("30")))
    world.act("pay_bills", bills=[bill["Id"]], credits=[credit["Id"]], account="10", amounts={bill["Id"]: 50})
    foreign = {"CurrencyRef": {"value": "EUR"}, "ExchangeRate": 2}
    euros = world.post("Bill", world.bill(vendor="53", **foreign))
    world.act("pay", id=euros["Id"], account="12", amount=10)
    sides = world.side("Debit", "10", "20"), world.side("Credit", "10", "31", vendor="50")
    world.post("JournalEntry", {"TxnDate": "2026-10-20", "Line": list(sides), "DocNumber": "J"})
    world.act("revalue", currency="EUR", rate=3)
    world.act("inactivate", entity="Account", id="21")


def answered(caller):
    """Every record as the twin answers it, by entity."""
    for entity in PROPERTIES.keys() - UNPUBLISHED.keys() - {"TaxService"}:
        for record in caller.query(f"select * from {entity} maxresults 1000").get(entity, []):
            yield entity, record


def test_whatever_the_twin_answers_with_is_published_with_that_type(published, world):
    scenario(world)
    seen = {entity for entity, _record in answered(world)}
    assert seen >= PROPERTIES.keys() - {*UNPUBLISHED, "TaxService", "TaxRate"}
    assert [sentence for entity, record in answered(world) for sentence in violations(entity, record)] == []


def test_tax_is_answered_as_published_too(published, nordic):
    agency = nordic.post("TaxAgency", {"DisplayName": "State"})["Id"]
    rate = {"TaxRateName": "8", "RateValue": 8, "TaxAgencyId": agency, "TaxApplicableOn": "Purchase"}
    status, made = nordic.call("POST", "taxservice/taxcode", {"TaxCode": "8 %", "TaxRateDetails": [rate]})
    assert status == 200
    assert violations("TaxService", {name: made[name] for name in ("TaxCode", "TaxCodeId", "TaxRateDetails")}) == []
    line = nordic.line("100", TaxCodeRef=made["TaxCodeId"])
    for mode in ("TaxExcluded", "TaxInclusive"):
        nordic.post("Bill", nordic.bill(line, GlobalTaxCalculation=mode))
    assert [sentence for entity, record in answered(nordic) for sentence in violations(entity, record)] == []
