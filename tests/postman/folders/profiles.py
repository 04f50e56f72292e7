"""Profiles and follows."""

from actions import ABSENT, AMY, BOB, register
from checks import error, profile, user
from collection import delete, folder, get, post
from contract import NOT_FOUND, UNSET_TEXTS

AMYS_PROFILE = f"/profiles/{AMY}"
ZOE = "Zoë & Søn-{{run}}"


def amy_is(following):
    return profile(200, username=AMY, bio="I train dragons", image=None, following=following)


PROFILES = folder(
    "Profiles",
    "Read, follow and unfollow. `following` is relative to the reader.",
    get("An anonymous reader sees a profile", AMYS_PROFILE, amy_is(following=False)),
    get("Bob does not follow Amy yet", AMYS_PROFILE, amy_is(following=False), by="bob"),
    post("Bob follows Amy", f"{AMYS_PROFILE}/follow", None, amy_is(following=True), by="bob"),
    post("A second follow has no further effect", f"{AMYS_PROFILE}/follow", None, amy_is(following=True), by="bob"),
    get("Bob sees that he follows Amy", AMYS_PROFILE, amy_is(following=True), by="bob"),
    get("Cleo sees that she does not follow Amy", AMYS_PROFILE, amy_is(following=False), by="cleo"),
    get("Amy does not follow herself", AMYS_PROFILE, amy_is(following=False), by="amy"),
    get(
        "Amy does not follow Bob in return",
        f"/profiles/{BOB}",
        profile(200, username=BOB, **UNSET_TEXTS, following=False),
        by="amy",
    ),
    get("An anonymous reader follows no user", AMYS_PROFILE, amy_is(following=False)),
    delete("Bob unfollows Amy", f"{AMYS_PROFILE}/follow", amy_is(following=False), by="bob"),
    delete("A second unfollow has no further effect", f"{AMYS_PROFILE}/follow", amy_is(following=False), by="bob"),
    post("The body of a follow is ignored", f"{AMYS_PROFILE}/follow", '{"no JSON', amy_is(following=True), by="bob"),
    post(
        "Amy cannot follow herself",
        f"{AMYS_PROFILE}/follow",
        None,
        error(422, profile="can't follow yourself"),
        by="amy",
    ),
    get("Read an unknown profile", f"/profiles/{ABSENT}", error(404, profile=NOT_FOUND)),
    post("Follow an unknown user", f"/profiles/{ABSENT}/follow", None, error(404, profile=NOT_FOUND), by="bob"),
    delete("Unfollow an unknown user", f"/profiles/{ABSENT}/follow", error(404, profile=NOT_FOUND), by="bob"),
    register(
        "Register Zoë, whose name needs encoding in a URL",
        {"username": ZOE, "email": "zoe-{{run}}@mail.com"},
        user(201, username=ZOE),
    ),
    get("An encoded username is found", "/profiles/Zo%C3%AB%20%26%20S%C3%B8n-{{run}}", profile(200, username=ZOE)),
)
