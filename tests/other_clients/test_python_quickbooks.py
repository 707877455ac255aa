"""python-quickbooks, unchanged, keeping the books of a company of the twin."""

import copy

import pytest
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException

from library_objects import CHANGES, CLASSES, NAME_FIELDS, reference, saved, unsaved
from twins.http import Response
from twins.quickbooks.webhooks import WebhookSettings

pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc.*:DeprecationWarning"
)  # the library's, from Python 3.12
LONG_AGO = "2020-01-01T00:00:00-07:00"


def names(entity, records):
    return [getattr(record, NAME_FIELDS[entity]) for record in records]


def in_books(twin, entity, key):
    """A record as the twin holds it, None when it is gone."""
    return next((record for record in twin.books("1001")[entity] if record["Id"] == key), None)


def test_create(client, twin, entity):
    new = unsaved(entity, client)
    answered = new.save(qb=client)
    held = in_books(twin, entity, answered.Id)
    assert answered.SyncToken == "0"
    assert new.Id == answered.Id
    assert held[NAME_FIELDS[entity]] == getattr(new, NAME_FIELDS[entity]) == getattr(answered, NAME_FIELDS[entity])
    if hasattr(new, "TotalAmt"):
        assert answered.TotalAmt == (0 if entity == "JournalEntry" else sum(line.Amount for line in new.Line))


def test_read(client, entity):
    record = saved(entity, client)
    again = CLASSES[entity].get(record.Id, qb=client)
    assert again.to_json() == record.to_json()


def test_full_update(client, twin, entity):
    record = saved(entity, client)
    field, value = CHANGES[entity]
    before = in_books(twin, entity, record.Id)
    setattr(record, field, value)
    answered = record.save(qb=client)
    held = in_books(twin, entity, record.Id)
    assert (answered.SyncToken, getattr(answered, field), held[field]) == ("1", value, value)
    computed = {field, "FullyQualifiedName", "SyncToken", "MetaData", "PrintOnCheckName"}
    assert {name: each for name, each in held.items() if name not in computed} == {
        name: each for name, each in before.items() if name not in computed
    }


def test_sparse_update(client, twin, entity):
    """Only what changes is sent: the library leaves out whatever is None."""
    record = saved(entity, client)
    before = in_books(twin, entity, record.Id)
    field, value = CHANGES[entity]
    changed = CLASSES[entity]()
    for name in vars(changed):
        setattr(changed, name, None)
    changed.Id, changed.SyncToken, changed.sparse = record.Id, record.SyncToken, True
    setattr(changed, field, value)
    if entity == "BillPayment":
        changed.VendorRef, changed.PayType, changed.TotalAmt = record.VendorRef, record.PayType, record.TotalAmt
    changed.save(qb=client)
    held = in_books(twin, entity, record.Id)
    assert (held["SyncToken"], held[field]) == ("1", value)
    computed = {field, "FullyQualifiedName", "SyncToken", "MetaData"}
    assert {name: each for name, each in held.items() if name not in computed} == {
        name: each for name, each in before.items() if name not in computed
    }


def test_a_stale_update_is_refused(client, twin, entity):
    record = saved(entity, client)
    stale = copy.deepcopy(record)
    field, value = CHANGES[entity]
    setattr(record, field, value)
    record.save(qb=client)
    with pytest.raises(QuickbooksException, match="Stale Object Error"):
        stale.save(qb=client)
    assert in_books(twin, entity, record.Id)["SyncToken"] == "1"


def test_delete(client, twin, entity):
    record = saved(entity, client)
    answered = record.delete(qb=client)
    assert answered[entity]["status"] == "Deleted"
    assert in_books(twin, entity, record.Id) is None
    with pytest.raises(ObjectNotFoundException):
        CLASSES[entity].get(record.Id, qb=client)


def test_make_inactive(client, twin, entity):
    record = saved(entity, client)
    record.Active = False
    answered = record.save(qb=client)
    name = NAME_FIELDS[entity]
    assert getattr(answered, name) == f"{getattr(record, name)} (deleted)"
    assert CLASSES[entity].filter(Id=record.Id, qb=client) == []
    found = CLASSES[entity].where(f"Id = '{record.Id}' AND Active IN (true, false)", qb=client)
    assert [each.Active for each in found] == [False]


def test_void(client, twin, entity):
    payment = saved(entity, client)
    bill = payment.Line[0].LinkedTxn[0].TxnId
    assert in_books(twin, "Bill", bill)["Balance"] == 0
    payment.void(qb=client)
    held = in_books(twin, entity, payment.Id)
    assert held["TotalAmt"] == 0
    assert held["PrivateNote"].startswith("Voided")
    assert in_books(twin, "Bill", bill)["Balance"] == 100


def test_filter(client, entity):
    first, _second = saved(entity, client, 1), saved(entity, client, 2)
    name = NAME_FIELDS[entity]
    found = CLASSES[entity].filter(**{name: getattr(first, name)}, qb=client)
    assert [each.Id for each in found] == [first.Id]
    assert CLASSES[entity].filter(**{name: "nobody's"}, qb=client) == []


