"""The administrator finds a customer, masked, and forgets them on their page."""

from dashboard.shell.store import operator
from db.customers import customers
from tests.support.pages import bodies, everything_said, healthy, look


def test_the_administrator_finds_customers_masked_and_may_forget_one(own_demo):
    listed = healthy(look("customers", as_="admin"))
    assert "****" in everything_said(listed) or "*" in everything_said(listed)
    app = healthy(look("customer", as_="admin", customer="1"))
    assert any("遗忘" in one.label for one in app.expander)
    assert not any("遗忘" in one.label for one in healthy(look("customer", as_="auditor", customer="1")).expander)


def test_the_auditor_reads_what_the_trail_says_of_one_customer(own_demo):
    app = look("customer", as_="auditor", customer="1")
    assert any("audit_trail" in body and "customer=1" in body for body in bodies(app))
    before = everything_said(healthy(look("audit_trail", as_="auditor", customer="2")))
    customers.unmask(operator(own_demo), 2, "核实客户的投诉", 20)
    assert "核实客户的投诉" in everything_said(healthy(look("audit_trail", as_="auditor", customer="2")))
    assert "核实客户的投诉" not in before + everything_said(look("audit_trail", as_="auditor", customer="1"))


def test_the_administrator_reads_what_is_kept_and_who_saw_a_customer_in_full(own_demo):
    customers.unmask(operator(own_demo), 2, "核实客户的投诉", 20)
    said = everything_said(healthy(look("retention", as_="admin", customer="2")))
    assert "CHENXI_LOG_DAYS" in said and "190 天" in said and "核实客户的投诉" in said
    assert "核实客户的投诉" not in everything_said(healthy(look("retention", as_="admin", customer="1")))
