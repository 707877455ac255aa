"""What people do in Basware's own user interface: every act by the name it is called by."""

from collections.abc import Callable, Mapping

from twins.basware import document_acts, purchasing_acts, screens
from twins.basware.extracts import acts as extract_acts
from twins.basware.network import acts as network_acts

ACTS: Mapping[str, Callable[..., str]] = {
    **document_acts.ACTS,
    **purchasing_acts.ACTS,
    **screens.ACTS,
    **extract_acts.ACTS,
    **network_acts.ACTS,
}
