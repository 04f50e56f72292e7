-- Articles, tags and favorites, with the derived data that reads need.
--
-- The application writes facts: articles with their tags, and favorites. The triggers below
-- maintain the derived data (links to tags, counters) in the same transaction, for every writer.
-- The author of an article and both columns of a favorite never change, and no trigger handles such
-- a change.

create table articles (
    -- Time-ordered: milliseconds since 1970 in the high bits, a counter in the low 20. The order by
    -- id is therefore the order by creation time, and an index that ends in the id lists the newest
    -- articles first without a column for the time.
    id              integer primary key,
    slug            text not null unique,
    title           text not null,
    description     text not null,
    -- A JSON array of strings.
    tag_list        text not null,
    author_id       integer not null references users on delete cascade,
    -- Maintained by triggers.
    favorites_count integer not null default 0,
    created_at      integer not null,
    updated_at      integer not null,
    -- The last column, so that lists need not read it: a long text is stored on overflow pages.
    body            text not null,
    constraint articles_id_tells_created_at check (id >> 20 = created_at)
) strict;

create index articles_by_author on articles (author_id, id desc);

-- The articles with a tag, newest first. Derived from articles.tag_list.
create table article_tags (
    tag        text not null,
    article_id integer not null references articles on delete cascade,
    primary key (tag, article_id)
) strict, without rowid;

create index article_tags_by_article on article_tags (article_id);

-- The number of articles with a tag. Rows with zero are not removed.
create table tags (
    name           text primary key,
    articles_count integer not null
) strict, without rowid;

-- The favorites of a user, newest article first.
create table favorites (
    user_id    integer not null references users on delete cascade,
    article_id integer not null references articles on delete cascade,
    primary key (user_id, article_id)
) strict, without rowid;

create index favorites_by_article on favorites (article_id);

-- The number of all articles is the sum of these rows. One is enough: SQLite has one writer at a
-- time.
create table article_totals (
    slot     integer primary key,
    articles integer not null
) strict;

insert into article_totals values (0, 0);

create trigger articles_inserted after insert on articles begin
    insert into article_tags (tag, article_id) select value, new.id from json_each(new.tag_list);
    update users set articles_count = articles_count + 1 where id = new.author_id;
    update article_totals set articles = articles + 1;
end;

create trigger articles_deleted after delete on articles begin
    update users set articles_count = articles_count - 1 where id = old.author_id;
    update article_totals set articles = articles - 1;
end;

create trigger articles_retagged after update of tag_list on articles when old.tag_list <> new.tag_list begin
    delete from article_tags where article_id = new.id and tag not in (select value from json_each(new.tag_list));
    insert into article_tags (tag, article_id)
    select value, new.id from json_each(new.tag_list)
    where value not in (select tag from article_tags where article_id = new.id);
end;

create trigger article_tags_inserted after insert on article_tags begin
    insert into tags (name, articles_count) values (new.tag, 1)
    on conflict (name) do update set articles_count = articles_count + 1;
end;

create trigger article_tags_deleted after delete on article_tags begin
    update tags set articles_count = articles_count - 1 where name = old.tag;
end;

create trigger favorites_inserted after insert on favorites begin
    update articles set favorites_count = favorites_count + 1 where id = new.article_id;
    update users set favorites_count = favorites_count + 1 where id = new.user_id;
end;

create trigger favorites_deleted after delete on favorites begin
    update articles set favorites_count = favorites_count - 1 where id = old.article_id;
    update users set favorites_count = favorites_count - 1 where id = old.user_id;
end;
