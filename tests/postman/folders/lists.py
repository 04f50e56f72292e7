"""Article lists, the feed and tags."""

from actions import (
    ABSENT,
    AMY,
    BOB,
    CLEO,
    DAN,
    PIA,
    RUN,
    create_article,
    create_color,
    invalid_pages,
    register_person,
)
from checks import any_articles, article, articles, equal, no_content, profile, tags
from collection import delete, folder, get, post, put

COLOR = "colour-{{run}}"
COLORS = ["Violet", "Blue", "Green", "Red"]  # newest first; Violet is Amy's, the others are Bob's
BEYOND_INTEGERS = "99999999999999999999"
CREATE_101_ARTICLES = """
const create = number => number <= 101 && pm.sendRequest({
  url: pm.variables.replaceIn('{{APIURL}}/articles'),
  method: 'POST',
  header: { 'Content-Type': 'application/json', Authorization: 'Token ' + saved('piaToken') },
  body: {
    mode: 'raw',
    raw: JSON.stringify({ article: { title: `No. ${number}`, description: 'One of many', body: 'Short' } }),
  },
}, error => error || create(number + 1));
create(1);
"""


def listed(name, query, titles, total, **options):
    return get(name, f"/articles?{query}", articles(titles, total), **options)


def favorite(title, slug_variable):
    path = f"/articles/{{{{{slug_variable}}}}}/favorite"
    return post(f"Cleo favorites {title}", path, None, article(200, title=title, favorited=True), by="cleo")


def numbered(newest, oldest):
    return [f"No. {number}" for number in range(newest, oldest - 1, -1)]


LIST = folder(
    "List articles",
    "Newest first, without bodies. The count does not depend on the page.",
    create_color("Red", BOB, [COLOR, "warm-{{run}}"], save={"redSlug": "article.slug"}),
    create_color("Green", BOB, [COLOR]),
    create_color("Blue", BOB, [COLOR]),
    create_color("Violet", AMY, [COLOR, "c++ & c#-{{run}}"], save={"violetSlug": "article.slug"}),
    favorite("Red", "redSlug"),
    favorite("Violet", "violetSlug"),
    get(
        "List all articles",
        "/articles",
        any_articles(),
        equal("a page has 1 to 20 articles", "body.articles.length > 0 && body.articles.length <= 20", True),
        equal("articlesCount is at least the size of the page", "body.articlesCount >= body.articles.length", True),
        equal(
            "newest articles come first",
            "body.articles.every((a, i, all) => !i || all[i - 1].createdAt >= a.createdAt)",
            True,
        ),
        equal(
            "an anonymous reader has no favorites and follows no author",
            "body.articles.some(a => a.favorited || a.author.following)",
            False,
        ),
    ),
    get(
        "List by tag for an anonymous reader",
        f"/articles?tag={COLOR}",
        articles(COLORS, 4, favorited=[False] * 4, following=[False] * 4),
    ),
    get(
        "List by tag for Cleo",
        f"/articles?tag={COLOR}",
        articles(COLORS, 4, favorited=[True, False, False, True], favoritesCount=[1, 0, 0, 1]),
        by="cleo",
    ),
    get(
        "List by tag for Bob, who follows Amy",
        f"/articles?tag={COLOR}",
        articles(COLORS, 4, following=[True, False, False, False]),
        by="bob",
    ),
    listed("The first page of two articles", f"tag={COLOR}&limit=2", COLORS[:2], 4),
    listed("The second page of two articles", f"tag={COLOR}&limit=2&offset=2", COLORS[2:], 4),
    listed("One article from the middle", f"tag={COLOR}&limit=1&offset=1", ["Blue"], 4),
    listed("An offset without a limit", f"tag={COLOR}&offset=1", COLORS[1:], 4),
    listed("An offset behind the last article", f"tag={COLOR}&offset=4", [], 4),
    listed("List by author", f"author={BOB}", COLORS[1:], 3),
    listed("List by favorites", f"favorited={CLEO}", ["Violet", "Red"], 2),
    listed("List by author and tag", f"author={BOB}&tag=warm-{RUN}", ["Red"], 1),
    listed("List by author and favorites", f"author={BOB}&favorited={CLEO}", ["Red"], 1),
    listed("List by tag and favorites", f"tag={COLOR}&favorited={CLEO}", ["Violet", "Red"], 2),
    listed("List by tag, author and favorites", f"tag={COLOR}&author={BOB}&favorited={CLEO}", ["Red"], 1),
    listed(
        "The second page of one, by tag and favorites", f"tag={COLOR}&favorited={CLEO}&limit=1&offset=1", ["Red"], 2
    ),
    listed("An author and a tag of another author", f"author={AMY}&tag=warm-{RUN}", [], 0),
    listed("A tag that needs encoding", "tag=c%2B%2B%20%26%20c%23-{{run}}", ["Violet"], 1),
    listed("An unknown tag yields an empty list", "tag=none-{{run}}", [], 0),
    listed("An unknown author yields an empty list", f"author={ABSENT}", [], 0),
    listed("The favorites of an unknown user yield an empty list", f"favorited={ABSENT}", [], 0),
    listed("A known author and an unknown tag", f"author={BOB}&tag=none-{RUN}", [], 0),
    listed("An unknown parameter is ignored", f"author={BOB}&colour=red", COLORS[1:], 3),
    invalid_pages("/articles"),
    register_person(PIA),
    listed(
        "The default limit is 20",
        f"author={PIA}",
        numbered(101, 82),
        101,
        before=CREATE_101_ARTICLES,
        about="The pre-request script creates 101 articles, one after the other.",
    ),
    listed("A limit of 100", f"author={PIA}&limit=100", numbered(101, 2), 101),
    listed("A limit above 100 counts as 100", f"author={PIA}&limit=101", numbered(101, 2), 101),
    listed(
        "A limit beyond any integer type counts as 100", f"author={PIA}&limit={BEYOND_INTEGERS}", numbered(101, 2), 101
    ),
    listed("The last page has the oldest article", f"author={PIA}&limit=100&offset=100", ["No. 1"], 101),
    listed("An offset beyond any integer type yields an empty page", f"author={PIA}&offset={BEYOND_INTEGERS}", [], 101),
)


