"""The demo company's invoices that need more than a plain bill, and the five that cannot be posted as they are.

Each constant says which rule it is there for; `expected.py` says what must come of it.
"""

from datetime import date
from decimal import Decimal

from twins.demo_company.chart import UNKNOWN_ACCOUNT
from twins.demo_company.documents import Invoice, row

# One traveller's trip per row: net amount, account, practice, text. All booked by the New York office.
_TRIPS = (
    ("612.40", "6310", "AUDIT", "A. Bexley, New York to Denver, 6 Oct"),
    ("388.00", "6320", "AUDIT", "A. Bexley, Denver, two nights"),
    ("441.75", "6310", "AUDIT", "R. Choudhury, New York to Columbus, 6 Oct"),
    ("276.50", "6320", "AUDIT", "R. Choudhury, Columbus, two nights"),
    ("529.90", "6310", "TAX-ADV", "L. Ferrante, New York to Miami, 7 Oct"),
    ("418.00", "6320", "TAX-ADV", "L. Ferrante, Miami, two nights"),
    ("733.15", "6310", "TECH", "S. Okafor, New York to Seattle, 8 Oct"),
    ("604.20", "6320", "TECH", "S. Okafor, Seattle, three nights"),
    ("733.15", "6310", "TECH", "D. Lindqvist, New York to Seattle, 8 Oct"),
    ("604.20", "6320", "TECH", "D. Lindqvist, Seattle, three nights"),
    ("358.60", "6310", "RISK", "M. Abara, New York to Charlotte, 9 Oct"),
    ("199.00", "6320", "RISK", "M. Abara, Charlotte, one night"),
    ("358.60", "6310", "RISK", "T. Gruber, New York to Charlotte, 9 Oct"),
    ("199.00", "6320", "RISK", "T. Gruber, Charlotte, one night"),
    ("495.05", "6310", "VAL", "P. Nakashima, New York to Tulsa, 12 Oct"),
    ("312.40", "6320", "VAL", "P. Nakashima, Tulsa, two nights"),
    ("287.30", "6310", "FIRM", "J. Calloway, New York to Washington, 13 Oct"),
    ("264.00", "6320", "FIRM", "J. Calloway, Washington, one night"),
    ("612.40", "6310", "AUDIT", "A. Bexley, New York to Denver, 20 Oct"),
    ("582.00", "6320", "AUDIT", "A. Bexley, Denver, three nights"),
    ("467.85", "6310", "TAX-ADV", "L. Ferrante, New York to Atlanta, 21 Oct"),
    ("209.00", "6320", "TAX-ADV", "L. Ferrante, Atlanta, one night"),
    ("371.10", "6310", "VAL", "P. Nakashima, New York to Detroit, 22 Oct"),
    ("184.50", "6320", "VAL", "P. Nakashima, Detroit, one night"),
    ("845.25", "6310", "TECH", "S. Okafor, New York to San Francisco, 26 Oct"),
    ("711.60", "6320", "TECH", "S. Okafor, San Francisco, two nights"),
    ("135.00", "6300", "FIRM", "Agency service fees, October"),
)

MANY_ROWS = Invoice(
    "V-10023", "NG118940", date(2026, 10, 31), "Travel statement October, New York office",
    tuple(row(account, net, "NYC", unit, text) for net, account, unit, text in _TRIPS),
    with_image=True,
)  # fmt: skip

TWO_LOCATIONS = Invoice(
    "V-10015", "MPM-2610-CHI-NAP", date(2026, 10, 1), "Rent October, Chicago and Naperville",
    (
        row("6010", "18,400.00", "CHI", "FIRM", "Rent October, Wacker Drive, floors 14 and 15"),
        row("6010", "5,250.00", "NAP", "FIRM", "Rent October, Naperville branch"),
        row("6020", "1,116.35", "CHI", "FIRM", "Utilities passed on, September reading"),
    ),
)  # fmt: skip

TWO_LOCATIONS_TAXED = Invoice(
    "V-10011", "BO-449105", date(2026, 11, 3), "Year-end binders for New York and Boston",
    (
        row("6110", "747.30", "NYC", "AUDIT", "Audit binders, 300 pieces"),
        row("6110", "415.18", "BOS", "AUDIT", "Audit binders, 160 pieces"),
    ),
    order="PO-7742", taxed=True,
)  # fmt: skip

THREE_LOCATIONS = Invoice(
    "V-10031", "MF-5531408", date(2026, 11, 1), "Internet lines November, three offices",
    (
        row("6230", "1,289.00", "NYC", "FIRM", "Fiber line 1 Gbit, New York"),
        row("6230", "989.00", "CHI", "FIRM", "Fiber line 1 Gbit, Chicago"),
        row("6230", "749.00", "AUS", "FIRM", "Fiber line 500 Mbit, Austin"),
        row("6230", "64.27", "NYC", "RISK", "Static addresses for the test laboratory"),
    ),
)  # fmt: skip

