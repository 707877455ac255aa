"""Conditions of mapping rules: equal, empty, and ranges of digits or of equally long texts."""

import pytest

from ml_connector.model.mapping import Condition
from ml_connector.rules.mapping import holds_true


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ({"equals": "NYC"}, "NYC", True),
        ({"equals": "NYC"}, " NYC ", True),
        ({"equals": "NYC"}, "nyc", False),
        ({}, "", True),
        ({}, "NYC", False),
        ({"low": "6000", "high": "6999"}, "6000", True),
        ({"low": "6000", "high": "6999"}, "6999", True),
        ({"low": "6000", "high": "6999"}, "7000", False),
        ({"low": "900", "high": "1100"}, "1000", True),
        ({"low": "0900", "high": "1100"}, "901", True),
        ({"low": "6000"}, "99999", True),
        ({"high": "6000"}, "5", True),
        ({"low": "A10", "high": "A99"}, "A50", True),
        ({"low": "A10", "high": "A99"}, "A100", False),
        ({"low": "A10", "high": "A99"}, "B00", False),
        ({"low": "A10", "high": "A99"}, "50", False),
        ({"low": "1", "high": "9"}, "", False),
        ({"low": "1"}, "9" * 5000, True),
        ({"low": "1"}, "²", True),
    ],
)
def test_a_condition_compares_as_a_person_would(office, condition, value, expected):
    row = office.row("1.00", location=value)
    assert holds_true(Condition(field="costCenterCode", **condition), office.invoice(row), row) is expected


def test_a_condition_can_look_at_the_document(office):
    row = office.row("1.00")
    assert holds_true(Condition(field="companyCode", equals="US10"), office.invoice(row), row)
    assert not holds_true(Condition(field="noSuchField", equals="x"), office.invoice(row), row)
