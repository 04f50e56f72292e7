//! `/metrics`, on a port of its own. All applications of this process count together, so that tests look for growth.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{draft, registration},
    support::{Client, Engine, Engine::*, Reply, TestApp},
};

const REQUESTS: &str = "http_server_requests_total";
const DURATION: &str = "http_server_request_duration_seconds";

/// All that is measured.
async fn measured(app: &TestApp) -> String {
    let reply = Reply::of(reqwest::Client::new().get(&app.metrics)).await.status(200);
    assert_eq!(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    reply.text()
}

/// The value of a series; 0 where there is none yet.
fn value(metrics: &str, name: &str, method: &str, route: &str, status: u16) -> f64 {
    let series = format!(r#"{name}{{method="{method}",route="{route}",status="{status}"}} "#);
    let value = metrics.lines().find_map(|line| line.strip_prefix(&series));
    value.map_or(0.0, |value| value.parse().expect("a number"))
}

/// Asserts that asking is counted and timed under these labels.
async fn counts(app: &TestApp, client: &Client, line: &str, body: &str, labels: (&str, &str, u16)) {
    let (method, route, status) = labels;
    let before = measured(app).await;
    client.ask(line, body).await.status(status);
    let after = measured(app).await;
    for name in [REQUESTS.to_owned(), format!("{DURATION}_count")] {
        let growth = value(&after, &name, method, route, status) - value(&before, &name, method, route, status);
        assert!(growth >= 1.0, "{name} of {line} with {labels:?}");
    }
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
        (&anon, "GET /api/nothing", "", ("GET", "unmatched", 404)),
        (&anon, "GET /nothing", "", ("GET", "unmatched", 404)),
        (&anon, "GET /livez", "", ("GET", "/livez", 200)),
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
async fn what_clients_make_up_makes_no_series(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    counts(&app, &app.anon(), "MADEUP /api/tags", "", ("other", "/api/tags", 405)).await;
    for path in ["/api/articles/made-up", "/api/profiles/made-up", "/made-up/made-up", "/api/articles?tag=made-up"] {
        app.anon().get(path).await;
    }
    let metrics = measured(&app).await;
    assert!(!metrics.contains("made-up") && !metrics.contains("MADEUP"), "{metrics}");
}

#[rstest]
#[actix_web::test]
async fn durations_come_as_a_histogram_in_seconds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.anon().get("/api/tags").await.status(200);

    let metrics = measured(&app).await;

    for line in [format!("# TYPE {REQUESTS} counter"), format!("# TYPE {DURATION} histogram")] {
        assert!(metrics.lines().any(|given| given == line), "{line}");
    }
    let series = r#"method="GET",route="/api/tags",status="200""#;
    let bucket = |bound: &str| {
        let line = format!(r#"{DURATION}_bucket{{{series},le="{bound}"}} "#);
        let value = metrics.lines().find_map(|given| given.strip_prefix(&line));
        value.unwrap_or_else(|| panic!("no {line}")).parse::<u64>().expect("a number")
    };
    let bounds =
        ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
    assert!(bounds.map(bucket).is_sorted());
    assert!(bucket("+Inf") >= 1);
}

#[rstest]
#[actix_web::test]
async fn the_public_port_tells_no_metrics(#[values(Sqlite, Postgres)] engine: Engine) {
    TestApp::start(engine).await.anon().get("/metrics").await.is_error(404, "route", "not found");
}
