"""The meters say what the server did and how far behind it is, and nothing that is stored."""

import os
from urllib.request import urlopen

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from dashboard.monitoring import meters
from dashboard.shell.settings import settings
from dashboard.shell.store import operator
from db.backup import backup
from db.log import mirror
from db.log.entry import Entry
from db.recording import recording
from tests.support.builders import MONDAY, WANG, bank
from tests.support.servers import free_port


@pytest.fixture
def store(sqlite_store):
    return bank(sqlite_store)


def consult(store) -> None:
    met = Entry("consultation", MONDAY, customer_name="周记面馆", met_decider=True, need_recorded=True)
    recording.record(operator(store), WANG, met, "a visit", MONDAY)


def values(text: str) -> dict[str, float]:
    found = (one for family in text_string_to_metric_families(text) for one in family.samples)
    return {one.name + "".join(one.labels.values()): one.value for one in found}


def read(store, folder) -> dict[str, float]:
    registry = meters.CollectorRegistry()
    registry.register(meters.OfStore(store, folder))
    return values(generate_latest(registry).decode())


def test_statements_writes_and_their_waits_are_counted(store, tmp_path):
    before = read(store, tmp_path)
    consult(store)
    after = read(store, tmp_path)
    assert after["chenxi_statements_total"] > before["chenxi_statements_total"]
    assert after["chenxi_writer_wait_seconds_count"] == before["chenxi_writer_wait_seconds_count"] + 1
    assert after["chenxi_writer_wait_seconds_sum"] >= before["chenxi_writer_wait_seconds_sum"]
    assert after["chenxi_writer_longest_wait_seconds"] <= after["chenxi_writer_wait_seconds_sum"]
    assert after["chenxi_up"] == 1


def test_the_mirror_is_behind_until_it_is_read(store, tmp_path):
    mirror.of(store).refresh()
    assert read(store, tmp_path)["chenxi_mirror_behind_writes"] == 0
    consult(store)
    behind = read(store, tmp_path)
    assert behind["chenxi_mirror_behind_writes"] == 1 and behind["chenxi_mirror_age_seconds"] > 0
    mirror.of(store).refresh()
    assert (now := read(store, tmp_path))["chenxi_mirror_behind_writes"] == 0 and now["chenxi_mirror_age_seconds"] == 0


def test_the_newest_backup_is_named_by_its_time_and_none_by_nothing(store, tmp_path):
    assert "chenxi_last_backup_seconds" not in read(store, tmp_path)
    for name, made in (("a", 1_000), ("b", 3_000), ("c", 2_000)):
        (tmp_path / f"{name}{backup.SUFFIX}").write_text("")
        os.utime(tmp_path / f"{name}{backup.SUFFIX}", (made, made))
    assert read(store, tmp_path)["chenxi_last_backup_seconds"] == 3_000


def test_a_store_that_is_gone_leaves_out_what_it_would_have_said(store, tmp_path):
    os.rename(store.url.removeprefix("sqlite:///"), tmp_path / "elsewhere.db")
    found = read(store, tmp_path)
    assert "chenxi_up" not in found and "chenxi_statements_total" in found


def test_a_run_of_a_page_is_measured_also_when_it_fails(store):
    before = meters.REGISTRY.get_sample_value("chenxi_rerun_seconds_count", {"page": "trial"}) or 0
    with pytest.raises(ZeroDivisionError), meters.run("trial"):
        1 / 0  # noqa: B018
    assert meters.REGISTRY.get_sample_value("chenxi_rerun_seconds_count", {"page": "trial"}) == before + 1


def test_they_are_asked_for_at_an_address_of_their_own(store, monkeypatch):
    port = free_port()
    monkeypatch.setattr(settings(), "metrics", f"127.0.0.1:{port}")
    meters.start(store)
    found = values(urlopen(f"http://127.0.0.1:{port}/metrics").read().decode())
    assert found["chenxi_up"] == 1 and "chenxi_messages_waiting" in found
