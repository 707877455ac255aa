"""The whole catalogue of what the Basware twin can say about a record, read from the twin's own source: each entry ends as a hold
with a cause and a way out, or heals by itself. An entry that is added to the twin is tried here without being named.

What breaks the rules of each list in earnest is tried in `test_what_p2p_refuses.py`, and for orders in
`tests/work/orders/test_refusals.py`.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from ml_connector.basware.monitoring import GOOD_ITEMS, WARNING
from ml_connector.model.holds import Cause
from ml_connector.rules.causes import describe
from ml_connector.rules.vendor_refusals import way_out
from ml_connector.store import outgoing
from ml_connector.store.database import Database
from ml_connector.store.outgoing import NewOutgoing, OutgoingRow
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.sending.sender import send_records
from twins.basware import enrichment, import_rules, imports, order_rules, prebooking, responses
from twins.basware.import_rules import RULES
from twins.basware.intake import Finding
from twins.basware.order_rules import ORDER_RULES
from twins.basware.resources import BY_NAME
from twins.basware.verdicts import Verdict
from world import World, build_world

SENT = ("vendors", "accounts", "costCenters", "projects", "lists", "taxCodes", "paymentTerms", "exchangeRates",
        "matchingOrders", "matchingOrderLines")  # fmt: skip
"""Lists that are given to Basware; `projectsV1` is not used."""

ANSWERED = {
    "TransferResponse": "tests/work/feeds/test_outcomes.py",
    "PaymentResponse": "tests/work/payments/test_refused.py",
    "PrebookResponse": "tests/system/test_before_transfer.py",
    "EnrichmentTransferResponse": "tests/system/test_before_transfer.py",
}
"""What else Purchase-to-Pay decides on afterwards, with the tests that say what becomes of a refusal of it."""

ENDINGS = {"Error": "refused", "Warning": "done", "RecordExpired": "done"}
"""How a record ends by the kind of what is said about it. A newer version made an expired one needless."""


@dataclass(frozen=True)
class Entry:
    """One thing the twin can say: the rule that says it, its words, and of which kind it is. Words that depend on the record are
    filled in with something."""

    rule: str
    words: str
    kind: str


def catalogue(module: ModuleType) -> Iterator[Entry]:
    """Everything a module of the twin can say about a record."""
    tree = ast.parse(inspect.getsource(module))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Module):
            own = function.body if isinstance(function, ast.FunctionDef) else _outside(function)
            for node in (inner for statement in own for inner in ast.walk(statement)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == Finding.__name__:
                    yield _entry(function, node)


def _outside(module: ast.Module) -> list[ast.stmt]:
    return [one for one in module.body if not isinstance(one, ast.FunctionDef | ast.ClassDef)]


def _entry(where: ast.AST, call: ast.Call) -> Entry:
    kinds = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "type")]
    kind = next((str(ast.literal_eval(one)) for one in kinds), "Error")
    return Entry(getattr(where, "name", "every list"), _words(call.args[0]), kind)


def _words(text: ast.expr) -> str:
    if isinstance(text, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in text.values)
    return str(ast.literal_eval(text))


def helpers(module: ModuleType, rule: str) -> set[str]:
    """A rule, and the functions of its module that it has say something for it."""
    tree = ast.parse(inspect.getsource(module))
    bodies = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    found, open_ = set[str](), [rule]
    while open_:
        if (name := open_.pop()) in bodies and name not in found:
            found.add(name)
            open_ += [node.id for node in ast.walk(bodies[name]) if isinstance(node, ast.Name)]
    return found


def strikes() -> list[tuple[str, Entry]]:
    """Each entry with each list it can strike."""
    both: Mapping[str, Any] = {**RULES, **ORDER_RULES}
    entries = {module: list(catalogue(module)) for module in (import_rules, order_rules, imports)}
    found: dict[tuple[str, Entry], None] = {}
    for resource in SENT:
        for module in (import_rules, order_rules):
            says = {name for rule in both[resource] for name in helpers(module, rule.__name__)}
            found |= {(resource, one): None for one in entries[module] if one.rule in says}
        together = resource == "matchingOrderLines"  # only the lines of an order are saved together
        found |= {(resource, one): None for one in entries[imports] if together or "another line" not in one.words}
    return list(found)


GOOD: dict[str, dict[str, Any]] = {
    "vendors": {"vendorCode": "V-1", "name": "Something", "companies": [{"companyCode": "US10"}]},
    "matchingOrders": {
        "orderNumber": "1", "sourceSystem": "QuickBooks", "companyCode": "US10", "organizationElementCode": "US10",
        "supplierCode": "V-10011", "currencyCode": "USD",
    },
    "matchingOrderLines": {
        "orderExternalCode": "o", "lineNumber": "1", "quantity": 1, "matchingMode": "Blanket", "netPrice": 1, "netSum": 1,
    },
    "projects": {"projectCode": "1", "projectName": "x", "companies": [{"companyCode": "US10", "active": True}],
                 "validFrom": "2020-01-01T00:00:00Z", "validUntil": "2099-12-31T00:00:00Z"},
    "exchangeRates": {"rate": 1.08, "currencyCodeFrom": "EUR", "currencyCodeTo": "USD", "validFrom": "2026-11-20T00:00:00Z",
                      "companies": [{"companyCode": "US10", "active": True}]},
    "lists": {"text_1": "1", "text_2": "x", "companies": [{"companyCode": "US10", "active": True}]},
    "costCenters": {"costCenterCode": "1", "costCenterNames": [{"language": "en-US", "translation": "Something"}],
                    "companies": [{"companyCode": "US10", "active": True}]},
}  # fmt: skip
"""The least a record of each list says; the rest is made of `Named`."""


def _named(resource: str) -> dict[str, Any]:
    one = BY_NAME[resource]
    names = {one.names: [{"language": "en-US", "translation": "Something"}]} if one.names else {}
    fields: dict[str, Any] = {
        str(one.code): "1", **names, "companies": [{"companyCode": "US10", "active": True, "inherit": True}],
    }  # fmt: skip
    if resource == "taxCodes":
        fields["taxPercentage"] = 25
    if resource == "paymentTerms":
        fields |= {"validFrom": "2020-01-01T00:00:00Z", "validTo": "2099-12-31T00:00:00Z"}
    return fields


@pytest.fixture(scope="module")
def world(sqlite) -> Iterator[World]:
    """One company for all entries: each is a record of its own."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()


