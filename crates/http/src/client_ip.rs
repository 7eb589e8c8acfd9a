//! Where a client connects from, told by proxies that the operator trusts.
//!
//! Everybody can send `X-Forwarded-For`, and each proxy appends the address that it saw. So the
//! header is read from the right, and only as far as trusted proxies wrote it: the first address
//! that is none of theirs is the client's, whatever stands further to the left (attack 17).

use std::net::IpAddr;

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// The header that proxies append to.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Most proxies in a row; a longer list was written by somebody else.
const HOPS_MAX: usize = 16;

/// Addresses and networks whose word about a client's address counts; nobody's by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// An entry of the list of trusted proxies that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an IP address nor a network like `10.0.0.0/8`")]
pub struct ProxyError(String);

impl TrustedProxies {
    /// Reads a list of addresses and networks; one bad entry fails it all.
    ///
    /// # Errors
    /// Names the entry that is neither.
    pub fn parse<Entry: AsRef<str>>(
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, ProxyError> {
        let read = |entry: Entry| {
            let text = entry.as_ref().trim();
            let alone = text
                .parse()
                .map(|it: IpAddr| IpNet::from(it.to_canonical()));
            alone
                .or_else(|_| text.parse::<IpNet>())
                .map_err(|_| ProxyError(text.to_owned()))
        };
        entries
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The client's address, out of the connection's other end and the request's headers.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        let lines: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .map(|line| line.to_str().unwrap_or_default())
            .collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops.take(HOPS_MAX) {
            // What cannot be read was not written by a proxy that we know: the last one that we
            // do know is all that is sure.
            let Some(address) = address(hop) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let alone = text.strip_prefix('[').and_then(|it| it.split_once(']'));
    let alone = alone.map_or(text, |(address, _port)| address);
    let parsed = alone.parse().ok().or_else(|| {
        let (address, _port) = text.split_once(':')?;
        address.parse().ok().filter(IpAddr::is_ipv4)
    });
    parsed.map(|it: IpAddr| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted = TrustedProxies::parse(trusted).expect("a list");
        let mut headers = HeaderMap::new();
        for line in lines {
            let name = HeaderName::from_static(FORWARDED_FOR);
            headers.append(name, HeaderValue::from_str(line).expect("a value"));
        }
        let peer = peer.parse().expect("an address");
        trusted.client(peer, &headers).to_string()
    }

    #[test]
    fn attack_17_a_forged_header_is_ignored() {
        for peer in ["203.0.113.9", "::ffff:203.0.113.9"] {
            assert_eq!(client(&[], peer, &["1.2.3.4"]), "203.0.113.9");
            assert_eq!(client(&["10.0.0.0/8"], peer, &["10.0.0.1"]), "203.0.113.9");
        }
    }

    #[test]
    fn attack_17_only_what_trusted_proxies_wrote_is_read() {
        let trusted = &["10.0.0.0/8", "fd00::/8"];

        // The client wrote `1.2.3.4`; the proxies appended the rest.
        let seen = client(trusted, "10.0.0.1", &["1.2.3.4, 203.0.113.9"]);
        assert_eq!(seen, "203.0.113.9");
        let seen = client(trusted, "10.0.0.1", &["1.2.3.4", "203.0.113.9, 10.0.0.2"]);
        assert_eq!(seen, "203.0.113.9");
        let seen = client(trusted, "fd00::1", &["6.6.6.6, 2001:db8::7, [fd00::2]:443"]);
        assert_eq!(seen, "2001:db8::7");
    }

    #[test]
    fn ipv4_inside_of_ipv6_is_ipv4() {
        let seen = client(&["10.0.0.1"], "::ffff:10.0.0.1", &["::ffff:203.0.113.9"]);

        assert_eq!(seen, "203.0.113.9");
        assert_eq!(
            client(&["::ffff:10.0.0.1"], "10.0.0.1", &["1.2.3.4:99"]),
            "1.2.3.4"
        );
    }

    #[test]
    fn what_cannot_be_read_ends_at_the_last_sure_address() {
        let trusted = &["10.0.0.0/8"];

        assert_eq!(
            client(trusted, "10.0.0.1", &["1.2.3.4, unknown"]),
            "10.0.0.1"
        );
        assert_eq!(
            client(trusted, "10.0.0.1", &["1.2.3.4, x, 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(client(trusted, "10.0.0.1", &[]), "10.0.0.1");
        let long = ["10.0.0.3"; 10_000].join(",");
        assert_eq!(client(trusted, "10.0.0.1", &[&long]), "10.0.0.3");
    }

    #[test]
    fn a_bad_entry_fails_the_list() {
        for entry in ["", "proxy.internal", "10.0.0.0/33", "*"] {
            assert!(TrustedProxies::parse([entry]).is_err(), "{entry}");
        }
    }
}
