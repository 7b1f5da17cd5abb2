"""Quarterly meeting: the quarter's result, why, and what comes next."""

from dashboard.meetings import review_page

review_page.show("quarterly")
