"""The accounts the service books to by itself, when people rename, change or merge them."""

import pytest

NORDIC = {"country": "NO", "home": "NOK"}
SECOND = {"Id": "26", "Name": "VAT 2", "AccountType": "Other Current Liability", "AccountSubType": "GlobalTaxPayable"}


@pytest.fixture
def taxed(make_seeded):
    """A company with two accounts for purchase tax and a bill with tax."""
    qbo = make_seeded(NORDIC, Account=[SECOND])
    qbo.post("Bill", qbo.bill(qbo.line("100", TaxCodeRef="5")))
    return qbo


def tax_booked(qbo):
    """What each account of tax has."""
    accounts = qbo.query("select * from Account where AccountType = 'Other Current Liability'")["Account"]
    return {each["Id"]: -each["CurrentBalance"] for each in accounts}


@pytest.mark.parametrize("change", [{"Name": "MVA"}, {"AccountSubType": "LoanPayable"}, {"AcctNum": "2701"}])
def test_tax_stays_on_its_account_whatever_becomes_of_name_and_type(taxed, change):
    taxed.post("Account", {"Id": "25", "SyncToken": "0", "sparse": True, **change})
    taxed.post("Bill", taxed.bill(taxed.line("100", TaxCodeRef="9")))
    assert tax_booked(taxed) == {"25": 37, "26": 0}


def test_a_merged_tax_account_takes_its_tax_along(taxed):
    taxed.act("merge", entity="Account", id="26", vanishing="25")
    taxed.post("Bill", taxed.bill(taxed.line("100", TaxCodeRef="9")))
    assert tax_booked(taxed) == {"26": 37}
