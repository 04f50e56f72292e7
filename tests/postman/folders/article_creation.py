"""Creation of articles."""

from actions import AMY, DRAGON, NEW_ARTICLE, create_article, malformed_bodies
from checks import article, equal, error, some_error
from collection import folder, get, post
from contract import BLANK, INVALID, NULL, too_long

TITLE = "How to Train Dragons {{run}}"
BY_AMY = {"username": AMY, "bio": "I train dragons", "image": None, "following": False}
TOO_MANY_TAGS = "JSON.stringify(Array.from({ length: 33 }, (_, i) => 'tag' + i))"
ALL_BLANK = error(422, title=BLANK, description=BLANK, body=BLANK)
ALL_INVALID = error(422, title=INVALID, description=INVALID, body=INVALID, tagList=INVALID)
OWN_SLUG = equal(
    "slug is not that of the other article", "body.article.slug.startsWith(saved('dragonSlug') + '-')", True
)


def send_article(name, body, *checks, **options):
    return post(name, "/articles", body, *checks, **{"by": "amy", **options})


def texts(value):
    return {"title": value, "description": value, "body": value}


CREATE = folder(
    "Create articles",
    "Slugs, tags and invalid fields.",
    create_article(
        "Create an article",
        {
            "title": TITLE,
            "description": "Ever wonder how?",
            "body": "It takes a *Jacobian*.",
            "tagList": ["training-{{run}}", " dragons-{{run}} ", "", "art-{{run}}", "   ", "dragons-{{run}}"],
        },
        article(
            201,
            slug="how-to-train-dragons-{{run}}",
            title=TITLE,
            description="Ever wonder how?",
            body="It takes a *Jacobian*.",
            tagList=["art-{{run}}", "dragons-{{run}}", "training-{{run}}"],
            favorited=False,
            favoritesCount=0,
            author=BY_AMY,
        ),
        save={
            "dragonSlug": "article.slug",
            "dragonCreatedAt": "article.createdAt",
            "dragonUpdatedAt": "article.updatedAt",
        },
        about="Tags are trimmed, sorted and deduplicated; blank tags are dropped.",
    ),
    get(
        "An anonymous reader sees the article",
        DRAGON,
        article(
            200,
            slug="{{dragonSlug}}",
            title=TITLE,
            body="It takes a *Jacobian*.",
            createdAt="{{dragonCreatedAt}}",
            updatedAt="{{dragonUpdatedAt}}",
            favorited=False,
            author={"username": AMY, "following": False},
        ),
    ),
    get(
        "Bob sees that he follows the author",
        DRAGON,
        article(200, author={"username": AMY, "following": True}),
        by="bob",
    ),
    get(
        "The author does not follow herself",
        DRAGON,
        article(200, author={"username": AMY, "following": False}),
        by="amy",
    ),
    create_article(
        "Without a tagList the article has no tags",
        {"title": "Untagged {{run}}"},
        article(201, title="Untagged {{run}}", tagList=[]),
    ),
    create_article("An empty tagList is accepted", {"tagList": []}, article(201, tagList=[])),
    create_article(
        "Two articles with one title have different slugs",
        {"title": TITLE},
        article(201, title=TITLE),
        OWN_SLUG,
        save={"twinSlug": "article.slug"},
    ),
    get("The first article keeps its slug", DRAGON, article(200, body="It takes a *Jacobian*.")),
    create_article(
        "A slug is ASCII",
        {"title": "Smörgåsbord, à la carte! {{run}}"},
        article(201, slug="smorgasbord-a-la-carte-{{run}}", title="Smörgåsbord, à la carte! {{run}}"),
    ),
    create_article(
        "A title without letters and digits yields a slug",
        {"title": "?!"},
        article(201, title="?!"),
        save={"oddSlug": "article.slug"},
    ),
    get("The article with that slug is found", "/articles/{{oddSlug}}", article(200, title="?!")),
    create_article(
        'The title "Feed" yields a slug other than "feed"',
        {"title": "Feed"},
        article(201, title="Feed"),
        equal("slug does not hide the feed", "body.article.slug !== 'feed'", True),
        save={"feedSlug": "article.slug"},
    ),
    get('The article with the title "Feed" is found', "/articles/{{feedSlug}}", article(200, title="Feed")),
    create_article(
        "Unknown fields of a new article are ignored",
        {"title": "Mine {{run}}", "slug": "mine", "favoritesCount": 99, "createdAt": "yesterday", "author": "Bob"},
        article(201, slug="mine-{{run}}", favoritesCount=0, author={"username": AMY}),
    ),
    send_article(
        "The longest title, description and tag are accepted, and 32 tags",
        '{"article": {"title": "{{title}}", "description": "{{description}}", '
        '"body": "Its body", "tagList": {{tags}}}}',
        article(201, title="{{title}}", description="{{description}}"),
        equal("tags are sorted", "JSON.stringify(body.article.tagList)", "{{sortedTags}}"),
        before="const tags = Array.from({ length: 32 }, (_, i) => `${run}${i}`.padEnd(64, 'é'));",
        local={
            "title": "'é'.repeat(256)",
            "description": "'é'.repeat(1024)",
            "tags": "JSON.stringify(tags)",
            "sortedTags": "JSON.stringify([...tags].sort())",
        },
    ),
    create_article(
        "A longer title and description are rejected",
        {"title": "{{title}}", "description": "{{description}}"},
        error(422, title=too_long(256), description=too_long(1024)),
        local={"title": "'x'.repeat(257)", "description": "'x'.repeat(1025)"},
    ),
    create_article(
        "A longer tag is rejected",
        {"tagList": ["fine", "{{tag}}"]},
        error(422, tagList=too_long(64)),
        local={"tag": "'x'.repeat(65)"},
    ),
    send_article(
        "33 tags are rejected",
        '{"article": {"title": "Some title", "description": "About it", "body": "Its body", "tagList": {{tags}}}}',
        error(422, tagList="has too many (maximum is 32)"),
        local={"tags": TOO_MANY_TAGS},
    ),
    create_article(
        "A body of nearly the size limit is accepted",
        {"body": "{{body}}"},
        article(201, body="{{body}}"),
        local={"body": "'x'.repeat(saved('bodyLimit') - 1000)"},
    ),
    create_article(
        "Texts are returned unchanged",
        {"body": '<script>alert("😀")</script>\n\\ \u00a0{{run}} '},
        article(201, body='<script>alert("😀")</script>\n\\ \u00a0{{run}} '),
    ),
    send_article("Create an article without any field", {"article": {}}, ALL_BLANK),
    create_article("Create an article with empty fields", texts(""), ALL_BLANK),
    create_article("Create an article with white space only", texts(" \n "), ALL_BLANK),
    create_article("Create an article with null fields", texts(None), ALL_BLANK),
    send_article(
        "Create an article without a title",
        {"article": {"description": "About it", "body": "Its body"}},
        error(422, title=BLANK),
    ),
    create_article("tagList is null", {"tagList": None}, error(422, tagList=NULL)),
    create_article("tagList is a text", {"tagList": "dragons"}, error(422, tagList=INVALID)),
    create_article("tagList contains a number", {"tagList": ["dragons", 5]}, error(422, tagList=INVALID)),
    create_article(
        "Create an article with fields of the wrong type",
        {"title": 5, "description": [], "body": {}, "tagList": 5},
        ALL_INVALID,
    ),
    create_article(
        "Create an article with a different error in each field",
        {"title": "{{title}}", "description": None, "body": 7, "tagList": None},
        error(422, title=too_long(256), description=BLANK, body=INVALID, tagList=NULL),
        local={"title": "'x'.repeat(257)"},
    ),
    create_article("A NUL in a text is rejected", {"title": "Some\0title"}, some_error()),
    create_article("Half a surrogate pair is rejected", {"title": "Some \ud800 title"}, some_error()),
    malformed_bodies("Create an article", "article", send_article, NEW_ARTICLE),
    send_article(
        "Create an article with a duplicate field",
        '{"article": {"title": "One", "title": "Two", "description": "About it", "body": "Its body"}}',
        error(422, body=INVALID),
    ),
)
