//! Where traces go, and how many.
//! For telemetry, which starts an exporter if there is somewhere to go.

use actix_web::http::Uri;

use super::{
    error::Wrong,
    reader::Reader,
    settings::{OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER_ARG},
};

/// Settings of the traces.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: the collector's URL, to which `/v1/traces` is added; by default none.
    pub endpoint: Option<String>,
    /// `OTEL_SERVICE_NAME`: what this service is called in traces, by default conduit.
    pub service: String,
    /// `OTEL_TRACES_SAMPLER_ARG`: which share of the traces that begin here is kept, by default all.
    pub share: f64,
}

impl TraceSettings {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let endpoint = from.optional(&OTEL_EXPORTER_OTLP_ENDPOINT, endpoint);
        let service = from.get(&OTEL_SERVICE_NAME, service);
        let share = from.get(&OTEL_TRACES_SAMPLER_ARG, share);
        Some(Self { endpoint: endpoint?, service: service?, share: share? })
    }
}

fn endpoint(text: &str) -> Result<String, Wrong> {
    let expected = "the URL of a collector for OTLP over HTTP, such as http://127.0.0.1:4318";
    if text.contains('@') {
        return Err(Wrong::hidden("a URL with a password", format!("{expected}, and OTEL_EXPORTER_OTLP_HEADERS")));
    }
    let uri = text.parse::<Uri>().ok();
    let is_fit =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none();
    if uri.as_ref().is_some_and(is_fit) { Ok(text.to_owned()) } else { Err(Wrong::expected(expected)) }
}

fn service(text: &str) -> Result<String, Wrong> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
    let is_name = text.len() <= 255 && text.bytes().all(is_fit);
    if is_name { Ok(text.to_owned()) } else { Err(Wrong::expected("a name of letters, digits and -._/")) }
}

fn share(text: &str) -> Result<f64, Wrong> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| Wrong::expected("a number from 0 to 1, such as 0.05"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load};

    #[test]
    fn nothing_is_exported_unless_it_is_said_where() {
        let traces = load(&[]).traces;
        assert_eq!((traces.endpoint, traces.service.as_str(), traces.share), (None, "conduit", 1.0));
    }

    #[test]
    fn values_are_taken() {
        let traces = load(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example:4318/tenant"),
            ("OTEL_SERVICE_NAME", "blog"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ])
        .traces;
        assert_eq!(traces.endpoint.as_deref(), Some("https://collector.example:4318/tenant"));
        assert_eq!((traces.service.as_str(), traces.share), ("blog", 0.25));
    }

    #[test]
    fn wrong_values_are_named() {
        let url = "expected the URL of a collector for OTLP over HTTP, such as http://127.0.0.1:4318";
        for text in ["collector:4318", "grpc://collector:4317", "http://", "http://a b", "/v1/traces", "http://c/?a=b"]
        {
            let line = format!("OTEL_EXPORTER_OTLP_ENDPOINT is {text:?}: {url}");
            assert_eq!(errors(&[("OTEL_EXPORTER_OTLP_ENDPOINT", text)]), line);
        }
        assert_eq!(
            errors(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:hunter2@collector")]),
            format!("OTEL_EXPORTER_OTLP_ENDPOINT is a URL with a password: {url}, and OTEL_EXPORTER_OTLP_HEADERS")
        );
        for text in ["1.5", "-0.1", "NaN", "half"] {
            let line = format!("OTEL_TRACES_SAMPLER_ARG is {text:?}: expected a number from 0 to 1, such as 0.05");
            assert_eq!(errors(&[("OTEL_TRACES_SAMPLER_ARG", text)]), line);
        }
    }
}
