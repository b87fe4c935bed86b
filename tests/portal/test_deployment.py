"""The image, the services beside it, and the very commands of both, run with production settings."""

import json
import re

import psycopg
import pytest
import yaml

from portal import bodies
from tests.portal import observatory
from tests.portal.stack import HOST, ROOT, Stack, composed

DOCKERFILE = (ROOT / "Dockerfile").read_text()
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
OURS = ("migrate", "pages", "sockets", "worker")
ENDLESS = ("pages", "sockets", "worker", "door", "database", "live", "scanner")


def stages():
    """The instructions of each stage, as (word, rest)."""
    text = DOCKERFILE.replace("\\\n", " ")
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = []
    for word, rest in lines:
        if word == "FROM":
            found.append([])
        found[-1].append((word, " ".join(rest.split())))
    return found


# The image ------------------------------------------------------------------------------------


def test_the_image_is_built_aside_and_slim():
    build, final = stages()
    assert "slim" in build[0][1] and "slim" in final[0][1]
    assert ("COPY", "--from=build /app /app") in final
    assert not any("pip install" in rest for _word, rest in final)


def test_the_image_holds_what_the_lock_file_says_without_what_developers_need():
    [sync] = [rest for _word, rest in stages()[0] if "uv sync" in rest]
    assert "--frozen" in sync and "--no-default-groups" in sync


def test_the_image_does_not_run_as_root():
    words = [word for word, _rest in stages()[-1]]
    [user] = [rest for word, rest in stages()[-1] if word == "USER"]
    assert user == "portal"
    assert words.index("USER") < words.index("CMD")


def test_the_image_brings_its_static_files_and_its_health_check():
    build, final = stages()
    assert any("collectstatic" in rest for _word, rest in build)
    assert any(word == "HEALTHCHECK" and "/health/ready/" in rest for word, rest in final)


def test_the_image_holds_no_secret_and_no_test():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", "tests", "var", ".venv"} <= set(ignored)
    assert not re.search(r"(SECRET_KEY|FIELD_KEYS|PASSWORD)=", DOCKERFILE)


# The services ---------------------------------------------------------------------------------


def test_all_services_stand():
    assert set(composed()["services"]) == {*OURS, "door", "database", "live", "scanner"}


@pytest.mark.parametrize("name", ENDLESS)
def test_services_come_back_and_tell_how_they_are(name):
    service = composed()["services"][name]
    assert service["restart"] == "unless-stopped"
    assert service.get("healthcheck", {}).get("test") or "HEALTHCHECK" in DOCKERFILE
    assert "no-new-privileges:true" in service["security_opt"]


def test_only_the_door_is_open_to_the_world():
    services = composed()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["door"]
    assert composed()["networks"]["inside"] == {"internal": True}
    for name in ("database", "live"):
        assert services[name]["networks"] == ["inside"]


@pytest.mark.parametrize("name", OURS)
def test_our_services_are_one_image_that_can_change_nothing_but_its_files(name):
    service = composed()["services"][name]
    assert service["image"] == "portal" and service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["environment"]["PORTAL_ENV"] == "production"
    assert service["environment"]["TRUSTED_PROXIES"] == "1"


