drop index tags_by_use;
