//! Metrics of one route. Every worker thread has its own, which cache the handles of their series:
//! most requests are recorded without an allocation, a lock or a look-up in the registry.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use metrics::{Histogram, Label, SharedString, histogram};

use crate::adapters::telemetry::metrics::catalogue::{REQUEST_DURATION, REQUEST_SIZE, RESPONSE_SIZE};

pub const UNMATCHED: &str = "unmatched";

thread_local! {
    static UNMATCHED_METRICS: RouteMetrics = RouteMetrics::new(UNMATCHED);
}

#[derive(Clone)]
pub struct RouteMetrics(Rc<Inner>);

struct Inner {
    template: SharedString,
    series: RefCell<Vec<Series>>,
}

/// Handles for one method and status.
struct Series {
    method: &'static str,
    status: u16,
    duration: Histogram,
    request_size: OnceCell<Histogram>,
    response_size: OnceCell<Histogram>,
}

impl RouteMetrics {
    /// `template` is the path with its parameters, such as `/api/articles/{slug}`.
    pub fn new(template: impl Into<SharedString>) -> Self {
        Self(Rc::new(Inner { template: template.into(), series: RefCell::default() }))
    }

    pub fn template(&self) -> &str {
        &self.0.template
    }

    /// Does nothing after the thread's locals are destroyed.
    pub fn with_unmatched(record: impl FnOnce(&Self)) {
        let _ = UNMATCHED_METRICS.try_with(record);
    }

    pub fn record(
        &self,
        method: &'static str,
        status: u16,
        duration: Duration,
        request_size: Option<u32>,
        response_size: Option<u32>,
    ) {
        let mut all = self.0.series.borrow_mut();
        let position = all.iter().position(|series| series.status == status && series.method == method);
        let index = position.unwrap_or_else(|| {
            all.push(self.new_series(method, status));
            all.len() - 1
        });
        let Some(series) = all.get(index) else { return };
        series.duration.record(duration);
        if let Some(bytes) = request_size {
            series.request_size.get_or_init(|| histogram!(REQUEST_SIZE.name, self.labels(method))).record(bytes);
        }
        if let Some(bytes) = response_size {
            series.response_size.get_or_init(|| histogram!(RESPONSE_SIZE.name, self.labels(method))).record(bytes);
        }
    }

    fn new_series(&self, method: &'static str, status: u16) -> Series {
        let mut labels = self.labels(method);
        labels.push(Label::new("status", status.to_string()));
        let duration = histogram!(REQUEST_DURATION.name, labels);
        Series { method, status, duration, request_size: OnceCell::new(), response_size: OnceCell::new() }
    }

    fn labels(&self, method: &'static str) -> Vec<Label> {
        vec![Label::from_static_parts("method", method), Label::new("route", self.0.template.clone())]
    }
}
