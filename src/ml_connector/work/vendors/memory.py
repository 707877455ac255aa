"""What is remembered of a vendor between two runs: what both sides agreed on, what each said last, what it was told since."""

from datetime import datetime

import msgspec

from ml_connector.model.vendors import Stamped


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Values on their way to a side. `name`: the intent or the digest of the record that carries them."""

    name: str
    values: dict[str, str]


class Memory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The memory of one vendor. `screen`: the newest change made in Basware's screens that was dealt with; `refused_bank`: a digest
    of bank details that a person did not approve; `again`: a person wants what QuickBooks refused to be tried once more."""

    agreed: dict[str, Stamped] = {}
    seen_quickbooks: dict[str, str] = {}
    seen_basware: dict[str, str] = {}
    told_quickbooks: Told | None = None
    told_basware: Told | None = None
    screen: str = ""
    refused_bank: str = ""
    again: bool = False

    def text(self) -> str:
        """As kept."""
        return msgspec.json.encode(self, order="sorted").decode()


def recall(text: str) -> Memory:
    """The memory of a vendor; an empty one where there is none yet."""
    return msgspec.json.decode(text, type=Memory) if text else Memory()


class ClockSamples(msgspec.Struct, frozen=True, kw_only=True):
    """How far Basware's clock was ahead of ours, in seconds, measured at the last writes of our own."""

    ahead: tuple[float, ...] = ()
    newest: datetime | None = None
