"""Every metric on the activity log, declared once. Cards, charts, tables, exports and docs/metrics.md derive from here."""

import narwhals.stable.v2 as nw

from metrics.metric import NUMBER, ratio, total

kind, counted = nw.col("kind"), nw.col("counted")
BANK = "bank's definition"
LOG = "activity log"

CONTACTS = total(
    "contacts", "Contacts", where=kind == "consultation", formula="consultation rows, effective or not", source=LOG
)
CONSULTATIONS = total(
    "consultations",
    "Consultations",
    where=(kind == "consultation") & counted,
    formula="effective consultations, one per manager, customer and day",
    source=BANK,
)
APPLICATIONS = total(
    "applications",
    "Applications",
    where=(kind == "application") & counted,
    formula="opportunities whose first application falls in the period",
    source=BANK,
)
DEALS = total("deals", "Deals", where=kind == "deal", formula="deal rows in the period", source=LOG)
DEAL_AMOUNT = total(
    "deal_amount",
    "Deal amount",
    where=kind == "deal",
    value="amount_cents",
    formula="sum of the amounts of deal rows in the period",
    source=LOG,
)
APPLICATION_RATE = ratio(
    "application_rate", "Application rate", of=APPLICATIONS, to=CONSULTATIONS, source=BANK, interval=True
)
DEAL_RATE = ratio("deal_rate", "Deal rate", of=DEALS, to=APPLICATIONS, source=BANK, interval=True)
CONVERSION_RATE = ratio("conversion_rate", "Conversion rate", of=DEALS, to=CONSULTATIONS, source=BANK, interval=True)

MANAGER_DAYS = total(
    "manager_days",
    "Manager days",
    formula="working days elapsed, over all managers posted, less their leave",
    source="postings and calendar",
)
CONSULTATIONS_A_DAY = ratio(
    "consultations_a_day", "Consultations a day", of=CONSULTATIONS, to=MANAGER_DAYS, unit=NUMBER, source=BANK
)
APPLICATIONS_A_DAY = ratio(
    "applications_a_day", "Applications a day", of=APPLICATIONS, to=MANAGER_DAYS, unit=NUMBER, source=BANK
)

CONSULTED_CUSTOMERS = total(
    "consulted_customers",
    "Customers consulted",
    where=(kind == "consultation") & counted,
    distinct=["customer"],
    formula="different customers effectively consulted",
    source=BANK,
)
DEAL_CUSTOMERS = total(
    "deal_customers",
    "Deal customers",
    where=kind == "deal",
    distinct=["customer"],
    formula="different customers with at least one deal",
    source=LOG,
)
PENETRATION_CUSTOMERS = total(
    "penetration_customers",
    "Customers won",
    where=(kind == "deal") & counted,
    distinct=["customer"],
    formula="different customers with a deal, or with a loan where the definitions say so",
    source=BANK,
)
PRODUCTS_HELD = total(
    "products_held",
    "Products held",
    where=kind == "deal",
    distinct=["customer", "product"],
    formula="different pairs of deal customer and product",
    source=LOG,
)
PRODUCTS_PER_CUSTOMER = ratio(
    "products_per_customer", "Products per customer", of=PRODUCTS_HELD, to=DEAL_CUSTOMERS, unit=NUMBER, source=BANK
)
POTENTIAL_CUSTOMERS = total(
    "potential_customers",
    "Potential customers",
    formula="sum over the territories of the latest register dated up to the last day of the period",
    source="territory register",
)
MARKET_PENETRATION = ratio(
    "market_penetration", "Market penetration", of=PENETRATION_CUSTOMERS, to=POTENTIAL_CUSTOMERS, source=BANK
)
CONTACT_PENETRATION = ratio(
    "contact_penetration", "Contact penetration", of=CONSULTED_CUSTOMERS, to=POTENTIAL_CUSTOMERS, source=BANK
)
PRODUCT_HOLDERS = total(
    "product_holders", "Product holders", formula="deal customers that hold the product", source=LOG
)
PRODUCT_PENETRATION = ratio(
    "product_penetration", "Product penetration", of=PRODUCT_HOLDERS, to=DEAL_CUSTOMERS, source=BANK
)

COUNTS = (CONSULTATIONS, APPLICATIONS, DEALS)
RATES = (APPLICATION_RATE, DEAL_RATE, CONVERSION_RATE)
FUNNEL = (CONTACTS, *COUNTS, DEAL_AMOUNT, *RATES)
MEASURES = {one.name: one for one in (*COUNTS, DEAL_AMOUNT)}
PER_DAY = (CONSULTATIONS_A_DAY, APPLICATIONS_A_DAY)
PENETRATION = (MARKET_PENETRATION, CONTACT_PENETRATION, PRODUCTS_PER_CUSTOMER)
CATALOG = (
    *FUNNEL,
    MANAGER_DAYS,
    *PER_DAY,
    CONSULTED_CUSTOMERS,
    DEAL_CUSTOMERS,
    PENETRATION_CUSTOMERS,
    PRODUCTS_HELD,
    PRODUCT_HOLDERS,
    POTENTIAL_CUSTOMERS,
    MARKET_PENETRATION,
    CONTACT_PENETRATION,
    PRODUCT_PENETRATION,
    PRODUCTS_PER_CUSTOMER,
)
