"""The standard data set: its sizes, and the SQL that loads it into an empty, migrated database."""

from pathlib import Path

SIZES = {"users": 2_000, "articles": 20_000, "comments": 60_000, "favorites": 100_000, "follows": 40_000}
TAGS = 200
# The username of user n is 10,000,000 + n, and so are the slug of article n and the name of tag n:
# pgbench draws numbers but cannot build text from them.
NAMES = 10_000_000
READERS = 200  # users 1 to 200 read with a token
PASSWORD = "correct horse battery staple"
SENTENCE = "Some words of a body. "
BODY = SENTENCE * 55  # 1.2 KB


def scaled(articles):
    """Returns the sizes of a data set with this number of articles, the rest in proportion."""
    return {name: size * articles // SIZES["articles"] for name, size in SIZES.items()}


def script(engine, sizes):
    """Returns the SQL for an engine.

    User 1 must have registered through the API: the other users get a copy of the password hash.
    The SQL bypasses the triggers, which process one row at a time; `conduit doctor --repair`
    derives counters and links afterwards.
    """
    text = (Path(__file__).parent / f"dataset.{engine}.sql").read_text()
    for name, size in {**sizes, "names": NAMES}.items():
        text = text.replace(f":{name}", str(size))
    return text


# One column per table of SIZES, in that order, to verify what was loaded.
COUNTS = "select " + ", ".join(f"(select count(*) from {table})" for table in SIZES)
