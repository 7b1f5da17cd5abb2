"""What leaves the bank: in plain words, without notes, made with the screen's rights, by hand or at its time of day."""

import dataclasses
import ssl
from datetime import datetime, time

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dashboard.delivery import deliver, post, wording
from dashboard.delivery.post import send
from dashboard.documents.blocks import Cell, Note, Section, Table
from dashboard.shell.language import _, speak
from dashboard.shell.store import operator
from db import jobs
from db.delivery import channels, messages, sending
from db.delivery.channels import Robot
from db.delivery.sending import ARRIVED, UNSENT, Claimed
from db.models import Customer
from tests.support import minutes
from tests.support.builders import EAST, MONDAY, WANG, head
from tests.support.chat_receiver import Receiver, receiving
from tests.support.pages import unfold

pytestmark = pytest.mark.slow


@pytest.fixture
def evening(monkeypatch):
    """Who is asked for the evening's summary, and with which rights."""
    asked = []

    def make(viewer, branch, day):
        asked.append((viewer.role, viewer.branch, branch, day))
        return minutes.morning(4)

    monkeypatch.setitem(deliver.MADE, "evening", make)
    return asked


def test_a_chat_is_told_totals_and_outcomes_and_no_notes():
    said = wording.text(minutes.morning(40))
    assert "【早会纪要 · 江城分行营业部】" in said and "团队合计：咨询 412" in said
    assert _("… and {number} more", number=28) in said
    assert "· 由张伟辅导两次陪访" in said and "跟进本月到期的授信客户" in said
    assert "约好下午两点" not in said and "签字" not in said
    assert "约好下午两点" not in "".join(wording.texts(wording.outward(minutes.morning(4))))


def test_hostile_text_stays_text_in_a_chat():
    said = wording.text(minutes.hostile())
    assert "<b>bold</b> & &amp;" in said and "\u202e" not in said and "\x00" not in said and "END footer" in said


@pytest.mark.both_engines
def test_at_its_time_the_summary_goes_out_once_as_the_screen_sees_it(store, groups, receiver, evening):
    for service, one in groups.items():
        channels.change(operator(store), one, Robot(service, service, kind="evening", at=time(18, 30)))
    with time_machine.travel(datetime(2026, 11, 16, 10, 30)):
        for _ in range(2):
            deliver.deliver(store, MONDAY)
    assert evening == [("screen", EAST, EAST, MONDAY)] * 3
    found = messages.listing(head(store))
    assert set(found["status"]) == {"sent"} and set(found["queued_by"]) == {"jobs"}
    pictures = [body for body in receiver.bodies if body.get("msgtype") == "image"]
    assert len(pictures) == 1, "the one service whose robots take pictures"
    assert all("早会纪要" in texts[0] for texts in receiver.arrived.values()) and len(receiver.arrived) == 3


def test_a_summary_that_names_a_customer_is_held_back_and_stops_nothing(store, groups, receiver, monkeypatch, caplog):
    with store.writing("test") as write:
        write.session.add(Customer(name="湖滨书店", branch_id=EAST, manager_id=WANG))
    named = Table(("客户",), ((Cell("湖滨书店贷款"),),))
    section = Section("x", "重点", blocks=(named,), notes=(Note("王芳", "湖滨书店"),))
    monkeypatch.setitem(
        deliver.MADE, "weekly", lambda *_given: dataclasses.replace(minutes.empty(), sections=(section,))
    )
    monkeypatch.setitem(deliver.MADE, "evening", lambda *_given: minutes.morning(1))
    for service, kind in (("wecom", "weekly"), ("feishu", "evening")):
        channels.change(operator(store), groups[service], Robot(service, service, kind=kind, at=time(18, 30)))
    with time_machine.travel(datetime(2026, 11, 16, 10, 30)):
        deliver.queue_due(store, MONDAY)
        found = messages.listing(head(store))
    assert found.select("kind", "code").rows()[0] == ("weekly", "held back") and set(found["kind"][1:]) == {"evening"}
    assert "湖滨" not in caplog.text + str(found.to_dicts())


