//! Errors of starting and running the server. Each names the setting that is to blame.

use std::io;
use std::net::SocketAddr;

use metrics_exporter_prometheus::BuildError;

use super::tls::TlsError;
use crate::app::config::SecretFileError;
use crate::app::database::DatabaseError;
use crate::domain::error::Cause;
use crate::ports::security::SecurityError;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{setting}: cannot listen on {address}")]
    Listen {
        setting: &'static str,
        address: SocketAddr,
        #[source]
        cause: io::Error,
    },
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("JWT_SECRET")]
    SecretFile(#[from] SecretFileError),
    #[error("JWT_SECRET, JWT_SECRET_PREVIOUS")]
    SigningKey(#[source] SecurityError),
    #[error("ARGON2_MEMORY_KIB, ARGON2_ITERATIONS, ARGON2_PARALLELISM")]
    HashingCost(#[source] SecurityError),
    #[error("TLS_CERT_FILE, TLS_KEY_FILE")]
    Tls(#[from] TlsError),
    #[error("metrics")]
    Recorder(#[from] BuildError),
    #[error("metrics")]
    Exporter(#[source] io::Error),
    #[error("the API's document")]
    Docs(#[source] Cause),
    #[error("cannot set up the server")]
    SetUp(#[from] io::Error),
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("cannot serve")]
    Serve(#[from] io::Error),
    #[error("cannot listen to signals")]
    Signals(#[source] io::Error),
    #[error("stopped at once by a second signal; requests may have lost their answers")]
    Forced,
}
