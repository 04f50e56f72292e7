//! Transfer of a whole store: insert, read page by page, clear.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher};

use conduit::adapters::persistence::maintenance::bulk::records::{
    DERIVED_COLUMNS, DERIVED_TABLES, EXCLUDED_TABLES, columns,
};
use conduit::domain::model::about::About;
use conduit::domain::model::records::{
    ArticleRecord, CommentRecord, Cursor, FavoriteRecord, FollowRecord, Kind, Records, Sequences, UserRecord,
};
use conduit::domain::model::user::CredentialVersion;
use conduit::domain::model::values::{ArticleBody, CommentBody, CommentId, Description, SessionId, UserId};
use conduit::ports::bulk::BulkStore;
use rstest::rstest;

use crate::scenario::{
    NewArticleExt, SPECIAL_CHARACTERS, article_record, full_about, new_article, tag_list, time_at, title, user_record,
};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

fn user(id: i64, name: &str, about: About) -> UserRecord {
    UserRecord {
        about,
        credential_version: CredentialVersion::new(id * 3),
        exempt_session: (id % 2 == 1).then_some(SessionId::new(i64::MAX - id)),
        updated_at: time_at(123),
        ..user_record(id, name, &format!("{id}'{{}}@example.com"))
    }
}

fn article(number: i64, author: i64, tags: &[&str]) -> ArticleRecord {
    ArticleRecord {
        title: title(&format!("{SPECIAL_CHARACTERS} {number}")),
        description: Description::parse(SPECIAL_CHARACTERS).unwrap(),
        tags: tag_list(tags),
        updated_at: time_at(number * 7 + 999),
        body: ArticleBody::parse(&SPECIAL_CHARACTERS.repeat(100)).unwrap(),
        ..article_record(number, author)
    }
}

/// Returns records of every kind, with gaps between their ids.
fn sample_records() -> Vec<Records> {
    let [amy, bob] = [UserId::new(7), UserId::new(12)];
    let articles = vec![
        article(1, 7, &["a,b", "\"quoted\"", "{}", "null", "\\"]),
        article(2, 12, &[]),
        article(3, 7, &["null", "ünïcode"]),
    ];
    let (first, last) = (articles[0].id, articles[2].id);
    let comment = |id, article| CommentRecord {
        id: CommentId::new(id),
        article,
        author: bob,
        created_at: time_at(5_000 + id),
        body: CommentBody::parse(SPECIAL_CHARACTERS).unwrap(),
    };
    vec![
        Records::Users(vec![
            user(7, "Amy Ⅳ", About::default()),
            user(12, "bob", full_about()),
            user(15, "O'cat\"", About { bio: None, ..full_about() }),
        ]),
        Records::Follows(vec![
            FollowRecord { follower: amy, followed: bob },
            FollowRecord { follower: bob, followed: amy },
        ]),
        Records::Articles(articles),
        Records::Favorites(vec![
            FavoriteRecord { user: amy, article: first },
            FavoriteRecord { user: bob, article: first },
            FavoriteRecord { user: bob, article: last },
        ]),
        Records::Comments(vec![comment(4, first), comment(9, last)]),
    ]
}

fn sequences(user: i64, comment: i64) -> Sequences {
    Sequences { user: UserId::new(user), comment: CommentId::new(comment) }
}

async fn insert(store: &TestStore, records: impl IntoIterator<Item = Records>, last: Sequences) {
    store
        .run_and_commit(async || {
            store.bulk.begin_transfer().await.unwrap();
            for records in records {
                store.bulk.insert(records).await.unwrap();
            }
            store.bulk.end_transfer(last).await.unwrap();
        })
        .await;
}

/// Returns a checksum for each kind, read in pages of this size.
async fn stored_checksums(bulk: &dyn BulkStore, page: u32) -> Vec<(Kind, u64)> {
    let mut checksums = Vec::new();
    for &kind in Kind::ALL {
        let (mut cursor, mut hasher) = (Cursor::START, DefaultHasher::new());
        loop {
            let records = bulk.page(kind, cursor, page).await.unwrap();
            let Some(last) = records.last_cursor() else { break };
            assert!(records.len() <= usize::try_from(page).unwrap());
            records.add_to_checksum(&mut hasher);
            cursor = last;
        }
        checksums.push((kind, hasher.finish()));
    }
    checksums
}

fn checksum(records: &Records) -> (Kind, u64) {
    let mut hasher = DefaultHasher::new();
    records.add_to_checksum(&mut hasher);
    (records.kind(), hasher.finish())
}

async fn stored_counts(bulk: &dyn BulkStore) -> Vec<(Kind, u64)> {
    bulk.counts().await.unwrap().iter().map(|count| (count.kind, count.records)).collect()
}

/// Returns the count of every kind: those listed, and 0 of all others.
fn counts(nonzero: &[(Kind, u64)]) -> Vec<(Kind, u64)> {
    let count = |kind| nonzero.iter().find(|(listed, _)| *listed == kind).map_or(0, |(_, count)| *count);
    Kind::ALL.iter().map(|&kind| (kind, count(kind))).collect()
}

