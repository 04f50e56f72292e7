//! Settings of logs and traces.

use super::{assert_rejected, errors, load, load_prod, vars};
use crate::adapters::telemetry::logs::settings::LogFormat;

#[test]
fn logs_are_pretty_in_dev_and_json_in_prod() {
    let dev = load(&[]).log;
    assert_eq!((dev.format, dev.filter.to_string().as_str()), (LogFormat::Pretty, "actix_server=warn,info"));
    assert_eq!(load_prod(&[]).log.format, LogFormat::Json);
}

#[test]
fn traces_are_not_exported_by_default() {
    let traces = load(&[]).traces;
    assert_eq!((traces.endpoint, traces.service.as_str(), traces.share), (None, "conduit", 1.0));
}

#[test]
fn valid_values_are_accepted() {
    let values = "LOG_FORMAT=json OTEL_EXPORTER_OTLP_ENDPOINT=https://collector.example:4318/tenant \
                  OTEL_SERVICE_NAME=blog OTEL_TRACES_SAMPLER_ARG=0.25";
    let config = load(&[&vars(values)[..], &[("RUST_LOG", "warn, conduit=debug,")]].concat());
    let (log, traces) = (config.log, config.traces);
    assert_eq!((log.format, log.filter.to_string().as_str()), (LogFormat::Json, "conduit=debug,warn"));
    assert_eq!(traces.endpoint.as_deref(), Some("https://collector.example:4318/tenant"));
    assert_eq!((traces.service.as_str(), traces.share), ("blog", 0.25));
}

#[test]
fn invalid_values_are_rejected_by_name() {
    let (name, url) =
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "the URL of a collector for OTLP over HTTP, such as http://127.0.0.1:4318");
    for text in ["collector:4318", "grpc://collector:4317", "http://", "http://a b", "/v1/traces", "http://c/?a=b"] {
        assert_rejected(name, text, url);
    }
    assert_eq!(
        errors(&[(name, "https://me:hunter2@collector")]),
        format!("{name} is a URL with a password: expected {url}, and OTEL_EXPORTER_OTLP_HEADERS")
    );
    for text in ["1.5", "-0.1", "NaN", "half"] {
        assert_rejected("OTEL_TRACES_SAMPLER_ARG", text, "a number from 0 to 1, such as 0.05");
    }
    assert_rejected("LOG_FORMAT", "xml", "pretty or json");
    for text in ["conduit=loud", "warning", "verbose,conduit=debug", "conduit"] {
        assert_rejected("RUST_LOG", text, "levels such as info or warn,conduit=debug");
    }
}
