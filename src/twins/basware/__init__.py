"""An offline twin of Basware's accounting document interface, written from Basware's public specification."""

from twins.basware.instances import BaswareInstances
from twins.basware.switches import Switches
from twins.basware.twin import BaswareTwin

__all__ = ["BaswareInstances", "BaswareTwin", "Switches"]
