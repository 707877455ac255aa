"""What a careful accountant would make of every waiting invoice of the demo company.

Fixed figures from the accounting rules, worked out apart from the code that builds the documents: tests hold results against them.
Rules: one office makes a bill, several make a journal entry, a negative total makes a vendor credit; sales tax is part of the
cost and so of the total; what QuickBooks must refuse or a person must decide is held. The outcomes hold once the vendor without a
number is linked as `setup` says.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Expected:
    """The right outcome of one document.

    `kind` is `Bill`, `VendorCredit`, `JournalEntry` or `held`; `cause` is the machine code of the hold, empty when posted.
    `total` is the payable amount in the document's currency, always positive; of a held document the total it states.
    """

    kind: str
    total: Decimal
    cause: str = ""
    currency: str = "USD"


_BILLS = {
    "BO-448213": "855.11",
    "BO-448377": "309.47",
    "BO-448502": "607.60",
    "BO-448861": "2857.67",
    "BO-449288": "511.21",
    "CVD-2026-10417": "5045.20",
    "CVD-2026-10522": "688.07",
    "CVD-2026-10993": "9819.05",
    "MPM-2026-10-NYC-11": "43135.00",
    "MPM-2026-11-NYC-LEASE-000418": "42750.00",
    "MPM-2610-AUS": "12543.91",
    "MPM-2611-AUS": "11900.00",
    "LTS 30418": "4000.00",
    "LTS 30431": "3200.00",
    "LTS 30452": "7440.00",
    "LTS 30466": "3360.00",
    "LTS 30488": "2560.00",
    "HS-7719": "280.93",
    "HS-7744": "629.00",
    "HS-7758": "1479.60",
    "HS-7773": "1830.50",
    "NG118822": "1352.10",
    "NG118857": "2282.25",
    "NG118903": "1170.00",
    "NG118940": "11933.90",
    "NG118955": "758.30",
    "SRT/26/0931": "1295.00",
    "SRT/26/0944": "3650.00",
    "SRT/26/0958": "4125.00",
    "SRT/26/0977": "2775.00",
    "SRT/26/0983": "1295.00",
    "MF-5530912": "612.18",
    "MF-5531020": "1146.50",
    "MF-5531187": "694.70",
    "MF-5531390": "612.18",
    "QP-INV-20991": "6840.00",
    "QP-INV-21044": "2475.00",
    "QP-INV-21110": "5940.00",
    "QP-INV-21260": "1840.00",
    "F-2281": "486.25",
    "F-2288": "2070.00",
    "F-2307": "2964.50",
    "F-2314": "3688.75",
    "SPI-77120": "38640.00",
    "SPI-77208": "1808.33",
    "SPI-77341": "2215.50",
    "OWF-61203": "8856.00",
    "OWF-61288": "3796.69",
}

_VENDOR_CREDITS = {
    "BO-CR-20417": "202.94",
    "CVD-2026-C0093": "1275.00",
    "LTS 30497 CR": "960.00",
    "QP-CN-00318": "474.96",
}

_JOURNAL_ENTRIES = {
    "MPM-2610-CHI-NAP": "24766.35",
    "BO-449105": "1254.75",
    "MF-5531408": "3091.27",
}

_HELD = {
    "NG118971": ("account-not-mapped", "4476.80"),
    "RC-90066": ("vendor-inactive", "418.75"),
    "CVD-2026-09381": ("period-closed", "7912.44"),
    "HS-7731": ("duplicate-number", "1148.00"),
    "F-2291": ("lines-differ-from-total", "1155.00"),
}

EXPECTED: dict[str, Expected] = {
    **{number: Expected("Bill", Decimal(total)) for number, total in _BILLS.items()},
    **{number: Expected("VendorCredit", Decimal(total)) for number, total in _VENDOR_CREDITS.items()},
    **{number: Expected("JournalEntry", Decimal(total)) for number, total in _JOURNAL_ENTRIES.items()},
    **{number: Expected("held", Decimal(total), cause) for number, (cause, total) in _HELD.items()},
}
"""The outcome by invoice number, which is unique across the demo company's suppliers."""
