"""ml-connector keeps Basware and QuickBooks Online in step. ARCHITECTURE.md says what lives where."""

from importlib.metadata import version

__version__ = version("ml-connector")
