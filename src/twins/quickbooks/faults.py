"""Refusals and the bodies they are answered with: the normal Fault, and the gateway's own shape in other casing.

The messages are the headings of Intuit's error code page; the details follow bodies seen on the wire.
"""

from dataclasses import dataclass
from datetime import datetime

from twins.quickbooks.values import Json, envelope_time

MESSAGES = {
    "130": "Wrong cluster",
    "140": "Company is locked",
    "150": "Company is under maintenance",
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "Transaction cannot be linked",
    "700": "Parent Reference Invalid",
    "800": "Object cannot be deleted",
    "900": "Parent cannot be child",
    "1040": "Batch size exceeds allowed limit",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String",
    "2050": "Invalid String Length",
    "2060": "Invalid Date Format",
    "2080": "Invalid Number Format",
    "2090": "Invalid Number",
    "2110": "Invalid Decimal",
    "2130": "Invalid Request Id Format",
    "2170": "Invalid Enumeration",
    "2190": "Invalid Date Range",
    "2200": "Invalid URL Format",
    "2210": "Invalid Email Address Format",
    "2220": "Invalid Currency Type",
    "2230": "Invalid Boolean",
    "2250": "Missing lines",
    "2260": "Missing PostingType",
    "2270": "Missing TaxApplicableOn",
    "2280": "Missing TaxAmount",
    "2290": "Negative Amount",
    "2300": "Amount on debits not equal to credits",
    "2410": "Invalid Currency",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Invalid Account.AccountType and Account.AccountSubType",
    "6020": "Content-Length is missing",
    "6030": "The file is too large",
    "6040": "The part is not an Attachable",
    "6041": "The file is not supported",
    "6050": "Attachments to this object are not supported",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No Name Provided",
    "6100": "Invalid Line TaxCode in the request",
    "6140": "Duplicate Document Number Error",
    "6170": "Invalid TxnTaxDetail Error",
    "6180": "Sub Level Limit",
    "6190": "Invalid Company Status Error",
    "6200": "Account Period Closed",
    "6210": "Account Period Closed Error",
    "6220": "Open balance",
    "6240": "Duplicate Name Exists Error",
    "6310": "Billable status without customer",
    "6430": "Invalid account type used",
}


@dataclass(frozen=True)
class Problem:
    """One entry of a Fault."""

    code: str
    detail: str
    element: str = ""

    def body(self) -> Json:
        """As it stands in a response; codes are strings."""
        return {"Message": MESSAGES[self.code], "Detail": self.detail, "code": self.code, "element": self.element}


class FaultError(Exception):
    """The service refuses a request, or one item of a batch, for one or several reasons."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.code} {problem.detail}" for problem in problems))
        self.problems = problems

    def body(self) -> Json:
        """The Fault object, without envelope."""
        return {"Fault": {"Error": [problem.body() for problem in self.problems], "type": "ValidationFault"}}


def refusal(code: str, detail: str = "", element: str = "") -> FaultError:
    """A refusal with one reason; the detail opens with the message, as the service's own do."""
    message = MESSAGES[code]
    return FaultError(Problem(code, f"{message} : {detail}" if detail else message, element))


def business(detail: str, element: str = "") -> FaultError:
    """Code 6000, the catch-all of business validation: only the detail tells what is wrong."""
    return FaultError(Problem("6000", f"Business Validation Error: {detail}", element))


def missing(element: str) -> Problem:
    """A required parameter is absent."""
    return Problem("2020", f"Required parameter {element} is missing in the request", element)


def inactive(code: str = "610") -> FaultError:
    """Something referred to was made inactive."""
    return refusal(
        code,
        "Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees.",
    )


def gone() -> FaultError:
    """The record was deleted, or never existed: reads and updates are answered with 400, not 404."""
    return refusal("610", "Another user has deleted this transaction.")


def gateway_fault(code: str, name: str, detail: str | None, *, kind: str, status: int, now: datetime) -> Json:
    """The gateway's fault body: lower-case keys, time in epoch milliseconds (recorded 401 answers)."""
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {
            "error": [
                {
                    "message": f"message={name}; errorCode=00{code}; statusCode={status}",
                    "detail": detail,
                    "code": code,
                    "element": None,
                }
            ],
            "type": kind,
        },
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }


def throttled(now: datetime) -> Json:
    """The 429 body (recorded answers of the throttle)."""
    return {
        "Fault": {
            "Error": [
                {
                    "Message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
                    "Detail": "The request limit was reached.  Try again later",
                    "code": "3001",
                }
            ],
            "type": "SERVICE",
        },
        "time": envelope_time(now),
    }
