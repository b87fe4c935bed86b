"""Settings and `.env.example` agree; production starts with all that it needs, or says what is missing."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys

import pytest
from django.conf import settings

from accounts import lifetime
from portal import production
from tests.laws.sources import ROOT, dotted

SOURCE = (ROOT / "portal/settings.py").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()


def read_names():
    """The variables that the settings read: the first argument of each `env.…("NAME", …)`."""
    calls = [
        node
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Call) and re.fullmatch(r"env\.\w+", dotted(node.func))
    ]
    return {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}


def compose_names():
    """What compose.yaml takes from the same file for the services beside the portal."""
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))


def shown_names():
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))


def needed_names():
    return set(re.findall(r"^# NEEDED\.(?:.*\n)(?:#.*\n)*?#?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE))


def full_environment():
    lines = (ROOT / "tests/production.env").read_text().splitlines()
    words = [word for line in lines if line and not line.startswith("#") for word in shlex.split(line)]
    return dict(word.split("=", 1) for word in words)


def run(code, environment):
    """A fresh interpreter with nothing but this environment."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-c", code] if isinstance(code, str) else [sys.executable, *code]
    return subprocess.run(
        command, cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


def test_every_name_that_is_read_is_in_the_example_and_the_other_way_round():
    assert read_names() | compose_names() == shown_names()


def test_only_the_settings_read_the_environment():
    """`os.environ` elsewhere would be a setting that nobody finds."""
    # Those that start Django name its settings; the benchmark hands the environment on to its server; the embedded
    # Postgres runs programs in an environment of its own.
    starters = {"portal/asgi.py", "portal/wsgi.py", "portal/bench/server.py"}
    readers = [
        path.relative_to(ROOT).as_posix()
        for app in ("accounts", "appointments", "billing", "chat", "forms_app", "portal", "uploads")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"os\.environ|getenv", path.read_text()) and "portal/embedded/" not in path.as_posix()
    ]
    assert set(readers) <= starters


def test_the_example_says_what_production_needs():
    assert needed_names() == set(production.JUDGES)


def test_the_example_is_safe_to_use_as_it_is():
    set_lines = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    assert set_lines == ["PORTAL_ENV=demo"]


SETTINGS = "import portal.settings"


def test_production_starts_with_all_it_needs():
    done = run(SETTINGS, full_environment())
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", production.JUDGES)
def test_production_without_it_does_not_start_and_names_it(name):
    environment = {**full_environment(), name: ""}
    done = run(SETTINGS, environment)
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]
    assert not [
        other
        for other in production.JUDGES
        if other != name and re.search(rf"\b{other}\b", done.stderr.splitlines()[-1])
    ]


def test_production_with_nothing_names_all_at_once():
    last = run(SETTINGS, {"PORTAL_ENV": "production"}).stderr.splitlines()[-1]
    assert all(name in last for name in production.JUDGES)


WEAK = {
    "SECRET_KEY": production.DEMO_SECRET_KEY,
    "FIELD_KEYS": production.DEMO_FIELD_KEY,
    "ALLOWED_HOSTS": "*",
    "PORTAL_URL": "http://portal.example.com",
    "DATABASE_URL": "sqlite:///portal.db",
    "EMAIL_URL": "consolemail://",
    "MAIL_FROM": "nobody",
}


@pytest.mark.parametrize("name", WEAK)
def test_production_refuses_a_value_that_is_not_safe(name):
    done = run(SETTINGS, {**full_environment(), name: WEAK[name]})
    assert done.returncode != 0 and name in done.stderr.splitlines()[-1]
    assert full_environment()["SECRET_KEY"] not in done.stderr


