"""What is logged of an activity, every field declared once: forms, outbox, corrections, files, history, digests and the
mirror are made from it. By hand stay the column (db.models.log), its migration and the field of `db.log.entry.Entry`; a
test holds them equal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from db.codes import CHANNELS, CUSTOMER_KINDS, KINDS, METHODS

LAST = "last"  # a default: what the manager's latest entry has

FORM, STREET, OUTBOX, CORRECTION, FILE = "form", "street", "outbox", "correction", "file"
ON_SCREEN = (FORM, STREET, OUTBOX, CORRECTION)

# When a way on screen asks for a field: what must hold of the entry (facts). The outbox's script reads the same table.
# `details` are folded away in a form and the same for a whole street; a field asked at nothing has a widget of its own, or none.
ASKED_AT = {
    "always": {},
    "visit": {"consultation": True, "named": True},
    "later": {"consultation": False},
    "details": {},
    "named": {"named": True},
    "new_customer": {"new": True},
}


@dataclass(frozen=True)
class Field:
    """One field. `label` names it on screen, `headings` in a file: English, then Chinese, none where no file has it.

    `kind` says how it is typed, read and stored: day, time, code, yes_no, amount (cents, typed in 10,000 yuan), text,
    name, phone, or the customer, product or opportunity it points to. `codes` is the closed list of a code, `words`
    what a yes and a no are called. `default` stands in a new form; without one nothing is stated until somebody
    answers. `required` is what a form says while the answer is missing. `measured` fields are in the mirror; a
    `personal` one is shown only to who may see its customer; `kept_with` is the record that holds it. `hint` explains
    the column of a file."""

    name: str
    label: str
    headings: tuple[str, ...] = ()
    kind: str = "text"
    codes: dict[str, str] = field(default_factory=dict, hash=False)
    asked_at: str = ""
    default: str | None = None
    ways: tuple[str, ...] = ON_SCREEN
    measured: bool = False
    hint: str = ""
    personal: bool = False
    required: str = ""
    words: tuple[str, str] = ("yes", "no")
    kept_with: str = "activity"

    @property
    def column(self) -> str:
        """Its column in the log."""
        return f"{self.name}_id" if self.kind in ("customer", "product", "opportunity") else self.name


FIELDS = (
    Field("day", "Day", ("date", "日期"), "day", measured=True),
    Field("time", "Time", ("time", "时间"), "time", ways=(OUTBOX,), measured=True, hint="Such as 09:30."),
    Field("kind", "What happened", ("kind", "活动类型", "类型"), "code", KINDS, default="consultation", measured=True),
    Field("customer", "Customer", kind="customer", ways=(FORM, OUTBOX, CORRECTION), measured=True),
    Field(
        "customer_name",
        "Customer",
        ("customer", "客户", "客户名称"),
        "name",
        ways=(FORM, STREET, OUTBOX),
        hint="The customer's name; may be empty for a contact.",
        personal=True,
        kept_with="customer",
    ),
    Field(
        "phone",
        "Phone",
        ("phone", "手机号", "电话"),
        "phone",
        asked_at="new_customer",
        ways=(FORM, STREET, OUTBOX),
        hint="11 digits, or area code and number.",
        personal=True,
        kept_with="customer",
    ),
    Field(
        "customer_kind",
        "Kind of customer",
        ("customer_kind", "客户类型"),
        "code",
        CUSTOMER_KINDS,
        asked_at="new_customer",
        ways=(FORM, OUTBOX),
        kept_with="customer",
    ),
    Field(
        "opportunity",
        "Opportunity",
        ("opportunity", "商机号", "商机编号"),
        "opportunity",
        ways=(),
        measured=True,
        hint="The bank's own number of the case.",
    ),
    Field("product", "Product", ("product", "产品"), "product", asked_at="always", measured=True),
    Field(
        "amount_cents",
        "Amount",
        ("amount", "金额", "金额(元)"),
        "amount",
        asked_at="later",
        measured=True,
        hint="In yuan, digits only, such as 120000; on an approval the amount granted.",
    ),
    Field("method", "Method", ("method", "方式", "营销方式"), "code", METHODS, "details", LAST, measured=True),
    Field("channel", "Channel", ("channel", "渠道", "通路"), "code", CHANNELS, "details", LAST, measured=True),
    Field(
        "effective",
        "Effective",
        ("effective", "有效", "是否有效"),
        "yes_no",
        ways=(CORRECTION,),
        measured=True,
        hint="Empty means yes where a customer is named.",
    ),
    Field(
        "has_need",
        "Need",
        kind="yes_no",
        asked_at="visit",
        words=("Has a need", "No need"),
        required="Say whether there is a need: choose “Has a need” or “No need”.",
    ),
    Field("met_decider", "Met the decision-maker", kind="yes_no", asked_at="visit", measured=True),
    Field("need_recorded", "Need, or no need, noted", kind="yes_no", ways=(OUTBOX,), measured=True),
    Field("note", "Note", ("note", "备注"), asked_at="details", hint="No ID or bank card numbers.", personal=True),
    Field("next_step", "Next step", asked_at="named", ways=(FORM, OUTBOX), kept_with="opportunity"),
    Field("next_step_due", "On which day", kind="day", asked_at="named", ways=(FORM, OUTBOX), kept_with="opportunity"),
    Field(
        "second_record",
        "Create a second record here all the same",
        kind="yes_no",
        asked_at="new_customer",
        ways=(FORM, OUTBOX),
        kept_with="customer",
    ),
)
BY_NAME = {one.name: one for one in FIELDS}
LOGGED = tuple(one for one in FIELDS if one.kept_with == "activity")


def of(way: str, *asked_at: str) -> tuple[Field, ...]:
    """The fields a way has, all of them or those asked at one of these occasions."""
    there = [one for one in FIELDS if (bool(one.headings) if way == FILE else way in one.ways)]
    return tuple(one for one in there if not asked_at or one.asked_at in asked_at)


def asked(one: Field, **facts: bool) -> bool:
    """Whether the field is asked for where these facts hold: `consultation`, `named` (a customer), `new` (one)."""
    return all(facts[name] == value for name, value in ASKED_AT.get(one.asked_at, {}).items())


def missing(answers: Mapping[str, object], fields: tuple[Field, ...], **facts: bool) -> Field | None:
    """The first of the fields that has to be answered where these facts hold, and is not."""
    open_ones = (one for one in fields if one.required and asked(one, **facts) and answers.get(one.name) is None)
    return next(open_ones, None)
