//! Settings of the traces.

/// Where traces go, and which are kept.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// The collector's base URL; without one nothing is exported.
    pub endpoint: Option<String>,
    /// The name of this service in traces.
    pub service: String,
    /// Share of the traces that start here and are kept, from 0 to 1.
    pub share: f64,
}
