"""Changes of the current user."""

from actions import AMY, BOB, CLEO, DORA, email, log_in, malformed_bodies, register, register_person
from checks import error, profile, user
from collection import folder, get, put
from contract import BLANK, INVALID, NOT_FOUND, NULL, OPTIONAL_TEXTS, TAKEN, too_long, too_short

THEODORA = "Theodora-{{run}}"
IS_THEODORA = user(200, username=THEODORA, email="theodora-{{run}}@mail.com")
BAD_CREDENTIALS = error(401, credentials="invalid")


def update(name, fields, *checks, **options):
    return send_update(name, {"user": fields}, *checks, **options)


def send_update(name, body, *checks, **options):
    return put(name, "/user", body, *checks, **{"by": "amy", **options})


def repeated(character, extra=0):
    """Variables for all optional texts, at their maximum lengths plus `extra`."""
    return {field: f"'{character}'.repeat({maximum + extra})" for field, maximum in OPTIONAL_TEXTS.items()}


def read_self(name, *checks, by="amy", **options):
    return get(name, "/user", *checks, by=by, **options)


FROM_VARIABLES = {field: f"{{{{{field}}}}}" for field in OPTIONAL_TEXTS}

UPDATE = folder(
    "Update the user",
    "Absent fields keep their values. null and the empty text clear optional texts.",
    update(
        "Set bio and image",
        {"bio": "I train dragons", "image": "https://example.com/amy.png"},
        user(200, username=AMY, email=email(AMY), bio="I train dragons", image="https://example.com/amy.png"),
        save={"amyToken": "user.token"},
    ),
    read_self(
        "The change is stored and the new token is valid",
        user(200, bio="I train dragons", image="https://example.com/amy.png"),
    ),
    update(
        "A new bio leaves the other fields unchanged",
        {"bio": "I rest"},
        user(200, username=AMY, email=email(AMY), bio="I rest", image="https://example.com/amy.png"),
    ),
    update("A new image leaves the bio unchanged", {"image": "amy.jpg"}, user(200, bio="I rest", image="amy.jpg")),
    update("null clears the bio", {"bio": None}, user(200, bio=None, image="amy.jpg")),
    update("An empty text clears the image", {"image": ""}, user(200, bio=None, image=None)),
    update(
        "Set bio and image again", {"bio": "I am back", "image": "amy.gif"}, user(200, bio="I am back", image="amy.gif")
    ),
    update(
        "An empty text clears the bio, null clears the image",
        {"bio": "", "image": None},
        user(200, bio=None, image=None),
    ),
    read_self("Cleared fields stay cleared", user(200, bio=None, image=None)),
    update(
        "An image need not be a URL",
        {"image": 'javascript:alert("amy")'},
        user(200, image='javascript:alert("amy")'),
    ),
    update(
        "Unknown fields of an update are ignored",
        {"bio": "I train dragons", "id": 1, "following": True, "token": "mine"},
        user(200, bio="I train dragons"),
    ),
    update(
        "The longest optional texts are accepted",
        FROM_VARIABLES,
        user(200, **FROM_VARIABLES),
        local=repeated("é"),
    ),
    update(
        "Longer optional texts are rejected",
        FROM_VARIABLES,
        error(422, **{field: too_long(maximum) for field, maximum in OPTIONAL_TEXTS.items()}),
        local=repeated("x", extra=1),
    ),
    update(
        "null for username, e-mail and password is rejected",
        {"username": None, "email": None, "password": None},
        error(422, username=NULL, email=NULL, password=NULL),
    ),
    update(
        "Empty username, e-mail and password are rejected",
        {"username": "", "email": "", "password": ""},
        error(422, username=BLANK, email=BLANK, password=BLANK),
    ),
    update(
        "White space as username, e-mail and password is rejected",
        {"username": "  ", "email": "  ", "password": "  "},
        error(422, username=BLANK, email=BLANK, password=BLANK),
    ),
    update(
        "A different error in each field",
        {"username": "a?b", "email": "nowhere", "password": "short"},
        error(422, username=INVALID, email=INVALID, password=too_short(8)),
    ),
    update(
        "Fields of the wrong type",
        {"username": 1, "email": {}, "password": [], **dict.fromkeys(OPTIONAL_TEXTS, 5), "image": False},
        error(422, username=INVALID, email=INVALID, password=INVALID, **dict.fromkeys(OPTIONAL_TEXTS, INVALID)),
    ),
    update(
        "Too long a username, e-mail and password",
        {"username": "{{username}}", "email": "{{email}}", "password": "{{password}}"},
        error(422, username=too_long(64), email=too_long(254), password=too_long(128)),
        local={
            "username": "'x'.repeat(65)",
            "email": "`${run}@`.padEnd(251, 'x') + '.com'",
            "password": "'x'.repeat(129)",
        },
    ),
    update("A username that is two dots", {"username": ".."}, error(422, username=INVALID)),
    update("The username of Bob yields 422", {"username": "bob-{{run}}"}, error(422, username=TAKEN)),
    update("The e-mail address of Bob yields 422", {"email": "BOB-{{run}}@mail.com"}, error(422, email=TAKEN)),
    update(
        "The username of Bob and the e-mail address of Cleo",
        {"username": BOB, "email": email(CLEO)},
        error(422, username=TAKEN, email=TAKEN),
    ),
    malformed_bodies("Update", "user", send_update, {"bio": "Never stored"}),
    send_update("Update with a duplicate field", '{"user": {"bio": "one", "bio": "two"}}', error(422, body=INVALID)),
    read_self(
        "Rejected updates have changed nothing",
        user(200, username=AMY, email=email(AMY), bio="{{bio}}"),
        local={"bio": repeated("é")["bio"]},
    ),
    update(
        "The user's own username and e-mail address are no conflict",
        {"username": AMY, "email": email(AMY)},
        user(200, username=AMY, email=email(AMY)),
    ),
    update(
        "The user's own username and e-mail address may change case",
        {"username": "AMY-{{run}}", "email": "amy-{{run}}@mail.com"},
        user(200, username="AMY-{{run}}", email="amy-{{run}}@mail.com"),
    ),
    update(
        "Restore the profile",
        {"username": AMY, "email": email(AMY), "bio": "I train dragons", "image": None},
        user(200, username=AMY, bio="I train dragons", image=None),
    ),
)

