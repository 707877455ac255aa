"""What all responses of the ledger to a document have in common: the strict body, the unique code, the hundred that are kept.

Source: Basware P2P specification, notes of transferResponses, prebookResponses, enrichmentResponses and paymentResponses: no
verdict on what is done already, never at the same time as the acknowledgement, a new external code each time, voucher numbers and
payment block only with success, the latest 100 are kept.
"""

from dataclasses import dataclass
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.bodies import read_entity
from twins.basware.life_cycle import Stage
from twins.basware.monitoring import note_response
from twins.basware.schemas import Schema
from twins.basware.state import RESPONSES_KEPT, Record
from twins.basware.values import stamp
from twins.http import Response


@dataclass(frozen=True)
class Verdict:
    """One kind of verdict: which stage of the life cycle it ends, its body, and how a verdict on a finished one is refused."""

    name: str
    """As the action log and error messages call it."""
    path: str
    entity_type: str
    stage: Stage
    body: Schema
    when_done: int
    when_done_swapped: int


def take_verdict(call: Call, verdict: Verdict, invoice_id: str) -> Response:
    """Take the ledger's verdict on a document: 200 with the body as it was sent, or the refusal."""
    record = call.record(invoice_id)
    if record is None:
        return empty(404)
    body = read_entity(call, verdict.body)
    if isinstance(body, Response):
        return body
    if refused := _out_of_turn(call, verdict, record, body["externalCode"]):
        return refused
    apply_verdict(call, verdict, record, body)
    note_response(call, verdict.entity_type, invoice_id, body["externalCode"])
    return in_json(body)


def apply_verdict(call: Call, verdict: Verdict, record: Record, body: dict[str, Any]) -> None:
    """Write a verdict onto the document and its action log, and move it on."""
    keep(record, verdict.path, body)
    record.log.append(f"{verdict.name} {'succeeded' if body['success'] else 'failed'}: {body['responseMessage']}")
    if verdict.path == "transferResponses":
        record.answers.append({**body, "transfer": record.transfer, "at": stamp(call.now)})
    if body["success"]:
        for name in ("voucherNumber1", "voucherNumber2", "paymentBlock"):
            if body.get(name) is not None:
                record.entity[name] = body[name]
    call.tenant.move(record, verdict.stage.done if body["success"] else verdict.stage.failed, call.now)


def keep(record: Record, name: str, body: dict[str, Any]) -> None:
    """Add a response; only the latest hundred stay visible."""
    record.codes.add(body["externalCode"])
    record.entity[name] = [*record.entity[name], body][-RESPONSES_KEPT:]


def refuse_used_code(call: Call, record: Record, code: str) -> Response | None:
    """The 409 for an external code that this document has seen before."""
    if code not in record.codes:
        return None
    return call.refuse(409, Code.CONFLICT, [f"externalCode {code} was used before on this accounting document"], code)


def refuse_race(call: Call, record: Record, code: str) -> Response | None:
    """What a response gets while an acknowledgement of the same document is still under way: 409 or 500, by chance."""
    if record.acknowledging_until is None or call.now >= record.acknowledging_until:
        return None
    message = "the acknowledgement of this accounting document has not completed"
    if call.world.source.random() < 0.5:
        return call.refuse(409, Code.CONFLICT, [message], code)
    return call.refuse(500, Code.UNEXPECTED, [message], code)


def _out_of_turn(call: Call, verdict: Verdict, record: Record, code: str) -> Response | None:
    """The refusal of a verdict that the document's status, its earlier responses or an acknowledgement stand against."""
    if refused := refuse_race(call, record, code):
        return refused
    if record.status not in _open(call, verdict.stage):
        message = f"a {verdict.path.removesuffix('s')} is not allowed when processingStatus is {record.status}"
        swapped = call.world.switches.swap_done_codes
        status = verdict.when_done_swapped if swapped else verdict.when_done
        if record.status != verdict.stage.done:
            status = 400
        return call.refuse(status, Code.CONFLICT if status == 409 else Code.DATA, [message], code)
    return refuse_used_code(call, record, code)


def _open(call: Call, stage: Stage) -> set[str]:
    """Where a verdict may come."""
    statuses = {stage.in_progress}
    if call.world.switches.answer_without_acknowledge:
        statuses.add(stage.waiting)
    if call.world.switches.answer_after_failure:
        statuses.add(stage.failed)
    return statuses
