"""Every metric on the activity log, declared once. Cards, charts, tables, exports and docs/metrics.md derive from
here."""

from metrics.metric import AMOUNT, NUMBER, Ratio, ratio, total

BANK = "bank's definition"
LOG = "activity log"

CONTACTS = total(
    "contacts",
    "Contacts",
    where=lambda col: col("kind") == "consultation",
    formula="consultation rows, effective or not",
    source=LOG,
)
CONSULTATIONS = total(
    "consultations",
    "Consultations",
    where=lambda col: (col("kind") == "consultation") & col("counted"),
    formula="effective consultations, one per manager, customer and day",
    source=BANK,
)
APPLICATIONS = total(
    "applications",
    "Applications",
    where=lambda col: (col("kind") == "application") & col("counted"),
    formula="opportunities whose first application falls in the period",
    source=BANK,
)
DEALS = total("deals", "Deals", where=lambda col: col("kind") == "deal", formula="deal rows in the period", source=LOG)
DEAL_AMOUNT = total(
    "deal_amount",
    "Deal amount",
    where=lambda col: col("kind") == "deal",
    value="amount_cents",
    formula="sum of the amounts of deal rows in the period",
    source=LOG,
)
AVERAGE_TICKET = ratio("average_ticket", "Average ticket", of=DEAL_AMOUNT, to=DEALS, unit=AMOUNT, source=BANK)
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
DEALS_A_DAY = ratio("deals_a_day", "Deals a day", of=DEALS, to=MANAGER_DAYS, unit=NUMBER, source=BANK)

REGISTER = "territory register"
POTENTIAL_CUSTOMERS = total(
    "potential_customers",
    "Potential customers",
    formula="sum over the territories of the latest register up to the day, each owner by their share",
    source=REGISTER,
)
CONSULTED_CUSTOMERS = total(
    "consulted_customers",
    "Customers consulted",
    formula="customers of the territories who were effectively consulted up to the day",
    source=BANK,
)
ON_FILE_CUSTOMERS = total(
    "on_file_customers",
    "Customers on file",
    formula="customers of the territories whose name, phone and kind are known",
    source="customer records",
)
APPROVED_CUSTOMERS = total(
    "approved_customers",
    "Customers approved",
    formula="customers of the territories with an approval up to the day",
    source=LOG,
)
LOAN_CUSTOMERS = total(
    "loan_customers",
    "Loan customers",
    formula="customers of the territories with a loan deal up to the day, or a loan from before the log",
    source=LOG,
)
DEAL_CUSTOMERS = total(
    "deal_customers",
    "Deal customers",
    formula="customers of the territories with a deal up to the day, or a product from before the log",
    source=LOG,
)
PENETRATION_CUSTOMERS = total(
    "penetration_customers",
    "Customers held",
    formula="deal customers, or loan customers where the definitions say so",
    source=BANK,
)
OUTSIDE_REGISTER = total(
    "outside_register",
    "Outside any register",
    formula="customers without a territory, or in one without a register: they stand in no ratio",
    source=REGISTER,
)
WON_CUSTOMERS = total(
    "won_customers",
    "Customers won",
    formula="customers of the territories whose first deal falls in the period and who held nothing before",
    source=LOG,
)
NEWLY_CONSULTED = total(
    "newly_consulted_customers",
    "Newly consulted",
    formula="customers of the territories first effectively consulted in the period",
    source=LOG,
)
PRODUCT_CUSTOMERS = total(
    "product_customers",
    "Customers with a product",
    formula="the manager's customers with a deal up to the day, or a product from before the log",
    source=LOG,
)
PRODUCTS_HELD = total(
    "products_held",
    "Products held",
    formula="different products of each customer, sold up to the day or held since before the log",
    source=LOG,
)
LOAN_DEALS = total("loan_deals", "Loan deals", formula="loan deals in the period", source=LOG)
ATTACHED_LOAN_DEALS = total(
    "attached_loan_deals",
    "Loan deals with a cross-sold product",
    formula="loan deals whose customer bought a cross-sold product from the branch in the same period",
    source=LOG,
)
MARKET_PENETRATION = ratio(
    "market_penetration", "Market penetration", of=PENETRATION_CUSTOMERS, to=POTENTIAL_CUSTOMERS, source=BANK
)
CONTACT_PENETRATION = ratio(
    "contact_penetration", "Contact penetration", of=CONSULTED_CUSTOMERS, to=POTENTIAL_CUSTOMERS, source=BANK
)
FILE_COVERAGE = ratio("file_coverage", "On file", of=ON_FILE_CUSTOMERS, to=POTENTIAL_CUSTOMERS, source=BANK)
APPROVAL_COVERAGE = ratio("approval_coverage", "Approved", of=APPROVED_CUSTOMERS, to=POTENTIAL_CUSTOMERS, source=BANK)
LOAN_COVERAGE = ratio("loan_coverage", "With a loan", of=LOAN_CUSTOMERS, to=POTENTIAL_CUSTOMERS, source=BANK)
PRODUCTS_PER_CUSTOMER = ratio(
    "products_per_customer", "Products per customer", of=PRODUCTS_HELD, to=PRODUCT_CUSTOMERS, unit=NUMBER, source=BANK
)
ATTACH_RATE = ratio("attach_rate", "Attach rate", of=ATTACHED_LOAN_DEALS, to=LOAN_DEALS, source=BANK, interval=True)
PRODUCT_HOLDERS = total(
    "product_holders", "Product holders", formula="customers with a product that hold this one", source=LOG
)
PRODUCT_PENETRATION = ratio(
    "product_penetration", "Product penetration", of=PRODUCT_HOLDERS, to=PRODUCT_CUSTOMERS, source=BANK
)

