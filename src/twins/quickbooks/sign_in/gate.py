"""Refusals the API owes to what an access token stands for: the scope, the company, and the person's rights in it.

Sources: recorded 403 answers (message, type SERVICE, no detail for another company); code 120 as in Intuit's list of errors, with
the fault type spelled as the service spells it.
"""

from datetime import datetime

from twins.quickbooks.faults import gateway_fault
from twins.quickbooks.sign_in.grants import ACCOUNTING, Access
from twins.quickbooks.values import Json, envelope_time

_NO_RIGHTS = "AuthorizationFailure: -11014- You do not have access to this company, statusCode: 403"


def refusal(access: Access, realm_id: str, *, administrator: bool, now: datetime) -> Json | None:
    """The body of the 403 a call for a company gets; None when the token opens it."""
    if ACCOUNTING not in access.scopes:
        detail = "The access token does not have sufficient scope"
        return gateway_fault("3100", "AuthorizationFailed", detail, kind="SERVICE", status=403, now=now)
    if access.realm_id != realm_id:
        return gateway_fault("3100", "ApplicationAuthorizationFailed", None, kind="SERVICE", status=403, now=now)
    if not administrator:
        error = {"Message": "Authorization Failure", "Detail": _NO_RIGHTS, "code": "120"}
        return {"Fault": {"Error": [error], "type": "AuthorizatonFault"}, "time": envelope_time(now)}
    return None
