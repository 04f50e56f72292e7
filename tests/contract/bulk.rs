//! The store as a whole: filled, read page by page, emptied.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hasher},
};

use conduit::{
    adapters::persistence::maintenance::bulk::records::{DERIVED_COLUMNS, DERIVED_TABLES, EXCLUDED_TABLES, columns},
    domain::model::{
        about::About,
        records::{
            ArticleRecord, CommentRecord, Cursor, FavoriteRecord, FollowRecord, Kind, Records, Sequences, UserRecord,
        },
        user::{CredentialVersion, PasswordHash},
        values::{
            ArticleBody, Bio, CommentBody, CommentId, Description, Email, ImageUrl, SessionId, Slug, TagList, Title,
            UserId, Username,
        },
    },
    ports::{bulk::BulkStore, unit_of_work::Verdict::Commit},
};
use rstest::rstest;

use crate::{
    story::{ListRows, an_article, at},
    support::Engine::{self, *},
    test_store::TestStore,
};

/// Texts that some layer on the way could take for something else.
const ODD: &str = "quotes \" ' ` $1 %s \\ \\u0041 {\"a\": [1]} \t\r\n \u{1} \u{7f} \u{2028} \u{fffd} 李 🦄 e\u{301}";

fn a_user(id: i64, name: &str) -> UserRecord {
    let (username, email) = (Username::parse(name).unwrap(), Email::parse(&format!("{id}'{{}}@example.com")).unwrap());
    UserRecord {
        id: UserId::new(id),
        username_key: username.key(),
        username,
        email_key: email.key(),
        email,
        password_hash: PasswordHash::new(format!("hash of {id}")),
        about: About {
            bio: (id % 2 == 0).then(|| Bio::parse(ODD).unwrap().unwrap()),
            image: (id % 3 == 0).then(|| ImageUrl::parse("https://example.com/\u{e9}?a=\"b\"&c=%20").unwrap().unwrap()),
        },
        credential_version: CredentialVersion::new(id * 3),
        exempt_session: (id % 2 == 1).then_some(SessionId::new(i64::MAX - id)),
        created_at: at(0),
        updated_at: at(123),
    }
}

fn an_article_record(number: i64, author: i64, tags: &[&str]) -> ArticleRecord {
    let created_at = at(number * 7 + 1);
    ArticleRecord {
        id: ArticleRecord::id_at(created_at, number),
        slug: Slug::parse(&format!("article-{number}")).unwrap(),
        title: Title::parse(&format!("{ODD} {number}")).unwrap(),
        description: Description::parse(ODD).unwrap(),
        tags: TagList::parse(tags).unwrap(),
        author: UserId::new(author),
        created_at,
        updated_at: at(number * 7 + 999),
        body: ArticleBody::parse(&ODD.repeat(100)).unwrap(),
    }
}

/// A little of everything, with gaps in the numbers.
fn library() -> [Records; 5] {
    let [amy, bob] = [UserId::new(7), UserId::new(12)];
    let articles = vec![
        an_article_record(1, 7, &["a,b", "\"quoted\"", "{}", "null", "\\"]),
        an_article_record(2, 12, &[]),
        an_article_record(3, 7, &["null", "ünïcode"]),
    ];
    let (first, last) = (articles[0].id, articles[2].id);
    let comment = |id, article| CommentRecord {
        id: CommentId::new(id),
        article,
        author: bob,
        created_at: at(5_000 + id),
        body: CommentBody::parse(ODD).unwrap(),
    };
    [
        Records::Users(vec![a_user(7, "Amy Ⅳ"), a_user(12, "bob"), a_user(15, "O'cat\"")]),
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

fn last(user: i64, comment: i64) -> Sequences {
    Sequences { user: UserId::new(user), comment: CommentId::new(comment) }
}

async fn fill(store: &TestStore, records: impl IntoIterator<Item = Records>, last: Sequences) {
    store
        .in_a_unit(Commit, async || {
            store.bulk.begin_transfer().await.unwrap();
            for records in records {
                store.bulk.insert(records).await.unwrap();
            }
            store.bulk.end_transfer(last).await.unwrap();
        })
        .await;
}

/// The sums of all records of each kind, read in pages of this size.
async fn sums(bulk: &dyn BulkStore, page: u32) -> Vec<(Kind, u64)> {
    let mut sums = Vec::new();
    for &kind in Kind::ALL {
        let (mut cursor, mut sum) = (Cursor::START, DefaultHasher::new());
        loop {
            let records = bulk.page(kind, cursor, page).await.unwrap();
            let Some(last) = records.last_cursor() else { break };
            assert!(records.len() <= usize::try_from(page).unwrap());
            records.add_to_checksum(&mut sum);
            cursor = last;
        }
        sums.push((kind, sum.finish()));
    }
    sums
}

fn sum_of(records: &Records) -> (Kind, u64) {
    let mut sum = DefaultHasher::new();
    records.add_to_checksum(&mut sum);
    (records.kind(), sum.finish())
}

async fn counts(bulk: &dyn BulkStore) -> Vec<u64> {
    bulk.counts().await.unwrap().iter().map(|count| count.records).collect()
}

#[rstest]
#[tokio::test]
async fn what_is_filled_in_comes_back_to_the_last_character(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(1, 2, 100)] page: u32,
) {
    let store = TestStore::on(engine).await;
    let expected: Vec<_> = library().iter().map(sum_of).collect();
    fill(&store, library(), last(15, 9)).await;

    assert_eq!(sums(&*store.bulk, page).await, expected);
    assert_eq!(counts(&*store.bulk).await, [3, 2, 3, 3, 2]);
    store.database.assert_counters_match_the_rows().await;
    let article = store.article("article-3").await.expect("the article");
    assert_eq!((article.summary.favorites_count, article.summary.title.as_str()), (1, &*format!("{ODD} 3")));
}

#[rstest]
#[case::that_are_there(last(3, 1), (16, 10))]
#[case::that_were_there(last(100, 50), (101, 51))]
#[tokio::test]
async fn new_numbers_come_after_all(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] last: Sequences,
    #[case] (user, comment): (i64, i64),
) {
    let store = TestStore::on(engine).await;
    fill(&store, library(), last).await;

    let dan = store.user("dan").await;
    assert_eq!(dan.user, UserId::new(user));
    assert_eq!(store.comment(&dan, "article-1", "hello").await, CommentId::new(comment));
    assert_eq!(store.bulk.sequences().await.unwrap(), self::last(user, comment));
    // What triggers derive, they derive again.
    store.publish(an_article("after", &dan).tagged(&["null"])).await;
    store.favorite(&dan, &["after"]).await;
    store.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn numbers_are_kept_where_nothing_else_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    assert_eq!(store.bulk.sequences().await.unwrap(), last(0, 0));
    fill(&store, [], last(0, 0)).await;
    assert_eq!(store.bulk.sequences().await.unwrap(), last(0, 0));
    fill(&store, [], last(41, 0)).await;
    assert_eq!(store.bulk.sequences().await.unwrap(), last(41, 0));
    assert_eq!(store.user("amy").await.user, UserId::new(42));
}

