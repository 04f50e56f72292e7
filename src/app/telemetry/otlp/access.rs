//! A line of the access log as attributes of the request's span.

use std::{borrow::Cow, fmt};

use opentelemetry::{KeyValue, Value, trace::Status};
use tracing::field::{Field, Visit};

/// Methods that the conventions know; others are told apart from these, for anybody may send any.
const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// What the line says.
#[derive(Default)]
pub struct Line {
    /// The attributes.
    pub attributes: Vec<KeyValue>,
    method: Cow<'static, str>,
    route: Option<String>,
    status: u16,
}

impl Line {
    fn add(&mut self, name: &'static str, value: impl Into<Value>) {
        self.attributes.push(KeyValue::new(name, value));
    }

    /// What the span is called.
    pub fn name(&self) -> Cow<'static, str> {
        match &self.route {
            Some(route) => format!("{} {route}", self.method).into(),
            None => self.method.clone(),
        }
    }

    /// Whether the server failed; that a client did is no error of this span. Its attribute is added here too.
    pub fn status(&mut self) -> Status {
        if self.status < 500 {
            return Status::Unset;
        }
        self.add("error.type", self.status.to_string());
        Status::error("")
    }

    fn take_method(&mut self, method: &str) {
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

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "client_ip" {
            self.add("client.address", format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "method" => self.take_method(value),
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
