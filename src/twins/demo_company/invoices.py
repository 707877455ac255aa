"""The demo company's plain invoices of October and November 2026: one office each, every coding row known to QuickBooks.

Rents, lines, supplies, travel, staff: what a firm of this kind is billed in seven weeks. Plain data.
"""

from datetime import date

from twins.demo_company.documents import Invoice, row

OCTOBER = (
    Invoice(
        "V-10015", "MPM-2026-10-NYC-11", date(2026, 10, 1), "Rent October, New York",
        (
            row("6010", "42,750.00", "NYC", "FIRM", "Rent October, Lexington Avenue, floor 22"),
            row("6030", "385.00", "NYC", "FIRM", "Lock replaced, reception"),
        ),
    ),
    Invoice(
        "V-10031", "MF-5530912", date(2026, 10, 1), "Internet line October, Boston",
        (row("6230", "612.18", "BOS", "FIRM", "Fiber line 500 Mbit, Boston"),),
    ),
    Invoice(
        "V-10011", "BO-448213", date(2026, 10, 2), "Paper and toner, New York",
        (
            row("6110", "412.60", "NYC", "FIRM", "Copy paper, 40 boxes", product="BO-1040", pieces=40),
            row("6110", "372.80", "NYC", "FIRM", "Toner, 8 cartridges", product="BO-2280", pieces=8),
        ),
        order="PO-7701", taxed=True,
    ),
    Invoice(
        "V-10034", "QP-INV-20991", date(2026, 10, 2), "Audit workbench, October to December",
        (row("6210", "6,840.00", "NYC", "AUDIT", "Audit workbench, 38 seats"),),
        order="PO-7688", with_image=True,
    ),
    Invoice(
        "V-10018", "LTS 30418", date(2026, 10, 5), "Temporary staff, week 40",
        (
            row("6410", "2,880.00", "CHI", "AUDIT", "Two assistants, 72 hours"),
            row("6410", "1,120.00", "CHI", "TAX-ADV", "One assistant, 28 hours"),
        ),
    ),
    Invoice(
        "V-10037", "F-2281", date(2026, 10, 6), "Client breakfast, Chicago",
        (row("6330", "486.25", "CHI", "RISK", "Breakfast for 22 guests"),),
    ),
    Invoice(
        "V-10023", "NG118822", date(2026, 10, 6), "Engagement travel, Brightwater",
        (
            row("5020", "934.10", "NYC", "AUDIT", "Site visit, two staff", project="P-2601"),
            row("5020", "418.00", "NYC", "AUDIT", "Hotel, two nights", project="P-2601"),
        ),
    ),
    Invoice(
        "V-10012", "CVD-2026-10417", date(2026, 10, 7), "Cloud hosting, reserved capacity",
        (
            row("6220", "3,900.00", "AUS", "TECH", "Reserved capacity, fourth quarter"),
            row("6220", "1,145.20", "AUS", "RISK", "Log archive, fourth quarter"),
        ),
    ),
    Invoice(
        "V-10026", "SRT/26/0931", date(2026, 10, 7), "Case law database, October",
        (row("6500", "1,295.00", "NYC", "TAX-ADV", "State tax database, 7 users"),),
    ),
    Invoice(
        "V-10021", "HS-7719", date(2026, 10, 8), "Business cards",
        (row("6120", "264.40", "BOS", "FIRM", "Cards for 11 new colleagues"),),
        taxed=True,
    ),
    Invoice(
        "V-10011", "BO-448377", date(2026, 10, 9), "Kitchen supplies, Austin",
        (
            row("6110", "198.73", "AUS", "FIRM", "Coffee and filters"),
            row("6110", "87.15", "AUS", "FIRM", "Paper goods"),
        ),
        taxed=True,
    ),
    Invoice(
        "V-10048", "OWF-61203", date(2026, 10, 9), "Desks for the Naperville branch",
        (
            row("1500", "8,316.00", "NAP", "", "Height-adjustable desks, 12 pieces"),
            row("6030", "540.00", "NAP", "FIRM", "Delivery and assembly"),
        ),
        order="PO-7695", with_image=True,
    ),
    Invoice(
        "V-10018", "LTS 30431", date(2026, 10, 12), "Temporary staff, week 41",
        (row("6410", "3,200.00", "CHI", "AUDIT", "Two assistants, 80 hours"),),
    ),
    Invoice(
        "V-10031", "MF-5531020", date(2026, 10, 12), "Mobile plans, New York",
        (
            row("6230", "1,034.50", "NYC", "FIRM", "Mobile plans, 46 lines"),
            row("6230", "112.00", "NYC", "TECH", "Data cards, 4 lines"),
        ),
    ),
    Invoice(
        "V-10034", "QP-INV-21044", date(2026, 10, 13), "Tax filing suite, October",
        (row("6210", "2,475.00", "BOS", "TAX-ADV", "Filing suite, 15 seats"),),
    ),
    Invoice(
        "V-10023", "NG118857", date(2026, 10, 13), "Travel, Kestrel selection workshops",
        (
            row("5020", "1,266.40", "CHI", "TECH", "Flights to Minneapolis, three staff", project="P-2614"),
            row("5020", "873.00", "CHI", "TECH", "Hotel, three rooms", project="P-2614"),
            row("6330", "142.85", "CHI", "TECH", "Team dinner"),
        ),
    ),
    Invoice(
        "V-10026", "SRT/26/0944", date(2026, 10, 14), "Market data for valuations",
        (row("6500", "3,650.00", "BOS", "VAL", "Comparable transactions, food sector", project="P-2622"),),
    ),
    Invoice(
        "V-10042", "SPI-77208", date(2026, 10, 14), "Cyber cover, October",
        (row("6600", "1,808.33", "NYC", "FIRM", "Monthly premium, policy CY-31-20788"),),
    ),
    Invoice(
        "V-10021", "HS-7744", date(2026, 10, 15), "Report printing, Ashford",
        (row("5000", "592.00", "BOS", "VAL", "Valuation report, 40 bound copies", project="P-2622"),),
        taxed=True,
    ),
    Invoice(
        "V-10011", "BO-448502", date(2026, 10, 16), "Chair mats and shelves, Boston",
        (
            row("6110", "341.96", "BOS", "AUDIT", "Chair mats, 4 pieces"),
            row("6110", "229.90", "BOS", "FIRM", "Shelving, 2 units"),
        ),
        taxed=True,
    ),
    Invoice(
        "V-10037", "F-2288", date(2026, 10, 16), "Recruiting evening, Austin",
        (
            row("6700", "1,720.00", "AUS", "FIRM", "Buffet for 60 guests"),
            row("6700", "350.00", "AUS", "TECH", "Demonstration corner"),
        ),
    ),
    Invoice(
        "V-10018", "LTS 30452", date(2026, 10, 19), "Subcontracted analysts, Kestrel",
        (row("5010", "7,440.00", "CHI", "TECH", "Two analysts, 93 hours", project="P-2614"),),
    ),
    Invoice(
        "V-10012", "CVD-2026-10522", date(2026, 10, 19), "Backup storage",
        (row("6220", "688.07", "AUS", "FIRM", "Backup storage, 14 TB"),),
    ),
    Invoice(
        "V-10015", "MPM-2610-AUS", date(2026, 10, 20), "Rent and utilities October, Austin",
        (
            row("6010", "11,900.00", "AUS", "FIRM", "Rent October, Congress Avenue"),
            row("6020", "643.91", "AUS", "FIRM", "Electricity, September reading"),
        ),
    ),
    Invoice(
        "V-10031", "MF-5531187", date(2026, 10, 20), "Conference lines, third quarter",
        (
            row("6230", "274.36", "NYC", "AUDIT", "Audio minutes"),
            row("6230", "118.52", "NYC", "TAX-ADV", "Audio minutes"),
            row("6230", "96.74", "NYC", "RISK", "Audio minutes"),
            row("6230", "205.08", "NYC", "VAL", "Audio minutes"),
        ),
    ),
    Invoice(
        "V-10034", "QP-INV-21110", date(2026, 10, 21), "Project planning tool, annual plan",
        (row("1300", "5,940.00", "AUS", "", "Annual plan to October 2027, 45 seats"),),
        order="PO-7719",
    ),
    Invoice(
        "V-10023", "NG118903", date(2026, 10, 23), "Rail passes, Boston office",
        (
            row("6300", "780.00", "BOS", "AUDIT", "Ten-trip passes, 4 pieces"),
            row("6300", "390.00", "BOS", "VAL", "Ten-trip passes, 2 pieces"),
        ),
    ),
    Invoice(
        "V-10026", "SRT/26/0958", date(2026, 10, 26), "Tax treaty opinions",
        (row("6500", "4,125.00", "NYC", "TAX-ADV", "Treaty position, Netherlands", project="P-2615"),),
    ),
    Invoice(
        "V-10018", "LTS 30466", date(2026, 10, 26), "Temporary staff, week 43",
        (
            row("6410", "1,920.00", "CHI", "AUDIT", "One assistant, 48 hours"),
            row("6410", "960.00", "CHI", "TAX-ADV", "One assistant, 24 hours"),
            row("6410", "480.00", "CHI", "FIRM", "Reception cover, 12 hours"),
        ),
    ),
    Invoice(
        "V-10011", "BO-448861", date(2026, 10, 27), "Monitors for the technology team",
        (row("6110", "2,639.88", "AUS", "TECH", "27-inch monitors, 12 pieces"),),
        order="PO-7731", taxed=True, with_image=True,
    ),
    Invoice(
        "V-10021", "HS-7758", date(2026, 10, 28), "Recruiting brochures",
        (
            row("6700", "1,385.00", "BOS", "FIRM", "Brochure, 2,500 copies"),
            row("6130", "94.60", "BOS", "FIRM", "Shipping to four campuses"),
        ),
    ),
    Invoice(
        "V-10042", "SPI-77341", date(2026, 10, 29), "Property cover, fourth quarter",
        (row("6600", "2,215.50", "CHI", "FIRM", "Contents, Wacker Drive"),),
    ),
    Invoice(
        "V-10012", "CVD-2026-10993", date(2026, 10, 31), "Cloud hosting October",
        (
            row("6220", "8,104.92", "AUS", "TECH", "Compute and storage, October"),
            row("6220", "1,311.47", "AUS", "AUDIT", "Document vault, October"),
            row("6220", "402.66", "AUS", "VAL", "Model servers, October"),
        ),
    ),
)  # fmt: skip

