//! `/metrics`, on a port of its own. All applications of this process count together, so that tests look for growth;
//! what is exact is in `tests/program`.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{draft, registration},
    support::{Client, Engine, Engine::*, Scrape, TestApp},
};

const DURATION: &str = "http_server_request_duration_seconds";

/// Asserts that asking is counted and timed under these labels.
async fn counts(app: &TestApp, client: &Client, line: &str, body: &str, labels: (&str, &str, u16)) {
    let (method, route, status) = labels;
    let requests = async || {
        let labels = [("method", method), ("route", route), ("status", &status.to_string())];
        Scrape::of(&app.metrics).await.sum(&format!("{DURATION}_count"), &labels)
    };
    let before = requests().await;
    client.ask(line, body).await.status(status);
    assert!(requests().await >= before + 1.0, "{line} with {labels:?}");
}

#[rstest]
#[actix_web::test]
async fn every_answer_counts_under_its_method_route_and_status(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1KiB")]).await;
    let (amy, bob, anon) = (app.user("amy").await, app.user("bob").await, app.anon());
    amy.publishes("Dragons").await;
    let new = registration(json!({"username": "cat", "email": "cat@example.com"})).to_string();
    let taken = registration(json!({})).to_string();
    let (large, article) = ("x".repeat(1025), draft(json!({})).to_string());
    let slug = "/api/articles/{slug}";

    for (client, line, body, labels) in [
        (&anon, "GET /api/tags", "", ("GET", "/api/tags", 200)),
        (&anon, "POST /api/users", &new[..], ("POST", "/api/users", 201)),
        (&anon, "POST /api/users", &taken, ("POST", "/api/users", 409)),
        (&anon, "POST /api/users", "{", ("POST", "/api/users", 422)),
        (&anon, "POST /api/users", &large, ("POST", "/api/users", 413)),
        (&anon, "GET /api/user", "", ("GET", "/api/user", 401)),
        (&anon, "PUT /api/user", "", ("PUT", "/api/user", 401)),
        (&anon, "GET /api/profiles/amy", "", ("GET", "/api/profiles/{username}", 200)),
        (&anon, "GET /api/articles?limit=0", "", ("GET", "/api/articles", 422)),
        (&amy, "GET /api/articles/feed", "", ("GET", "/api/articles/feed", 200)),
        (&anon, "GET /api/articles/nothing", "", ("GET", slug, 404)),
        (&bob, "PUT /api/articles/dragons", &article, ("PUT", slug, 403)),
        (&bob, "DELETE /api/articles/dragons/comments/1", "", ("DELETE", "/api/articles/{slug}/comments/{id}", 404)),
        (&amy, "DELETE /api/articles/dragons", "", ("DELETE", slug, 204)),
        (&anon, "PUT /api/tags", "", ("PUT", "/api/tags", 405)),
        (&anon, "MADEUP /api/tags", "", ("other", "/api/tags", 405)),
        (&anon, "GET /api/nothing", "", ("GET", "unmatched", 404)),
        (&anon, "GET /nothing", "", ("GET", "unmatched", 404)),
        (&anon, "GET /livez", "", ("GET", "/livez", 200)),
        (&anon, "GET /readyz", "", ("GET", "/readyz", 200)),
    ] {
        counts(&app, client, line, body, labels).await;
    }
}

#[rstest]
#[actix_web::test]
async fn a_defect_counts_as_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publishes("Dragons").await;
    app.database.execute("drop table comments").await;
    let labels = ("GET", "/api/articles/{slug}/comments", 500);
    counts(&app, &app.anon(), "GET /api/articles/dragons/comments", "", labels).await;
}

#[rstest]
#[actix_web::test]
async fn durations_come_as_a_histogram_in_seconds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.anon().get("/api/tags").await.status(200);

    let measured = Scrape::of(&app.metrics).await;

    assert_eq!(measured.types()[DURATION], "histogram");
    let bucket = |bound: &str| {
        let labels = [("method", "GET"), ("route", "/api/tags"), ("status", "200"), ("le", bound)];
        measured.sum(&format!("{DURATION}_bucket"), &labels)
    };
    let bounds =
        ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
    assert!(bounds.map(bucket).is_sorted());
    assert!(bucket("+Inf") >= 1.0);
}

#[rstest]
#[actix_web::test]
async fn the_public_port_tells_no_metrics(#[values(Sqlite, Postgres)] engine: Engine) {
    TestApp::start(engine).await.anon().get("/metrics").await.is_error(404, "route", "not found");
}
