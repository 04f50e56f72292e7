//! Opens connections, over TLS if required, to the server that accepts writes.

pub mod connector;
pub mod hosts;
pub mod tls;
