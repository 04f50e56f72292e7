drop index articles_listed_by_author;
drop index tags_by_use;