def test_one_that_cannot_be_made_stops_no_other(store, groups, monkeypatch):
    monkeypatch.setitem(deliver.MADE, "weekly", lambda *_given: 1 / 0)
    monkeypatch.setitem(deliver.MADE, "evening", lambda *_given: minutes.morning(1))
    for service, kind in (("wecom", "weekly"), ("feishu", "evening")):
        channels.change(operator(store), groups[service], Robot(service, service, kind=kind, at=time(18, 30)))
    with time_machine.travel(datetime(2026, 11, 16, 10, 30)):
        for _ in range(2):
            deliver.queue_due(store, MONDAY)
    assert messages.listing(head(store)).select("kind", "status").rows()[0] == ("weekly", "refused")
    assert messages.listing(head(store)).filter(kind="evening").height


def test_without_a_chinese_font_the_text_goes_alone(monkeypatch):
    import typst

    bundled = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr("dashboard.documents.typeset.installed", lambda: bundled)
    text, image, _pictured = deliver.content(minutes.morning(1), None)
    assert "早会纪要" in text and image is None


def test_it_is_a_job_of_the_server_and_of_tick():
    from dashboard.commands import jobs as command
    from dashboard.web import server

    assert jobs.REGISTRY["delivery"].do is deliver.deliver
    assert deliver in command.FEATURES and deliver in server.FEATURES


def certificate(name: str, path) -> None:
    """A key and a certificate of its own for a host."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    built = x509.CertificateBuilder(who, who, key.public_key(), 7).not_valid_before(datetime(2020, 1, 1))
    built = built.not_valid_after(datetime(2090, 1, 1)).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(name)]), False
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize(("named", "what"), [("robot.bank", ARRIVED), ("other.bank", UNSENT)])
def test_the_certificate_has_to_be_the_hosts_though_its_address_is_connected_to(named, what, tmp_path, monkeypatch):
    pem = tmp_path / "pair.pem"
    certificate(named, pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    trusted = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr(post, "trusted", lambda: trusted)
    monkeypatch.setattr(post, "address_of", lambda *_given: "127.0.0.1")
    receiver = Receiver()
    with receiving(receiver, server) as host:
        port = host.split(":")[1]
        address = f"https://robot.bank:{port}/cgi-bin/webhook/send?key=k"
        outcome = send(Claimed(1, "t", "wecom", address, None, False, "早会", None))
    assert outcome.what == what and len(receiver.bodies) == (what == ARRIVED)


@pytest.fixture(autouse=True)
def chinese():
    speak("zh")
    yield
    speak("zh")


def page(store_url: str) -> None:
    """Somebody's page with the form alone."""
    from datetime import date

    import streamlit as st

    from dashboard.delivery import form
    from dashboard.shell.store import shared
    from dashboard.widgets import notices
    from tests.support import minutes
    from tests.support.builders import head

    notices.kept()
    st.title("form")
    store = shared(store_url)
    with store.moment():  # as a page is drawn
        form.send(head(store), 1, lambda: minutes.morning(4), "evening", date(2026, 11, 16))


def test_by_hand_it_is_looked_at_before_and_said_afterwards_what_became_of_it(store, url, groups, receiver):
    from streamlit.testing.v1 import AppTest

    app = unfold(AppTest.from_function(page, args=(url,), default_timeout=60).run(), "send evening 2026-11-16")
    assert not app.exception and "早会纪要" in app.code[0].value and "wecom" in app.caption[0].value
    app.button[0].click().run()
    assert not app.exception and not app.error and "3" in app.toast[0].value
    assert set(messages.listing(head(store))["status"]) == {"sent"} and len(receiver.arrived) == 3
    assert sending.claim(store) is None