#[rstest]
#[tokio::test]
async fn inserted_records_are_read_back_unchanged(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(1, 2, 100)] page: u32,
) {
    let store = TestStore::create(engine).await;
    let records = sample_records();
    insert(&store, records.clone(), sequences(15, 9)).await;

    assert_eq!(stored_checksums(&*store.bulk, page).await, records.iter().map(checksum).collect::<Vec<_>>());
    let lengths = records.iter().map(|records| (records.kind(), u64::try_from(records.len()).unwrap()));
    assert_eq!(stored_counts(&*store.bulk).await, lengths.collect::<Vec<_>>());
    store.assert_counters_match().await;
    let article = store.article("article-3").await.expect("the article");
    let expected_title = format!("{SPECIAL_CHARACTERS} 3");
    assert_eq!((article.summary.favorites_count, article.summary.title.as_str()), (1, &*expected_title));
}

#[rstest]
#[case::of_present_records(sequences(3, 1), (16, 10))]
#[case::of_deleted_records(sequences(100, 50), (101, 51))]
#[tokio::test]
async fn new_ids_follow_the_last_ids(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] last: Sequences,
    #[case] (user, comment): (i64, i64),
) {
    let store = TestStore::create(engine).await;
    insert(&store, sample_records(), last).await;

    let dan = store.new_user("dan").await;
    assert_eq!(dan.user, UserId::new(user));
    assert_eq!(store.comment(&dan, "article-1", "hello").await, CommentId::new(comment));
    assert_eq!(store.bulk.sequences().await.unwrap(), sequences(user, comment));
    // The triggers work again after the transfer.
    store.publish(new_article("after", &dan).tagged(&["null"])).await;
    store.favorite(&dan, &["after"]).await;
    store.assert_counters_match().await;
}

#[rstest]
#[tokio::test]
async fn last_ids_are_kept_without_records(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    assert_eq!(store.bulk.sequences().await.unwrap(), sequences(0, 0));
    insert(&store, [], sequences(0, 0)).await;
    assert_eq!(store.bulk.sequences().await.unwrap(), sequences(0, 0));
    insert(&store, [], sequences(41, 0)).await;
    assert_eq!(store.bulk.sequences().await.unwrap(), sequences(41, 0));
    assert_eq!(store.new_user("amy").await.user, UserId::new(42));
}

#[rstest]
#[tokio::test]
async fn cleared_store_is_empty_and_reuses_no_user_id(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    insert(&store, sample_records(), sequences(15, 9)).await;
    store.run_and_commit(async || store.bulk.clear().await.unwrap()).await;

    assert_eq!(stored_counts(&*store.bulk).await, counts(&[]));
    // The totals have rows with zero.
    for table in DERIVED_TABLES.iter().filter(|table| **table != "article_totals") {
        let rows = store.database.select(format!("select cast(count(*) as text) from {table}")).await;
        assert_eq!(rows, ["0"], "{table}");
    }
    store.assert_counters_match().await;
    let amy = store.new_user("amy").await;
    assert_eq!(amy.user, UserId::new(16));
    store.publish(new_article("first", &amy)).await;
    assert_eq!(store.comment(&amy, "first", "hello").await, CommentId::new(1));
}

#[rstest]
#[tokio::test]
async fn transfer_into_a_cleared_store_reuses_no_user_id(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    insert(&store, sample_records(), sequences(15, 9)).await;
    store.run_and_commit(async || store.bulk.clear().await.unwrap()).await;
    insert(&store, [], sequences(3, 1)).await;
    assert_eq!(store.new_user("amy").await.user, UserId::new(16));
}

/// A transfer would lose other columns without an error.
#[rstest]
#[case::sqlite(
    Sqlite,
    "select m.name || '.' || c.name from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite_%'"
)]
#[case::postgres(
    Postgres,
    "select table_name || '.' || column_name from information_schema.columns where table_schema = current_schema()"
)]
#[tokio::test]
async fn every_table_and_column_is_declared(#[case] engine: Engine, #[case] catalogue: &str) {
    let store = TestStore::create(engine).await;
    let names = store.database.select(catalogue.to_owned()).await;
    let in_database = names.iter().map(|name| name.split_once('.').expect("a table and a column"));
    let transferred: BTreeSet<(&str, &str)> = in_database
        .filter(|(table, _)| !DERIVED_TABLES.contains(table) && !EXCLUDED_TABLES.contains(table))
        .filter(|(_, column)| !DERIVED_COLUMNS.contains(column))
        .collect();
    let declared =
        Kind::ALL.iter().flat_map(|&kind| columns(kind).into_iter().map(move |column| (kind.name(), column.name)));
    assert_eq!(transferred, declared.collect());
}

#[rstest]
#[tokio::test]
async fn snapshot_excludes_concurrent_writes_and_does_not_block_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    store.new_users(["amy", "bob"]).await;
    let mut in_snapshot = Vec::new();
    let reads = async {
        in_snapshot.push(stored_counts(&*store.bulk).await);
        store.database.execute("insert into follows (follower_id, followed_id) values (1, 2)").await;
        in_snapshot.push(stored_counts(&*store.bulk).await);
    };
    store.unit_of_work.snapshot(Box::pin(reads)).await;
    assert_eq!(in_snapshot, [counts(&[(Kind::Users, 2)]), counts(&[(Kind::Users, 2)])]);
    assert_eq!(stored_counts(&*store.bulk).await, counts(&[(Kind::Users, 2), (Kind::Follows, 1)]));
}
