//! What there is to say about a metric.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// By the conventions of Prometheus: with its base unit, and `_total` at the end of a counter's.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// What it is measured in.
    pub unit: Unit,
    /// What tells its series apart.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub about: &'static str,
}

/// What a metric's values do.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts values up to each of these bounds.
    Histogram(&'static [f64]),
}

impl Metric {
    /// Tells the recorder what this metric means. A counter without labels stands at 0 from now on, so that its first
    /// growth shows.
    pub fn describe(&self) {
        match self.kind {
            Kind::Counter => {
                describe_counter!(self.name, self.unit, self.about);
                if self.labels.is_empty() {
                    counter!(self.name).increment(0);
                }
            }
            Kind::Gauge => describe_gauge!(self.name, self.unit, self.about),
            Kind::Histogram(_) => describe_histogram!(self.name, self.unit, self.about),
        }
    }
}
