"""What is logged is declared once: the model, Entry and the declaration name the same fields."""

from dataclasses import fields as of_dataclass

from db.log.entry import Entry
from db.log.fields import ASKED_AT, FIELDS, LOGGED, ON_SCREEN
from db.models import Activity

ABOUT_THE_ROW = {
    *("id", "reference", "content", "region_id", "branch_id", "manager_id", "batch_id"),
    *("recorded_at", "recorded_by", "voided_at", "version"),
}
TYPES = {"day": "DATE", "time": "TIME", "yes_no": "BOOLEAN", "amount": "BIGINT"}
TYPES |= dict.fromkeys(("customer", "product", "opportunity"), "INTEGER")


def test_the_model_has_a_column_for_every_field_that_is_kept_with_the_activity_and_no_other():
    columns = {
        name: str(column.type) for name, column in Activity.__table__.columns.items() if name not in ABOUT_THE_ROW
    }
    assert columns == {one.column: TYPES.get(one.kind, "VARCHAR") for one in LOGGED}


def test_an_entry_states_every_field_but_the_one_a_file_alone_brings():
    assert {one.name for one in of_dataclass(Entry)} == {one.name for one in FIELDS} - {"effective"}


def test_a_field_is_asked_on_ways_and_at_occasions_there_are():
    for one in FIELDS:
        assert set(one.ways) <= set(ON_SCREEN) and one.asked_at in (*ASKED_AT, ""), one.name
        assert (one.kind == "code") == bool(one.codes), one.name
