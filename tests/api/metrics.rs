//! `/metrics`, on a port of its own. All instances in this process share the counters, so these
//! tests check that they increase. `tests/program` checks exact values.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{new_article, registration};
use crate::support::{Client, Engine, Scrape, TestApp};

const DURATION: &str = "http_server_request_duration_seconds";

/// Asserts that a request is counted under these labels: method, route and status.
async fn assert_counted(app: &TestApp, client: &Client, endpoint: &str, body: &str, labels: (&str, &str, u16)) {
    let (method, route, status) = labels;
    let requests = async || {
        let labels = [("method", method), ("route", route), ("status", &status.to_string())];
        Scrape::fetch(app.metrics_url()).await.sum(&format!("{DURATION}_count"), &labels)
    };
    let before = requests().await;
    client.call(endpoint, body).await.assert_status(status);
    assert!(requests().await >= before + 1.0, "{endpoint} with {labels:?}");
}

#[rstest]
#[actix_web::test]
async fn response_is_counted_by_method_route_and_status(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1KiB")]).await;
    let (amy, bob, anonymous) = (app.user("amy").await, app.user("bob").await, app.anonymous());
    amy.publish("Dragons").await;
    let new = registration(json!({"username": "cat", "email": "cat@example.com"})).to_string();
    let taken = registration(json!({})).to_string();
    let (large, article) = ("x".repeat(1025), new_article(json!({})).to_string());
    let slug = "/api/articles/{slug}";

    for (client, endpoint, body, labels) in [
        (&anonymous, "GET /api/tags", "", ("GET", "/api/tags", 200)),
        (&anonymous, "POST /api/users", &new[..], ("POST", "/api/users", 201)),
        (&anonymous, "POST /api/users", &taken, ("POST", "/api/users", 409)),
        (&anonymous, "POST /api/users", "{", ("POST", "/api/users", 422)),
        (&anonymous, "POST /api/users", &large, ("POST", "/api/users", 413)),
        (&anonymous, "GET /api/user", "", ("GET", "/api/user", 401)),
        (&anonymous, "PUT /api/user", "", ("PUT", "/api/user", 401)),
        (&anonymous, "GET /api/profiles/amy", "", ("GET", "/api/profiles/{username}", 200)),
        (&anonymous, "GET /api/articles?limit=0", "", ("GET", "/api/articles", 422)),
        (&amy, "GET /api/articles/feed", "", ("GET", "/api/articles/feed", 200)),
        (&anonymous, "GET /api/articles/nothing", "", ("GET", slug, 404)),
        (&bob, "PUT /api/articles/dragons", &article, ("PUT", slug, 403)),
        (&bob, "DELETE /api/articles/dragons/comments/1", "", ("DELETE", "/api/articles/{slug}/comments/{id}", 404)),
        (&amy, "DELETE /api/articles/dragons", "", ("DELETE", slug, 204)),
        (&anonymous, "PUT /api/tags", "", ("PUT", "/api/tags", 405)),
        (&anonymous, "MADEUP /api/tags", "", ("other", "/api/tags", 405)),
        (&anonymous, "GET /api/nothing", "", ("GET", "unmatched", 404)),
        (&anonymous, "GET /nothing", "", ("GET", "unmatched", 404)),
        (&anonymous, "GET /livez", "", ("GET", "/livez", 200)),
        (&anonymous, "GET /readyz", "", ("GET", "/readyz", 200)),
    ] {
        assert_counted(&app, client, endpoint, body, labels).await;
    }
}

#[rstest]
#[actix_web::test]
async fn internal_error_is_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publish("Dragons").await;
    app.database.execute("drop table comments").await;
    let labels = ("GET", "/api/articles/{slug}/comments", 500);
    assert_counted(&app, &app.anonymous(), "GET /api/articles/dragons/comments", "", labels).await;
}

#[rstest]
#[actix_web::test]
async fn durations_are_a_histogram_in_seconds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.anonymous().get("/api/tags").await.assert_status(200);

    let metrics = Scrape::fetch(app.metrics_url()).await;

    assert_eq!(metrics.types()[DURATION], "histogram");
    let bucket = |bound: &str| {
        let labels = [("method", "GET"), ("route", "/api/tags"), ("status", "200"), ("le", bound)];
        metrics.sum(&format!("{DURATION}_bucket"), &labels)
    };
    let bounds =
        ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
    assert!(bounds.map(bucket).is_sorted());
    assert!(bucket("+Inf") >= 1.0);
}

#[rstest]
#[actix_web::test]
async fn public_port_serves_no_metrics(#[values(Sqlite, Postgres)] engine: Engine) {
    TestApp::start(engine).await.anonymous().get("/metrics").await.assert_error(404, "route", "not found");
}
