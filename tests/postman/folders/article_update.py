"""Updates of an article."""

from actions import AMY, DRAGON, malformed_bodies
from checks import article, equal, error
from collection import folder, get, put
from contract import FORBIDDEN, INVALID, NOT_FOUND, NULL, too_long
from folders.article_creation import ALL_BLANK, ALL_INVALID, OWN_SLUG, TITLE, TOO_MANY_TAGS, texts

NEW_TITLE = "Dragons, Revisited {{run}}"


def send_update(name, body, *checks, **options):
    return put(name, DRAGON, body, *checks, **{"by": "amy", **options})


def update(name, fields, *checks, **options):
    return send_update(name, {"article": fields}, *checks, **options)


def successful_update(name, fields, check, save=None):
    """An update that changes updatedAt, the new value of which is saved."""
    is_later = equal("updatedAt is later than before", "body.article.updatedAt > saved('dragonUpdatedAt')", True)
    return update(name, fields, check, is_later, save={"dragonUpdatedAt": "article.updatedAt", **(save or {})})


UPDATE = folder(
    "Update an article",
    "Absent fields keep their values and null is rejected. The slug follows the title.",
    successful_update(
        "A new body leaves the other fields unchanged",
        {"body": "It takes patience."},
        article(
            200,
            slug="{{dragonSlug}}",
            title=TITLE,
            description="Ever wonder how?",
            body="It takes patience.",
            tagList=["art-{{run}}", "dragons-{{run}}", "training-{{run}}"],
            createdAt="{{dragonCreatedAt}}",
            author={"username": AMY},
        ),
    ),
    get(
        "The update is stored",
        DRAGON,
        article(200, body="It takes patience.", createdAt="{{dragonCreatedAt}}", updatedAt="{{dragonUpdatedAt}}"),
    ),
    successful_update(
        "A new tagList replaces the tags",
        {"tagList": ["zoo-{{run}}", " fire-{{run}}", "zoo-{{run}}", " "]},
        article(200, slug="{{dragonSlug}}", createdAt="{{dragonCreatedAt}}", tagList=["fire-{{run}}", "zoo-{{run}}"]),
    ),
    successful_update(
        "Without a tagList the tags stay",
        {"description": "Now you know"},
        article(
            200,
            description="Now you know",
            createdAt="{{dragonCreatedAt}}",
            tagList=["fire-{{run}}", "zoo-{{run}}"],
        ),
    ),
    successful_update(
        "An empty tagList removes the tags", {"tagList": []}, article(200, description="Now you know", tagList=[])
    ),
    successful_update("The same title keeps the slug", {"title": TITLE}, article(200, slug="{{dragonSlug}}")),
    update("Bob cannot update the article of Amy", {"body": "Mine"}, error(403, article=FORBIDDEN), by="bob"),
    get(
        "A rejected update changes nothing",
        DRAGON,
        article(200, body="It takes patience.", updatedAt="{{dragonUpdatedAt}}"),
    ),
    successful_update(
        "A new title yields a new slug",
        {"title": NEW_TITLE},
        article(
            200,
            slug="dragons-revisited-{{run}}",
            title=NEW_TITLE,
            body="It takes patience.",
            createdAt="{{dragonCreatedAt}}",
        ),
        save={"dragonSlug": "article.slug"},
    ),
    get("The new slug is found", DRAGON, article(200, title=NEW_TITLE)),
    get("The old slug is not found", "/articles/how-to-train-dragons-{{run}}", error(404, article=NOT_FOUND)),
    put(
        "A title that another article has yields a different slug",
        "/articles/{{twinSlug}}",
        {"article": {"title": NEW_TITLE}},
        article(200, title=NEW_TITLE),
        OWN_SLUG,
        by="amy",
    ),
    successful_update(
        "Unknown fields of an update are ignored",
        {"body": "It takes time.", "slug": "mine", "favoritesCount": 99},
        article(200, slug="{{dragonSlug}}", body="It takes time.", favoritesCount=0),
    ),
    update(
        "null is rejected in every field",
        {**texts(None), "tagList": None},
        error(422, title=NULL, description=NULL, body=NULL, tagList=NULL),
    ),
    update("Update with empty fields", texts(""), ALL_BLANK),
    update("Update with white space only", texts(" \n "), ALL_BLANK),
    update(
        "Update with fields of the wrong type",
        {"title": 5, "description": [], "body": {}, "tagList": "dragons"},
        ALL_INVALID,
    ),
    update(
        "Too long a title, description and tag",
        {"title": "{{title}}", "description": "{{description}}", "tagList": ["{{tag}}"]},
        error(422, title=too_long(256), description=too_long(1024), tagList=too_long(64)),
        local={"title": "'x'.repeat(257)", "description": "'x'.repeat(1025)", "tag": "'x'.repeat(65)"},
    ),
    send_update(
        "33 tags are rejected",
        '{"article": {"tagList": {{tags}}}}',
        error(422, tagList="has too many (maximum is 32)"),
        local={"tags": TOO_MANY_TAGS},
    ),
    malformed_bodies("Update", "article", send_update, {"body": "Never stored"}),
    send_update(
        "Update with a duplicate field", '{"article": {"body": "one", "body": "two"}}', error(422, body=INVALID)
    ),
    get(
        "Rejected updates have changed nothing",
        DRAGON,
        article(200, body="It takes time.", updatedAt="{{dragonUpdatedAt}}"),
    ),
)
