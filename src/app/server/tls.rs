//! HTTPS with one's own certificate, for those who have no proxy in front.

use std::path::Path;

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};

/// Why a certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is no PEM, or holds something else.
    #[error("not the expected PEM file: {0}")]
    Pem(#[from] pem::Error),
    /// The key does not belong to the certificate, or is of a kind that cannot be used.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

/// The server's side of TLS 1.2 and 1.3.
pub fn config(chain: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(config)
}
