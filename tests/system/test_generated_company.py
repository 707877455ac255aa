"""A generated firm with suppliers abroad and paper full of mistakes: each document ends as a careful accountant would have it."""

from collections import Counter

from ml_connector.demonstration.tie_out import tie_out
from ml_connector.store.database import Database
from twins.demo_company import Wishes, generate
from world import build_world, payable


def test_foreign_invoices_are_posted_in_their_currency_and_every_mistake_is_found(fast_files) -> None:
    firm = generate(Wishes(240, seed=23, vendors=60, problems=0.1, foreign=0.3))
    with fast_files.fresh() as url:
        database = Database.open(url)
        world = build_world(database, company=(firm.quickbooks, firm.basware))
        world.settle()

        for number, expected in firm.expected.items():
            if expected.kind == "held":
                assert world.posted(number) == [], number
                assert [cause.value for cause in world.causes(number)] == [expected.cause], number
            else:
                kind, record = world.only_transaction(number)
                assert (kind, payable(kind, record), record["CurrencyRef"]["value"]) == (
                    expected.kind,
                    expected.total,
                    expected.currency,
                ), number
        assert world.check() == []
        proof = tie_out(world.basware.documents(), world.quickbooks.books(world.realm_id), "USD")
        assert proof.problems == ()
        posted = Counter(expected.currency for expected in firm.expected.values() if expected.kind != "held")
        assert {tie.currency: tie.posted for tie in proof.ties} == posted
        assert len(posted) == 4
        database.close()
