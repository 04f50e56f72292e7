"""Registration and log-in, and what registration rejects."""

from actions import AMY, BOB, CLEO, EVE, NEW_USER, PASSWORD, email, log_in, malformed_bodies, register, register_person
from checks import equal, error, some_error, user
from collection import folder, get, post
from contract import BLANK, INVALID, TAKEN, UNSET_TEXTS, too_long, too_short

BAD_CREDENTIALS = error(401, credentials="invalid")
SPACE = "Space-{{run}}"
ALL_BLANK = error(422, username=BLANK, email=BLANK, password=BLANK)


def read_self(name, scheme):
    return get(name, "/user", user(200, username=AMY), headers={"Authorization": f"{scheme} {{{{amyToken}}}}"})


def log_in_with(name, fields, check):
    return post(name, "/users/login", {"user": fields}, check)


def register_with(name, fields, check):
    return post(name, "/users", {"user": fields}, check)


def any_content_type(what, **options):
    fields = {"email": "space-{{run}}@mail.com", "password": "  8 char "}
    return log_in(f"Content-Type is ignored: {what}", fields, user(200, username=SPACE), **options)


def invalid_usernames():
    usernames = {
        "with a slash": "a/b-{{run}}",
        "with a question mark": "a?b-{{run}}",
        "with a hash": "a#b-{{run}}",
        "with a percent sign": "a%b-{{run}}",
        "with a control character": "a\x07b-{{run}}",
        "with a NUL": "a\0b-{{run}}",
        "with a zero-width space": "a\u200bb-{{run}}",
        "with a bidirectional override": "a\u202eb-{{run}}",
        "that is one dot": ".",
        "that is two dots": "..",
    }
    return [
        register(f"A username {what}", {"username": username}, error(422, username=INVALID))
        for what, username in usernames.items()
    ]


def invalid_emails():
    addresses = {
        "without @": "new-{{run}}.mail.com",
        "with two @": "new@{{run}}@mail.com",
        "with nothing before the @": "@{{run}}.mail.com",
        "with nothing after the @": "new-{{run}}@",
        "with white space inside": "new {{run}}@mail.com",
    }
    return [
        register(f"An e-mail address {what}", {"email": address}, error(422, email=INVALID))
        for what, address in addresses.items()
    ]


REGISTRATION = folder(
    "Register and log in",
    "Registers Amy, the author of most articles, and Bob and Cleo, who read, follow and favorite.",
    register_person(AMY, about="The first request of a run. It draws `run`, the suffix of all names."),
    register_person(BOB),
    register_person(CLEO),
    register(
        "Unknown fields of a registration are ignored",
        {
            "username": EVE,
            "email": "eve-{{run}}@mail.com",
            "bio": "I know better",
            "image": "eve.png",
            "id": 1,
            "admin": True,
            "token": "mine",
        },
        user(201, username=EVE, **UNSET_TEXTS),
    ),
    log_in("Log in", {}, user(200, username=AMY, email=email(AMY), **UNSET_TEXTS), save={"amyToken": "user.token"}),
    get(
        "The token of a log-in is valid",
        "/user",
        user(200, username=AMY, email=email(AMY), **UNSET_TEXTS),
        by="amy",
        save={"amyToken": "user.token"},
    ),
    read_self("The token of the current user is valid", "Token"),
    read_self("The scheme may be Bearer", "Bearer"),
    read_self("The scheme may be in lower case", "token"),
    read_self("The scheme may be in upper case", "BEARER"),
    log_in(
        "Log in with the e-mail address in upper case",
        {"email": "{{email}}"},
        user(200, username=AMY, email=email(AMY)),
        local={"email": "`amy-${run}@mail.com`.toUpperCase()"},
    ),
    log_in(
        "Log in with the e-mail address in full-width letters",
        {"email": "ａｍｙ-{{run}}@mail.com"},
        user(200, email=email(AMY)),
    ),
    log_in(
        "Log in with an unknown e-mail address",
        {"email": "unknown-{{run}}@mail.com"},
        BAD_CREDENTIALS,
        "pm.collectionVariables.set('unknownEmailResponse', pm.response.text());",
    ),
    log_in(
        "A wrong password and an unknown e-mail address yield the same bytes",
        {"password": "incorrect horse"},
        BAD_CREDENTIALS,
        equal("response equals that to an unknown address", "pm.response.text()", "{{unknownEmailResponse}}"),
    ),
    log_in("Log in with the password in other case", {"password": "Correct Horse"}, BAD_CREDENTIALS),
    log_in("A password below the minimum length is wrong, not invalid", {"password": "x"}, BAD_CREDENTIALS),
    log_in("A malformed e-mail address is unknown, not invalid", {"email": "amy"}, BAD_CREDENTIALS),
    log_in_with("Log in without any field", {}, error(422, email=BLANK, password=BLANK)),
    log_in("Log in with empty fields", {"email": "", "password": ""}, error(422, email=BLANK, password=BLANK)),
    log_in("Log in with null fields", {"email": None, "password": None}, error(422, email=BLANK, password=BLANK)),
    log_in_with("Log in without a password", {"email": email(AMY)}, error(422, password=BLANK)),
    log_in(
        "Log in with fields of the wrong type",
        {"email": 5, "password": True},
        error(422, email=INVALID, password=INVALID),
    ),
    malformed_bodies(
        "Log in",
        "user",
        lambda name, body, check: post(name, "/users/login", body, check),
        {"email": email(AMY), "password": PASSWORD},
    ),
)

