"""A branch whose meetings are under way: one that runs, one that is over, and what stands beside them."""

from datetime import timedelta

from db.engine import Write
from db.models import Commitment, Deputy, Meeting, MeetingItem, ShelfEntry, VisitingDay
from tests.support.builders import EAST, MONDAY, REGION, WANG

SUNDAY = MONDAY - timedelta(1)


def add(write: Write) -> None:
    """Two morning meetings of the east (1 runs, 2 is over), a commitment, a deputy, an entry of the shelf and a visiting
    day, each of number 1."""
    moments = {
        "started_at": write.now,
        "started_by": "head",
        "chair": "head",
        "last_written_at": write.now,
        "forgotten": False,
    }
    now = {"item": "focus", "item_since": write.now}
    write.session.add(Meeting(id=1, branch_id=EAST, kind="morning", day=MONDAY, **moments, **now))
    write.session.add(Meeting(id=2, branch_id=EAST, kind="morning", day=SUNDAY, **moments, ended_at=write.now))
    write.session.flush()
    for meeting, place, key in ((1, 0, "focus"), (1, 1, "targets"), (2, 0, "focus")):
        item = MeetingItem(meeting_id=meeting, place=place, key=key, minutes=5, used_seconds=0, reached=True)
        write.session.add(item)
    agreed = {"branch_id": EAST, "meeting_id": 1, "item": "focus", "manager_id": WANG}
    write.session.add(Commitment(id=1, **agreed, text="回访", due=MONDAY, agreed_on=SUNDAY))
    named = {"branch_id": EAST, "manager_id": WANG, "from_day": MONDAY, "to_day": MONDAY + timedelta(7)}
    write.session.add(Deputy(id=1, **named, named_by="head", named_at=write.now))
    outing = {"branch_id": EAST, "day": MONDAY, "target": 5, "planned_by": "head", "planned_at": write.now}
    write.session.add(VisitingDay(id=1, **outing))
    told = {"kind": "news", "title": "旧闻", "text": "旧闻", "months": []}
    entry = ShelfEntry(id=1, region_id=REGION, branch_id=EAST, day=SUNDAY, **told)
    entry.written_by, entry.written_at = "head", write.now
    write.session.add(entry)
