"""The ten tests of the MDN HTTP Observatory and what each is worth.

After its published scoring (the docs' "Tests & Scoring", and the score table in mdn-http-observatory 1.4):
penalties are taken from 100 points, and when 90 or more are left, bonuses are added. Left out is what needs
the world outside: the browsers' list of preloaded hosts (5 points) and the certificate's validity.
"""

import re
from http.cookies import SimpleCookie

SIX_MONTHS = 15_768_000
PRIVATE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
GRADES = (
    (100, "A+"),
    (90, "A"),
    (85, "A-"),
    (80, "B+"),
    (70, "B"),
    (65, "B-"),
    (60, "C+"),
    (50, "C"),
    (0, "D or worse"),
)


def examine(headers, cookies, page, redirect):
    """Points by test. `headers` and `page` are of the answer over TLS, `cookies` its Set-Cookie lines,
    `redirect` the Location that a visitor without TLS is sent to."""
    policy = directives(headers.get("Content-Security-Policy", ""))
    return {
        "content-security-policy": content_security_policy(policy),
        "cookies": cookies_points(cookies),
        "cross-origin-resource-sharing": cors(headers),
        "redirection": 0 if redirect.startswith("https://") else -20,
        "referrer-policy": referrer_policy(headers),
        "strict-transport-security": hsts(headers),
        "subresource-integrity": subresource_integrity(page),
        "x-content-type-options": 0 if headers.get("X-Content-Type-Options", "").lower() == "nosniff" else -5,
        "x-frame-options": framing(policy, headers),
        "cross-origin-resource-policy": corp(headers),
    }


def total(points):
    score = 100 + sum(value for value in points.values() if value < 0)
    return score + sum(value for value in points.values() if value > 0) if score >= 90 else max(score, 0)


def grade(score):
    return next(letter for least, letter in GRADES if score >= least)


def directives(policy):
    rules = [rule.split() for rule in policy.split(";") if rule.strip()]
    return {name.lower(): {source.lower() for source in sources} for name, *sources in rules}


def content_security_policy(policy):
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    script, style, plugin = (policy.get(name, default) for name in ("script-src", "style-src", "object-src"))
    passive = policy.get("img-src", default) | policy.get("media-src", default)
    if script & (BROAD | INLINE) or plugin & BROAD:
        return -20
    if any(
        source.startswith(("http:", "ftp:")) for name, found in policy.items() for source in found if "img" not in name
    ):
        return -20
    if "'unsafe-eval'" in script | style or any(source.startswith("http:") for source in passive):
        return -10
    if style & (BROAD | INLINE):
        return 0
    return 10 if default == {"'none'"} else 5


def cookies_points(lines):
    if not lines:
        return 0
    found = [cookie for line in lines for cookie in SimpleCookie(line).values()]
    return min(_cookie(cookie) for cookie in found)


def _cookie(cookie):
    name, same_site = cookie.key.lower(), cookie["samesite"].lower()
    of_session = "login" in name or "sess" in name
    if of_session and not cookie["secure"]:
        return -40
    if of_session and not cookie["httponly"]:
        return -30
    if not cookie["secure"] or ("csrf" in name and not same_site) or same_site not in {"", "lax", "strict", "none"}:
        return -20
    return 5 if same_site else 0


def cors(headers):
    everybody = headers.get("Access-Control-Allow-Origin") == "https://observatory.example"
    return -50 if everybody and headers.get("Access-Control-Allow-Credentials") == "true" else 0


def referrer_policy(headers):
    policy = headers.get("Referrer-Policy")
    return 0 if policy is None else 5 if policy.split(",")[-1].strip() in PRIVATE_REFERRERS else -5


def hsts(headers):
    found = re.search(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    return -20 if not found else 0 if int(found[1]) >= SIX_MONTHS else -10


def subresource_integrity(page):
    """Scripts of other hosts need a hash; ours need none, and earn points where they have one."""
    scripts = re.findall(r"<script[^>]*\bsrc=\"([^\"]*)\"([^>]*)", page)
    foreign = [(source, rest) for source, rest in scripts if re.match(r"(https?:)?//", source)]
    if any(not source.startswith("https:") for source, _rest in foreign):
        return -50
    if any("integrity=" not in rest for _source, rest in foreign):
        return -5
    return 5 if any("integrity=" in rest for _source, rest in scripts) else 0


def framing(policy, headers):
    if "frame-ancestors" in policy and not policy["frame-ancestors"] & BROAD:
        return 5
    return 0 if headers.get("X-Frame-Options", "").upper() in {"DENY", "SAMEORIGIN"} else -20


def corp(headers):
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0, None: 0}.get(
        headers.get("Cross-Origin-Resource-Policy"), -5
    )
