"""What may be set from outside, each with its default and reason."""

from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).parents[2]
SHORTEST_LOG = 180  # days
LOGS_TOO_SHORT = "Logs are kept for six months at least (Cybersecurity Law, article 21): 180 days or more."


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CHENXI_", populate_by_name=True)

    database_url: str = Field(
        f"sqlite:///{ROOT / 'var' / 'chenxi.db'}",
        validation_alias="DATABASE_URL",
        description="The database: SQLite or PostgreSQL.",
    )
    snapshots: Path = Field(ROOT / "var", description="Where the mirror keeps its Parquet snapshot for fast starts.")
    backups: Path = Field(ROOT / "var" / "backups", description="Where a backup goes before the schema is changed.")
    audit_key: Path = Field(
        ROOT / "var" / "audit.key",
        description="The private key that the audit trail's anchors are signed with. No such file: they are not signed.",
    )
    backup_passphrase: SecretStr = Field(
        SecretStr(""), description="Backups are encrypted with it. Empty: they are not."
    )
    packed: Path = Field(ROOT / "var", description="Where Streamlit's own files lie compressed, for slow links.")
    hosts: list[str] = Field(
        [], description="What browsers call this server: chenxi.bank.cn, 10.0.0.5:8501. Empty: anything."
    )
    proxies: list[str] = Field([], description="Addresses of proxies that are believed where a request comes from.")
    logs: Path = Field(ROOT / "var" / "logs", description="Where the log goes, a file a day, a line of JSON an event.")
    log_days: int = Field(
        190, description="Days of it that are kept: six months and a week. Fewer than 180 are refused."
    )
    metrics: str = Field("", description="Where Prometheus asks: 127.0.0.1:9464. Empty: nowhere.")
    lang: str = Field("zh", description="Language of the command line: zh or en.")
    now: datetime | None = Field(None, description="Pretend this moment (2026-11-20T16:30) for pictures and trials.")
    demo: bool = Field(False, description="Set by `demo` alone: offers to enter as any of the demo people.")
    idle_minutes: int = Field(30, ge=1, description="Minutes without a click after which a desk is signed out.")
    phone_idle_minutes: int = Field(240, ge=1, description="The same for a phone, which locks itself.")
    session_hours: int = Field(12, ge=1, description="Hours after which everybody signs in again.")
    keep_customers_days: int = Field(
        0, ge=0, description="Days after the last contact before which no customer is forgotten. 0: none are set."
    )
    keep_notes_days: int = Field(
        1826,
        ge=0,
        description="Days after a visit that its note is kept: five years, longer than a small loan runs. 0: until the "
        "customer is forgotten.",
    )
    keep_drafts_days: int = Field(
        30, ge=1, description="Days that what was typed and not sent is kept: a month's leave."
    )
    keep_failed_sign_ins_days: int = Field(
        1,
        ge=1,
        description="Days that failed sign-ins are counted to slow down guessing. The trail notes them for good.",
    )
    keep_sessions_days: int = Field(
        190, ge=1, description="Days after its end that a session is kept: as long as the log that it explains."
    )
    keep_messages_days: int = Field(
        190, ge=7, description="Days after it was queued that a message to a group is kept: as long as the log."
    )
    unmask_a_day: int = Field(20, ge=0, description="Customers one account may unmask in a day.")
    delivery_proxy: str = Field("", description="The proxy messages to chat groups leave by. Empty: none.")
    oidc_metadata_url: str = Field("", description="The bank's own sign-in: its OpenID Connect metadata. Empty: none.")
    oidc_client_id: str = Field("", description="What the bank's sign-in knows this program by.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="And the secret it shares with it.")
    oidc_name: str = Field("OpenID", description="What the button for it says.")
    oidc_login_claim: str = Field("preferred_username", description="The claim that is the sign-in name.")
    oidc_role_claim: str = Field("role", description="The claim that names the role.")
    oidc_place_claim: str = Field("place", description="The claim with the staff number, branch or region.")
    oidc_roles: dict[str, str] = Field({}, description='The claim\'s values as roles: {"XW-MGR": "manager"}.')

    @field_validator("log_days")
    @classmethod
    def keep_logs_for_six_months(cls, days: int) -> int:
        if days < SHORTEST_LOG:
            raise PydanticCustomError("log_days", LOGS_TOO_SHORT)
        return days


@cache
def settings() -> Settings:
    return Settings()