#[rstest]
#[tokio::test]
async fn nothing_is_left_but_numbers_of_users_are_not_given_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    fill(&store, library(), last(15, 9)).await;
    store.in_a_unit(Commit, async || store.bulk.clear().await.unwrap()).await;

    assert_eq!(counts(&*store.bulk).await, [0, 0, 0, 0, 0]);
    for table in DERIVED_TABLES.iter().filter(|table| **table != "article_totals") {
        let rows = store.database.select(format!("select cast(count(*) as text) from {table}")).await;
        assert_eq!(rows, ["0"], "{table}");
    }
    store.database.assert_counters_match_the_rows().await;
    let amy = store.user("amy").await;
    assert_eq!(amy.user, UserId::new(16));
    store.publish(an_article("first", &amy)).await;
    assert_eq!(store.comment(&amy, "first", "hello").await, CommentId::new(1));
}

#[rstest]
#[tokio::test]
async fn what_is_filled_in_after_that_does_not_give_them_again_either(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    fill(&store, library(), last(15, 9)).await;
    store.in_a_unit(Commit, async || store.bulk.clear().await.unwrap()).await;
    fill(&store, [], last(3, 1)).await;
    assert_eq!(store.user("amy").await.user, UserId::new(16));
}

/// A copy would forget it without a word.
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
async fn no_table_and_no_column_is_forgotten(#[case] engine: Engine, #[case] catalogue: &str) {
    let store = TestStore::on(engine).await;
    let there = store.database.select(catalogue.to_owned()).await;
    let split = there.iter().map(|name| name.split_once('.').expect("a table and a column"));
    let there: BTreeSet<(&str, &str)> =
        split.filter(|(table, _)| !DERIVED_TABLES.contains(table) && !EXCLUDED_TABLES.contains(table)).collect();
    let there: BTreeSet<_> = there.into_iter().filter(|(_, column)| !DERIVED_COLUMNS.contains(column)).collect();
    let known =
        Kind::ALL.iter().flat_map(|&kind| columns(kind).into_iter().map(move |column| (kind.name(), column.name)));
    assert_eq!(there, known.collect());
}

#[rstest]
#[tokio::test]
async fn a_snapshot_shows_one_moment_and_keeps_nobody_waiting(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    store.people(["amy", "bob"]).await;
    let mut seen = Vec::new();
    let reads = async {
        seen.push(counts(&*store.bulk).await);
        store.database.execute("insert into follows (follower_id, followed_id) values (1, 2)").await;
        seen.push(counts(&*store.bulk).await);
    };
    store.units.snapshot(Box::pin(reads)).await;
    assert_eq!(seen, [[2, 0, 0, 0, 0], [2, 0, 0, 0, 0]]);
    assert_eq!(counts(&*store.bulk).await, [2, 1, 0, 0, 0]);
}