def feed(name, query, titles, total, **columns):
    followed = {"following": [True] * len(titles)}
    return get(name, f"/articles/feed{query}", articles(titles, total, **followed, **columns), by="cleo")


FEED = folder(
    "Feed",
    "Articles of the authors whom the reader follows.",
    get("The feed of a reader without follows is empty", "/articles/feed", articles([], 0), by="cleo"),
    register_person(DAN),
    create_color("Dawn", DAN, []),
    post("Cleo follows Bob", f"/profiles/{BOB}/follow", None, profile(200, username=BOB, following=True), by="cleo"),
    post("Cleo follows Dan", f"/profiles/{DAN}/follow", None, profile(200, username=DAN, following=True), by="cleo"),
    feed(
        "The feed has the articles of Bob and Dan only",
        "",
        ["Dawn", "Blue", "Green", "Red"],
        4,
        favorited=[False, False, False, True],
    ),
    feed("The first page of one article", "?limit=1", ["Dawn"], 4),
    feed("The second page of one article", "?limit=1&offset=1", ["Blue"], 4),
    feed("An offset behind the last article", "?offset=4", [], 4),
    feed(
        "A limit and an offset beyond any integer type",
        f"?limit={BEYOND_INTEGERS}&offset={BEYOND_INTEGERS}",
        [],
        4,
    ),
    delete("Cleo unfollows Bob", f"/profiles/{BOB}/follow", profile(200, username=BOB, following=False), by="cleo"),
    feed("The feed excludes unfollowed authors", "", ["Dawn"], 1),
    get("The feed excludes the reader's own articles", "/articles/feed", articles([], 0), by="dan"),
    invalid_pages("/articles/feed", by="cleo"),
)


def tags_of_run(name, *expected):
    """The tags of this run, which end in a common suffix."""
    return get(
        name,
        "/tags",
        tags(),
        equal(
            "tags are ordered by use, then by name",
            "body.tags.filter(tag => tag.endsWith('-tag-' + run))",
            [f"{tag}-tag-{RUN}" for tag in expected],
        ),
    )


TAGS = folder(
    "Tags",
    "All tags that an article has, the most used first, then by name.",
    get("List all tags", "/tags", tags()),
    create_article(
        "Create an article with two tags",
        {"title": "Tagged {{run}}", "tagList": ["wide-tag-{{run}}", "near-tag-{{run}}"]},
        article(201, tagList=["near-tag-{{run}}", "wide-tag-{{run}}"]),
        save={"taggedSlug": "article.slug"},
    ),
    tags_of_run("Tags of equal use are ordered by name", "near", "wide"),
    create_article(
        "Create an article with one of these tags and another",
        {"tagList": ["wide-tag-{{run}}", "apt-tag-{{run}}"]},
        article(201, tagList=["apt-tag-{{run}}", "wide-tag-{{run}}"]),
    ),
    tags_of_run("The most used tag comes first", "wide", "apt", "near"),
    put(
        "Replace the tags of the first article",
        "/articles/{{taggedSlug}}",
        {"article": {"tagList": ["brief-tag-{{run}}"]}},
        article(200, tagList=["brief-tag-{{run}}"]),
        by="amy",
    ),
    tags_of_run("A tag without articles is not listed", "apt", "brief", "wide"),
    delete("Delete the first article", "/articles/{{taggedSlug}}", no_content(), by="amy"),
    tags_of_run("The tag of a deleted article is not listed", "apt", "wide"),
)
