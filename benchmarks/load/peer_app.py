"""What a branch would otherwise get: one Streamlit page with pandas and SQL on the same database. `?branch=N`."""

import os
import sqlite3

import pandas as pd
import streamlit as st

MONTH, DAY, FILE = os.environ["PEER_MONTH"], os.environ["PEER_DAY"], os.environ["PEER_DATABASE"]
branch = int(st.query_params.get("branch", "1"))
database = sqlite3.connect(f"file:{FILE}?mode=ro", uri=True)

activity = pd.read_sql(
    """SELECT a.day, m.name AS manager, a.kind, a.customer_id, a.opportunity_id, a.amount_cents, a.met_decider,
    a.need_recorded FROM activity a JOIN manager m ON m.id = a.manager_id
    WHERE a.branch_id = ? AND a.day BETWEEN ? AND ? AND a.voided_at IS NULL""",
    database,
    params=(branch, MONTH, DAY),
)
plan = pd.read_sql(
    """SELECT m.name AS manager, p.measure, p.target FROM plan p JOIN manager m ON m.id = p.manager_id
    JOIN posting o ON o.manager_id = m.id AND o.branch_id = ? WHERE p.month = ? AND p.product_id IS NULL""",
    database,
    params=(branch, MONTH),
)
met = activity[(activity.kind == "consultation") & (activity.met_decider == 1) & (activity.need_recorded == 1)]
met = met.drop_duplicates(["manager", "customer_id", "day"])
applied = activity[activity.kind == "application"].drop_duplicates("opportunity_id")
dealt = activity[activity.kind == "deal"]
table = pd.DataFrame(
    {
        "consultations": met.groupby("manager").size(),
        "applications": applied.groupby("manager").size(),
        "deals": dealt.groupby("manager").size(),
        "amount": dealt.groupby("manager").amount_cents.sum() / 1e6,
        "plan": plan[plan.measure == "deals"].set_index("manager").target,
    }
).fillna(0)
table["application rate"] = table.applications / table.consultations
table["deal rate"] = table.deals / table.applications
table["attainment"] = table.deals / table.plan

st.title("Morning meeting")
for column, name in zip(st.columns(4), ("consultations", "applications", "deals", "amount"), strict=True):
    column.metric(name, f"{table[name].sum():,.0f}")
st.dataframe(table.sort_values("attainment", ascending=False))
st.bar_chart(met.groupby("day").size())
