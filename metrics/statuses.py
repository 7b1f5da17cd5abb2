"""Every status declared once: its code, its sign, its word and how grave it is. Screen, JSON, workbook and terminal say
it alike."""

from collections.abc import Iterable
from dataclasses import dataclass

GOOD, NOTE, WARN, BAD, FAINT = "good", "note", "warn", "bad", "faint"


@dataclass(frozen=True)
class Status:
    """`label` is a message id; `icon` is of signs that every font has, Chinese or not; `tone` one of the five above."""

    code: str
    icon: str
    label: str
    tone: str


# Against the plan, the furthest behind first.
FAR_BEHIND = Status("far_behind", "▼▼", "Far behind", BAD)
BEHIND = Status("behind", "▼", "Behind", WARN)
WATCH = Status("watch", "○", "Watch", NOTE)
ON_PACE = Status("on_pace", "√", "On pace", GOOD)
AWAY = Status("away", "–", "Away", FAINT)
NO_PLAN = Status("no_plan", "–", "No plan", FAINT)
ATTAINMENT = (FAR_BEHIND, BEHIND, WATCH, ON_PACE, AWAY, NO_PLAN)

# A promise when its day or week is over, and until then.
NOT_KEPT = Status("not_kept", "▼", "Not kept", BAD)
RUNNING = Status("running", "○", "In progress", NOTE)
NOT_PROMISED = Status("not_promised", "–", "No promise", FAINT)
ABSENT = Status("absent", "–", "Absent", FAINT)
KEPT = Status("kept", "√", "Kept", GOOD)
OVER_KEPT = Status("over_kept", "√", "More than promised", GOOD)
PROMISES = (NOT_KEPT, RUNNING, ABSENT, NOT_PROMISED, KEPT, OVER_KEPT)

# When an opportunity's next step is due; one that is due later needs no word.
OVERDUE = Status("overdue", "▼▼", "Overdue", BAD)
DUE_TODAY = Status("due_today", "○", "Due today", NOTE)
NO_STEP = Status("no_step", "–", "No next step", FAINT)
AHEAD = "ahead"
DUE = (OVERDUE, DUE_TODAY, NO_STEP)

# Where an opportunity stands in the lending procedure.
STALLED = Status("stalled", "▼", "Stalled", WARN)
BREACHED = Status("breached", "×", "Procedure breach", BAD)
DORMANT = Status("dormant", "–", "Dormant", FAINT)
PROCEDURE = (STALLED, BREACHED, DORMANT)

# What a plan still asks a day, beside what was reached so far. None is grave: it is the plan's number, not their fault.
OUT_OF_REACH = Status("out_of_reach", "–", "Out of reach by new visits", FAINT)
BEYOND = Status("beyond", "▼", "Beyond their best", WARN)
STRETCH = Status("stretch", "○", "More than usual", NOTE)
USUAL = Status("usual", "√", "Usual pace is enough", GOOD)
COVERED = Status("covered", "√", "Covered by the pipeline", GOOD)
DONE = Status("done", "√", "Reached", GOOD)
UNKNOWN = Status("unknown", "–", "Too early to tell", FAINT)
FEASIBILITY = (OUT_OF_REACH, BEYOND, STRETCH, USUAL, COVERED, DONE, UNKNOWN)

# A plan beside the sum of its parts.
OVER = Status("over", "▲", "Over-divided", BAD)
UNDER = Status("under", "▼", "Not fully divided", WARN)
EVEN = Status("even", "√", "Fully divided", GOOD)
NO_WHOLE = Status("no_whole", "–", "No plan", FAINT)
BREAKDOWN = (OVER, UNDER, EVEN, NO_WHOLE)

# A step on the way to the first meeting.
STEP_DONE = Status("step_done", "√", "Done", GOOD)
STEP_OPEN = Status("step_open", "○", "To do", NOTE)
STEPS = (STEP_DONE, STEP_OPEN)

# A commitment that is given up; the others are due, done or to be done like any step.
DROPPED = Status("dropped", "×", "Dropped", FAINT)
COMMITMENTS = (DROPPED,)

# Beside the others, beyond the limits of chance: 99.8 %, 95 %, or within them.
CLEARLY_LOWER = Status("clearly_lower", "▼▼", "Clearly lower", BAD)
LOWER = Status("lower", "▼", "Lower", WARN)
WITHIN = Status("within", "○", "Within chance", FAINT)
HIGHER = Status("higher", "▲", "Higher", NOTE)
CLEARLY_HIGHER = Status("clearly_higher", "▲▲", "Clearly higher", NOTE)
PLACES = (CLEARLY_LOWER, LOWER, WITHIN, HIGHER, CLEARLY_HIGHER)

# One period beside another, beyond the limits of chance. Neither way has a colour: arrows of change stay neutral.
RISEN = Status("risen", "▲", "Risen", FAINT)
FALLEN = Status("fallen", "▼", "Fallen", FAINT)
AS_BEFORE = Status("as_before", "○", "Within chance", FAINT)
CHANGES = (FALLEN, AS_BEFORE, RISEN)

# A message to a chat group.
TO_SEND = Status("waiting", "○", "To be sent", NOTE)
ON_ITS_WAY = Status("sending", "○", "On its way", NOTE)
ARRIVED = Status("sent", "√", "Sent", GOOD)
UNCONFIRMED = Status("unconfirmed", "▼", "Unconfirmed", WARN)
DECLINED = Status("refused", "×", "Refused", BAD)
STRUCK = Status("struck", "–", "Struck off", FAINT)
MESSAGES = (TO_SEND, ON_ITS_WAY, ARRIVED, UNCONFIRMED, DECLINED, STRUCK)

GROUPS = (ATTAINMENT, PROMISES, DUE, PROCEDURE, FEASIBILITY, BREAKDOWN, STEPS, COMMITMENTS, PLACES, CHANGES, MESSAGES)
STATUSES = {one.code: one for group in GROUPS for one in group}


def codes(statuses: Iterable[Status]) -> tuple[str, ...]:
    return tuple(one.code for one in statuses)
