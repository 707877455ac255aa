"""What a company wants to be told of outside the console, and when. Where to is kept apart, sealed: addresses hold secrets."""

from datetime import time
from typing import Annotated, Literal

import msgspec

Minutes = Annotated[int, msgspec.Meta(ge=1)]


class MessageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The company's choices. `digest_at` is a time of day in the zone of its schedule, empty for no digest."""

    alerts: Literal["all", "errors", "none"] = "all"
    causes: bool = True
    """Also of each new cause that holds documents."""
    digest_at: str = "07:30"
    behind_after: Minutes = 120
    """Minutes after which a planned run that did not happen counts as the books being behind."""

    def __post_init__(self) -> None:
        """Refuse a time that no clock shows."""
        if self.digest_at:
            try:
                time.fromisoformat(self.digest_at)
            except ValueError:
                raise ValueError(
                    f'messages.digest_at is {self.digest_at!r}; write hours and minutes, such as "07:30", or "" for no digest'
                ) from None
