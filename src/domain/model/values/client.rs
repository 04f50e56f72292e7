//! Where a request comes from.

use std::net::{IpAddr, Ipv6Addr};

/// Who asks, as far as the network tells: an IPv4 address, or the /64 network of an IPv6 address.
///
/// A customer of IPv6 gets a /64 at least, and may ask from each of its 2^64 addresses in turn: they count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

/// The bits of an IPv6 address that name its /64.
const NETWORK: u128 = !0 << 64;

impl Client {
    /// The client at this address. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is the same client.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() & NETWORK).into()),
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Client {
        Client::at(address.parse().unwrap())
    }

    #[test]
    fn an_ipv4_address_is_a_client() {
        assert_eq!(at("192.0.2.1"), at("::ffff:192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_ne!(at("::ffff:192.0.2.1"), at("::ffff:192.0.2.2"));
    }

    #[test]
    fn all_of_an_ipv6_network_is_one_client() {
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db9:1:2::1"));
    }
}
