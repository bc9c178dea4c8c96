"""What only a superuser of PostgreSQL may do for an installation, as one script for psql."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.database import scram

_SCRIPT = Path(__file__).with_name("superuser.psql")


class NoLoginError(ValueError):
    """A URL does not say what the script would have to make; the message names its variable."""


def superuser_script(server_url: str | None, owner_url: str | None) -> str:
    """The script for these two URLs; without the owner's one the server's login owns the database.

    Passwords are in it as SCRAM verifiers. It needs no connection. Raises `NoLoginError`.
    """
    owner_setting = "PARLEY_OWNER_DATABASE_URL" if owner_url else "PARLEY_DATABASE_URL"
    changing = owner_url or server_url
    if not changing:
        raise NoLoginError(
            "PARLEY_OWNER_DATABASE_URL and PARLEY_DATABASE_URL have to name the logins and the "
            "database that you want; a PostgreSQL that Parley starts itself needs no superuser"
        )
    owner, owner_password, database = _parts(changing, owner_setting)
    server = server_password = ""
    if owner_url and server_url:
        server, server_password, of_server = _parts(server_url, "PARLEY_DATABASE_URL")
        if of_server != database:
            raise NoLoginError(
                f"PARLEY_DATABASE_URL names the database {of_server}, and "
                f"PARLEY_OWNER_DATABASE_URL {database}: they have to be the same"
            )
        if server == owner:
            server = server_password = ""
    values = {
        "database": database,
        "owner": owner,
        "owner_password": owner_password,
        "server": server,
        "server_password": server_password,
    }
    lines = [f"\\set {name} {_quoted(value)}" for name, value in values.items()]
    return "\n".join([*lines, "", _SCRIPT.read_text(encoding="utf-8")])


def _parts(url: str, setting: str) -> tuple[str, str, str]:
    """The login, the verifier of its password (empty without one), and the database."""
    parts = urlsplit(url)
    login, database = unquote(parts.username or ""), unquote(parts.path.strip("/"))
    if not login or not database:
        raise NoLoginError(f"{setting} has to name a login and a database")
    password = unquote(parts.password or "")
    try:
        return login, scram.verifier(password) if password else "", database
    except ValueError as error:
        raise NoLoginError(f"{setting}: its password {error}") from error


def _quoted(value: str) -> str:
    """A value as an argument of psql's own commands."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"
