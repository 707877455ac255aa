"""Transfer responses within Basware's limits."""

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.basware.responses import shorten_message
from ml_connector.basware.translation import TransferResponse, transfer_response_body

SPEC = (
    Path(os.environ.get("ML_CONNECTOR_SHARED", Path(__file__).parents[3] / "shared"))
    / "specs/basware/basware-p2p-openapi.json"
)


def response(**fields: Any) -> TransferResponse:
    return TransferResponse(**{"external_code": "e-1", "success": True, "message": "Bill 1734 posted", **fields})


def test_a_full_answer_has_basware_names() -> None:
    sent = response(
        voucher_number_1="1734",
        voucher_number_2="NW-20260418",
        source_system="QBO",
        transfer_date=datetime(2026, 4, 20, 9, 43, 5, 123, tzinfo=timezone(timedelta(hours=2))),
        payment_block=True,
    )
    assert json.loads(transfer_response_body(sent)) == {
        "externalCode": "e-1",
        "success": True,
        "responseMessage": "Bill 1734 posted",
        "sourceSystem": "QBO",
        "voucherNumber1": "1734",
        "voucherNumber2": "NW-20260418",
        "transferDate": "2026-04-20T07:43:05Z",
        "paymentBlock": True,
    }


def test_what_is_not_known_is_left_out() -> None:
    body = json.loads(transfer_response_body(response(success=False)))
    assert body == {
        "externalCode": "e-1",
        "success": False,
        "responseMessage": "Bill 1734 posted",
        "paymentBlock": False,
    }


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"external_code": "x" * 37}, "externalCode has 37 characters, Basware takes 36"),
        ({"external_code": ""}, "externalCode is empty"),
        ({"message": "  "}, "responseMessage is empty"),
        ({"voucher_number_1": "x" * 26}, "voucherNumber1 has 26 characters, Basware takes 25"),
        ({"voucher_number_2": "x" * 26}, "voucherNumber2 has 26 characters, Basware takes 25"),
        ({"source_system": "x" * 33}, "sourceSystem has 33 characters, Basware takes 32"),
        ({"transfer_date": datetime(2026, 4, 20)}, "transferDate has no time zone"),  # noqa: DTZ001
    ],
)
def test_what_basware_would_refuse_is_never_made(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        transfer_response_body(response(**fields))


def test_a_long_message_is_cut_after_a_word() -> None:
    cut = shorten_message("Vendor V-00417 is inactive; " * 20)
    assert len(cut) <= 250
    assert cut.endswith(("is…", "inactive;…", "Vendor…", "V-00417…"))


def test_a_message_that_just_fits_is_kept() -> None:
    assert shorten_message("x" * 250) == "x" * 250
    assert shorten_message("x" * 251) == "x" * 249 + "…"


@pytest.fixture(scope="module")
def validator() -> Any:
    if not SPEC.is_file():
        pytest.skip(
            f"Basware's P2P specification is not at {SPEC}; set ML_CONNECTOR_SHARED to the folder that holds specs/"
        )
    entity = json.loads(SPEC.read_text())["components"]["schemas"]["TransferResponseEntity"]
    # OpenAPI 3.0's `nullable` means nothing to JSON Schema and does not matter here: no null is ever sent.
    return jsonschema.Draft7Validator(entity)


ANSWERS = st.builds(
    TransferResponse,
    external_code=st.text(min_size=1, max_size=36),
    success=st.booleans(),
    message=st.text(min_size=1, max_size=400).filter(lambda text: bool(text.strip())),
    voucher_number_1=st.text(max_size=25),
    voucher_number_2=st.text(max_size=25),
    source_system=st.text(max_size=32),
    transfer_date=st.none() | st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    payment_block=st.booleans(),
)


@given(answer=ANSWERS)
def test_every_answer_we_make_is_valid_by_basware_specification(validator: Any, answer: TransferResponse) -> None:
    validator.validate(json.loads(transfer_response_body(answer)))
