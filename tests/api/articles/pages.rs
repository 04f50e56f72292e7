//! `limit` and `offset` of `GET /api/articles` and `GET /api/articles/feed`.

use rstest::rstest;

use crate::support::Engine::*;
use crate::support::{Client, Engine, TestApp};

const LISTS: &[&str] = &["/api/articles?", "/api/articles?author=amy&tag=t&", "/api/articles/feed?"];

/// Publishes articles titled `1`, `2`, ... as amy, and returns bob, for whom each of [`LISTS`]
/// contains all of them.
async fn bob_with_articles(articles: usize, engine: Engine) -> (TestApp, Client) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.follow("amy").await;
    for number in 1..=articles {
        amy.publish_tagged(&number.to_string(), &["t"]).await;
    }
    (app, bob)
}

/// Titles of a page, as numbers.
async fn numbers(reader: &Client, path: String, total: u64) -> Vec<u32> {
    let response = reader.get(&path).await.assert_status(200).assert_at("/articlesCount", total);
    response.titles().iter().map(|title| title.parse().expect("a number")).collect()
}

#[rstest]
#[actix_web::test]
async fn page_has_20_articles_by_default(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_with_articles(21, engine).await;
    for list in LISTS {
        assert_eq!(numbers(&bob, format!("{list}offset=0"), 21).await, (2..=21).rev().collect::<Vec<_>>());
        assert_eq!(numbers(&bob, format!("{list}offset=20"), 21).await, [1]);
    }
}

#[rstest]
#[actix_web::test]
async fn consecutive_pages_have_no_gap_or_overlap(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_with_articles(7, engine).await;
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
async fn limit_above_100_is_treated_as_100(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_with_articles(101, engine).await;
    for list in LISTS {
        for limit in ["100", "101", "1000000", "9223372036854775807", "9223372036854775808", &"9".repeat(100)] {
            let page = numbers(&bob, format!("{list}limit={limit}"), 101).await;
            assert_eq!(page, (2..=101).rev().collect::<Vec<_>>(), "{list}limit={limit}");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn page_beyond_the_end_has_only_the_total(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_with_articles(2, engine).await;
    for list in LISTS {
        for offset in ["2", "3", "1000000", "9223372036854775807", "9223372036854775808", &"9".repeat(100)] {
            for limit in ["1", "100", "99999999999999999999"] {
                bob.get(&format!("{list}offset={offset}&limit={limit}")).await.assert_articles(&[], 2);
            }
        }
    }
}

#[rstest]
#[actix_web::test]
async fn limit_that_is_not_a_positive_integer_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_with_articles(1, engine).await;
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
            bob.get(&format!("{list}limit={limit}")).await.assert_error(422, "limit", "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn offset_that_is_not_a_natural_number_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_with_articles(1, engine).await;
    for list in LISTS {
        for offset in ["-1", "-99999999999999999999", "abc", "", "1.5", "1e3", "-", "%00", "%FF", "NaN", "undefined"] {
            bob.get(&format!("{list}offset={offset}")).await.assert_error(422, "offset", "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn invalid_limit_and_offset_are_reported_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let (_app, bob) = bob_with_articles(1, engine).await;
    for list in LISTS {
        let both = [("limit", "is invalid"), ("offset", "is invalid")];
        bob.get(&format!("{list}limit=0&offset=-1")).await.assert_errors(422, &both);
    }
}
