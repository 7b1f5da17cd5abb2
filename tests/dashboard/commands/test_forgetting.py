"""`customer forget` for whoever holds the database, and `restore` afterwards."""

from sqlalchemy import select

from db.backup import forgotten
from db.engine import Store
from db.models import Activity, Customer, Opportunity
from db.pipeline import open_needs
from tests.support.command_line import call

REASON = ("--reason", "本人书面要求删除")


def chosen(url: str, is_open: bool) -> tuple[int, str, str]:
    """A customer with a phone and a case, open or over: number, name and phone."""
    store = Store(url)
    with_open = select(Opportunity.customer_id).where(open_needs.still_open())
    there = Customer.id.in_(with_open) if is_open else Customer.id.not_in(with_open)
    whole = select(Customer.id, Customer.name, Customer.phone).where(there, Customer.phone.is_not(None))
    with store.reading() as connection:
        row = connection.execute(whole.where(Customer.id.in_(select(Activity.customer_id)))).first()
    store.close()
    return tuple(row)


def test_a_forgotten_customer_stays_forgotten_when_an_older_backup_is_put_back(
    region_url, capsys, configured, tmp_path
):
    customer, name, phone = chosen(region_url, is_open=False)
    file, path = tmp_path / "disk" / "one.backup", tmp_path / "region.db"
    assert call(capsys, "backup", str(file), "--database", region_url)[0] == 0
    code, out, _err = call(capsys, "customer", "forget", str(customer), *REASON, "--database", region_url)
    assert code == 0 and "1" in out
    assert phone.encode() not in path.read_bytes() and str(customer).encode() in kept(configured)
    code, out, _err = call(capsys, "restore", str(file), "--database", region_url)
    assert code == 0 and "再次遗忘" in out
    assert phone.encode() not in path.read_bytes() and name.encode() not in kept(configured)
    assert call(capsys, "check", "--database", region_url)[0] == 0
    code, _out, err = call(capsys, "customer", "forget", str(customer), *REASON, "--database", region_url)
    assert code == 1 and "已被遗忘" in err


def kept(configured) -> bytes:
    return (configured.backups / forgotten.FILE).read_bytes()


def test_an_open_case_and_the_retention_that_is_set_are_said(region_url, capsys, configured):
    customer, *_said = chosen(region_url, is_open=True)
    code, _out, err = call(capsys, "customer", "forget", str(customer), *REASON, "--database", region_url)
    assert code == 1 and "在途商机" in err
    configured.keep_customers_days = 3650
    customer, *_said = chosen(region_url, is_open=False)
    code, _out, err = call(capsys, "customer", "forget", str(customer), *REASON, "--database", region_url)
    assert code == 1 and "保存期限" in err
