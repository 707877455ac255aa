"""What an application can ask for, in the service's words and in a person's.

Source: the scopes of Intuit's OAuth libraries and guides. Restricted ones are for selected partners' applications only.
"""

SCOPES = {
    "com.intuit.quickbooks.accounting": "Read and change your accounting data",
    "com.intuit.quickbooks.payment": "Process payments for your company",
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your email address",
    "phone": "See your phone number",
    "address": "See your address",
    "intuit_name": "See the name of your Intuit account",
}

RESTRICTED = frozenset(
    {
        "com.intuit.quickbooks.payroll",
        "com.intuit.quickbooks.payroll.timetracking",
        "com.intuit.quickbooks.payroll.benefits",
        "com.intuit.quickbooks.payroll.payslip.read",
        "project-management.project",
        "app-foundations.custom-field-definitions",
        "app-foundations.custom-field-definitions.read",
        "indirect-tax.tax-calculation.quickbooks",
        "payroll.compensation.read",
    }
)
"""Refused as an application without the partner tier for them is refused."""

COMPANY_SCOPES = frozenset({"com.intuit.quickbooks.accounting", "com.intuit.quickbooks.payment"})
"""Those that are about a company, so that one has to be chosen."""


def asked(scope: str) -> frozenset[str] | None:
    """The scopes of a request; None when it asks for nothing, or for something it can't have."""
    wanted = frozenset(scope.split())
    return wanted if wanted and wanted <= SCOPES.keys() else None
