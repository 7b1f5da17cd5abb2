"""The administrator finds a customer, masked, and forgets them on their page."""

from tests.support.pages import everything_said, healthy, look


def test_the_administrator_finds_customers_masked_and_may_forget_one(own_demo):
    listed = healthy(look("customers", as_="admin"))
    assert "****" in everything_said(listed) or "*" in everything_said(listed)
    app = healthy(look("customer", as_="admin", customer="1"))
    assert any("遗忘" in one.label for one in app.expander)
    assert not any("遗忘" in one.label for one in healthy(look("customer", as_="auditor", customer="1")).expander)
