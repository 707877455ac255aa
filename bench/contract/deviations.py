"""Where Basware and QuickBooks themselves do otherwise than their files say: the one list of what is forgiven, and why.

Everything else that differs is a violation; a row that nothing needs any longer is one too. `docs/twins/contract.md` shows this
table. The facts are those of the project's own notes on the two services, by section.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from contract.violations import Rule, Violation

_ANY = frozenset[int]()


@dataclass(frozen=True)
class Deviation:
    """One row. The fields that select are patterns with `*`, several joined by ` or `; an empty set of statuses stands for all."""

    name: str
    operations: str
    what: str
    why: str
    source: str
    rules: frozenset[Rule]
    by_default: bool = True
    """Whether the twin does it without being told; otherwise a switch or a person's act makes it do so."""
    statuses: frozenset[int] = _ANY
    keyword: str = "*"
    where: str = "*"
    said: str = "*"
    """The message."""

    def covers(self, violation: Violation) -> bool:
        """Whether a violation is this deviation."""
        return (
            violation.rule in self.rules
            and (not self.statuses or violation.status in self.statuses)
            and _fits(violation.operation, self.operations)
            and _fits(violation.keyword, self.keyword)
            and _fits(violation.where, self.where)
            and _fits(violation.what, self.said)
        )


def _fits(text: str, patterns: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns.split(" or "))


_BODY, _STATUS, _HEADER, _ACCEPTED = (
    frozenset({Rule.BODY}),
    frozenset({Rule.STATUS}),
    frozenset({Rule.HEADER}),
    frozenset({Rule.ACCEPTED}),
)
_CRASH, _ENTITY = frozenset({Rule.CRASH}), frozenset({Rule.RECORD, Rule.ACCEPTED, Rule.REQUEST})
_DATE = "'????-??-??*' is not a 'date-time'"
_MIDNIGHT = "'????-??-??T00:00:00' is not a 'date-time'"
_REQUEST_BODIES = "POST /v1/* or PATCH /v1/* or DELETE /v1/* or POST /v2/* or PATCH /v2/* or DELETE /v2/*"

DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        name="request id",
        operations="*",
        rules=_HEADER,
        where="x-amzn-requestid",
        what="every answer carries `x-amzn-RequestId`",
        why="the files describe no answer headers at all, but their texts make this value the key of requestStatus",
        source="Basware facts, section 3.1",
    ),
    Deviation(
        name="continuation",
        operations="GET /v1/* or GET /v2/*",
        rules=_HEADER,
        statuses=frozenset({200, 302}),
        where="x-amz-meta-continuationtoken",
        what="a list that goes on says so in `x-amz-meta-continuationtoken`",
        why="the files describe the header of the request and name the one of the answer in its text only",
        source="Basware facts, section 3.2",
    ),
    Deviation(
        name="parameter error",
        operations="GET /v1/* or GET /v2/*",
        rules=_STATUS,
        statuses=frozenset({400}),
        what="a read with a wrong parameter or continuation token is answered 400",
        why="reads describe no 400, yet PARAMETER_VALIDATION_ERROR is among the error codes",
        source="Basware facts, sections 8.1 and 12 (S5)",
    ),
    Deviation(
        name="missing scope",
        operations="* /v1/* or * /v2/*",
        rules=_STATUS,
        statuses=frozenset({403}),
        what="a token without the scope is answered 403",
        why="the files describe 403 for organizations only; the error codes for it exist",
        source="Basware facts, sections 2.3 and 12 (S3)",
    ),
    Deviation(
        name="used external code",
        operations="POST /v1/accountingDocuments/{invoiceId}/transferResponses or "
        "POST /v1/accountingDocuments/{invoiceId}/enrichmentResponses",
        rules=_STATUS,
        statuses=frozenset({409}),
        what="a response under an external code used before is answered 409",
        why="described for prebook and payment responses; the rule that the code must be new holds for all",
        source="Basware facts, sections 4.5 and 12 (S19)",
    ),
    Deviation(
        name="too many bytes",
        operations="*",
        rules=_STATUS,
        statuses=frozenset({413}),
        what="a body of more than 6 MB is answered 413",
        why="the limit is in the text, no file describes an answer for it",
        source="Basware facts, sections 3.1 and 12 (S10)",
    ),
    Deviation(
        name="body of another media type",
        operations=_REQUEST_BODIES,
        rules=_STATUS,
        statuses=frozenset({415}),
        what="a body that is not announced as JSON is answered 415",
        why="the files list the media types that are taken and describe no answer for others; 415 is what the server's kind gives",
        source="Basware facts, section 3.1",
    ),
    Deviation(
        name="reasons of a refused response",
        operations="POST /v1/accountingDocuments/{invoiceId}/*Responses or POST */acknowledge",
        rules=_BODY,
        statuses=frozenset({400}),
        keyword="undescribed",
        what="400 comes with a ResponseEntityList",
        why="some operations describe 400 without a body; synchronous failures have this one",
        source="Basware facts, section 8.1",
    ),
    Deviation(
        name="dates without a zone",
        operations="GET /v1/accountingDocuments or GET /v1/accountingDocuments/{invoiceId}",
        rules=_BODY,
        keyword="format",
        said=_MIDNIGHT,
        what="business dates of a document are given as midnight without a zone",
        why="date-time demands a zone; the service's own examples have none on calendar dates",
        source="Basware facts, sections 4.7 and 13 (13)",
    ),
    Deviation(
        name="dates taken without time or zone",
        operations="*",
        rules=_ACCEPTED,
        said=_DATE,
        what="a date-time in a request may lack the zone, or be a date alone",
        why="the text of DELETE itself names the date 0001-01-01; documents give their own dates without a zone",
        source="Basware facts, sections 3.5 and 4.7",
    ),
    Deviation(
        name="dates as they were sent",
        operations="POST * or PATCH * or GET /v1/[!a]* or GET /v2/*",
        rules=_BODY,
        statuses=frozenset({200}),
        keyword="format",
        said=_DATE,
        what="a record that was sent with a date alone, or a time without a zone, shows it so",
        why="the API layer gives back the stored record, and what it stores was taken as it came",
        source="Basware facts, sections 3.2 and 3.3",
    ),
    Deviation(
        name="unknown parameters",
        operations="GET *",
        rules=_ACCEPTED,
        keyword="query",
        said="no such parameter",
        what="a query parameter nobody knows is ignored",
        why="a client sent `system=P2P` to operations that describe no such parameter",
        source="Basware facts, sections 3.2 and 12 (S28)",
    ),
    Deviation(
        name="parameters in other letters",
        operations="*",
        rules=_ACCEPTED,
        keyword="query",
        said="is spelled *",
        what="names of query parameters have no case",
        why="a client of the service and the file itself differ in capitals",
        source="Basware facts, sections 3.1 and 12 (S28)",
    ),
    Deviation(
        name="body of a read",
        operations="GET *",
        rules=_ACCEPTED,
        keyword="body",
        said="the file describes no body",
        what="a body sent with GET is ignored",
        why="HTTP gives it no meaning",
        source="RFC 9110, section 9.3.1",
    ),
    Deviation(
        name="partial PATCH",
        operations="PATCH *",
        rules=_ACCEPTED,
        keyword="required",
        what="PATCH takes a record with some of its fields",
        why="what is not sent keeps its value; the file uses the schema of POST, with what that requires",
        source="Basware facts, section 3.4",
    ),
    Deviation(
        name="subscription without sub type",
        operations="POST /v1/subscriptions",
        rules=_ACCEPTED,
        keyword="type",
        where="/*/taskSubType",
        said="None is not *",
        what="the sub type of a subscription may be null",
        why="the file gives the meaning of null in its text, its schema has no null",
        source="Basware facts, section 6.1",
    ),
    Deviation(
        name="stored goods receipts",
        operations="POST /v1/purchaseGoodsReceipts",
        rules=_BODY,
        statuses=frozenset({200}),
        keyword="type",
        where="",
        said="* is not of type 'object'",
        what="posted goods receipts come back as an array",
        why="every POST takes an array and gives the stored array back; the file names a single record here",
        source="Basware facts, section 3.3 and appendix A",
    ),
    Deviation(
        name="redirected exports",
        operations="GET /v1/exportedPurchaseOrders* or GET /v1/exportedPurchaseRequisitions*",
        rules=_STATUS,
        statuses=frozenset({302}),
        what="exported orders and requisitions are redirected as accounting documents are",
        why="the text says so; 302 is described for accounting documents only",
        source="Basware facts, sections 5.2 and 12 (S6)",
    ),
    Deviation(
        name="files of an extract",
        operations="GET /v1/dataExtracts/*/getFile",
        rules=frozenset({Rule.PATH}),
        what="a file of an extract is fetched from `getFile`",
        why="the file shows the address in an answer and describes no operation for it",
        source="Basware facts, section 7.2",
    ),
    Deviation(
        name="Network API",
        operations="* /v1.1/notifications* or * /v1/invoices/* or * /v2/invoices/* or * /v1/files/* or * /v2/files*",
        rules=frozenset({Rule.PATH}),
        what="documents, files and notifications of Basware Network",
        why="Basware publishes no OpenAPI file of this interface",
        source="Basware facts, section 7.1",
    ),
    Deviation(
        name="progress of a mass deletion",
        operations="GET /v1/taskStatus/*",
        rules=frozenset({Rule.PATH}),
        what="`GET /v1/taskStatus/{name}` tells how far a mass deletion has come",
        why="no file describes it, but the answer of DELETE links to it and its scope is listed",
        source="Basware facts, sections 3.5 and 6.4",
    ),
    Deviation(
        name="one project of version 2",
        operations="GET /v2/projects/{externalCode}",
        rules=_BODY,
        statuses=frozenset({200}),
        where="/projectName*",
        what="a single project of version 2 comes in the form of version 2",
        why="the file names the form of version 1 there, although the list and the writes have version 2",
        source="Basware facts, section 3.7 and appendix A",
    ),
    Deviation(
        name="response before an acknowledgement is done",
        operations="POST /v1/accountingDocuments/{invoiceId}/*",
        rules=_CRASH,
        statuses=frozenset({500}),
        what="a response that overtakes an acknowledgement is answered 409 or 500",
        why="the texts warn of it; what it gets is not said",
        source="Basware facts, sections 4.4 and 12 (S21)",
        by_default=False,
    ),
    Deviation(
        name="two changes of one order line",
        operations="PATCH /v1/matchingOrderLines/{externalCode}",
        rules=_CRASH,
        statuses=frozenset({503}),
        what="a PATCH of an order line while another one is under way is answered 503",
        why="so it is described; a 5xx of a twin is a violation anywhere else",
        source="Basware facts, sections 3.4 and 12 (S15)",
        by_default=False,
    ),
    Deviation(
        name="file behind an attachment",
        operations="GET /v1/accountingDocuments/{invoiceId}/attachments/{attachmentExternalCode}",
        rules=_BODY,
        statuses=frozenset({200}),
        keyword="undescribed",
        what="the bytes of a file, after the redirect",
        why="the file describes 200 without a body",
        source="Basware facts, section 4.6",
    ),
    Deviation(
        name="refusals of the object store",
        operations="GET download address",
        rules=_STATUS,
        statuses=frozenset({400, 403}),
        what="a download address refuses credentials with 400, and a wrong or expired signature with 403",
        why="large reads are fetched from pre-signed addresses, which no file describes",
        source="Basware facts, sections 4.2, 4.6 and 12 (S6, S26)",
    ),
    Deviation(
        name="bare lists",
        operations="GET *",
        rules=_BODY,
        statuses=frozenset({200}),
        keyword="type",
        where="",
        said="* is not of type 'object'",
        what="a list comes as a bare array",
        why="a client that ran against the service read vendors and order lines so",
        source="Basware facts, sections 3.2 and 12 (S27)",
        by_default=False,
    ),
    Deviation(
        name="fields of a later release",
        operations="GET *",
        rules=_BODY,
        keyword="additionalProperties",
        where="*/baswareMinorRelease",
        what="answers carry a field nobody knows yet",
        why="minor releases add optional fields while every schema forbids them",
        source="Basware facts, sections 3.1 and 12 (S33)",
        by_default=False,
    ),
    Deviation(
        name="values of a later release",
        operations="GET *",
        rules=_BODY,
        keyword="enum",
        said="'*OfALaterRelease' is not one of * or 'SCANNEDENVELOPE' is not one of *",
        what="answers carry a value no enumeration has",
        why="enumerations have changed inside one major version",
        source="Basware facts, sections 3.8 and 12 (S33)",
        by_default=False,
    ),
    Deviation(
        name="statuses of an earlier release",
        operations="GET /v1/accountingDocuments*",
        rules=_BODY,
        keyword="enum",
        where="*/processingStatus",
        said="'RemoveInProgress' is not * or 'ReturnInProgress' is not * or 'InternalStatusChange' is not *",
        what="a document may be in a status that the file had once",
        why="taken out of the enumeration of documents, still in the one for changing them",
        source="Basware facts, section 3.8",
        by_default=False,
    ),
    Deviation(
        name="damaged document",
        operations="GET /v1/accountingDocuments or GET /v1/accountingDocuments/{invoiceId}",
        rules=_BODY,
        keyword="corrupted",
        what="a document made unreadable on purpose breaks the page it is on",
        why="clients must live through bodies that cannot be read; a person's act in the twin makes one",
        source="Basware facts, sections 3.1 and 12 (S33)",
        by_default=False,
    ),
    Deviation(
        name="QuickBooks: null clears",
        operations="POST *",
        rules=_ACCEPTED,
        keyword="type",
        said="*, is None",
        what="null in an update clears the property",
        why="what a full update omits is set to null; the catalogue knows no null",
        source="QuickBooks facts, section 2.4",
    ),
    Deviation(
        name="QuickBooks: values as text",
        operations="POST *",
        rules=_ACCEPTED,
        keyword="type",
        said="must be decimal, is '* or must be boolean, is '*",
        what="an amount, a rate or a flag may be sent as text",
        why="a client in wide use sends its exact decimals so, rates are text in the reference; flags are inferred from that",
        source="QuickBooks facts, sections 2.3 and 5.10",
    ),
    Deviation(
        name="QuickBooks: tax agencies",
        operations="*",
        rules=_ENTITY,
        keyword="entity",
        where="TaxAgency or taxagency",
        what="tax agencies are an entity of their own",
        why="the catalogue names them only where others refer to them",
        source="QuickBooks facts, sections 2.8 and 4.6",
    ),
    Deviation(
        name="QuickBooks: properties of a later date",
        operations="*",
        rules=frozenset({Rule.RECORD}),
        keyword="unknown",
        where="*AddedLaterByIntuit",
        what="records carry a property nobody knows yet",
        why="additive properties come without a new minor version",
        source="QuickBooks facts, sections 2.2 and 9 (16)",
        by_default=False,
    ),
)


def excuse(violation: Violation, among: Iterable[Deviation] = DEVIATIONS) -> Deviation | None:
    """The row that covers a violation, if any."""
    return next((row for row in among if row.covers(violation)), None)
