//! The address of the client, for rate limits and for the log.
//!
//! It is the address of the peer, unless that is a trusted proxy. A proxy appends the address of
//! its own peer to `X-Forwarded-For`; the client may have forged the rest. So the header is read
//! from the right, and the first address that is not a trusted proxy is the client's. `Forwarded`
//! (RFC 7239) is ignored: a proxy may set one of the two headers and pass on the other.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Once};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

use crate::adapters::http::errors::HttpError;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Networks of trusted proxies, as application data. If empty, `X-Forwarded-For` is ignored.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Arc<[IpNet]>);

impl TrustedProxies {
    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.to_canonical();
        if !self.contain(address) {
            if headers.contains_key(FORWARDED_FOR) {
                warn_once(address);
            }
            return address;
        }
        let lines: Vec<&[u8]> = headers.get_all(FORWARDED_FOR).map(|value| value.as_bytes()).collect();
        for entry in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            // Trusted proxies append addresses only: the rest may be forged.
            let Some(previous) = parse(entry) else { break };
            address = previous;
            if !self.contain(address) {
                break;
            }
        }
        address
    }
}

/// Hints at a proxy that is missing from `TRUSTED_PROXIES`: its clients share one rate limit.
fn warn_once(peer: IpAddr) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(%peer, "not a trusted proxy: its X-Forwarded-For is ignored (TRUSTED_PROXIES)");
    });
}

/// Parses an address with or without a port: some proxies add that of the connection.
fn parse(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let address = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address
        .or_else(|_| text.trim_start_matches('[').trim_end_matches(']').parse())
        .ok()
        .map(|ip: IpAddr| ip.to_canonical())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    pub fn from_head(request: &HttpRequest) -> Self {
        // Only requests that tests make have no peer.
        let peer = request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        let proxies = request.app_data::<TrustedProxies>();
        Self(proxies.map_or(peer.to_canonical(), |proxies| proxies.client(peer, request.headers())))
    }
}

from_head! {
    ClientAddress: |request| Ok(Self::from_head(request));
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// Trusted proxies are 10.0.0.0/8 and 2001:db8:ffff::/48.
    fn client(peer: &str, lines: &[&[u8]]) -> String {
        let networks = ["10.0.0.0/8", "2001:db8:ffff::/48"].map(|network| network.parse().unwrap());
        let mut request = TestRequest::default()
            .peer_addr(SocketAddr::new(peer.parse().unwrap(), 50000))
            .app_data(TrustedProxies(networks.into()));
        for line in lines {
            request = request.append_header((FORWARDED_FOR, *line));
        }
        ClientAddress::from_head(&request.to_http_request()).0.to_string()
    }

    #[rstest]
    #[case::without_the_header("192.0.2.1", &[], "192.0.2.1")]
    #[case::header_of_an_untrusted_peer("192.0.2.1", &["198.51.100.7"], "192.0.2.1")]
    #[case::one_proxy("10.0.0.1", &["198.51.100.7"], "198.51.100.7")]
    #[case::forged_entries("10.0.0.1", &["203.0.113.1, 203.0.113.2, 198.51.100.7"], "198.51.100.7")]
    #[case::forged_entry_in_a_line_of_its_own("10.0.0.1", &["203.0.113.1", "198.51.100.7"], "198.51.100.7")]
    #[case::two_proxies("10.0.0.1", &["203.0.113.1, 198.51.100.7,10.0.0.2"], "198.51.100.7")]
    #[case::forged_proxy("10.0.0.1", &["10.9.9.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7")]
    #[case::proxies_only("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3")]
    #[case::proxy_without_the_header("10.0.0.1", &[], "10.0.0.1")]
    #[case::invalid_entry("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1")]
    #[case::invalid_entry_behind_a_proxy("10.0.0.1", &["198.51.100.7, _hidden, 10.0.0.2"], "10.0.0.2")]
    #[case::empty_line("10.0.0.1", &[""], "10.0.0.1")]
    #[case::with_a_port("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7")]
    #[case::ipv6("10.0.0.1", &["2001:db8::7"], "2001:db8::7")]
    #[case::ipv6_with_a_port("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7")]
    #[case::ipv6_in_brackets("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7")]
    #[case::ipv6_proxy("2001:db8:ffff::1", &["198.51.100.7"], "198.51.100.7")]
    #[case::ipv4_mapped_proxy_and_client("::ffff:10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7")]
    #[case::ipv4_mapped_peer("::ffff:192.0.2.1", &[], "192.0.2.1")]
    fn client_is_the_first_untrusted_address_from_the_right(
        #[case] peer: &str,
        #[case] lines: &[&str],
        #[case] expected: &str,
    ) {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        assert_eq!(client(peer, &lines), expected);
    }

    #[test]
    fn entry_that_is_not_utf8_is_ignored() {
        assert_eq!(client("10.0.0.1", &[b"198.51.100.7, \xff"]), "10.0.0.1");
    }

    #[test]
    fn header_is_ignored_without_trusted_proxies() {
        let peer = SocketAddr::from(([10, 0, 0, 1], 50000));
        for data in [None, Some(TrustedProxies::default())] {
            let request = TestRequest::default().peer_addr(peer).insert_header((FORWARDED_FOR, "198.51.100.7"));
            let request = data.into_iter().fold(request, TestRequest::app_data).to_http_request();
            assert_eq!(ClientAddress::from_head(&request), ClientAddress(peer.ip()));
        }
    }

    proptest! {
        #[test]
        fn address_is_parsed_in_every_notation(ip: IpAddr, port: u16) {
            let canonical = Some(ip.to_canonical());
            let written = [ip.to_string(), format!(" {ip} "), format!("[{ip}]"), SocketAddr::new(ip, port).to_string()];
            for entry in written {
                prop_assert_eq!(parse(entry.as_bytes()), canonical, "{}", entry);
            }
        }

        #[test]
        fn parsed_addresses_are_canonical(entry: Vec<u8>, text in "[0-9a-f:.\\[\\] ]{0,40}") {
            for entry in [&entry[..], text.as_bytes()] {
                prop_assert!(parse(entry).is_none_or(|ip| ip == ip.to_canonical()));
            }
        }
    }
}