CREDENTIALS = folder(
    "Change username, e-mail address and password",
    "Tokens survive a change of username. A new password revokes all tokens except the one that set it.",
    register_person(DORA),
    log_in(
        "Log in on a second device",
        {"email": email(DORA)},
        user(200, username=DORA),
        save={"telephoneToken": "user.token"},
    ),
    update(
        "Change username and e-mail address",
        {"username": THEODORA, "email": "theodora-{{run}}@mail.com"},
        IS_THEODORA,
        by="dora",
    ),
    read_self("The token of the first device stays valid", IS_THEODORA, by="dora"),
    read_self("The token of the second device stays valid", IS_THEODORA, by="telephone"),
    log_in("Log in with the new e-mail address", {"email": "theodora-{{run}}@mail.com"}, IS_THEODORA),
    log_in("The old e-mail address is unknown", {"email": email(DORA)}, BAD_CREDENTIALS),
    get("The old username has no profile", f"/profiles/{DORA}", error(404, profile=NOT_FOUND)),
    get("The new username has a profile", f"/profiles/{THEODORA}", profile(200, username=THEODORA, following=False)),
    register("The old username is available", {"username": DORA, "email": email(DORA)}, user(201, username=DORA)),
    update(
        "Change the password on the first device",
        {"password": "battery staple"},
        IS_THEODORA,
        by="dora",
        save={"newToken": "user.token"},
    ),
    read_self("The token that set the password stays valid", IS_THEODORA, by="dora"),
    read_self("The token in the response is valid", IS_THEODORA, by="new"),
    read_self("The token of the second device is revoked", error(401, token=INVALID), by="telephone"),
    get(
        "A public route treats a revoked token as anonymous",
        f"/profiles/{AMY}",
        profile(200, username=AMY, following=False),
        by="telephone",
    ),
    log_in("Log in with the old password", {"email": "theodora-{{run}}@mail.com"}, BAD_CREDENTIALS),
    log_in(
        "Log in with the new password",
        {"email": "theodora-{{run}}@mail.com", "password": "battery staple"},
        IS_THEODORA,
    ),
)
