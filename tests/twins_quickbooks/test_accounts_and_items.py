"""The chart of accounts, products and services, terms and currencies: what of them fits together."""

import pytest

EXPENSE = {"ExpenseAccountRef": {"value": "20"}}


def account(qbo, **fields):
    return qbo.post("Account", {"Name": "New", **fields})


@pytest.mark.parametrize(
    ("given", "kind", "classification"),
    [
        ({"AccountSubType": "Travel"}, "Expense", "Expense"),
        ({"AccountSubType": "SalesTaxPayable"}, "Other Current Liability", "Liability"),
        ({"AccountType": "Income"}, "Income", "Revenue"),
        ({"AccountType": "Expense", "AccountSubType": "SomethingNational"}, "Expense", "Expense"),
    ],
)
def test_type_and_classification_follow_from_each_other(qbo, given, kind, classification):
    made = account(qbo, **given)
    assert (made["AccountType"], made["Classification"]) == (kind, classification)
    assert made["AccountSubType"]


@pytest.mark.parametrize(
    "given", [{}, {"AccountSubType": "Unheard"}, {"AccountType": "Bank", "AccountSubType": "Travel"}]
)
def test_type_and_detail_type_have_to_be_there_and_to_fit(qbo, given):
    assert qbo.code("Account", {"Name": "New", **given}) == "6010"


@pytest.mark.parametrize(("country", "limit"), [("US", 7), ("GB", 7), ("IN", 7), ("AU", 20), ("CA", 20)])
def test_account_numbers_are_as_long_as_the_country_has_them(make_caller, country, limit):
    qbo = make_caller(country=country)
    body = {"Name": "New", "AccountType": "Expense"}
    error = qbo.refused("Account", body | {"AcctNum": "9" * (limit + 1)})
    assert error["Detail"].endswith(f"Min:0 Max:{limit} supported. Supplied length:{limit + 1}")
    assert qbo.post("Account", body | {"AcctNum": "9" * limit})["AcctNum"] == "9" * limit


def test_account_numbers_are_taken_and_freed(qbo):
    made = account(qbo, AccountType="Expense", AcctNum="7000")
    assert qbo.code("Account", {"Name": "Other", "AccountType": "Expense", "AcctNum": "7000"}) == "6240"
    qbo.post("Account", made | {"AcctNum": "7001"})
    assert qbo.post("Account", {"Name": "Other", "AccountType": "Expense", "AcctNum": "7000"})["AcctNum"] == "7000"
    assert qbo.code("Account", {"Name": "Third", "AccountType": "Expense", "AcctNum": "7:0"}) == "2040"


def test_a_sub_account_has_the_type_of_its_parent(qbo):
    assert qbo.code("Account", {"Name": "Sub", "AccountType": "Income", "ParentRef": {"value": "20"}}) == "6000"
    parent = {"Id": "20", "SyncToken": "0", "sparse": True, "AccountType": "Other Expense"}
    assert qbo.code("Account", parent) == "6000"
    alone = account(qbo, AccountType="Equity", AccountSubType="RetainedEarnings")
    assert qbo.code("Account", {"Name": "Sub", "AccountType": "Equity", "ParentRef": {"value": alone["Id"]}}) == "6000"


def test_a_payable_account_stays_one(qbo):
    body = {"Id": "31", "SyncToken": "0", "sparse": True, "AccountType": "Expense"}
    assert qbo.code("Account", body) == "6000"
    single = account(qbo, AccountType="Expense")
    changed = qbo.post("Account", single | {"sparse": True, "AccountType": "Other Expense", "AccountSubType": None})
    assert (changed["AccountSubType"], changed["Classification"]) == ("OtherMiscellaneousExpense", "Expense")


def test_an_account_keeps_its_currency_and_costs_have_none_of_their_own(world):
    assert world.code("Account", {"Name": "X", "AccountType": "Expense", "CurrencyRef": {"value": "EUR"}}) == "6000"
    assert world.code("Account", {"Name": "X", "AccountType": "Bank", "CurrencyRef": {"value": "SEK"}}) == "2220"
    bank = world.post("Account", {"Name": "X", "AccountType": "Bank", "CurrencyRef": {"value": "GBP"}})
    kept = world.post("Account", bank | {"CurrencyRef": {"value": "USD"}})
    assert kept["CurrencyRef"]["value"] == "GBP"


