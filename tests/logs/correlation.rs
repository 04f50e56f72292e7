//! Request ids and trace context: accepted or generated, returned, and in every log line.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::{Engine, Response, TestApp, log};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

async fn get_tags(app: &TestApp, headers: &[(&str, &str)]) -> Response {
    let request = app.anonymous().request(Method::GET, "/api/tags");
    Response::fetch(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[rstest]
#[actix_web::test]
async fn request_id_of_the_client_is_returned(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for id in ["a", "0192f0c1-7b1e-7cc0-b5f2-0123456789ab", "A.b_c:d-e", &"x".repeat(128)] {
        assert_eq!(get_tags(&app, &[("X-Request-Id", id)]).await.header("X-Request-Id"), id);
    }
}

#[rstest]
#[actix_web::test]
async fn unsafe_request_id_is_replaced(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for id in ["", "with space", "\"quoted\"", "<script>", "a\tb", "é", &"x".repeat(129)] {
        let response = get_tags(&app, &[("X-Request-Id", id)]).await;
        let generated = response.header("X-Request-Id");
        assert!(
            generated.len() == 32 && generated.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id:?} became {generated:?}"
        );
    }
}

#[rstest]
#[actix_web::test]
async fn request_without_an_id_gets_a_unique_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (one, other) = (get_tags(&app, &[]).await, get_tags(&app, &[]).await);
    assert_ne!(one.header("X-Request-Id"), other.header("X-Request-Id"));
    let trace = |response: &Response| response.header("traceparent")[3..35].to_owned();
    assert_ne!(trace(&one), trace(&other));
    assert_ne!(trace(&one), "0".repeat(32));
}

#[rstest]
#[actix_web::test]
async fn trace_of_the_caller_continues(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for flags in ["00", "01"] {
        let id = format!("traced-{engine}-{flags}");
        let parent = format!("00-{TRACE}-{PARENT}-{flags}");
        let response = get_tags(&app, &[("X-Request-Id", &id), ("traceparent", &parent)]).await;

        let returned: Vec<&str> = response.header("traceparent").split('-').collect();
        let [version, trace, span, returned_flags] = returned[..] else { panic!("{returned:?}") };
        assert_eq!((version, trace, returned_flags), ("00", TRACE, flags));
        assert!(span.len() == 16 && span != PARENT, "{span}");
        let line = log::lines(&id, 1).remove(0);
        assert_eq!((&line["trace_id"], &line["span_id"]), (&json!(trace), &json!(span)));
    }
}

#[rstest]
#[actix_web::test]
async fn invalid_traceparent_starts_a_new_trace(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let valid = format!("00-{TRACE}-{PARENT}-01");
    let invalid = format!("00-{TRACE}-{}-01", "0".repeat(16));
    for headers in [
        &[("traceparent", invalid.as_str())][..],
        &[("traceparent", "rubbish")],
        &[("traceparent", &valid), ("traceparent", &valid)],
    ] {
        let response = get_tags(&app, headers).await;
        let returned = response.header("traceparent");
        assert!(returned.len() == 55 && !returned.contains(TRACE) && returned.ends_with("-00"), "{returned}");
    }
}

#[rstest]
#[actix_web::test]
async fn errors_and_their_log_lines_have_both_ids(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publish("Dragons").await;
    app.database.execute("drop table comments").await;
    let id = format!("cause-{engine}");
    let request = app.anonymous().request(Method::GET, "/api/articles/dragons/comments").header("X-Request-Id", &id);

    let response = Response::fetch(request.header("Origin", "https://front.example")).await.assert_status(500);

    assert_eq!(response.header("X-Request-Id"), id);
    for header in ["x-request-id", "traceparent"] {
        assert!(response.header("Access-Control-Expose-Headers").contains(header), "{header}");
    }
    let lines = log::lines(&id, 2);
    assert_eq!((&lines[0]["level"], &lines[0]["message"]), (&json!("ERROR"), &json!("internal error")));
    for line in &lines {
        assert_eq!(line["trace_id"], response.header("traceparent")[3..35], "{line}");
        assert_eq!(line["span_id"], response.header("traceparent")[36..52], "{line}");
    }
    for path in ["/api/nothing", "/api/user", "/livez"] {
        let response = app.anonymous().get(path).await;
        assert!(!response.header("X-Request-Id").is_empty() && !response.header("traceparent").is_empty(), "{path}");
    }
}