CREDIT_NOTES = (
    Invoice(
        "V-10011", "BO-CR-20417", date(2026, 10, 15), "Return of damaged toner",
        (row("6110", "-186.40", "NYC", "FIRM", "Toner returned, 4 cartridges"),),
        order="PO-7701", taxed=True,
    ),
    Invoice(
        "V-10012", "CVD-2026-C0093", date(2026, 11, 2), "Service credit for the outage of October 19",
        (row("6220", "-1,275.00", "AUS", "TECH", "Availability below 99.9 %, October"),),
    ),
    Invoice(
        "V-10018", "LTS 30497 CR", date(2026, 11, 6), "Correction of hours billed twice",
        (
            row("6410", "-640.00", "CHI", "AUDIT", "Week 43, 16 hours"),
            row("6410", "-320.00", "CHI", "TAX-ADV", "Week 43, 8 hours"),
        ),
    ),
    Invoice(
        "V-10034", "QP-CN-00318", date(2026, 11, 9), "Cancelled seats from October 1",
        (row("6210", "-474.96", "NYC", "VAL", "Valuation workbench, 4 seats"),),
    ),
)  # fmt: skip

LONG_NUMBER = Invoice(
    "V-10015", "MPM-2026-11-NYC-LEASE-000418", date(2026, 11, 2), "Rent November, New York",
    (row("6010", "42,750.00", "NYC", "FIRM", "Rent November, Lexington Avenue, floor 22"),),
    with_image=True,
)  # fmt: skip

PAYMENT_BLOCK = Invoice(
    "V-10037", "F-2307", date(2026, 11, 5), "Partner dinner, quality under dispute",
    (row("6330", "2,964.50", "CHI", "FIRM", "Dinner for 38 guests, November 4"),),
    blocked=True,
)  # fmt: skip

FOREIGN_LETTERS = Invoice(
    "V-10026", "SRT/26/0977", date(2026, 11, 4), "Translation of lease files, Łódź and Kraków",
    (
        row("6500", "1,830.00", "NYC", "AUDIT", "Polish to English, Łódź plant, 61 pages", project="P-2601"),
        row("6500", "945.00", "NYC", "AUDIT", "Sworn copies, Wrocław district court", project="P-2601"),
    ),
)  # fmt: skip

NO_PRACTICE = Invoice(
    "V-10042", "SPI-77120", date(2026, 10, 5), "Professional liability cover, year from November 1",
    (row("1310", "38,640.00", "NYC", "", "Premium paid in advance, policy PL-88-40117"),),
    with_image=True,
)  # fmt: skip

UNMAPPED_ACCOUNT = Invoice(
    "V-10023", "NG118971", date(2026, 11, 6), "Relocation of a senior manager to Austin",
    (
        row(UNKNOWN_ACCOUNT[0], "4,180.00", "AUS", "TECH", "Household move, Chicago to Austin"),
        row("6310", "296.80", "AUS", "TECH", "One-way ticket"),
    ),
)  # fmt: skip

INACTIVE_VENDOR = Invoice(
    "V-10009", "RC-90066", date(2026, 11, 3), "Courier runs October, Boston",
    (row("6130", "418.75", "BOS", "FIRM", "67 runs within the city"),),
)  # fmt: skip

CLOSED_PERIOD = Invoice(
    "V-10012", "CVD-2026-09381", date(2026, 9, 28), "Cloud hosting September, late invoice",
    (row("6220", "7,912.44", "AUS", "TECH", "Compute and storage, September"),),
    voucher_date=date(2026, 9, 29),
)  # fmt: skip

ENTERED_BY_HAND = Invoice(
    "V-10021", "HS-7731", date(2026, 10, 8), "Proposal folders",
    (row("6120", "1,148.00", "BOS", "VAL", "Proposal folders, 200 pieces"),),
)  # fmt: skip

LINES_DIFFER = Invoice(
    "V-10037", "F-2291", date(2026, 10, 22), "Lunch for the training week",
    (
        row("6330", "880.00", "CHI", "TECH", "Lunch buffet, four days"),
        row("6420", "265.00", "CHI", "TECH", "Room and projector"),
    ),
    surplus=Decimal("10.00"),
)  # fmt: skip

PROBLEMS = (UNMAPPED_ACCOUNT, INACTIVE_VENDOR, CLOSED_PERIOD, ENTERED_BY_HAND, LINES_DIFFER)

CASES = (
    MANY_ROWS, TWO_LOCATIONS, TWO_LOCATIONS_TAXED, THREE_LOCATIONS, *CREDIT_NOTES, LONG_NUMBER, PAYMENT_BLOCK,
    FOREIGN_LETTERS, NO_PRACTICE, *PROBLEMS,
)  # fmt: skip