def test_where(client, entity):
    made = [saved(entity, client, number) for number in (1, 2)]
    name = NAME_FIELDS[entity]
    found = CLASSES[entity].where(
        f"{name} LIKE 'Lib%' AND MetaData.LastUpdatedTime >= '{LONG_AGO}'", order_by=name, qb=client
    )
    ours = {each.Id for each in made}
    assert [each.Id for each in found if each.Id in ours] == [each.Id for each in made]


def test_choose(client, entity):
    made = [saved(entity, client, number) for number in (1, 2, 3)]
    found = CLASSES[entity].choose([made[0].Id, made[2].Id], field="Id", qb=client)
    assert {each.Id for each in found} == {made[0].Id, made[2].Id}


def test_order_and_page(client, entity):
    for number in (3, 1, 2):
        saved(entity, client, number)
    kind, name = CLASSES[entity], NAME_FIELDS[entity]
    everything = names(entity, kind.all(order_by=name, qb=client))
    assert everything == sorted(everything)
    assert len(everything) >= 3
    pages = [kind.all(order_by=name, start_position=start, max_results=2, qb=client) for start in (1, 3)]
    assert [each for page in pages for each in names(entity, page)] == everything[:4]
    backwards = kind.filter(order_by=f"{name} DESC", qb=client, max_results=1000)
    assert names(entity, backwards) == everything[::-1]


def test_count(client, twin, entity):
    saved(entity, client)
    kind, name = CLASSES[entity], NAME_FIELDS[entity]
    assert kind.count(qb=client) == len(twin.books("1001")[entity])
    assert kind.count(f"{name} = 'nobody'", qb=client) == 0


def test_batch_create(client, twin, entity):
    made = batch_create([unsaved(entity, client, number) for number in range(1, 5)], qb=client)
    assert (len(made.successes), made.faults) == (4, [])
    assert all(in_books(twin, entity, each.Id) for each in made.successes)


def test_batch_update(client, twin, entity):
    records = [saved(entity, client, number) for number in (1, 2, 3)]
    field, value = CHANGES[entity]
    for number, record in enumerate(records):
        setattr(record, field, f"{value} {number}" if isinstance(value, str) else value + number)
    records[1].SyncToken = "7"
    made = batch_update(records, qb=client)
    assert [each.Id for each in made.successes] == [records[0].Id, records[2].Id]
    assert [each.original_object.Id for each in made.faults] == [records[1].Id]
    assert [each.code for fault in made.faults for each in fault.Error] == ["5010"]
    assert in_books(twin, entity, records[2].Id)[field] == getattr(records[2], field)


def test_batch_delete(client, twin, entity):
    records = [saved(entity, client, number) for number in (1, 2)]
    made = batch_delete(records, qb=client)
    assert (len(made.successes), made.faults) == (2, [])
    assert [in_books(twin, entity, each.Id) for each in records] == [None, None]


def test_change_data_capture(client, twin, entity):
    since = twin.clock.now().isoformat(timespec="seconds")
    twin.clock.advance(2)
    first, second = saved(entity, client, 1), saved(entity, client, 2)
    deletable = hasattr(second, "delete")
    if deletable:
        second.delete(qb=client)
    changed = getattr(change_data_capture([CLASSES[entity]], since, qb=client), entity)
    states = {each.Id: getattr(each, "status", "") for each in changed if each.Id in {first.Id, second.Id}}
    assert states == {first.Id: "", second.Id: "Deleted" if deletable else ""}


def test_repeat_by_request_id(client, twin, entity):
    record = unsaved(entity, client)
    record_id = record.save(qb=client, request_id="once").Id
    record.Id = None
    assert record.save(qb=client, request_id="once").Id == record_id
    assert (
        sum(each[NAME_FIELDS[entity]] == getattr(record, NAME_FIELDS[entity]) for each in twin.books("1001")[entity])
        == 1
    )


def test_validate_the_signature_of_a_webhook(client, twin, entity):
    received = []

    def send(request):
        received.append(request)
        return Response(200)

    twin.webhooks.configure("app", WebhookSettings("http://127.0.0.1:9/hook", "verifier"))
    saved(entity, client)
    twin.webhooks.outbox.deliver_due(send)
    text, signature = received[-1].body.decode(), received[-1].headers["intuit-signature"]
    assert entity.lower() in text.lower()
    assert client.validate_webhook_signature(text, signature, "verifier")
    assert not client.validate_webhook_signature(text + " ", signature, "verifier")
    assert not client.validate_webhook_signature(text, signature, "another")


def test_a_reference_to_nothing_is_refused_in_the_librarys_own_words(client, entity):
    record = unsaved(entity, client)
    record.VendorRef = reference("987654")
    with pytest.raises(QuickbooksException, match="Invalid Reference Id") as refused:
        record.save(qb=client)
    assert (refused.value.error_code, "Names element id 987654 not found" in refused.value.detail) == (2500, True)
