-- The tags, most used first, as they are listed: sorting them takes longer than reading them.
create index tags_by_use on tags (articles_count desc, name);
