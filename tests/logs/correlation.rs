//! The id of a request and its place in a trace: taken from the client or made, given back, and in every line.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{Engine, Engine::*, Reply, TestApp, log};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

async fn ask(app: &TestApp, headers: &[(&str, &str)]) -> Reply {
    let request = app.anon().request(Method::GET, "/api/tags");
    Reply::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[rstest]
#[actix_web::test]
async fn a_client_s_id_comes_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for id in ["a", "0192f0c1-7b1e-7cc0-b5f2-0123456789ab", "A.b_c:d-e", &"x".repeat(128)] {
        assert_eq!(ask(&app, &[("X-Request-Id", id)]).await.header("X-Request-Id"), id);
    }
}

#[rstest]
#[actix_web::test]
async fn an_id_unfit_for_a_log_is_replaced(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for id in ["", "with space", "\"quoted\"", "<script>", "a\tb", "é", &"x".repeat(129)] {
        let reply = ask(&app, &[("X-Request-Id", id)]).await;
        let made = reply.header("X-Request-Id");
        assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id:?} became {made:?}");
    }
}

#[rstest]
#[actix_web::test]
async fn each_request_without_an_id_gets_one_of_its_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (one, other) = (ask(&app, &[]).await, ask(&app, &[]).await);
    assert_ne!(one.header("X-Request-Id"), other.header("X-Request-Id"));
    let trace = |reply: &Reply| reply.header("traceparent")[3..35].to_owned();
    assert_ne!(trace(&one), trace(&other));
    assert_ne!(trace(&one), "0".repeat(32));
}

#[rstest]
#[actix_web::test]
async fn a_caller_s_trace_goes_on(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for flags in ["00", "01"] {
        let id = format!("traced-{engine}-{flags}");
        let given = format!("00-{TRACE}-{PARENT}-{flags}");
        let reply = ask(&app, &[("X-Request-Id", &id), ("traceparent", &given)]).await;

        let back: Vec<&str> = reply.header("traceparent").split('-').collect();
        let [version, trace, span, back_flags] = back[..] else { panic!("{back:?}") };
        assert_eq!((version, trace, back_flags), ("00", TRACE, flags));
        assert!(span.len() == 16 && span != PARENT, "{span}");
        let line = log::lines(&id, 1).remove(0);
        assert_eq!((&line["trace_id"], &line["span_id"]), (&json!(trace), &json!(span)));
    }
}

#[rstest]
#[actix_web::test]
async fn an_invalid_place_in_a_trace_begins_another(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let valid = format!("00-{TRACE}-{PARENT}-01");
    let invalid = format!("00-{TRACE}-{}-01", "0".repeat(16));
    for headers in [
        &[("traceparent", invalid.as_str())][..],
        &[("traceparent", "rubbish")],
        &[("traceparent", &valid), ("traceparent", &valid)],
    ] {
        let reply = ask(&app, headers).await;
        let back = reply.header("traceparent");
        assert!(back.len() == 55 && !back.contains(TRACE) && back.ends_with("-00"), "{back}");
    }
}

#[rstest]
#[actix_web::test]
async fn errors_have_both_and_so_have_the_lines_about_their_causes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publishes("Dragons").await;
    app.database.execute("drop table comments").await;
    let id = format!("cause-{engine}");
    let request = app.anon().request(Method::GET, "/api/articles/dragons/comments").header("X-Request-Id", &id);

    let reply = Reply::of(request.header("Origin", "https://front.example")).await.status(500);

    assert_eq!(reply.header("X-Request-Id"), id);
    for header in ["x-request-id", "traceparent"] {
        assert!(reply.header("Access-Control-Expose-Headers").contains(header), "{header}");
    }
    let lines = log::lines(&id, 2);
    assert_eq!((&lines[0]["level"], &lines[0]["message"]), (&json!("ERROR"), &json!("internal error")));
    for line in &lines {
        assert_eq!(line["trace_id"], reply.header("traceparent")[3..35], "{line}");
        assert_eq!(line["span_id"], reply.header("traceparent")[36..52], "{line}");
    }
    for path in ["/api/nothing", "/api/user", "/livez"] {
        let reply = app.anon().get(path).await;
        assert!(!reply.header("X-Request-Id").is_empty() && !reply.header("traceparent").is_empty(), "{path}");
    }
}
