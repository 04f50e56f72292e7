//! Who is believed about where a request comes from, and whether those who try too often are slowed down.
//! For the composition root, which hands it to the HTTP adapter and to the throttle.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::{
    error::Wrong,
    reader::Reader,
    settings::{THROTTLE, TRUSTED_PROXIES},
    values::{TRUE_OR_FALSE, choice},
};

/// Settings about clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// `TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed, by default none.
    pub trusted_proxies: Vec<IpNet>,
    /// `THROTTLE`: whether log-ins, registrations and changes of accounts are slowed down, by default in prod only.
    pub throttle: bool,
}

const EXPECTED: &str = "networks or addresses such as 10.0.0.0/8, fd00::/8 or 127.0.0.1, by commas";

impl ClientSettings {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let trusted_proxies = from.optional(&TRUSTED_PROXIES, networks);
        let throttle = from.get(&THROTTLE, choice(TRUE_OR_FALSE));
        Some(Self { trusted_proxies: trusted_proxies?.unwrap_or_default(), throttle: throttle? })
    }
}

fn networks(text: &str) -> Result<Vec<IpNet>, Wrong> {
    let networks: Option<_> = text.split(',').map(|part| network(part.trim())).collect();
    networks.ok_or_else(|| Wrong::expected(EXPECTED))
}

/// A network; one that is everybody is refused, because then everybody may claim to be anybody.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    let network = as_ipv4(network).unwrap_or(network);
    (network.prefix_len() > 0).then_some(network)
}

/// The network of IPv4 that a network of IPv6 stands for (RFC 4291, section 2.5.5.2), as addresses are compared.
fn as_ipv4(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(mapped) = network else { return None };
    let prefix = mapped.prefix_len().checked_sub(96)?;
    Ipv4Net::new(mapped.addr().to_ipv4_mapped()?, prefix).ok().map(IpNet::from)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load, load_prod};
    use super::*;

    #[test]
    fn nobody_is_trusted_and_prod_throttles() {
        assert_eq!(load(&[]).clients, ClientSettings { trusted_proxies: vec![], throttle: false });
        assert_eq!(load_prod(&[]).clients, ClientSettings { trusted_proxies: vec![], throttle: true });
        assert!(load(&[("THROTTLE", "true")]).clients.throttle);
        assert!(!load_prod(&[("THROTTLE", "false")]).clients.throttle);
    }

    #[test]
    fn networks_and_addresses_are_trusted() {
        let trusted = load(&[("TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8,127.0.0.1 ,::1,::ffff:10.1.0.0/112")])
            .clients
            .trusted_proxies;
        let shown: Vec<_> = trusted.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["10.0.0.0/8", "fd00::/8", "127.0.0.1/32", "::1/128", "10.1.0.0/16"]);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in ["*", "true", "10.0.0.0/33", "10.0.0", "proxy.internal", "10.0.0.0/8,", ",", "0.0.0.0/0", "::/0"] {
            let line = format!("TRUSTED_PROXIES is {wrong:?}: expected {EXPECTED}");
            assert_eq!(errors(&[("TRUSTED_PROXIES", wrong)]), line);
        }
    }
}