REGISTRATION_ERRORS = folder(
    "Registration errors",
    "The response names every invalid field. Nothing is stored.",
    register_with("Register without any field", {}, ALL_BLANK),
    register("Register with empty fields", {"username": "", "email": "", "password": ""}, ALL_BLANK),
    register("Register with white space only", {"username": "  ", "email": " \t", "password": "   "}, ALL_BLANK),
    register("Register with null fields", {"username": None, "email": None, "password": None}, ALL_BLANK),
    register_with(
        "Register without a username",
        {"email": "new-{{run}}@mail.com", "password": PASSWORD},
        error(422, username=BLANK),
    ),
    register(
        "Register with fields of the wrong type",
        {"username": 5, "email": ["a@mail.com"], "password": {"a": 1}},
        error(422, username=INVALID, email=INVALID, password=INVALID),
    ),
    register(
        "Register with a different error in each field",
        {"username": "a/b", "email": "nowhere", "password": "short"},
        error(422, username=INVALID, email=INVALID, password=too_short(8)),
    ),
    register("A password of 7 characters", {"password": "1234567"}, error(422, password=too_short(8))),
    register("A password of 7 characters in 28 bytes", {"password": "🐉" * 7}, error(422, password=too_short(8))),
    register(
        "A password of 129 characters",
        {"password": "{{long}}"},
        error(422, password=too_long(128)),
        local={"long": "'x'.repeat(129)"},
    ),
    register(
        "A username of 65 characters",
        {"username": "{{long}}"},
        error(422, username=too_long(64)),
        local={"long": "run.padEnd(65, 'x')"},
    ),
    register(
        "An e-mail address of 255 characters",
        {"email": "{{long}}"},
        error(422, email=too_long(254)),
        local={"long": "`${run}@`.padEnd(251, 'x') + '.com'"},
    ),
    invalid_usernames(),
    invalid_emails(),
    register("A username that exists", {"username": AMY}, error(409, username=TAKEN)),
    register("A username that exists in other case", {"username": "aMY-{{run}}"}, error(409, username=TAKEN)),
    register(
        "A username that exists, in full-width letters", {"username": "Ａｍｙ-{{run}}"}, error(409, username=TAKEN)
    ),
    register("An e-mail address that exists", {"email": email(AMY)}, error(409, email=TAKEN)),
    register("An e-mail address that exists in other case", {"email": "AMY-{{run}}@mail.COM"}, error(409, email=TAKEN)),
    register(
        "A username and an e-mail address that exist",
        {"username": AMY, "email": email(BOB)},
        error(409, username=TAKEN, email=TAKEN),
    ),
    register(
        "An invalid field takes precedence over a conflict",
        {"username": AMY, "password": "short"},
        error(422, password=too_short(8)),
    ),
    malformed_bodies("Register", "user", lambda name, body, check: post(name, "/users", body, check), NEW_USER),
    post(
        "Register with a duplicate field",
        "/users",
        '{"user": {"username": "New-{{run}}", "username": "Newer-{{run}}", "email": "new-{{run}}@mail.com", '
        '"password": "correct horse"}}',
        error(422, body=INVALID),
    ),
    post(
        'Register with a duplicate key "user"',
        "/users",
        '{"user": {}, "user": {"username": "New-{{run}}", "email": "new-{{run}}@mail.com", '
        '"password": "correct horse"}}',
        error(422, body=INVALID),
    ),
    post(
        "Register with a NUL byte in the body",
        "/users",
        '{"user": {"username": "New\0-{{run}}", "email": "new-{{run}}@mail.com", "password": "correct horse"}}',
        some_error(),
    ),
    register(
        "A rejected username and e-mail address stay available",
        {},
        user(201, username="New-{{run}}", email="new-{{run}}@mail.com"),
    ),
    register(
        "The longest username, e-mail address and password are accepted",
        {"username": "{{username}}", "email": "{{email}}", "password": "{{password}}"},
        user(201, username="{{username}}", email="{{email}}"),
        local={
            "username": "run.padEnd(64, 'é')",
            "email": "`${run}@`.padEnd(250, 'x') + '.com'",
            "password": "'é'.repeat(128)",
        },
        about="Limits count characters, not bytes: each é has two bytes.",
    ),
    register(
        "White space at the ends of a password is kept",
        {"username": SPACE, "email": "space-{{run}}@mail.com", "password": "  8 char "},
        user(201, username=SPACE),
    ),
    log_in(
        "The password without its white space is wrong",
        {"email": "space-{{run}}@mail.com", "password": "8 char"},
        BAD_CREDENTIALS,
    ),
    any_content_type("two media types", headers={"Content-Type": "application/json, application/json"}),
    any_content_type("plain text", headers={"Content-Type": "text/plain"}),
    any_content_type("no header", content_type=False),
)
