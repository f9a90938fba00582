"""A tracking server: its address, whether it answers, and what its refusals mean. Does not import MLflow."""

import os
import re
import ssl
import time
from collections.abc import Callable
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse
from urllib.request import urlopen

from dge_experiments.errors import BadInput, first_line, has_password, without_password

HEALTH_SECONDS = 5.0
ASK_SECONDS = 2.0
USER, PASSWORD, TOKEN = (f"MLFLOW_TRACKING_{name}" for name in ("USERNAME", "PASSWORD", "TOKEN"))


def address(uri: str | None) -> str | None:
    """The server's address, by ``tracking.uri`` or else MLFLOW_TRACKING_URI; None where the store is no server.

    Raises
    ------
    BadInput
        an address with a user and password in it: a configuration is logged, and addresses are printed
    """
    given = uri or os.environ.get("MLFLOW_TRACKING_URI") or ""
    if not is_server(given):
        if uri and has_password(uri):
            raise BadInput(
                f"tracking.uri={shown(uri)}: holds a password, and a configuration is logged; give the address in "
                "MLFLOW_TRACKING_URI instead"
            )
        return None
    if has_password(given):
        key = "tracking.uri" if uri else "MLFLOW_TRACKING_URI"
        raise BadInput(
            f"{key}={shown(given)}: holds a user, password or token; take it out and set "
            f"{USER} and {PASSWORD}, or {TOKEN}"
        )
    return given


def is_server(uri: str) -> bool:
    """Whether a store is reached over HTTP."""
    return urlparse(uri).scheme in ("http", "https")


def shown(uri: str) -> str:
    """The address as it may be printed or logged: without user and password."""
    return without_password(uri)


def check(uri: str) -> None:
    """See that a server answers at ``uri``.

    Raises
    ------
    BadInput
        nothing answers within 5 seconds, or something that is no MLflow server
    """
    why = _silence(uri, HEALTH_SECONDS)
    if why:
        raise BadInput(
            f"tracking.uri={shown(uri)}: no MLflow server answers there ({why}); start it or use tracking=local"
        )


def answers(uri: str) -> bool:
    """Whether the store can be asked; a database always can."""
    return not is_server(uri) or not _silence(uri, 1.0)


def wait(done: Callable[[], bool], patience: float) -> bool:
    """Ask ``done()`` until it is true, at most ``patience`` seconds."""
    limit = time.monotonic() + patience
    while not done():
        if time.monotonic() >= limit:
            return False
        time.sleep(min(ASK_SECONDS, max(0.0, limit - time.monotonic())))
    return True


def refusal(uri: str, status: int, reason: str) -> str:
    """One line for what a store said instead of an answer (``status`` as in HTTP, ``reason`` in its words)."""
    where = f"tracking.uri={shown(uri)}" if uri else "tracking"
    reason = re.sub(r"^API request to .*Response body: '(.*)'$", r"\1", reason)
    user = os.environ.get(USER)
    if status == 401:
        who = "asks for a password"
        if user:
            who = f"does not know user {user} with this password"
        elif os.environ.get(TOKEN):
            who = "does not accept the token"
        return f"{where}: the server {who}; set {USER} and {PASSWORD}, or {TOKEN}"
    if "Host header" in reason:
        return (
            f"{where}: the server does not go by this name; add {urlparse(uri).netloc} to its --allowed-hosts"
        )
    if status == 403:
        who = f"user {user}" if user else "you"
        return f"{where}: the server does not let {who} do this ({reason}); ask its administrator"
    return f"{where}: MLflow cannot open this store ({reason})"


def refused(error: Exception) -> str | None:
    """One line where an error of MLflow is that the server does not let this user do something, else None."""
    status = getattr(error, "get_http_status_code", lambda: 0)()
    return refusal("", status, shown(first_line(error, 1000))) if status in (401, 403) else None


def _silence(uri: str, seconds: float) -> str:
    """Why nothing answers, or "" where a server does."""
    try:
        with urlopen(uri.rstrip("/") + "/health", timeout=seconds, context=_tls(uri)):
            return ""
    except HTTPError as error:
        return "" if error.code in (401, 403) else f"its /health says {error.code} {error.reason}"
    except (URLError, OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _tls(uri: str) -> ssl.SSLContext | None:
    """What MLflow's own environment variables say about certificates."""
    if urlparse(uri).scheme != "https":
        return None
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        return ssl._create_unverified_context()
    names = ("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE")
    return ssl.create_default_context(cafile=next(filter(None, map(os.environ.get, names)), None))
