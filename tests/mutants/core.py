"""The security core, and the tests that hold it: first those of the module itself."""

DOCS = ("tests/test_docs.py", "tests/db/audit/test_entities.py")  # words and pages that are made from the code
RIGHTS = ("tests/db/test_access.py", "tests/db/test_signed_out.py", "tests/db/customers/test_masking.py")
SIGN_IN = (
    "tests/db/accounts",
    "tests/dashboard/web/test_sign_in_pages.py",
    "tests/dashboard/web/test_own_account.py",
    DOCS[1],
)
WEB = (
    "tests/dashboard/web/test_auth_gate.py",
    *SIGN_IN[1:3],
    "tests/dashboard/web/incoming/test_pacing.py",
    "tests/dashboard/web/test_oidc.py",
    "tests/dashboard/web/test_demo_sign_in.py",
    "tests/dashboard/web/test_in_chinese.py",
    "tests/dashboard/web/test_out_of_reach.py",
    "tests/dashboard/web/test_media_files.py",
    "tests/dashboard/web/incoming/test_bodies.py",
)
AUDIT = ("tests/db/test_audit_chain.py", "tests/db/audit", "tests/db/customers/test_forgetting.py")
WORDS = "tests/test_words.py"  # a message that nobody has put into Chinese is found there

# file → tests, its own first
CORE: dict[str, tuple[str, ...]] = {
    "db/rights.py": (*RIGHTS, *DOCS),
    "db/access.py": (
        RIGHTS[0],
        "tests/db/test_still_signed_in.py",
        *RIGHTS[1:],
        "tests/db/meetings/test_deputies.py",
        "tests/db/accounts",
    ),
    "db/privacy.py": ("tests/db/test_privacy.py", *RIGHTS[::-1]),
    "db/customers/customers.py": (RIGHTS[2], "tests/db/customers/test_guesses.py", "tests/db/customers"),
    "db/audit_chain.py": AUDIT,
    "db/store/sealing.py": ("tests/db/store/test_sealing.py", *AUDIT[::-1]),
    "db/audit/check.py": ("tests/db/audit/test_check.py", *AUDIT),
    "db/audit/concerning.py": ("tests/db/audit/test_concerning.py", *AUDIT),
    "db/audit/trail.py": ("tests/db/audit/test_trail.py", *AUDIT),
    "db/accounts/accounts.py": ("tests/db/accounts/test_accounts.py", *SIGN_IN),
    "db/accounts/sign_in.py": ("tests/db/accounts/test_sign_in.py", *SIGN_IN),
    "db/accounts/throttling.py": ("tests/db/accounts/test_throttling.py", *SIGN_IN),
    "db/accounts/passwords.py": ("tests/db/accounts/test_passwords.py", *SIGN_IN),
    "db/accounts/places.py": ("tests/db/accounts/test_places.py", *SIGN_IN),
    "db/accounts/logins.py": ("tests/db/accounts/test_logins.py", *SIGN_IN),
    "db/accounts/extending.py": ("tests/db/accounts/test_extending.py", *SIGN_IN),
    "dashboard/web/auth_gate.py": WEB,
    "dashboard/web/sign_in_pages.py": (*WEB[1:], WEB[0]),
    "dashboard/web/requests.py": (*WEB[1:], WEB[0]),
}
