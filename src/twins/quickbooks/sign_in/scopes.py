"""What an application can ask for, in the service's words and in a person's.

Source: the scopes of Intuit's OAuth libraries and guides. Restricted ones (payroll,
projects, custom field definitions, indirect tax) are for selected partners' applications only: they are refused like unknown
ones.
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

COMPANY_SCOPES = frozenset({"com.intuit.quickbooks.accounting", "com.intuit.quickbooks.payment"})
"""Those that are about a company, so that one has to be chosen."""


def asked(scope: str) -> frozenset[str] | None:
    """The scopes of a request; None when it asks for nothing, or for something it can't have."""
    wanted = frozenset(scope.split())
    return wanted if wanted and wanted <= SCOPES.keys() else None
