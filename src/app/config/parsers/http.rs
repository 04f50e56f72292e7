//! Parsers of the settings of the HTTP server, and the rules between them.

use std::net::IpAddr;
use std::path::PathBuf;

use actix_web::http::Uri;
use ipnet::{IpNet, Ipv4Net};

use super::super::error::{ParseError, ParseResult};
use super::common::list;
use crate::adapters::http::middleware::cors::AllowedOrigins;

pub fn ip_address(text: &str) -> ParseResult<IpAddr> {
    let address = text.parse().ok();
    address.ok_or_else(|| ParseError::expected("an IP address such as 127.0.0.1 or 0.0.0.0"))
}

/// Parses `*`, or origins as a browser writes them in `Origin`.
pub fn origins(text: &str) -> ParseResult<AllowedOrigins> {
    let expected = "* or origins such as https://example.com, without a path, by commas";
    if text == "*" { Ok(AllowedOrigins::Any) } else { list(text, origin, expected).map(AllowedOrigins::These) }
}

/// Returns an origin in lower case, as browsers send it, because it is compared byte by byte.
fn origin(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (scheme, host) = text.split_once("://")?;
    let is_scheme = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) && !scheme.is_empty();
    let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c));
    let is_uri = text.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    (is_scheme && is_host && is_uri).then_some(text)
}

pub fn networks(text: &str) -> ParseResult<Vec<IpNet>> {
    list(text, network, "networks or addresses such as 10.0.0.0/8, fd00::/8 or 127.0.0.1, by commas")
}

/// Parses a network. One that contains every address is rejected: any client could then claim any
/// address.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    let network = as_ipv4(network).unwrap_or(network);
    (network.prefix_len() > 0).then_some(network)
}

/// Returns the IPv4 network that an IPv6 network is mapped to (RFC 4291, section 2.5.5.2), as
/// addresses are compared.
fn as_ipv4(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(mapped) = network else { return None };
    let prefix = mapped.prefix_len().checked_sub(96)?;
    Ipv4Net::new(mapped.addr().to_ipv4_mapped()?, prefix).ok().map(IpNet::from)
}

/// Rejects one port for two listeners, unless the system picks it.
pub fn ports_differ(port: &u16, metrics_port: &u16) -> Option<ParseError> {
    (port == metrics_port && *port > 0).then(|| ParseError::expected("another port than PORT"))
}

pub fn chain_has_key(chain: &Option<PathBuf>, key: &Option<PathBuf>) -> Option<ParseError> {
    (chain.is_some() && key.is_none()).then(|| ParseError::hidden("not set", "the key for TLS_CERT_FILE"))
}

pub fn key_has_chain(key: &Option<PathBuf>, chain: &Option<PathBuf>) -> Option<ParseError> {
    (key.is_some() && chain.is_none()).then(|| ParseError::hidden("not set", "the chain for TLS_KEY_FILE"))
}
