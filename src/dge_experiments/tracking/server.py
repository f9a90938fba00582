"""A tracking server: its address, whether it answers, and what its errors mean. Does not import MLflow."""

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
    """The server's address, from ``tracking.uri`` or else MLFLOW_TRACKING_URI; None if the store is no server.

    Raises
    ------
    BadInput
        the address holds a user or password: configurations are logged, and addresses are printed
    """
    location = uri or os.environ.get("MLFLOW_TRACKING_URI") or ""
    if not is_server(location):
        if uri and has_password(uri):
            raise BadInput(
                f"tracking.uri={without_password(uri)}: holds a password, and a configuration is logged; give the "
                "address in MLFLOW_TRACKING_URI instead"
            )
        return None
    if has_password(location):
        key = "tracking.uri" if uri else "MLFLOW_TRACKING_URI"
        raise BadInput(
            f"{key}={without_password(location)}: holds a user, password or token; take it out and set "
            f"{USER} and {PASSWORD}, or {TOKEN}"
        )
    return location


def is_server(uri: str) -> bool:
    """Whether a store is reached over HTTP."""
    return urlparse(uri).scheme in ("http", "https")


def check(uri: str) -> None:
    """Check that a server answers at ``uri``.

    Raises
    ------
    BadInput
        nothing answers within 5 seconds, or something that is no MLflow server
    """
    fault = _fault(uri, HEALTH_SECONDS)
    if fault:
        raise BadInput(
            f"tracking.uri={without_password(uri)}: no MLflow server answers there ({fault}); "
            "start it or use tracking=local"
        )


def answers(uri: str) -> bool:
    """Whether the store answers; always true of a database."""
    return not is_server(uri) or not _fault(uri, 1.0)


def wait(done: Callable[[], bool], patience: float) -> bool:
    """Call ``done()`` until it is true, for at most ``patience`` seconds; returns whether it was."""
    limit = time.monotonic() + patience
    while not done():
        if time.monotonic() >= limit:
            return False
        time.sleep(min(ASK_SECONDS, max(0.0, limit - time.monotonic())))
    return True


def refusal(uri: str, status: int, reason: str) -> str:
    """One line for an error of a store (``status`` as in HTTP, ``reason`` is its own message)."""
    prefix = f"tracking.uri={without_password(uri)}" if uri else "tracking"
    reason = re.sub(r"^API request to .*Response body: '(.*)'$", r"\1", reason)
    user = os.environ.get(USER)
    if status == 401:
        subject = "asks for a password"
        if user:
            subject = f"does not know user {user} with this password"
        elif os.environ.get(TOKEN):
            subject = "does not accept the token"
        return f"{prefix}: the server {subject}; set {USER} and {PASSWORD}, or {TOKEN}"
    if "Host header" in reason:
        return f"{prefix}: the server does not go by this name; add {urlparse(uri).netloc} to its --allowed-hosts"
    if status == 403:
        subject = f"user {user}" if user else "you"
        return f"{prefix}: the server does not let {subject} do this ({reason}); ask its administrator"
    return f"{prefix}: MLflow cannot open this store ({reason})"


def refused(error: Exception) -> str | None:
    """One line if the error means that the server does not let this user do something, else None."""
    status = getattr(error, "get_http_status_code", lambda: 0)()
    return refusal("", status, without_password(first_line(error, 1000))) if status in (401, 403) else None


def _fault(uri: str, seconds: float) -> str:
    """Why no server answers, or "" if one does."""
    try:
        with urlopen(uri.rstrip("/") + "/health", timeout=seconds, context=_tls(uri)):
            return ""
    except HTTPError as error:
        return "" if error.code in (401, 403) else f"its /health says {error.code} {error.reason}"
    except (URLError, OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _tls(uri: str) -> ssl.SSLContext | None:
    """The certificate settings of MLflow's own environment variables; None if the address is not https."""
    if urlparse(uri).scheme != "https":
        return None
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        return ssl._create_unverified_context()
    names = ("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE")
    return ssl.create_default_context(cafile=next(filter(None, map(os.environ.get, names)), None))
