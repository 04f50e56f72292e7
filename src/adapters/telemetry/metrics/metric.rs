//! Description of a metric.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};

#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Follows the conventions of Prometheus: ends in the base unit, and in `_total` for a counter.
    pub name: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Counter,
    Gauge,
    /// With the upper bounds of its buckets.
    Histogram(&'static [f64]),
}

impl Metric {
    /// Registers the help text. A counter without labels begins at 0, so that its first increase is
    /// visible.
    pub fn describe(&self) {
        match self.kind {
            Kind::Counter => {
                describe_counter!(self.name, self.unit, self.help);
                if self.labels.is_empty() {
                    counter!(self.name).increment(0);
                }
            }
            Kind::Gauge => describe_gauge!(self.name, self.unit, self.help),
            Kind::Histogram(_) => describe_histogram!(self.name, self.unit, self.help),
        }
    }
}
