"""The bank's own sign-in (OpenID Connect): who its claims say somebody is, as a role and a place of ours.

The session that follows is one of ours, kept and ended on this server; docs/decisions/0004 says why."""

from functools import cache

from dashboard.people import account_names
from dashboard.shell.settings import settings
from db.engine import Store
from db.errors import Refused

NOT_MEANT = "The bank's sign-in recognises you but gives you no role here: ask the administrator."


@cache
def client():
    """The provider's client (StarletteOAuth2App), loaded where there is a provider."""
    from authlib.integrations.starlette_client import OAuth

    held = settings()
    return OAuth().register(
        "bank",
        server_metadata_url=held.oidc_metadata_url,
        client_id=held.oidc_client_id,
        client_secret=held.oidc_client_secret.get_secret_value(),
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )


def person(store: Store, claims: dict) -> tuple[str, str, str, int | None]:
    """Login, name, role and place, as db.accounts.from_claims takes them. Of several roles the first one known counts.
    Raises Refused when no role is meant, or the place is not known here."""
    held = settings()
    login = str(claims.get(held.oidc_login_claim) or "")
    stated = claims.get(held.oidc_role_claim) or []
    stated = [stated] if isinstance(stated, str) else stated
    role = next((held.oidc_roles[str(one)] for one in stated if str(one) in held.oidc_roles), None)
    if not login or role is None:
        raise Refused(NOT_MEANT)
    named = str(claims.get("name") or login)
    return login, named, role, account_names.placed(store, role, str(claims.get(held.oidc_place_claim) or ""))