COUNTS = (CONSULTATIONS, APPLICATIONS, DEALS)
RATES = (APPLICATION_RATE, DEAL_RATE, CONVERSION_RATE)
FUNNEL = (CONTACTS, *COUNTS, DEAL_AMOUNT, AVERAGE_TICKET, *RATES)
FUNNEL_RATIOS = tuple(one for one in FUNNEL if isinstance(one, Ratio))
WEEKLY = (CONSULTATIONS, APPLICATIONS)  # what a week has enough of; of deals the month to date says more
MEASURES = {one.name: one for one in (*COUNTS, DEAL_AMOUNT)}
PER_DAY = (CONSULTATIONS_A_DAY, APPLICATIONS_A_DAY, DEALS_A_DAY)
PENETRATION = (MARKET_PENETRATION, CONTACT_PENETRATION, PRODUCTS_PER_CUSTOMER)
COVERAGE = (
    FILE_COVERAGE,
    APPROVAL_COVERAGE,
    LOAN_COVERAGE,
)  # of the ladder 走访 → 建档 → 授信 → 用信 above the first rung
STOCKS = (  # what a stock of customers is counted by, each the sum of its parts
    POTENTIAL_CUSTOMERS,
    CONSULTED_CUSTOMERS,
    ON_FILE_CUSTOMERS,
    APPROVED_CUSTOMERS,
    LOAN_CUSTOMERS,
    DEAL_CUSTOMERS,
    PENETRATION_CUSTOMERS,
    OUTSIDE_REGISTER,
    PRODUCT_CUSTOMERS,
    PRODUCTS_HELD,
)
FLOWS = (WON_CUSTOMERS, NEWLY_CONSULTED, LOAN_DEALS, ATTACHED_LOAN_DEALS)  # beside it, of a period
CATALOG = (
    *FUNNEL,
    MANAGER_DAYS,
    *PER_DAY,
    *STOCKS,
    *FLOWS,
    *PENETRATION,
    *COVERAGE,
    ATTACH_RATE,
    PRODUCT_HOLDERS,
    PRODUCT_PENETRATION,
)
