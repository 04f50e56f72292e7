//! HTTPS with a certificate from files, for a server without a proxy in front of it.

use std::path::Path;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("not the expected PEM file: {0}")]
    Pem(#[from] pem::Error),
    /// The key does not belong to the certificate, or is of an unsupported kind.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

pub fn server_config(chain: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(config)
}
