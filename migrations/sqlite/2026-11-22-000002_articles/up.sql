-- Articles with what readers see of them kept where it is read.
--
-- The application writes facts: articles (with their tags) and favorites. What follows from facts (tag links, counters) is kept by
-- the triggers below, in the same transaction, whoever writes. The author of an article and the two ends of a favorite
-- never change, and no trigger follows such a change.

create table articles (
    -- Time-ordered: milliseconds since 1970 in the high bits, a counter in the low 20. So the order by id is the order by creation
    -- time, then id, and every index that ends in the id lists the newest first without a column for it.
    id              integer primary key,
    slug            text not null unique,
    title           text not null,
    description     text not null,
    -- A JSON array of strings.
    tag_list        text not null,
    author_id       integer not null references users on delete cascade,
    -- Kept by triggers.
    favorites_count integer not null default 0,
    created_at      integer not null,
    updated_at      integer not null,
    -- Last, so that lists do not read past it: a long text lies on pages of its own.
    body            text not null,
    constraint articles_id_tells_created_at check (id >> 20 = created_at)
) strict;

create index articles_by_author on articles (author_id, id desc);

-- The articles of a tag, newest first. Derived from articles.tag_list.
create table article_tags (
    tag        text not null,
    article_id integer not null references articles on delete cascade,
    primary key (tag, article_id)
) strict, without rowid;

create index article_tags_by_article on article_tags (article_id);

-- How many articles carry a tag. A row may stay behind at zero.
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

-- The number of all articles is the sum of these. SQLite has one writer at a time, so one slot is enough.
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
