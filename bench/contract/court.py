"""Both judges together: hears every exchange and hands it to the one it concerns."""

from contract.basware_judge import BaswareJudge
from contract.quickbooks_judge import QuickBooksJudge
from contract.specification import basware
from contract.tally import Tally
from twins.basware import BaswareTwin
from twins.http import Request, Response


class Court:
    """Judges whatever the twins of this process do. `seen` is what is going on, for the report."""

    def __init__(self, *, product_asks: bool = False) -> None:
        self.basware = Tally()
        self.quickbooks = Tally()
        self.seen = ""
        self._basware = BaswareJudge(basware(), self.basware, product_asks=product_asks)
        self._quickbooks = QuickBooksJudge(self.quickbooks, product_asks=product_asks)

    def hear(self, twin: object, request: Request, answer: Response | Exception) -> None:
        """One exchange."""
        judge = self._basware if isinstance(twin, BaswareTwin) else self._quickbooks
        judge.judge(twin, request, answer, self.seen)

    def hear_of_damage(self, twin: object) -> None:
        """Somebody corrupted a document of a Basware twin."""
        self._basware.expect_damage(twin)
