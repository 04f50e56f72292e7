//! `limit` and `offset`, which `GET /api/articles` and `GET /api/articles/feed` have in common.

use rstest::rstest;

use crate::support::{Client, Engine, Engine::*, TestApp};

const LISTS: [&str; 3] = ["/api/articles?", "/api/articles?author=amy&tag=t&", "/api/articles/feed?"];

/// So many articles of amy, titled by numbers from 1, all of which bob finds by each of [`LISTS`].
async fn bob_before(articles: usize, engine: Engine) -> (TestApp, Client) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.follows("amy").await;
    for number in 1..=articles {
        amy.publishes_tagged(&number.to_string(), &["t"]).await;
    }
    (app, bob)
}

/// The numbers of a page.
async fn numbers(reader: &Client, path: String, total: u64) -> Vec<u32> {
    let reply = reader.get(&path).await.status(200).has("/articlesCount", total);
    reply.titles().iter().map(|title| title.parse().expect("a number")).collect()
}

#[rstest]
#[actix_web::test]
async fn a_page_has_20_articles_unless_said(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_before(21, engine).await;
    for list in LISTS {
        assert_eq!(numbers(&bob, format!("{list}offset=0"), 21).await, (2..=21).rev().collect::<Vec<_>>());
        assert_eq!(numbers(&bob, format!("{list}offset=20"), 21).await, [1]);
    }
}

#[rstest]
#[actix_web::test]
async fn pages_follow_each_other_without_gap_or_overlap(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_before(7, engine).await;
    for list in LISTS {
        for (query, page) in [
            ("limit=3", &[7, 6, 5][..]),
            ("limit=3&offset=3", &[4, 3, 2]),
            ("offset=6&limit=3", &[1]),
            ("limit=3&offset=7", &[]),
            ("limit=3&offset=8", &[]),
            ("limit=1&offset=3", &[4]),
            ("limit=7", &[7, 6, 5, 4, 3, 2, 1]),
            ("limit=007&offset=00", &[7, 6, 5, 4, 3, 2, 1]),
        ] {
            assert_eq!(numbers(&bob, format!("{list}{query}"), 7).await, page, "{list}{query}");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_limit_above_100_counts_as_100(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_before(101, engine).await;
    for list in LISTS {
        for limit in ["100", "101", "1000000", "9223372036854775807", "9223372036854775808", &"9".repeat(100)] {
            let page = numbers(&bob, format!("{list}limit={limit}"), 101).await;
            assert_eq!(page, (2..=101).rev().collect::<Vec<_>>(), "{list}limit={limit}");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn beyond_the_end_there_is_nothing_but_the_count(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_before(2, engine).await;
    for list in LISTS {
        for offset in ["2", "3", "1000000", "9223372036854775807", "9223372036854775808", &"9".repeat(100)] {
            for limit in ["1", "100", "99999999999999999999"] {
                bob.get(&format!("{list}offset={offset}&limit={limit}")).await.lists(&[], 2);
            }
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_limit_below_1_or_no_integer_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_before(1, engine).await;
    for list in LISTS {
        for limit in [
            "0",
            "-0",
            "-1",
            "-99999999999999999999",
            "abc",
            "",
            "1.0",
            "1e3",
            "0x1",
            "%2B",
            "1%20",
            "٣",
            "1,2",
            "null",
        ] {
            bob.get(&format!("{list}limit={limit}")).await.is_error(422, "limit", "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn an_offset_below_0_or_no_integer_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_before(1, engine).await;
    for list in LISTS {
        for offset in ["-1", "-99999999999999999999", "abc", "", "1.5", "1e3", "-", "%00", "%FF", "NaN", "undefined"] {
            bob.get(&format!("{list}offset={offset}")).await.is_error(422, "offset", "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn both_are_told_when_both_are_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_before(1, engine).await;
    for list in LISTS {
        let both = [("limit", "is invalid"), ("offset", "is invalid")];
        bob.get(&format!("{list}limit=0&offset=-1")).await.has_errors(422, &both);
    }
}