WHOLE_BUCKET = {"S3_BUCKET": "files", "S3_REGION": "eu-central-1"}
HALF_BUCKETS = {
    "no bucket": ({"S3_REGION": "eu-central-1"}, "say which bucket"),
    "keys alone": ({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, "say which bucket"),
    "nowhere": ({"S3_BUCKET": "files"}, "needs S3_REGION, or S3_ENDPOINT_URL"),
    "half a key": ({**WHOLE_BUCKET, "AWS_SECRET_ACCESS_KEY": "b"}, "belong together"),
    "in the clear": ({**WHOLE_BUCKET, "S3_ENDPOINT_URL": "http://s3.example.com"}, "must be https"),
}


@pytest.mark.parametrize("case", HALF_BUCKETS)
def test_production_refuses_half_a_bucket(case):
    more, words = HALF_BUCKETS[case]
    done = run(SETTINGS, {**full_environment(), **more})
    assert done.returncode != 0 and words in done.stderr.splitlines()[-1]


def test_production_starts_with_a_whole_bucket():
    done = run(SETTINGS, {**full_environment(), **WHOLE_BUCKET})
    assert (done.returncode, done.stderr) == (0, "")


def test_another_kind_of_house_is_refused():
    assert "use demo, test or production" in run(SETTINGS, {"PORTAL_ENV": "staging"}).stderr


def test_the_deployment_check_finds_nothing():
    done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], full_environment())
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.fixture(scope="module")
def deployed():
    """The settings as production has them."""
    names = [
        "DEBUG", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY",
        "LANGUAGE_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH",
        "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "PASSWORD_HASHERS",
        "SECURE_CSP", "X_FRAME_OPTIONS",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY", "SECURE_REFERRER_POLICY", "ALLOWED_HOSTS", "SILENCED_SYSTEM_CHECKS",
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "SESSION_COOKIE_AGE",
    ]  # fmt: skip
    read = f"{{name: getattr(settings, name, None) for name in {names!r}}}"
    code = f"import json; from portal import settings; print(json.dumps({read}, default=str))"
    return json.loads(run(code, full_environment()).stdout)


def test_cookies_of_production_are_bound_to_this_host_and_to_tls(deployed):
    for kind in ("SESSION", "CSRF", "LANGUAGE"):
        assert deployed[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert deployed[f"{kind}_COOKIE_SECURE"] is True
        assert deployed[f"{kind}_COOKIE_HTTPONLY"] is not False
    # RFC 6265bis §4.1.3.2: a `__Host-` cookie has the path / and no domain.
    assert deployed["SESSION_COOKIE_DOMAIN"] is None and deployed["SESSION_COOKIE_PATH"] in {None, "/"}
    assert {deployed["SESSION_COOKIE_SAMESITE"], deployed["CSRF_COOKIE_SAMESITE"]} <= {"Lax", "Strict"}
    # The cookie outlives what it is good for: afterwards only text that was being typed is still taken.
    assert lifetime.ABSOLUTE <= 12 * 3600 < deployed["SESSION_COOKIE_AGE"] <= 7 * 24 * 3600


def test_production_speaks_tls_only_and_shows_no_innards(deployed):
    assert deployed["DEBUG"] is False and deployed["SECURE_SSL_REDIRECT"] is True
    assert deployed["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600 and deployed["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert deployed["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False
    assert deployed["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")
    assert "*" not in deployed["ALLOWED_HOSTS"]
    assert deployed["SILENCED_SYSTEM_CHECKS"] == []


def test_the_policy_of_production_allows_nothing_inline_and_nobody_else(deployed):
    policy = deployed["SECURE_CSP"]
    everything = " ".join(source for sources in policy.values() for source in sources)
    assert (
        policy["script-src"] == ["'self'"] and policy["style-src"] == ["'self'"] and policy["default-src"] == ["'none'"]
    )
    assert "unsafe" not in everything and "http" not in everything and "*" not in everything
    assert policy["frame-ancestors"] == ["'none'"] and deployed["X_FRAME_OPTIONS"] == "DENY"
    assert (
        deployed["SECURE_CROSS_ORIGIN_OPENER_POLICY"] == "same-origin"
        and deployed["SECURE_REFERRER_POLICY"] == "same-origin"
    )


def test_the_demo_is_not_in_production():
    code = "import django; django.setup(); from django.urls import resolve; print(resolve('/demo/mail/'))"
    done = run(code, {**full_environment(), "DJANGO_SETTINGS_MODULE": "portal.settings"})
    assert "Resolver404" in done.stderr


def test_the_tests_are_of_this_house():
    assert settings.TEST and not settings.PRODUCTION
