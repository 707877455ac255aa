"""Products, projects and credit notes from end to end: both books by the twins' own data, to the cent and to the piece."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy, Sources, TakenBack, UsTax, VendorCredits
from ml_connector.work.lists import refresh_lists
from paperwork import BEACON, CORVID, invoice, line
from payday import Payday
from world import Build, World

POLICY = PostingPolicy(
    sources=Sources(item="productCode", billable="text1"),
    us_tax=UsTax.IN_COST,
    markup_percent=Decimal(15),
    vendor_credits=VendorCredits.APPLY,
    credited_invoice_field="text1",
    taken_back=TakenBack.REVERSE,
)
STOCK = {
    "Type": "Inventory", "IncomeAccountRef": {"value": "43"}, "ExpenseAccountRef": {"value": "46"},
    "AssetAccountRef": {"value": "35"}, "InvStartDate": "2026-01-01", "QtyOnHand": 0,
}  # fmt: skip
SERVICE = {"Type": "Service", "ExpenseAccountRef": {"value": "55"}}


def product(world: World, code: str, name: str, **body: Any) -> str:
    """A product in QuickBooks that a code of Basware's is mapped to; its id."""
    made = str(world.act("enter", entity="Item", body={"Name": name, **body})["Id"])
    refresh_lists(world.desk())
    world.map(Dimension.ITEM, code, made)
    return made


def document(number: str, *rows: tuple[str, dict[str, Any]], supplier: str = BEACON, names: str = "") -> dict[str, Any]:
    """An approved document of rows, each with its net amount and further fields in Basware's words."""
    made = invoice(number, *(line(net) for net, _ in rows), supplier=supplier, changes={"text1": names})
    for coding, (_, more) in zip(made["codingRows"], rows, strict=True):
        coding.update(more)
    return made


def pieces(count: int, code: str = "CHAIR", **more: Any) -> dict[str, Any]:
    return {"productCode": code, "matchedQuantity": count, **more}


def test_products_projects_and_credits_come_out_alike_in_both_books(build: Build) -> None:
    world = build(policy=POLICY)
    payday = Payday(world)
    chair, advice = product(world, "CHAIR", "Chair", **STOCK), product(world, "ADVICE", "Advice", **SERVICE)
    on_project = {"projectCode": "P-2601", "text1": "yes"}
    every = payday.posted(
        document("I-1", ("1000.00", pieces(3)), ("250.00", {"productCode": "ADVICE", **on_project})),
        document("I-2", ("77.77", pieces(7, **on_project)), ("10.00", {})),
        document("I-3", ("1000.01", pieces(3000)), supplier=CORVID),
        document("I-4", ("40.00", pieces(4))),
        document("C-1", ("-333.33", pieces(1)), names="I-1"),
        document("C-3", ("-1500.00", {}), supplier=CORVID, names="I-3"),
    )
    assert {world.state(one) for one in every} == {"confirmed"}
    payday.follow()
    world.clock.advance(16 * 60)
    world.basware.act("ask", invoice_id=every[3], request="remove")
    world.settle()
    payday.pay(every[1])
    payday.follow()

    of_document = {one: _open(world, one) for one in every if world.state(one) == "confirmed"}
    assert [of_document[one] for one in (every[0], every[1], every[2], every[4], every[5])] == [
        Decimal("916.67"), 0, 0, 0, Decimal("499.99"),
    ]  # fmt: skip
    _booked_to_the_cent(world, every)
    counted: dict[str, Decimal] = defaultdict(Decimal)
    for one in every:
        if world.state(one) == "confirmed":
            for row in world.in_basware(one)["codingRows"]:
                if row.get("productCode") == "CHAIR":
                    counted["CHAIR"] += Decimal(row["matchedQuantity"]) * (1 if row["netTotal"] > 0 else -1)
    on_hand = next(one for one in payday.books["Item"] if one["Id"] == chair)["QtyOnHand"]
    assert on_hand == counted["CHAIR"] == 3 + 7 + 3000 - 1
    assert _billable(payday) == sorted([(advice, 15), (chair, 15)])

    told = {one: payday.paid(one) for one in every}
    assert told == {one: payday.truth(one) if world.state(one) == "confirmed" else 0 for one in every}
    assert [len(payday.responses(one)) for one in every] == [1, 1, 1, 0, 1, 1]
    assert world.check() == []


def _open(world: World, document_id: str) -> Decimal:
    return Decimal(str(world.only_transaction(document_id)[1]["Balance"]))


def _booked_to_the_cent(world: World, every: list[str]) -> None:
    """What is open with each vendor in QuickBooks is what Basware's documents come to, less what was paid with money."""
    owed = Decimal(0)
    for one in every:
        if world.state(one) == "confirmed":
            owed += Decimal(str(world.in_basware(one)["grossSum"]))
    books = world.quickbooks.books(world.realm_id)
    paid = sum(
        (Decimal(str(one["TotalAmt"])) for one in books["BillPayment"] if _is_ours(world, one, every)), Decimal(0)
    )
    ids = {record["Id"] for one in every for _, record in world.posted(one)}
    left = sum((Decimal(str(one["Balance"])) for one in books["Bill"] if one["Id"] in ids), Decimal(0))
    left -= sum((Decimal(str(one["Balance"])) for one in books["VendorCredit"]), Decimal(0))
    assert left == owed - paid


def _is_ours(world: World, payment: dict[str, Any], every: list[str]) -> bool:
    ids = {record["Id"] for one in every for _, record in world.posted(one)}
    return any(link["TxnId"] in ids for one in payment["Line"] for link in one["LinkedTxn"])


def _billable(payday: Payday) -> list[tuple[str, Decimal]]:
    """Item and markup of every line that is billed on, in QuickBooks' own books."""
    return sorted(
        (detail["ItemRef"]["value"], detail["MarkupInfo"]["Percent"])
        for bill in payday.books["Bill"]
        for one in bill["Line"]
        if (detail := one.get("ItemBasedExpenseLineDetail", {})).get("BillableStatus") == "Billable"
    )
