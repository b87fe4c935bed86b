"""Every setting of the portal, read from the environment (`.env.example` lists them all).

PORTAL_ENV says what kind of house this is: `demo` (the default: safe values, an own Postgres, a
mailbox page instead of real mail), `test`, or `production`, which refuses to start while a value
it needs is missing.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from portal import logs, pool, production

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

PORTAL_ENV = env.str("PORTAL_ENV", default="demo")
PRODUCTION = PORTAL_ENV == "production"
DEMO = PORTAL_ENV == "demo"
TEST = PORTAL_ENV == "test"
if PORTAL_ENV not in {"demo", "test", "production"}:
    raise ImproperlyConfigured(f"PORTAL_ENV is {PORTAL_ENV!r}; use demo, test or production.")

if PRODUCTION and (refusals := production.refusals(lambda name: env.str(name, default=""))):
    raise ImproperlyConfigured(" ".join([*refusals, "See .env.example."]))

DEBUG = False
HOME = Path(env.str("PORTAL_HOME", default=str(BASE_DIR / "var"))).resolve()
PORT = env.int("PORT", default=8000)

# Secrets ---------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default=production.DEMO_SECRET_KEY)
# Fernet keys, newest first; they encrypt second-factor seeds and mail bodies at rest.
FIELD_KEYS = env.list("FIELD_KEYS", default=[production.DEMO_FIELD_KEY])

# Where ---------------------------------------------------------------------------------------
PORTAL_URL = env.str("PORTAL_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
WSGI_APPLICATION = "portal.wsgi.application"

INSTALLED_APPS = [
    "daphne",
    "accounts",
    "uploads",
    "forms_app",
    "appointments",
    "billing",
    "chat",
    "portal",
    "portal.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    # First those that speak on every answer: static files, errors and refused host names too.
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.health",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.Compression",
    # Before anybody reads a cookie, so that the page that refuses them does not either.
    "portal.middleware.one_host",
    "portal.middleware.no_nul_bytes",
    # Before anybody reads the form.
    "portal.bodies.limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # After the language, which its refusals speak; before anybody asks who it is.
    "portal.middleware.feeds",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.denials",
    "accounts.middleware.sessions_end",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.client_rooms",
    "accounts.middleware.language_and_zone",
    "accounts.middleware.TraceMiddleware",
    "portal.middleware.own_look",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.practice",
                "portal.context.navigation",
                *(["portal.demo.context.ribbon"] if DEMO else []),
            ],
        },
    }
]

# Database ------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="")
# The tests' own server forgoes durability, so it never serves the demo's data.
EMBEDDED_POSTGRES_HOME = HOME / ("postgres-test" if TEST else "postgres")
DATABASE_POOL = env.int("DATABASE_POOL", default=10)
_embedded = {"ENGINE": "portal.embedded", "NAME": "portal"}
_database: dict[str, Any] = env.db_url("DATABASE_URL") if DATABASE_URL else _embedded
_pool = {"pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10, "check": pool.check}}
DATABASES = {
    "default": {
        **_database,
        # Without the check, a restart of the database would fail every later request of the pool.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_database.get("OPTIONS", {}), **({} if TEST else _pool)},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Live layer and cache: both shared by all processes, with or without Redis ------------------------
REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    if REDIS_URL
    else {"BACKEND": "portal.layers.PostgresLayer"}
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}
}

# Mail ----------------------------------------------------------------------------------------
MAIL_FROM = DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default="Portal <portal@localhost>")
_smtp = env.email_url("EMAIL_URL", default="smtp://localhost:25")
SMTP = {
    "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "OPTIONS": {
        "host": _smtp["EMAIL_HOST"],
        "port": _smtp["EMAIL_PORT"],
        "username": _smtp["EMAIL_HOST_USER"] or "",
        "password": _smtp["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": _smtp.get("EMAIL_USE_TLS", False),
        "use_ssl": _smtp.get("EMAIL_USE_SSL", False),
        "timeout": 20,
    },
}
# The demo's mailbox shows the outbox itself, so its backend has nothing to do.
MAILERS = {
    "default": SMTP
    if env.str("EMAIL_URL", default="")
    else {"BACKEND": f"django.core.mail.backends.{'locmem' if TEST else 'dummy'}.EmailBackend"}
}

# Signing in ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.permissions.RowBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:dashboard"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
    if TEST and env.bool("FAST_PASSWORDS", default=True)
    else "django.contrib.auth.hashers.Argon2PasswordHasher"
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.NotAboutYou"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.NotAboutThePractice"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.account.SignInForm",
    "request_login_code": "accounts.forms.account.CodeRequestForm",
    "confirm_login_code": "accounts.forms.account.MailedCodeForm",
    "reset_password": "accounts.forms.account.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.account.NewPasswordForm",
    "change_password": "accounts.forms.account.ChangePasswordForm",
    "set_password": "accounts.forms.account.SetPasswordForm",
    "reauthenticate": "accounts.forms.account.ReauthenticateForm",
    "add_email": "accounts.forms.account.ChangeEmailForm",
    "confirm_email_verification_code": "accounts.forms.account.ConfirmEmailForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(timedelta(minutes=15).total_seconds())
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
# The adapter swallows this mail; asking for it keeps both answers equally slow.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PORTAL_URL.startswith("https") else "http"
# Codes of the second step. Passwords are counted by accounts.actions.throttle.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key"}
# Django's own: allauth's asks the database more about a login that exists, which takes time that tells.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.account.SecondStepForm",
    "reauthenticate": "accounts.forms.account.SecondStepAgainForm",
    "activate_totp": "accounts.forms.account.AddAppForm",
    "login_webauthn": "accounts.forms.passkey.SignInByPasskeyForm",
    "authenticate_webauthn": "accounts.forms.passkey.SecondStepByPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.passkey.PasskeyAgainForm",
    "add_webauthn": "accounts.forms.passkey.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.passkey.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # localhost without TLS
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
USERSESSIONS_TRACK_ACTIVITY = False  # accounts.middleware notes it, at most every five minutes

# Sessions and cookies: session, CSRF and language, nothing else ------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_SERIALIZER = "accounts.sealed.SealedSerializer"
# Longer than a session lives (accounts.lifetime says how long), so that the text in a page left open over a long
# weekend can still be kept for its owner when it is over.
SESSION_COOKIE_AGE = int(timedelta(days=4).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if PRODUCTION else "language"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PORTAL_URL] if PRODUCTION else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# What the browser is told ----------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "media-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_SSL_HOST = urlsplit(PORTAL_URL).netloc  # ours, whatever host the request named
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds()) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # without files; portal.bodies and uploads.handlers limit those
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a form of 2,000 questions on one page names each, and its answer

# Files ---------------------------------------------------------------------------------------
STATIC_URL = "static/"
# The tests serve the sources themselves.
STATIC_ROOT = None if TEST else Path(env.str("STATIC_ROOT", default=str(HOME / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# What clients send, pictures, what is built for them: on this disk, where no web server serves it, or in a bucket.
MEDIA_ROOT = HOME / "media"
S3_BUCKET = env.str("S3_BUCKET", default="")
S3 = {
    "bucket_name": S3_BUCKET,
    "endpoint_url": (_endpoint := env.str("S3_ENDPOINT_URL", default="")) or None,
    "region_name": env.str("S3_REGION", default="") or "us-east-1",
    # Without them boto3 looks for the role of the machine.
    "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
    "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
    "addressing_style": "path" if _endpoint else "virtual",
    "signature_version": "s3v4",
    "querystring_auth": True,
    "querystring_expire": 60,
    "default_acl": None,
    "file_overwrite": False,
    "max_memory_size": 1024 * 1024,  # of a file that we read ourselves; the rest of it waits in FILE_UPLOAD_TEMP_DIR
}
# What comes in waits here, beside its place, so that it is moved and not copied. Nobody else on the machine may look.
FILE_UPLOAD_TEMP_DIR = HOME / "incoming"
FILE_UPLOAD_HANDLERS = ["uploads.handlers.ToDisk"]
# A path of nginx that is `internal` and leads to MEDIA_ROOT; empty: the portal sends the bytes itself.
ACCEL_REDIRECT = env.str("ACCEL_REDIRECT", default="")
# nginx reads the files as a member of the portal's group.
FILE_UPLOAD_PERMISSIONS = 0o640 if ACCEL_REDIRECT else 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750 if ACCEL_REDIRECT else 0o700
# ClamAV's socket, a path or tcp://host:port; empty: files are not scanned, which staff are shown.
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")
STORAGES = {
    "default": {"BACKEND": "accounts.bucket.Bucket", "OPTIONS": S3}
    if S3_BUCKET
    else {"BACKEND": "accounts.storage.Disk"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if TEST else "portal.static.HashedStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TEST  # each test browser would look through all folders
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# Words and clocks -------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Logs: one JSON line each on standard error, nothing of a person in it --------------------------------
LOGGING = logs.configuration(env.str("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING"))

SILENCED_SYSTEM_CHECKS: list[str] = []
