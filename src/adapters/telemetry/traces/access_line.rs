//! Converts an access log line to attributes of the request's span.

use std::{borrow::Cow, fmt};

use opentelemetry::{KeyValue, Value, trace::Status};
use tracing::field::{Field, Visit};

/// Methods that the semantic conventions name; clients may send any other.
const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// An access log line.
#[derive(Default)]
pub struct AccessLine {
    pub attributes: Vec<KeyValue>,
    method: Cow<'static, str>,
    route: Option<String>,
    status: u16,
}

impl AccessLine {
    fn add(&mut self, name: &'static str, value: impl Into<Value>) {
        self.attributes.push(KeyValue::new(name, value));
    }

    /// Returns the span's name.
    pub fn name(&self) -> Cow<'static, str> {
        match &self.route {
            Some(route) => format!("{} {route}", self.method).into(),
            None => self.method.clone(),
        }
    }

    /// Returns the span's status and adds `error.type`. A client's error is not an error of this
    /// span.
    pub fn status(&mut self) -> Status {
        if self.status < 500 {
            return Status::Unset;
        }
        self.add("error.type", self.status.to_string());
        Status::error("")
    }

    fn set_method(&mut self, method: &str) {
        match METHODS.iter().find(|known| **known == method) {
            Some(known) => {
                self.method = Cow::Borrowed(known);
                self.add("http.request.method", *known);
            }
            None => {
                self.method = Cow::Borrowed("HTTP");
                self.add("http.request.method", "_OTHER");
                self.add("http.request.method_original", method.to_owned());
            }
        }
    }
}

impl Visit for AccessLine {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "client_ip" {
            self.add("client.address", format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "method" => self.set_method(value),
            "route" if value != "unmatched" => {
                self.route = Some(value.to_owned());
                self.add("http.route", value.to_owned());
            }
            "path" => self.add("url.path", value.to_owned()),
            "user_agent" => self.add("user_agent.original", value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "status" => {
                self.status = u16::try_from(value).unwrap_or_default();
                self.add("http.response.status_code", i64::from(self.status));
            }
            "bytes" => self.add("http.response.body.size", i64::try_from(value).unwrap_or(i64::MAX)),
            _ => {}
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "user_id" {
            self.add("user.id", value.to_string());
        }
    }
}
