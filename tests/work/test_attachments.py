"""Files of invoices come to the transactions they became: each once, and none of them ever holds a document up."""

import msgspec
import pytest

from crashes import Saboteur, every_fault, live, perform
from ml_connector.app import App
from ml_connector.model.attachments import FileState
from ml_connector.model.policy import TakenBack
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.store.database import Database
from ml_connector.work.attachments.shown import files_of, try_again
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import to_decide
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paper_files import PDF, Archive, paper
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule

UPLOAD, FETCH = "/upload$", "/attachments/"


@pytest.fixture
def archive(database, tmp_path):
    made = Archive(database, tmp_path)
    yield made
    assert made.world.check() == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_image_and_the_other_files_are_at_the_bill(archive):
    invoice_id = archive.approve("A-1", F1=paper("invoice.pdf"), F2=paper("time sheet.xlsx", b"hours", "ATTACHMENT"))

    archive.copy()

    bill = archive.transactions(invoice_id)
    assert archive.in_quickbooks() == [("invoice.pdf", PDF, bill), ("time sheet.xlsx", b"hours", bill)]
    kinds = [one["ContentType"] for one in archive.world.quickbooks.books(archive.world.realm_id)["Attachable"]]
    assert kinds[0] == "application/pdf"
    assert kinds[1].startswith("application/")


def test_a_file_is_copied_once_however_often_the_job_runs(archive):
    archive.approve("A-1", F1=paper("invoice.pdf"))

    for _ in range(4):
        archive.copy()
    archive.copy(90_000)

    assert len(archive.in_quickbooks()) == 1


def test_a_file_that_comes_late_follows(archive):
    invoice_id = archive.approve("A-1")
    archive.copy()
    assert archive.in_quickbooks() == []

    archive.world.clock.advance(3 * 86_400)
    archive.world.basware.act("attach", invoice_id=invoice_id, files={"F9": paper("delivery note.pdf")})
    archive.copy()

    assert [name for name, _, _ in archive.in_quickbooks()] == ["delivery note.pdf"]


def test_files_that_are_shown_only_after_the_transfer_are_found(archive):
    archive.world.basware.switches.attachments = "after transfer"
    archive.approve("A-1", F1=paper("invoice.pdf"))

    archive.copy()

    assert len(archive.in_quickbooks()) == 1


def test_what_quickbooks_does_not_take_or_the_company_does_not_want_is_left_out_with_a_reason(archive):
    archive.settings(files="image", largest=30)
    archive.approve(
        "A-1",
        F1=paper("mail.eml"),
        F2=paper("notes.txt", b"x", "ATTACHMENT"),
        F3=paper("scan.tif", b"x" * 31),
        F4=paper("empty.pdf", b""),
        F5=paper("good.pdf"),
    )

    archive.copy()

    states = {code: row.state for code, row in archive.files().items()}
    assert states == dict.fromkeys(("F1", "F2", "F3", "F4"), FileState.LEFT_OUT) | {"F5": FileState.DONE}
    assert all(row.problem for code, row in archive.files().items() if code != "F5")
    assert archive.alerts() == []


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER])
def test_an_upload_whose_answer_got_lost_is_found_or_made_again_and_never_doubled(archive, kind):
    archive.world.quickbooks_faults.add(FaultRule(kind=kind, path=UPLOAD))
    invoice_id = archive.approve("A-1", F1=paper("invoice.pdf"))

    archive.copy()
    assert archive.files()["F1"].state is FileState.SENDING
    archive.copy(60)
    assert archive.files()["F1"].state is FileState.SENDING
    archive.copy(140)
    archive.copy(3_000)

    assert archive.in_quickbooks() == [("invoice.pdf", PDF, archive.transactions(invoice_id))]
    assert archive.files()["F1"].state is FileState.DONE


def test_a_file_basware_does_not_give_is_tried_ever_more_seldom_then_given_up_and_its_document_stays_posted(archive):
    archive.settings(tries=3)
    archive.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path=FETCH, status=404, times=None))
    invoice_id = archive.approve("A-1", F1=paper("invoice.pdf"))

    for _ in range(6):
        archive.copy(50_000)

    row = archive.files()["F1"]
    assert (row.state, row.tries) == (FileState.FAILED, 3)
    assert len(archive.alerts()) == 1
    assert archive.world.state("A-1") == "confirmed"

    archive.world.basware_faults.clear()
    assert try_again(archive.world.desk(), archive.world.row("A-1"), actor="ann") == 1
    archive.copy()
    assert len(archive.in_quickbooks()) == 1
    assert archive.alerts() == []
    assert [file.state for file in files_of(archive.world.desk(), invoice_id)] == [FileState.DONE]


def test_a_file_quickbooks_refuses_inside_a_good_answer_is_not_taken_for_copied(archive):
    archive.settings(tries=1)
    archive.world.quickbooks_faults.add(
        FaultRule(
            kind=FaultKind.STATUS, path=UPLOAD, status=200,
            text='{"AttachableResponse":[{"Fault":{"Error":[{"Message":"m","Detail":"d","code":"6041"}],"type":"ValidationFault"}}]}',
        )
    )  # fmt: skip
    archive.approve("A-1", F1=paper("invoice.pdf"), F2=paper("second.pdf"))

    archive.copy()

    assert sorted(row.state for row in archive.files().values()) == [FileState.DONE, FileState.FAILED]
    assert len(archive.in_quickbooks()) == 1


def test_quickbooks_being_down_counts_as_no_try(archive):
    down = archive.world.quickbooks_faults.add(
        FaultRule(kind=FaultKind.STATUS, path=UPLOAD, status=429, retry_after=1, times=None)
    )
    archive.approve("A-1", F1=paper("invoice.pdf"))

    with pytest.raises(QuickBooksError):
        archive.copy()
    assert (archive.files()["F1"].state, archive.files()["F1"].tries) == (FileState.WAITING, 0)

    archive.world.quickbooks_faults.remove(down)
    archive.copy()
    assert len(archive.in_quickbooks()) == 1


