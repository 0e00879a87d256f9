"""What a person does about a database that refuses: a sentence for each kind of refusal, without a value."""

from __future__ import annotations

from gateway.store.errors import StoreError

_BY_CODE = (
    ("28", "PostgreSQL refused the user or the password; check both in DATABASE_URL, and pg_hba.conf for this host."),
    ("3D", "there is no database of that name; create it, or check the name in DATABASE_URL."),
    ("42501", "the role may not do this; make it the owner of the database, or GRANT CREATE, USAGE ON SCHEMA public."),
    ("42704", "PostgreSQL does not know a parameter in DATABASE_URL; remove it."),
    ("22023", "PostgreSQL does not take the value of a parameter in DATABASE_URL; correct it."),
    ("25006", "the database is read-only (a standby, or no space left); name the primary in DATABASE_URL."),
    ("53100", "the database has no space left; make room."),
    ("53300", "the database has no connection left; raise max_connections, or run fewer processes."),
    ("53", "the database has run out of something; its own log says of what."),
    ("57", "the database is starting, or shutting down; try again in a moment."),
)
_BY_KIND = {
    "ClientConfigurationError": "DATABASE_URL has a setting with a value that cannot be used (sslmode, say).",
    "ConnectionRefusedError": "nobody listens at the host and port of DATABASE_URL; is PostgreSQL up?",
    "FileNotFoundError": "a file that DATABASE_URL names (sslrootcert, sslcert, sslkey), or its socket, is not there.",
    "PermissionError": "a file that DATABASE_URL names (sslrootcert, sslcert, sslkey), or its socket, is closed to us.",
    "SSLCertVerificationError": "the database's certificate is not for that host, or from nobody that is trusted.",
    "TimeoutError": "the host of DATABASE_URL does not answer.",
    "gaierror": "the host of DATABASE_URL has no address; check its name.",
}
_OTHER = "the database cannot be reached or used; check DATABASE_URL."


def advise(error: StoreError) -> str:
    """One sentence: what is wrong, and what to do."""
    for code, sentence in _BY_CODE:
        if (error.sqlstate or "").startswith(code):
            return sentence
    return _BY_KIND.get(error.kind, _OTHER)
