//! A route and the series of its answers.
//!
//! Every worker has routes of its own, which remember their handles: an answer that is like an earlier one is recorded
//! without an allocation, a lock or a look into the registry.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
    time::Duration,
};

use actix_web::guard::{Guard, GuardContext};
use metrics::{Histogram, Label, SharedString, histogram};

use super::{RequestStats, request_stats::UNMATCHED};
use crate::adapters::telemetry::metrics::catalogue::{REQUEST_DURATION, REQUEST_SIZE, RESPONSE_SIZE};

thread_local! {
    static NONE: Route = Route::new(UNMATCHED);
}

/// A route by its template, such as `/api/articles/{slug}`. As a guard of its resource it stands in nobody's way, and
/// makes itself known to the request when the path has matched: whatever becomes of the request then is measured as
/// this route's.
#[derive(Clone)]
pub struct Route(Rc<Inner>);

struct Inner {
    template: SharedString,
    series: RefCell<Vec<Series>>,
}

/// Answers that are alike.
struct Series {
    method: &'static str,
    status: u16,
    duration: Histogram,
    request_size: OnceCell<Histogram>,
    response_size: OnceCell<Histogram>,
}

impl Route {
    /// The route with this template.
    pub fn new(template: impl Into<SharedString>) -> Self {
        Self(Rc::new(Inner { template: template.into(), series: RefCell::default() }))
    }

    /// What it is measured and logged under.
    pub fn template(&self) -> &str {
        &self.0.template
    }

    /// Hands out the route of requests that match none. After the end of the thread's data there is none.
    pub(super) fn with_unmatched(then: impl FnOnce(&Self)) {
        let _ = NONE.try_with(then);
    }

    /// Records one answer; sizes that are unknown are left out.
    pub(super) fn record(
        &self,
        method: &'static str,
        status: u16,
        duration: Duration,
        received: Option<u32>,
        sent: Option<u32>,
    ) {
        let mut all = self.0.series.borrow_mut();
        let known = all.iter().position(|series| series.status == status && series.method == method);
        let place = known.unwrap_or_else(|| {
            all.push(self.series(method, status));
            all.len() - 1
        });
        let Some(series) = all.get(place) else { return };
        series.duration.record(duration);
        if let Some(bytes) = received {
            series.request_size.get_or_init(|| histogram!(REQUEST_SIZE.name, self.labels(method))).record(bytes);
        }
        if let Some(bytes) = sent {
            series.response_size.get_or_init(|| histogram!(RESPONSE_SIZE.name, self.labels(method))).record(bytes);
        }
    }

    fn series(&self, method: &'static str, status: u16) -> Series {
        let mut labels = self.labels(method);
        labels.push(Label::new("status", status.to_string()));
        let duration = histogram!(REQUEST_DURATION.name, labels);
        Series { method, status, duration, request_size: OnceCell::new(), response_size: OnceCell::new() }
    }

    fn labels(&self, method: &'static str) -> Vec<Label> {
        vec![Label::from_static_parts("method", method), Label::new("route", self.0.template.clone())]
    }
}

impl Guard for Route {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        if let Some(stats) = context.req_data().get::<Rc<RequestStats>>() {
            // Only the first counts, and there is only one.
            let _ = stats.route.set(self.clone());
        }
        true
    }
}
