"""What may be set from outside, each with its default and reason."""

from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).parent.parent


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CHENXI_", populate_by_name=True)

    database_url: str = Field(
        f"sqlite:///{ROOT / 'var' / 'chenxi.db'}",
        validation_alias="DATABASE_URL",
        description="The database: SQLite or PostgreSQL.",
    )
    snapshots: Path = Field(ROOT / "var", description="Where the mirror keeps its Parquet snapshot for fast starts.")
    lang: str = Field("zh", description="Language of the command line: zh or en.")
    now: datetime | None = Field(None, description="Pretend this moment (2026-11-20T16:30) for pictures and trials.")
    demo: bool = Field(False, description="Set by `demo` alone: offers to enter as any of the demo people.")


@cache
def settings() -> Settings:
    return Settings()