def test_nothing_starts_before_the_migrations_are_through():
    for name in ("pages", "sockets", "worker"):
        assert composed()["services"][name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_no_password_stands_in_a_file_that_is_kept():
    text = (ROOT / "compose.yaml").read_text()
    assert yaml.safe_load(text)["services"]["database"]["environment"]["POSTGRES_PASSWORD"].startswith(
        "${POSTGRES_PASSWORD:?"
    )


def test_the_door_leads_sockets_to_the_sockets_and_believes_no_visitors_address():
    assert re.search(r"handle /ws/\* \{\s+reverse_proxy sockets:8000", CADDYFILE)
    assert "reverse_proxy pages:8000" in CADDYFILE
    assert "trusted_proxies" not in CADDYFILE, "without it, Caddy overwrites X-Forwarded-For"


def test_the_door_lets_through_what_the_portal_takes_and_little_more():
    for matcher, most in (("files", bodies.MOST_OF_FILES), ("others", bodies.MOST)):
        [allowed] = re.findall(rf"request_body @{matcher} {{\s+max_size (\d+)MB", CADDYFILE)
        assert most < int(allowed) * 10**6 < most * 1.2
    [paths] = re.findall(r"@files path (.+)", CADDYFILE)
    assert {path.removesuffix("*") for path in paths.split()} == set(bodies.TAKE_FILES)
    assert f"@others not path {paths}" in CADDYFILE


def test_slow_lines_hold_up_no_page_process():
    assert re.search(r"handle @files \{\s+reverse_proxy sockets:8000", CADDYFILE)


def test_the_doors_log_holds_no_token():
    [pattern] = re.findall(r'request>uri regexp "(.+?)" "', CADDYFILE)
    for path in (
        "/join/s3cret/",
        "/join/s3cret/passkey/?a=b",
        "/account/password/reset/key/s3cret/",
        "/?person=s3cret",
    ):
        assert "s3cret" not in re.sub(pattern, r"\1…", path)
    assert "request>headers delete" in CADDYFILE and "resp_headers delete" in CADDYFILE


# A deployment, running --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    running = Stack(tmp_path_factory.mktemp("deployment"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


def cookies_of(answer):
    return answer.headers.get_all("Set-Cookie") or []


def test_g12_the_observatory_gives_a_plus(stack):
    page = stack.get("/account/login/")
    assert page.status == 200
    redirect = stack.get("/account/login/", tls=False)
    points = observatory.examine(dict(page.headers), cookies_of(page), page.body.decode(), redirect.headers["Location"])
    assert len(points) == 10
    assert not [name for name, value in points.items() if value < 0]
    assert observatory.total(points) >= 125, points
    assert observatory.grade(observatory.total(points)) == "A+"


def test_a_visitor_without_tls_is_led_to_ours_whatever_host_they_named(stack):
    answer = stack.get("/account/login/", tls=False, headers={"Host": "evil.example"})
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{HOST}/account/login/"


def test_s26_a_forged_host_is_refused(stack):
    answer = stack.get("/account/login/", headers={"Host": "evil.example"})
    assert answer.status == 400
    assert b"We did not understand that" in answer.body


def test_hsts_is_for_years(stack):
    assert (
        stack.get("/account/login/").headers["Strict-Transport-Security"]
        == "max-age=63072000; includeSubDomains; preload"
    )


def test_cookies_belong_to_this_host_alone(stack):
    [line] = cookies_of(stack.get("/account/login/"))
    assert line.startswith("__Host-csrf=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in line.split(";")}


def test_static_files_are_compressed_and_kept_for_ever(stack):
    [sheet] = re.findall(r'href="(/static/css/portal\.[0-9a-f]{12}\.css)"', stack.get("/account/login/").body.decode())
    answer = stack.get(sheet, headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_sockets_process_answers_pages_too(stack):
    assert stack.get("/account/login/", service="sockets").status == 200


def events(stack, column):
    with psycopg.connect(stack.database_url()) as connection:
        return [str(row[0]) for row in connection.execute(f"select {column} from accounts_securityevent order by id")]


@pytest.mark.parametrize("service", ("pages", "sockets"))
def test_s28_a_forged_address_is_not_believed(stack, service):
    page = stack.get("/account/login/", service=service)
    [cookie] = [line.split(";")[0] for line in cookies_of(page)]
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.body.decode())[0]
    before = len(events(stack, "address"))
    answer = stack.get(
        "/account/login/",
        service=service,
        method="POST",
        body=f"csrfmiddlewaretoken={token}&login=nobody%40example.com&password=wrong-guess-here",
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie,
            "Referer": f"https://{HOST}/account/login/",
            "X-Forwarded-For": "6.6.6.6, 198.51.100.7",
            "X-Real-IP": "6.6.6.6",
            "X_Forwarded_For": "6.6.6.6",
        },
    )
    assert answer.status in {200, 422}
    assert events(stack, "address")[before:] == ["198.51.100.7"]


def test_s72_logs_hold_no_token(stack):
    stack.get("/join/a-token-that-nobody-may-read/?next=also-private")
    stack.get("/account/password/reset/key/a-key-that-nobody-may-read/")
    for service in ("pages", "sockets", "worker"):
        assert "nobody-may-read" not in stack.log(service)
        assert "also-private" not in stack.log(service)


def test_every_line_of_the_logs_is_json(stack):
    for service in ("pages", "sockets", "worker"):
        lines = [line for line in stack.log(service).splitlines() if line != "Launching a worker on all queues"]
        assert all(json.loads(line)["at"] for line in lines)


def test_the_doctor_finds_the_machines_well_and_the_people_missing(stack):
    done = stack.run("python", "manage.py", "doctor", "--json")
    found = {each["check"]: each["tone"] for each in yaml.safe_load(done.stdout)}
    assert done.returncode == 1
    assert {name for name, tone in found.items() if tone == "problem"} == {"mail", "owner"}
    assert {
        "worker",
        "live",
        "cache",
        "database",
        "migrations",
        "clock",
        "storage",
        "kind",
        "keys",
        "address",
        "proxies",
    } <= {name for name, tone in found.items() if tone == "ok"}


def test_production_starts_with_nothing_to_warn_of(stack):
    done = stack.run("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_a_deployment_that_lacks_something_says_so_in_one_line(stack):
    done = stack.run("python", "manage.py", "migrate", SECRET_KEY="", EMAIL_URL="")
    assert done.returncode == 1
    assert done.stderr == "Production needs these environment variables: SECRET_KEY, EMAIL_URL. See .env.example.\n"