def test_a_file_of_a_document_in_several_transactions_is_at_each_of_them(archive):
    rows = line("60.00", account="6110"), line("40.00", "BOS", account="6120")
    invoice_id = archive.approve("A-1", *rows, F1=paper("invoice.pdf"))

    archive.copy()

    assert len(archive.transactions(invoice_id)) == 2
    assert [refs for _, _, refs in archive.in_quickbooks()] == [archive.transactions(invoice_id)]


def test_files_of_a_document_that_is_not_posted_wait_until_it_is(archive):
    invoice_id = archive.world.basware.act(
        "approve", document=invoice("X-1", line("10.00")), files={"F1": paper("i.pdf")}
    )
    archive.copy()
    assert archive.files() == {}

    archive.world.settle()
    archive.copy()
    assert archive.in_quickbooks() == [("i.pdf", PDF, archive.transactions(invoice_id))]


def delete_bill(archive, invoice_id):
    ((kind, key),) = archive.transactions(invoice_id)
    archive.world.act("delete", entity=kind, id=key)
    return key


def test_files_follow_a_document_that_was_posted_anew_because_its_bill_was_deleted(archive):
    PERFORM[Job.CHANGES](archive.world.desk())
    invoice_id = archive.approve("A-1", F1=paper("invoice.pdf"), F2=paper("hours.pdf", b"hours", "ATTACHMENT"))
    archive.copy()
    delete_bill(archive, invoice_id)
    archive.world.clock.advance(120)
    desk = archive.world.desk()
    PERFORM[Job.CHANGES](desk)
    deciding.restore(desk, to_decide(desk, archive.world.row("A-1"), None), reason="by mistake", actor="Ann")
    archive.world.settle()
    for _ in range(3):
        archive.copy()

    bill = archive.transactions(invoice_id)
    assert sorted(name for name, _, refs in archive.in_quickbooks() if refs == bill) == ["hours.pdf", "invoice.pdf"]
    assert {row.copies for row in archive.files().values()} == {2}


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER, FaultKind.DUPLICATE])
def test_files_follow_a_document_handed_over_again_once_each_whatever_answer_gets_lost(archive, kind):
    policy = msgspec.structs.replace(archive.world.desk().settings.policy, taken_back=TakenBack.DELETE)
    archive.world.change_settings(lambda known: msgspec.structs.replace(known, policy=policy))
    invoice_id = archive.approve("A-1", F1=paper("invoice.pdf"))
    archive.copy()
    archive.world.clock.advance(1000)
    archive.world.basware.act("ask", invoice_id=invoice_id, request="remove")
    archive.world.settle()
    assert archive.transactions(invoice_id) == set()
    archive.copy()
    archive.world.basware.act("retransfer", invoice_id=invoice_id)
    archive.world.settle()
    archive.world.quickbooks_faults.add(FaultRule(kind=kind, path=UPLOAD))
    for _ in range(4):
        archive.copy(3_000)

    bill = archive.transactions(invoice_id)
    assert len(bill) == 1
    assert [name for name, _, refs in archive.in_quickbooks() if refs == bill] == ["invoice.pdf"]
    assert archive.alerts() == []
    assert [row.state for row in archive.files().values()] == [FileState.DONE]


def test_a_file_whose_document_was_taken_back_before_it_was_copied_waits_without_counting_tries(archive):
    policy = msgspec.structs.replace(archive.world.desk().settings.policy, taken_back=TakenBack.DELETE)
    archive.world.change_settings(lambda known: msgspec.structs.replace(known, policy=policy))
    invoice_id = archive.approve("A-1", F1=paper("invoice.pdf"))
    down = archive.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, path=FETCH, status=404, times=None))
    archive.copy()
    archive.world.basware_faults.remove(down)
    archive.world.clock.advance(1000)
    archive.world.basware.act("ask", invoice_id=invoice_id, request="remove")
    archive.world.settle()
    for _ in range(8):
        archive.copy(50_000)
    assert (archive.files()["F1"].state, archive.alerts()) == (FileState.WAITING, [])

    archive.world.basware.act("retransfer", invoice_id=invoice_id)
    archive.world.settle()
    archive.copy()
    assert [refs for _, _, refs in archive.in_quickbooks()] == [archive.transactions(invoice_id)]


def test_whatever_breaks_the_files_of_a_document_posted_anew_are_attached_once_each(sqlite, tmp_path):
    def story(saboteur: Saboteur) -> None:
        with sqlite.fresh() as url:
            archive = Archive(Database.open(url), tmp_path)
            policy = msgspec.structs.replace(archive.world.desk().settings.policy, taken_back=TakenBack.DELETE)
            archive.world.change_settings(lambda known: msgspec.structs.replace(known, policy=policy))
            invoice_id = archive.approve("A-1", F1=paper("invoice.pdf"))
            archive.copy()
            archive.world.clock.advance(1000)
            archive.world.basware.act("ask", invoice_id=invoice_id, request="remove")
            archive.world.settle()
            archive.world.basware.act("retransfer", invoice_id=invoice_id)
            archive.world.settle()

            def copied(app: App) -> bool:
                app.home = tmp_path
                return perform(app, Job.ATTACHMENTS).again_at is None

            live(archive.world, url, saboteur, copied, after=lambda _: archive.world.clock.sleep(3_000))
            bill = archive.transactions(invoice_id)
            assert [name for name, _, refs in archive.in_quickbooks() if refs == bill] == ["invoice.pdf"]
            archive.world.database.close()

    assert every_fault(story) > 10
