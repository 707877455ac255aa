"""Setting up and connecting from the command line: nothing is asked, every mistake is named, no secret is shown."""

import stat
from pathlib import Path

import pytest
from world import World

from conftest import CONNECTION, Run
