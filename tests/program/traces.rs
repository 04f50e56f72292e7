//! Traces, as a collector receives them by OTLP.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;
use reqwest::Method;
use rstest::rstest;

use crate::process::{ClosedPort, Program, Server};
use crate::support::Engine::*;
use crate::support::{Database, Engine, Response};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// An OTLP collector on the loopback.
struct Collector {
    endpoint: String,
    received: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    handle: ServerHandle,
}

impl Collector {
    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    fn start() -> Self {
        let received = Arc::<Mutex<Vec<_>>>::default();
        let shared = web::Data::from(Arc::clone(&received));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let server =
            HttpServer::new(move || App::new().app_data(shared.clone()).route("/v1/traces", web::post().to(receive)));
        let server = server.workers(1).disable_signals().listen(listener).expect("a server").run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { endpoint, received, handle }
    }

    /// Returns all spans so far, each with the attributes of its resource.
    fn spans(&self) -> Vec<(BTreeMap<String, String>, Span)> {
        let received = self.received.lock().expect("an unpoisoned lock");
        let resources = received.iter().flat_map(|request| &request.resource_spans);
        let spans = resources.flat_map(|spans| {
            let resource = attributes(&spans.resource.as_ref().expect("a resource").attributes);
            let spans = spans.scope_spans.iter().flat_map(|scope| &scope.spans);
            spans.map(move |span| (resource.clone(), span.clone())).collect::<Vec<_>>()
        });
        spans.collect()
    }

    /// Returns the spans of the trace that the test started.
    fn spans_of_trace(&self) -> Vec<Span> {
        let spans = self.spans().into_iter().map(|(_, span)| span);
        spans.filter(|span| hex(&span.trace_id) == TRACE).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn receive(body: web::Bytes, received: web::Data<Mutex<Vec<ExportTraceServiceRequest>>>) -> HttpResponse {
    match ExportTraceServiceRequest::decode(body) {
        Ok(request) => received.lock().expect("an unpoisoned lock").push(request),
        Err(error) => return HttpResponse::BadRequest().body(error.to_string()),
    }
    let response = ExportTraceServiceResponse::default().encode_to_vec();
    HttpResponse::Ok().content_type("application/x-protobuf").body(response)
}

fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |pair: &KeyValue| match pair.value.as_ref().and_then(|value| value.value.clone()) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{} is {other:?}", pair.key),
    };
    pairs.iter().map(|pair| (pair.key.clone(), text(pair))).collect()
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a GET request within the test's trace.
async fn get_traced(server: &Server<'_>, path: &str, flags: &str) -> Response {
    let request = server.anonymous().request(Method::GET, path).header("User-Agent", "test/1.0");
    Response::fetch(request.header("traceparent", format!("00-{TRACE}-{PARENT}-{flags}")).header("tracestate", "a=b"))
        .await
}

fn kind(span: &Span) -> SpanKind {
    SpanKind::try_from(span.kind).expect("a kind")
}

fn is_error(span: &Span) -> bool {
    span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error)
}

#[rstest]
#[actix_web::test]
async fn request_and_its_statement_are_spans(#[values(Sqlite, Postgres)] engine: Engine) {
    let (collector, database) = (Collector::start(), Database::create(engine).await);
    let program = Program::on(&database)
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint)
        .with("OTEL_SERVICE_NAME", "blog")
        // Traces do not depend on the log filter. The test needs the lines with the addresses.
        .with("RUST_LOG", "off,conduit::app=info");
    let server = program.serve().await;
    server.anonymous().register("amy").await.publish("Dragons").await;
    let response = get_traced(&server, "/api/articles/dragons?x=y", "01").await.assert_status(200);
    let (port, bytes) = (server.port().to_owned(), response.bytes.len().to_string());
    // Shutdown sends the spans that are still queued.
    server.stop().await.assert_success();

    let resource = collector.spans().remove(0).0;
    assert_eq!(resource["service.name"], "blog");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    let spans = collector.spans_of_trace();
    let (requests, statements): (Vec<_>, Vec<_>) = spans.iter().partition(|span| kind(span) == SpanKind::Server);
    let [request] = requests[..] else { panic!("not one request: {requests:?}") };
    assert_eq!((request.name.as_str(), hex(&request.parent_span_id)), ("GET /api/articles/{slug}", PARENT.to_owned()));
    assert_eq!(response.header("traceparent"), format!("00-{TRACE}-{}-01", hex(&request.span_id)));
    assert_eq!((request.trace_state.as_str(), is_error(request)), ("a=b", false));
    let expected = [
        ("client.address", "127.0.0.1"),
        ("http.request.method", "GET"),
        ("http.response.body.size", &bytes),
        ("http.response.status_code", "200"),
        ("http.route", "/api/articles/{slug}"),
        ("server.address", "127.0.0.1"),
        ("server.port", &port),
        ("url.path", "/api/articles/dragons"),
        ("url.scheme", "http"),
        ("user_agent.original", "test/1.0"),
    ];
    let expected: BTreeMap<_, _> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(attributes(&request.attributes), expected);

    let [statement] = statements[..] else { panic!("not one statement: {statements:?}") };
    assert_eq!((statement.name.as_str(), kind(statement)), ("articles.find", SpanKind::Client));
    assert_eq!(statement.parent_span_id, request.span_id);
    let system = if engine == Sqlite { "sqlite" } else { "postgresql" };
    let expected = [("db.operation.name", "SELECT"), ("db.query.summary", "articles.find"), ("db.system.name", system)];
    let expected: BTreeMap<_, _> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(attributes(&statement.attributes), expected);
    let times = [request.start_time_unix_nano, statement.start_time_unix_nano, statement.end_time_unix_nano];
    assert!(times.is_sorted() && statement.end_time_unix_nano <= request.end_time_unix_nano);
}

