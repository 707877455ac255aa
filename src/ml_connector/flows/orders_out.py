"""QuickBooks' purchase orders as Basware is to hold them for matching: the whole order, or every reason why it has to wait.

Pure: what QuickBooks has and what is known of Basware's codes comes in, heads and lines go out. An order is never given in part.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from ml_connector.flows.order_numbers import Asked, Given, give_numbers
from ml_connector.flows.orders_known import Basware, Codes, QuickBooks, order_code
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.mapping import Dimension
from ml_connector.model.orders import (
    CODING_LIMITS,
    DESCRIPTION_LIMIT,
    SUPPLIER_CODE_LIMIT,
    LinkedBillLine,
    MatchingMode,
    MatchingOrder,
    MatchingOrderLine,
    OrderItem,
    OrderLine,
    PlannedOrder,
    PurchaseOrder,
)
from ml_connector.rules.texts import clean

_NAMES = 250
"""Most characters of names and product codes (Basware P2P specification, supplierName, productCode, productName)."""


def plan_orders(basware: Basware, quickbooks: QuickBooks) -> list[PlannedOrder]:
    """Every order Basware is to hold: open ones, and those it was given earlier whatever has become of them."""
    codes = Codes(basware.mapping)
    billed = _sums(quickbooks.billed)
    meant: dict[str, PurchaseOrder] = {}
    for order in sorted(quickbooks.orders, key=_by_age(basware)):
        external_code = order_code(basware.mark, order.id)
        if external_code in basware.known or not (order.closed or order.deleted):
            meant[external_code] = order
    asked = [Asked(code=code, id=order.id, number=order.number or order.id) for code, order in meant.items()]
    numbers = give_numbers(asked, basware.numbers)
    return [
        _Order(basware, quickbooks, codes, billed, order, code).planned(numbers[code], meant.get(numbers[code].other))
        for code, order in meant.items()
    ]


def _by_age(basware: Basware) -> Callable[[PurchaseOrder], tuple[bool, int, str]]:
    """Orders that Basware knows come first: they keep their number. Then by id, as QuickBooks counts."""

    def key(order: PurchaseOrder) -> tuple[bool, int, str]:
        return order_code(basware.mark, order.id) not in basware.known, len(order.id), order.id

    return key


def _sums(billed: Iterable[LinkedBillLine]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for one in billed:
        quantity, net = sums.get((one.order_id, one.order_line_id), (Decimal(0), Decimal(0)))
        sums[one.order_id, one.order_line_id] = (quantity + (one.quantity or 0), net + one.amount)
    return sums


class _Order:
    """One order on its way; reasons against it are collected."""

    def __init__(  # noqa: PLR0917
        self,
        basware: Basware,
        quickbooks: QuickBooks,
        codes: Codes,
        billed: Mapping[tuple[str, str], tuple[Decimal, Decimal]],
        order: PurchaseOrder,
        external_code: str,
    ) -> None:
        self._basware, self._quickbooks, self._codes, self._billed = basware, quickbooks, codes, billed
        self._order, self._code = order, external_code
        at_first = basware.company_code, basware.organization_element
        self._company, self._unit = basware.homes.get(external_code, at_first)
        self._holds: list[Hold] = []
        self._currency = order.currency or quickbooks.books.preferences.home_currency

    def planned(self, given: Given, other: PurchaseOrder | None) -> PlannedOrder:
        """What becomes of it, with the number it gets. `other` is the order that keeps it from that."""
        order, number = self._order, given.number
        if self._basware.companies and self._company not in self._basware.companies:
            return self._left(number)
        supplier = self._supplier()
        # An order number is unique in Purchase-to-Pay within company, unit and source system; case is not told apart here.
        if given.other:
            self._number_taken(given, other)
        lines = tuple(made for line in order.lines if (made := self._line(line)) is not None)
        if not lines and not order.deleted and self._code not in self._basware.known:
            self._hold(Cause.ORDER_NOT_USABLE, why="it has no line with a quantity or an amount")
        vendor = self._quickbooks.books.vendors.get(order.vendor_id)
        head = MatchingOrder(
            external_code=self._code,
            number=number,
            source_system=self._basware.source_system,
            company_code=self._company,
            organization_element=self._unit,
            supplier_code=supplier,
            supplier_name=_text(vendor.name if vendor else "", _NAMES),
            currency=self._currency,
            description=_text(order.memo, DESCRIPTION_LIMIT),
            created=order.day,
            closed=order.closed or order.deleted,
        )
        held = tuple(self._holds)
        return PlannedOrder(
            quickbooks_id=order.id,
            name=f"Purchase order {number}",
            external_code=self._code,
            head=None if held else head,
            lines=() if held else lines,
            holds=held,
            closed=order.closed or order.deleted,
            deleted=order.deleted,
        )

    def _left(self, number: str) -> PlannedOrder:
        """The company it was given for is no longer the connection's: nothing is to be matched with it there."""
        return PlannedOrder(
            quickbooks_id=self._order.id, name=f"Purchase order {number}", external_code=self._code, closed=True,
            deleted=self._order.deleted,
        )  # fmt: skip

    def _number_taken(self, given: Given, other: PurchaseOrder | None) -> None:
        why = ""
        if other is not None and other.deleted:
            why = "that one was deleted in QuickBooks, but Basware keeps its number"
        elif given.passing:
            why = "that one has another number by now; this one follows by itself once Basware has taken that"
        self._hold(Cause.ORDER_NUMBER_TAKEN, number=given.number, other=other.id if other else given.other, why=why)

    def _hold(self, cause: Cause, rows: tuple[int, ...] = (), **facts: str) -> None:
        known = {"order": self._order.number or self._order.id, **facts}
        self._holds.append(Hold(cause=cause, subject=f"PurchaseOrder {self._order.id}", facts=known, rows=rows))

    def _supplier(self) -> str:
        """The supplier code of the order's vendor: linked, mapped, else the vendor's own number."""
        vendor = self._quickbooks.books.vendors.get(self._order.vendor_id)
        called = f"{vendor.label} ({vendor.id})" if vendor else f"the vendor with id {self._order.vendor_id or 'none'}"
        if vendor is None:
            self._hold(Cause.ORDER_VENDOR_UNKNOWN, vendor=called, why="QuickBooks has no such vendor any more")
            return ""
        if vendor.id in self._basware.waiting_vendors:
            self._hold(
                Cause.ORDER_VENDOR_UNKNOWN, vendor=called, why="it was given to Basware, which has not taken it yet"
            )
            return ""
        own, linked = vendor.number.strip(), self._basware.vendor_codes.get(vendor.id, ())
        code = own if own and own in linked else next(iter(linked), "")
        code = code or self._codes.of(Dimension.VENDOR, vendor.id, own) or own
        if not code:
            self._hold(
                Cause.ORDER_VENDOR_UNKNOWN,
                vendor=called,
                why="it is linked to no vendor there and has no vendor number",
            )
        elif len(code) > SUPPLIER_CODE_LIMIT:
            why = f"its code {code} has {len(code)} characters, more than the {SUPPLIER_CODE_LIMIT} Basware takes on an order"
            self._hold(Cause.ORDER_VENDOR_UNKNOWN, vendor=called, why=why)
        return code

    def _line(self, line: OrderLine) -> MatchingOrderLine | None:
        """A line as Basware is to hold it; None for one that is about nothing, which no invoice can be matched to."""
        amount, quantity = line.amount, line.quantity
        if not amount and not quantity:
            return None
        mode, pieces, price = _measures(line)
        if not pieces:
            self._hold(Cause.ORDER_NOT_USABLE, (self._number(line),), why="a line has an amount and a quantity of 0")
            return None
        item = self._quickbooks.items.get(line.item_id)
        external_code = order_code(self._basware.mark, self._order.id, line.id)
        before = self._basware.billed.get(external_code)
        if before is None:
            before = self._billed.get((self._order.id, line.id), (None, None))
        return MatchingOrderLine(
            external_code=external_code,
            order_code=self._code,
            # The id, and not the place: a place goes to the next line when a line is taken out, and an invoice names its line.
            number=line.id,
            position=self._number(line),
            mode=mode,
            quantity=pieces,
            net_price=price,
            net_sum=amount,
            currency=self._currency,
            description=_text(line.description or (item.name if item else ""), DESCRIPTION_LIMIT),
            product_code=_text((item.sku or item.name) if item else "", _NAMES),
            product_name=_text(item.name if item else "", _NAMES),
            coding=self._coding(line, item),
            billed_quantity=None if mode is MatchingMode.BLANKET else before[0],
            billed_net=before[1],
            closed=self._order.closed or self._order.deleted,
            deleted=self._order.deleted,
        )

    def _number(self, line: OrderLine) -> int:
        return line.number or self._order.lines.index(line) + 1

    def _coding(self, line: OrderLine, item: OrderItem | None) -> dict[str, str]:
        """The line's default coding, with the codes Basware has for QuickBooks' records."""
        sources, books = self._basware.sources, self._quickbooks.books
        account = books.accounts.get(line.account_id or (item.account_id if item else ""))
        coding = dict[str, str]()
        if account is None:
            what = (
                "an account"
                if line.account_id
                else f"the item {item.name if item else line.item_id}, which has no account"
            )
            self._hold(
                Cause.ORDER_NOT_USABLE,
                (self._number(line),),
                why=f"a line is about {what} that QuickBooks does not show",
            )
        else:
            self._put(coding, line, sources.account, Dimension.ACCOUNT, account.id, account.label, account.number)
        location = books.locations.get(self._order.location_id)
        tracked = books.classes.get(line.class_id or self._order.class_id)
        customer = books.customers.get(line.customer_id)
        for field, dimension, record in (
            (sources.location, Dimension.LOCATION, location),
            (sources.class_, Dimension.CLASS, tracked),
            (sources.customer, Dimension.CUSTOMER, customer),
        ):
            if record is not None:
                self._put(coding, line, field, dimension, record.id, record.label)
        if sources.tax_code and (tax := self._codes.of(Dimension.TAX_CODE, line.tax_code_id)):
            coding[sources.tax_code] = tax  # of no consequence for net matching: a code Basware lacks holds nothing
        return coding

    def _put(  # noqa: PLR0917
        self, coding: dict[str, str], line: OrderLine, field: str, dimension: Dimension, record_id: str, label: str,
        number: str = "",
    ) -> None:  # fmt: skip
        limit = CODING_LIMITS.get(field, 0)
        if not limit:
            return  # the company does not use the dimension, or keeps it in a field that orders do not have
        code = self._codes.of(dimension, record_id, number)
        if 0 < len(code) <= limit:
            coding[field] = code
        elif self._basware.codes_required or dimension is Dimension.ACCOUNT:
            why = f"its code {code} is longer than the {limit} characters of {field}" if code else "no code leads to it"
            self._hold(
                Cause.ORDER_CODE_MISSING, (self._number(line),),
                what=dimension.value.replace("_", " "), name=f"{label} ({record_id})", field=field, why=why,
            )  # fmt: skip


def _measures(line: OrderLine) -> tuple[MatchingMode, Decimal, Decimal]:
    """How a line is matched, its quantity, which is above zero, and the net price of one piece.

    A line without a quantity is matched by its sum; one that takes something back has a negative price.
    """
    if line.quantity is None:
        mode = MatchingMode.BLANKET if line.amount >= 0 else MatchingMode.RETURN
        return mode, Decimal(1), line.amount
    pieces = abs(line.quantity)
    if not pieces:
        return MatchingMode.STANDARD, Decimal(0), Decimal(0)
    price = line.unit_price
    # With prices that include tax QuickBooks states net amounts beside gross unit prices: the amount counts.
    if price is None or (price * line.quantity - line.amount).copy_abs() > Decimal("0.01"):
        price = (line.amount / line.quantity).quantize(Decimal("0.0000001")).normalize()
    price = price.copy_abs() * (-1 if line.amount < 0 else 1)
    return (MatchingMode.RETURN if line.amount < 0 else MatchingMode.STANDARD), pieces, price


def _text(text: str, limit: int) -> str:
    return clean(text, limit=limit, latin1_only=False, single_line=True).text
