"""Vendors of QuickBooks in Basware: found there or made there, in the fields P2P reads, and nothing of Basware's own is lost."""


def test_vendors_that_both_systems_have_find_each_other_and_nothing_is_sent_twice(vendors):
    vendors.sync()

    pair = vendors.pair("V-10011")
    assert (pair.quickbooks_id, pair.state.value) == ("101", "linked")
    assert len([one for one in vendors.pairs().values() if one.state.value == "linked"]) == 13


def test_a_vendor_entered_in_quickbooks_is_in_basware_with_everything_p2p_reads(vendors):
    vendors.sync()
    vendors.new_in_quickbooks(
        "Harbor Paper LLC",
        number="V-777",
        TermRef={"value": "3"},
        PrimaryEmailAddr={"Address": "ap@harbor.example"},
        PrimaryPhone={"FreeFormNumber": "+1 503 555 0100"},
        BillAddr={
            "Line1": "12 Harbor St",
            "City": "Portland",
            "CountrySubDivisionCode": "OR",
            "PostalCode": "97201",
            "Country": "US",
        },
    )
    vendors.sync()

    made = vendors.in_p2p("V-777")
    assert made["name"] == "Harbor Paper LLC"
    assert made["processingStatus"] == {"active": True, "paymentDenied": False}
    assert made["paymentTerms"]["paymentTermCode"] == "NET30"
    assert made["paymentMeans"][0]["currencyCode"] == "USD"
    assert made["contacts"][0]["email"] == "ap@harbor.example"
    [address] = made["addresses"]
    assert (address["streetName"], address["cityName"], address["postalZone"]) == ("12 Harbor St", "Portland", "97201")
    assert (address["countrySubEntity"], address["addressType"]) == ("OR", "PostalAddress")
    assert {"key": "Country", "value": "US"} in address["additionalAddressFields"]