def give(world: World, resource: str, key: str) -> OutgoingRow:
    """Have Basware given a record, and hear what became of it."""
    name = f"{resource}/ACC_LIST_1" if resource == "lists" else resource
    body = (GOOD.get(resource) or _named(resource)) | {"externalCode": key}
    record = NewOutgoing(
        resource=name, external_code=key, subject=f"Thing {key}", name="Something",
        body=msgspec.json.encode(body).decode(),
    )  # fmt: skip
    desk = world.desk()
    desk.take_lease()
    try:
        with desk.write() as tx:
            outgoing.plan(tx, world.connection_id, [record], world.clock.now())
        send_records(desk, name, label=resource)
        world.clock.advance(61)
        PERFORM[Job.OUTCOMES](desk)
    finally:
        desk.release_lease()
    with desk.database.read() as tx:
        return outgoing.known(tx, world.connection_id, name, [key])[key]


@pytest.mark.parametrize(
    ("resource", "entry"),
    [pytest.param(*one, id=f"{one[0]}-{one[1].rule}-{number}") for number, one in enumerate(strikes())],
)
def test_each_entry_of_the_catalogue_ends_as_a_hold_with_a_way_out_or_heals_by_itself(
    world: World, resource: str, entry: Entry, request: pytest.FixtureRequest
) -> None:
    assert entry.kind in ENDINGS, "a kind of word that nobody handles"
    if entry.kind == "RecordExpired":
        assert entry.kind in GOOD_ITEMS
        return
    words = entry.words.replace("{}", str(BY_NAME[resource].code or "something"))
    key = f"c{abs(hash(request.node.name)) % 10**9}"
    details: dict[str, Any] = {"message": words, "category": "DataValidation", "external_code": key}
    outcome = {"outcome": WARNING} if entry.kind == WARNING else {}
    world.basware.act("refuse_imports", **details, **outcome)
    row = give(world, resource, key)
    world.basware.act("accept_imports")

    if entry.kind == WARNING:
        if row.state.value == ENDINGS[WARNING]:  # a line without its order is refused for that all the same
            assert row.holds == ()
        return
    assert row.state.value == ENDINGS["Error"]
    assert words in row.problem
    (hold,) = row.holds
    told = describe(hold)
    assert hold.cause is Cause.RECORD_REFUSED
    assert words in told.sentence
    assert told.what_to_do
    assert resource != "vendors" or way_out(words), f"nothing says what to do about a vendor when Basware says: {words}"


def test_every_word_of_the_twin_belongs_to_a_list_that_is_given_and_is_tried() -> None:
    tried = {entry for _, entry in strikes()}
    of_others = helpers(import_rules, "is_named_in_english")  # projectsV1 has it beside lists that are given
    assert of_others
    assert {one for module in (import_rules, order_rules, imports) for one in catalogue(module)} == tried
    assert set(RULES) | set(ORDER_RULES) == {*SENT, "projectsV1"}


def test_every_other_thing_that_purchase_to_pay_decides_on_afterwards_has_its_tests() -> None:
    known = {
        value.entity_type
        for module in (responses, prebooking, enrichment)
        for value in vars(module).values()
        if isinstance(value, Verdict)
    }
    assert known | {"PaymentResponse"} == set(ANSWERED)
    for entity_type, page in ANSWERED.items():
        text = Path(__file__).parents[3].joinpath(page).read_text(encoding="utf-8")
        assert entity_type in text
        assert "refuse_imports" in text


def test_what_a_vendors_code_collides_with_is_told_by_the_code_and_not_by_the_company() -> None:
    told = way_out("vendorCode V-777 is in use in company US10 by another record")
    assert told.startswith("Link the vendor that has the code")
