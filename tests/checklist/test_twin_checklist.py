"""The list of what the twins imitate, and what counts as showing a row."""

import os
import re
from pathlib import Path

import pytest

from twin_checklist import ROWS, holds

ROOT = Path(__file__).resolve().parents[2]
FACTS = Path(os.environ.get("ML_CONNECTOR_SHARED", ROOT.parent / "shared")) / "docs"


def test_a_row_holds_only_when_somebody_who_names_it_has_passed_and_nobody_has_failed():
    assert holds({"one": "passed", "two": "passed"})
    assert holds({"one": "passed", "two": "skipped"})
    assert not holds({})
    assert not holds({"one": "skipped"})
    assert not holds({"one": "passed", "two": "failed"})


@pytest.mark.skipif(not FACTS.is_dir(), reason=f"the vendors' facts are not at {FACTS}; set ML_CONNECTOR_SHARED")
def test_the_list_has_every_row_of_the_vendors_facts():
    quickbooks = (FACTS / "quickbooks-api.md").read_text()
    basware = (FACTS / "basware-api.md").read_text()
    signing_in = quickbooks.partition("### 1.8 ")[2].partition("\n## ")[0].partition("\n---")[0]
    the_rest = quickbooks.partition("## 9. ")[2].partition("\n---")[0]
    numbered = re.compile(r"^(\d+)\. ", re.MULTILINE)
    expected = {f"O{number}" for number in numbered.findall(signing_in)}
    expected |= {f"Q{number}" for number in numbered.findall(the_rest)}
    expected |= set(re.findall(r"^\| (S\d+) \|", basware, re.MULTILINE))
    assert set(ROWS) == expected
