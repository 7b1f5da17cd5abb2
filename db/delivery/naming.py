"""Whether a text names a customer: what leaves the bank never does, whoever wrote it."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from db.engine import Write
from db.errors import Refused
from db.models import Customer, Manager
from db.privacy import holds_secret

SHORTEST = 2  # a single letter is no name to be looked for
PHONE = re.compile("(?<![0-9])1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
NAMED = "The text holds a customer's name or a phone number: take it out, it may not leave the bank."


def validate(write: Write, branch: int, texts: Sequence[str]) -> None:
    """Raises Refused, without saying whom, for a text with the name of a customer of the branch, a phone, an ID or card
    number. Colleagues may be named, also where a customer is called the same."""
    text = "\n".join(texts)
    for line in text.split("\n"):
        if PHONE.search(line) or holds_secret(line):
            raise Refused(NAMED)
    for colleague in sorted(write.session.scalars(select(Manager.name)), key=len, reverse=True):
        text = text.replace(colleague, "\n")
    names = write.session.scalars(select(Customer.name).where(Customer.branch_id == branch, Customer.name.is_not(None)))
    if any(len(one) >= SHORTEST and one in text for one in names):
        raise Refused(NAMED)