#[rstest]
#[actix_web::test]
async fn statements_on_other_threads_belong_to_their_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let (collector, database) = (Collector::start(), Database::create(engine).await);
    let program = Program::on(&database).with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint);
    let server = program.serve().await;
    let amy = server.anonymous().register("amy").await;
    let slug = amy.publish("Dragons").await;
    amy.favorite(&slug).await;
    server.stop().await.assert_success();

    let spans = collector.spans().into_iter().map(|(_, span)| span);
    let (requests, statements): (Vec<_>, Vec<_>) = spans.partition(|span| kind(span) == SpanKind::Server);
    let is_part = |request: &Span, statement: &Span| {
        (&statement.trace_id, &statement.parent_span_id) == (&request.trace_id, &request.span_id)
    };
    for name in ["POST /api/users", "POST /api/articles", "POST /api/articles/{slug}/favorite"] {
        let request = requests.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {requests:?}"));
        assert!(statements.iter().any(|statement| is_part(request, statement)), "{name}: {statements:?}");
    }
    for statement in &statements {
        assert!(requests.iter().any(|request| is_part(request, statement)), "{statement:?}");
    }
}

#[rstest]
#[actix_web::test]
async fn failure_marks_the_spans_as_errors(#[values(Sqlite, Postgres)] engine: Engine) {
    let (collector, database) = (Collector::start(), Database::create(engine).await);
    let program = Program::on(&database).with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint);
    let server = program.serve().await;
    server.anonymous().register("amy").await.publish("Dragons").await;
    database.execute("drop table comments").await;
    get_traced(&server, "/api/articles/dragons/comments", "01").await.assert_status(500);
    get_traced(&server, "/api/nothing", "01").await.assert_status(404);
    server.stop().await.assert_success();

    let spans = collector.spans_of_trace();
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:?}"));
    let request = named("GET /api/articles/{slug}/comments");
    assert_eq!((is_error(request), &*attributes(&request.attributes)["error.type"]), (true, "500"));
    let statement = named("comments.list");
    assert!(is_error(statement) && attributes(&statement.attributes).contains_key("error.type"), "{statement:?}");
    let unmatched = named("GET");
    assert!(!is_error(unmatched) && !attributes(&unmatched.attributes).contains_key("http.route"), "{unmatched:?}");
}

#[actix_web::test]
async fn caller_decides_on_sampling_of_its_trace() {
    let collector = Collector::start();
    let program =
        Program::new().with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint).with("OTEL_TRACES_SAMPLER_ARG", "0");
    let server = program.serve().await;
    let started_here = server.anonymous().get("/api/tags").await.assert_status(200);
    assert!(started_here.header("traceparent").ends_with("-00"));
    let unsampled = get_traced(&server, "/api/tags", "00").await.assert_status(200);
    assert!(unsampled.header("traceparent").ends_with("-00"));
    get_traced(&server, "/api/tags", "01").await.assert_status(200);
    server.stop().await.assert_success();

    let requests = collector.spans().into_iter().filter(|(_, span)| kind(span) == SpanKind::Server);
    assert_eq!(requests.map(|(_, span)| hex(&span.parent_span_id)).collect::<Vec<_>>(), [PARENT]);
}

#[actix_web::test]
async fn probes_are_not_traced() {
    let collector = Collector::start();
    let program = Program::new().with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint);
    let server = program.serve().await;
    let traced = server.anonymous().get("/api/tags").await.assert_status(200);
    assert!(traced.header("traceparent").ends_with("-01"));
    for path in ["/livez", "/readyz"] {
        server.anonymous().get(path).await.assert_status(200);
        get_traced(&server, path, "01").await.assert_status(200);
    }
    server.stop().await.assert_success();
    let requests = collector.spans().into_iter().filter(|(_, span)| kind(span) == SpanKind::Server);
    assert_eq!(requests.map(|(_, span)| span.name).collect::<Vec<_>>(), ["GET /api/tags"]);
}

/// A collector that accepts no spans.
enum Unavailable {
    /// Refuses connections.
    Closed(ClosedPort),
    /// Accepts connections and never responds.
    Silent(TcpListener),
}

impl Unavailable {
    fn port(&self) -> u16 {
        match self {
            Self::Closed(port) => port.number(),
            Self::Silent(listener) => listener.local_addr().expect("an address").port(),
        }
    }
}

#[rstest]
#[case::closed(Unavailable::Closed(ClosedPort::reserve()))]
#[case::silent(Unavailable::Silent(TcpListener::bind("127.0.0.1:0").expect("a free port")))]
#[actix_web::test]
async fn unavailable_collector_delays_neither_requests_nor_shutdown(#[case] collector: Unavailable) {
    let endpoint = format!("http://127.0.0.1:{}", collector.port());
    let program = Program::new().with("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint).with("OTEL_BSP_SCHEDULE_DELAY", "100");
    let server = program.serve().await;
    let (client, start) = (server.anonymous(), Instant::now());
    // Exceeds the capacity of the queue.
    for _ in 0..1500 {
        client.get("/api/tags").await.assert_status(200);
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());

    let start = Instant::now();
    let output = server.stop().await.assert_success();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    // Logged once, not for each batch. A silent collector causes it only after a timeout.
    let warnings = output.matches("traces are lost: the collector does not take them").count();
    assert!(warnings == 1 || warnings == 0 && matches!(collector, Unavailable::Silent(_)), "{output}");
}
