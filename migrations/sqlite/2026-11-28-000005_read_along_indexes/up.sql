-- What is read by its place in an index alone.

-- The tags, most used first, as they are listed: sorting them takes longer than reading them.
create index tags_by_use on tags (articles_count desc, name);

-- All that lists show of an author's articles, side by side: the articles themselves lie anywhere in the file. It is several times
-- as large as articles_by_author, which therefore stays: the feed looks at many more articles than it shows.
create index articles_listed_by_author on articles (
    author_id, id desc, slug, title, description, tag_list, created_at, updated_at, favorites_count
);