def test_a_parents_balance_with_sub_accounts_has_theirs_in_it(qbo):
    qbo.post("Bill", qbo.bill(qbo.line("5", "20"), qbo.line("7", "21")))
    found = qbo.get("Account", "20")
    assert (found["CurrentBalance"], found["CurrentBalanceWithSubAccounts"]) == (5, 12)


def test_levels_count_what_hangs_below_as_well(qbo):
    parents = [qbo.post("Class", {"Name": "A"})["Id"]]
    for name in "BCDE":
        parents.append(qbo.post("Class", {"Name": name, "ParentRef": {"value": parents[-1]}})["Id"])
    body = {"Id": parents[0], "SyncToken": "0", "sparse": True, "ParentRef": {"value": "5000000000000142240"}}
    assert qbo.code("Class", body) == "6180"


def test_a_service_needs_an_account_and_the_right_kind_of_one(qbo):
    assert qbo.code("Item", {"Name": "Advice"}) == "2020"
    assert qbo.code("Item", {"Name": "Advice", "IncomeAccountRef": {"value": "20"}}) == "6430"
    assert qbo.code("Item", {"Name": "Advice", "ExpenseAccountRef": {"value": "10"}}) == "6430"
    made = qbo.post("Item", {"Name": "Advice", "Type": "NonInventory", **EXPENSE})
    assert made["ExpenseAccountRef"] == {"value": "20", "name": "Office"}
    assert qbo.code("Item", {"Name": "Advice", **EXPENSE}) == "6240"


@pytest.fixture
def stock(qbo):
    cost = account(qbo, AccountType="Cost of Goods Sold")["Id"]
    income = qbo.post("Account", {"Name": "Sales", "AccountType": "Income"})["Id"]
    asset = qbo.post("Account", {"Name": "Stock", "AccountType": "Other Current Asset", "AccountSubType": "Inventory"})
    return {
        "Type": "Inventory",
        "ExpenseAccountRef": {"value": cost},
        "IncomeAccountRef": {"value": income},
        "AssetAccountRef": {"value": asset["Id"]},
        "InvStartDate": "2026-01-01",
        "QtyOnHand": 10,
    }


@pytest.mark.parametrize("name", ["AssetAccountRef", "InvStartDate", "QtyOnHand", "IncomeAccountRef"])
def test_stock_needs_accounts_a_start_and_a_quantity(qbo, stock, name):
    error = qbo.refused("Item", {"Name": "Paper", **{key: value for key, value in stock.items() if key != name}})
    assert (error["code"], error["element"]) == ("2020", name)


def test_bought_stock_goes_to_its_asset_account_and_onto_the_shelf(qbo, stock):
    item = qbo.post("Item", {"Name": "Paper", **stock})["Id"]
    line = {"Amount": 20, "DetailType": "ItemBasedExpenseLineDetail"}
    detail = {"ItemBasedExpenseLineDetail": {"ItemRef": {"value": item}, "Qty": 4, "UnitPrice": 5}}
    bill = qbo.post("Bill", qbo.bill(line | detail))
    assert qbo.get("Item", item)["QtyOnHand"] == 14
    assert bill["Line"][0]["ItemBasedExpenseLineDetail"]["ItemAccountRef"]["name"] == "Stock"
    qbo.post("VendorCredit", qbo.bill(line | detail))
    assert qbo.get("Item", item)["QtyOnHand"] == 10
    qbo.post("Bill", {"Id": bill["Id"], "SyncToken": "0"}, operation="delete")
    assert qbo.get("Item", item)["QtyOnHand"] == 6


def test_categories_hold_items_and_cannot_be_bought(qbo):
    category = qbo.post("Item", {"Name": "Office goods", "Type": "Category"})["Id"]
    item = qbo.post("Item", {"Name": "Ink", "ParentRef": {"value": category}, **EXPENSE})
    assert (item["SubItem"], item["Level"], item["FullyQualifiedName"]) == (True, 1, "Office goods:Ink")
    assert qbo.code("Item", {"Name": "Dye", "ParentRef": {"value": item["Id"]}, **EXPENSE}) == "700"
    assert qbo.code("Item", {"Name": "More goods", "Type": "Category", **EXPENSE}) == "6000"
    line = {"Amount": 1, "DetailType": "ItemBasedExpenseLineDetail"}
    body = qbo.bill(line | {"ItemBasedExpenseLineDetail": {"ItemRef": {"value": category}}})
    assert qbo.code("Bill", body) == "6000"
    changed = {"Id": item["Id"], "SyncToken": "0", "sparse": True, "Type": "Category"}
    assert qbo.code("Item", changed) == "6000"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "2020"),
        ({"Type": "DATE_DRIVEN"}, "2020"),
        ({"DueDays": 1000}, "2090"),
        ({"DayOfMonthDue": 32}, "2090"),
        ({"DueDays": 30, "DiscountPercent": 101}, "2090"),
        ({"DueDays": "soon"}, "2080"),
        ({"DueDays": 30, "Name": "x" * 32}, "2050"),
    ],
)
def test_terms_need_sensible_days(qbo, fields, code):
    assert qbo.code("Term", {"Name": "Soon", **fields}) == code


