-- Users and follows. Times are milliseconds since 1970 UTC.

create table users (
    -- Autoincrement: tokens contain the id, so the id of a deleted user must not be used again.
    id              integer primary key autoincrement,
    username        text not null,
    -- NFKC, case-folded, for uniqueness and look-ups.
    username_key    text not null unique,
    email           text not null,
    email_key       text not null unique,
    password_hash   text not null,
    bio             text,
    image           text,
    -- Incremented with each change of the password. Tokens of an earlier generation are revoked,
    -- except those of kept_session.
    generation      integer not null default 0,
    kept_session    integer,
    -- Maintained by triggers, for the totals of lists.
    articles_count  integer not null default 0,
    favorites_count integer not null default 0,
    created_at      integer not null,
    updated_at      integer not null
) strict;

create table follows (
    follower_id integer not null references users on delete cascade,
    followed_id integer not null references users on delete cascade,
    primary key (follower_id, followed_id),
    constraint follows_others check (follower_id <> followed_id)
) strict, without rowid;

create index follows_by_followed on follows (followed_id);