NOVEMBER = (
    Invoice(
        "V-10031", "MF-5531390", date(2026, 11, 1), "Internet line November, Boston",
        (row("6230", "612.18", "BOS", "FIRM", "Fiber line 500 Mbit, Boston"),),
    ),
    Invoice(
        "V-10015", "MPM-2611-AUS", date(2026, 11, 2), "Rent November, Austin",
        (row("6010", "11,900.00", "AUS", "FIRM", "Rent November, Congress Avenue"),),
    ),
    Invoice(
        "V-10048", "OWF-61288", date(2026, 11, 2), "Meeting chairs, New York",
        (row("1500", "3,487.20", "NYC", "", "Meeting chairs, 24 pieces"),),
        order="PO-7738", taxed=True,
    ),
    Invoice(
        "V-10023", "NG118955", date(2026, 11, 3), "Travel, Ashford plant inspection",
        (
            row("5020", "511.30", "BOS", "VAL", "Flight to Omaha", project="P-2622"),
            row("5020", "247.00", "BOS", "VAL", "Rental car, three days", project="P-2622"),
        ),
    ),
    Invoice(
        "V-10034", "QP-INV-21260", date(2026, 11, 4), "Online courses, autumn",
        (
            row("6420", "1,150.00", "NYC", "RISK", "Fraud examiner course, 5 seats"),
            row("6420", "690.00", "NYC", "AUDIT", "Standards update, 3 seats"),
        ),
    ),
    Invoice(
        "V-10018", "LTS 30488", date(2026, 11, 5), "Temporary staff, week 45",
        (row("6410", "2,560.00", "NAP", "TAX-ADV", "Two assistants, 64 hours"),),
    ),
    Invoice(
        "V-10026", "SRT/26/0983", date(2026, 11, 6), "Case law database, November",
        (row("6500", "1,295.00", "NYC", "TAX-ADV", "State tax database, 7 users"),),
    ),
    Invoice(
        "V-10021", "HS-7773", date(2026, 11, 9), "Holiday cards",
        (
            row("6120", "735.50", "CHI", "FIRM", "Cards with envelopes, 1,500 pieces"),
            row("6130", "1,095.00", "CHI", "FIRM", "Addressing and postage"),
        ),
    ),
    Invoice(
        "V-10011", "BO-449288", date(2026, 11, 10), "Paper and binders, Chicago",
        (
            row("6110", "268.33", "CHI", "AUDIT", "Binders, 150 pieces"),
            row("6110", "154.07", "CHI", "TAX-ADV", "Copy paper, 14 boxes"),
            row("6110", "41.29", "CHI", "RISK", "Labels"),
        ),
        taxed=True,
    ),
    Invoice(
        "V-10037", "F-2314", date(2026, 11, 12), "Client seminar, New York",
        (
            row("6700", "3,460.00", "NYC", "RISK", "Lunch and room for 55 guests"),
            row("6330", "228.75", "NYC", "RISK", "Speakers' dinner"),
        ),
    ),
)  # fmt: skip

PLAIN = OCTOBER + NOVEMBER