def test_a_term_says_by_itself_of_which_kind_it_is(qbo):
    made = qbo.post("Term", {"Name": "2/10 net 60", "DueDays": 60, "DiscountPercent": 2, "DiscountDays": 10})
    assert (made["Type"], made["Active"]) == ("STANDARD", True)
    assert qbo.post("Term", {"Name": "Mid", "DayOfMonthDue": 15})["Type"] == "DATE_DRIVEN"


def test_a_reference_that_became_inactive_does_not_block_other_changes(qbo):
    qbo.post("Vendor", {"Id": "50", "SyncToken": "0", "sparse": True, "TermRef": {"value": "3"}})
    qbo.act("inactivate", entity="Term", id="3")
    assert qbo.post("Vendor", {"Id": "50", "SyncToken": "1", "sparse": True, "Notes": "x"})["Notes"] == "x"
    assert qbo.code("Vendor", {"Id": "51", "SyncToken": "0", "sparse": True, "TermRef": {"value": "3"}}) == "610"


def test_currencies_are_added_made_inactive_and_used_no_more(world):
    sek = world.post("CompanyCurrency", {"Code": "SEK"})
    assert (sek["Name"], sek["Active"]) == ("Swedish Krona", True)
    assert world.code("CompanyCurrency", {"Code": "SEK"}) == "6240"
    assert world.code("CompanyCurrency", {"Code": "USD"}) == "6000"
    assert world.code("CompanyCurrency", {"Code": "kr."}) == "2220"
    assert world.code("CompanyCurrency", {"Id": sek["Id"], "SyncToken": "0", "Code": "NOK"}) == "6000"
    gone = world.post("CompanyCurrency", sek | {"Active": False})
    assert (gone["Active"], gone["Name"]) == (False, "Swedish Krona")
    body = {"SourceCurrencyCode": "SEK", "Rate": 1}
    assert world.code("ExchangeRate", body) == "2220"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Rate": 0}, "2090"),
        ({"Rate": None}, "2020"),
        ({"SourceCurrencyCode": None}, "2020"),
        ({"SourceCurrencyCode": "USD"}, "2220"),
        ({"SourceCurrencyCode": "SEK"}, "2220"),
        ({"TargetCurrencyCode": "SEK"}, "6000"),
    ],
)
def test_a_rate_is_of_a_foreign_currency_of_the_company_to_its_own(world, fields, code):
    assert world.code("ExchangeRate", {"SourceCurrencyCode": "EUR", "Rate": 1} | fields) == code


def test_without_several_currencies_there_are_neither_currencies_nor_rates(qbo):
    assert qbo.code("CompanyCurrency", {"Code": "EUR"}) == "6000"
    assert qbo.code("ExchangeRate", {"SourceCurrencyCode": "EUR", "Rate": 1}) == "6000"


def test_a_rate_has_one_record_a_day_and_the_same_again_changes_nothing(world):
    body = {"SourceCurrencyCode": "EUR", "Rate": 2, "AsOfDate": "2026-10-31"}
    first = world.post("ExchangeRate", body)
    assert world.post("ExchangeRate", body) == first
    assert world.post("ExchangeRate", body | {"Rate": 3})["SyncToken"] == "1"


def test_a_count_that_was_read_and_comes_back_changes_nothing(qbo, stock):
    item = qbo.post("Item", {"Name": "Paper", **stock})
    line = {"ItemRef": {"value": item["Id"]}, "Qty": 5, "UnitPrice": 2}
    detail = {"DetailType": "ItemBasedExpenseLineDetail", "ItemBasedExpenseLineDetail": line}
    qbo.post("Bill", qbo.bill({"Amount": 10, **detail}))
    shown = qbo.get("Item", item["Id"])
    assert qbo.post("Item", shown) == shown
    counted = qbo.post("Item", shown | {"QtyOnHand": 12})
    assert (shown["QtyOnHand"], counted["QtyOnHand"]) == (15, 12)
