//! The address that a request comes from: for those who throttle by it and for the log.
//!
//! It is the address of whoever has connected, unless that is a proxy of ours. A proxy appends the address of whoever
//! has connected to it to `X-Forwarded-For`; what stands to the left of that the client may have written itself. So the
//! header is read from the right, past the addresses of trusted proxies, and the first that is none of them is the
//! client's. `Forwarded` (RFC 7239) is not read: of two headers a proxy may fill one, and pass on the other as it came.

use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Once},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderMap};
use ipnet::IpNet;

use super::errors::HttpError;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks whose addresses are proxies of ours; put into the application's data. Without any, no header is
/// believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl From<&[IpNet]> for TrustedProxies {
    fn from(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }
}

impl TrustedProxies {
    fn include(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address behind the proxies, where `peer` has connected.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.to_canonical();
        if !self.include(address) {
            if headers.contains_key(FORWARDED_FOR) {
                tell_once(address);
            }
            return address;
        }
        let lines: Vec<&[u8]> = headers.get_all(FORWARDED_FOR).map(|value| value.as_bytes()).collect();
        for run_blocking in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            // What is no address was written by nobody who is trusted: the proxy that passed it on is as far as it goes.
            let Some(run_blocking) = parse(run_blocking) else { break };
            address = run_blocking;
            if !self.include(address) {
                break;
            }
        }
        address
    }
}

/// Says once that there is a proxy whose word is not taken: all who come through it look like one client, which few
/// would guess from what they see.
fn tell_once(peer: IpAddr) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(%peer, "not a trusted proxy: its X-Forwarded-For is not believed (TRUSTED_PROXIES)");
    });
}

/// An address, with or without a port: some proxies add that of the connection.
fn parse(run_blocking: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(run_blocking).ok()?.trim();
    let address = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address
        .or_else(|_| text.trim_start_matches('[').trim_end_matches(']').parse())
        .ok()
        .map(|ip: IpAddr| ip.to_canonical())
}

/// The address that a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// That of this request.
    pub fn of(request: &HttpRequest) -> Self {
        // Only a request that came over no network has no peer.
        let peer = request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        let proxies = request.app_data::<TrustedProxies>();
        Self(proxies.map_or(peer.to_canonical(), |proxies| proxies.client(peer, request.headers())))
    }
}

impl FromRequest for ClientAddress {
    type Error = HttpError;
    type Future = Ready<Result<Self, HttpError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// Who asks where our proxies are 10.0.0.0/8 and 2001:db8:ffff::/48.
    fn client(peer: &str, lines: &[&[u8]]) -> String {
        let networks = ["10.0.0.0/8", "2001:db8:ffff::/48"].map(|network| network.parse().unwrap());
        let mut request = TestRequest::default()
            .peer_addr(SocketAddr::new(peer.parse().unwrap(), 50000))
            .app_data(TrustedProxies::from(&networks[..]));
        for line in lines {
            request = request.append_header((FORWARDED_FOR, *line));
        }
        ClientAddress::of(&request.to_http_request()).0.to_string()
    }

    #[rstest]
    #[case::nobody_forwards("192.0.2.1", &[], "192.0.2.1")]
    #[case::who_is_no_proxy_is_not_believed("192.0.2.1", &["198.51.100.7"], "192.0.2.1")]
    #[case::one_proxy("10.0.0.1", &["198.51.100.7"], "198.51.100.7")]
    #[case::what_the_client_wrote("10.0.0.1", &["203.0.113.1, 203.0.113.2, 198.51.100.7"], "198.51.100.7")]
    #[case::what_the_client_wrote_in_a_line_of_its_own("10.0.0.1", &["203.0.113.1", "198.51.100.7"], "198.51.100.7")]
    #[case::two_proxies("10.0.0.1", &["203.0.113.1, 198.51.100.7,10.0.0.2"], "198.51.100.7")]
    #[case::a_client_that_claims_to_be_a_proxy("10.0.0.1", &["10.9.9.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7")]
    #[case::proxies_alone("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3")]
    #[case::a_proxy_that_says_nothing("10.0.0.1", &[], "10.0.0.1")]
    #[case::what_is_no_address("10.0.0.1", &["198.51.100.7, unknown"], "10.0.0.1")]
    #[case::what_is_no_address_behind_a_proxy("10.0.0.1", &["198.51.100.7, _hidden, 10.0.0.2"], "10.0.0.2")]
    #[case::an_empty_line("10.0.0.1", &[""], "10.0.0.1")]
    #[case::with_a_port("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7")]
    #[case::ipv6("10.0.0.1", &["2001:db8::7"], "2001:db8::7")]
    #[case::ipv6_with_a_port("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7")]
    #[case::ipv6_in_brackets("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7")]
    #[case::a_proxy_with_ipv6("2001:db8:ffff::1", &["198.51.100.7"], "198.51.100.7")]
    #[case::ipv4_written_as_ipv6("::ffff:10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7")]
    #[case::ipv4_written_as_ipv6_without_a_proxy("::ffff:192.0.2.1", &[], "192.0.2.1")]
    fn the_client_is_who_no_proxy_of_ours_is(#[case] peer: &str, #[case] lines: &[&str], #[case] expected: &str) {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        assert_eq!(client(peer, &lines), expected);
    }

    #[test]
    fn bytes_that_are_no_text_are_no_address() {
        assert_eq!(client("10.0.0.1", &[b"198.51.100.7, \xff"]), "10.0.0.1");
    }

    #[test]
    fn without_proxies_no_header_is_believed() {
        let peer = SocketAddr::from(([10, 0, 0, 1], 50000));
        for data in [None, Some(TrustedProxies::default())] {
            let request = TestRequest::default().peer_addr(peer).insert_header((FORWARDED_FOR, "198.51.100.7"));
            let request = data.into_iter().fold(request, TestRequest::app_data).to_http_request();
            assert_eq!(ClientAddress::of(&request), ClientAddress(peer.ip()));
        }
    }

    proptest! {
        #[test]
        fn an_address_is_read_however_a_proxy_writes_it(ip: IpAddr, port: u16) {
            let canonical = Some(ip.to_canonical());
            let written = [ip.to_string(), format!(" {ip} "), format!("[{ip}]"), SocketAddr::new(ip, port).to_string()];
            for run_blocking in written {
                prop_assert_eq!(parse(run_blocking.as_bytes()), canonical, "{}", run_blocking);
            }
        }

        #[test]
        fn any_bytes_are_an_address_or_none(run_blocking: Vec<u8>, text in "[0-9a-f:.\\[\\] ]{0,40}") {
            for run_blocking in [&run_blocking[..], text.as_bytes()] {
                prop_assert!(parse(run_blocking).is_none_or(|ip| ip == ip.to_canonical()));
            }
        }
    }
}
