//! The operator's list of private places that may be reached.
//!
//! An entry is `host`, `host:port`, an IP address in the same forms, or a network such as
//! `10.1.0.0/16`. A host without a port is allowed at every port, and so is a network.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// Widest networks that an entry may name: anything wider would switch the guard off.
const PREFIX_V4_MIN: u8 = 8;
const PREFIX_V6_MIN: u8 = 7;

/// Hosts and networks that the operator allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    hosts: Vec<AllowedHost>,
    networks: Vec<IpNet>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct AllowedHost {
    host: Host<String>,
    /// Every port when absent.
    port: Option<u16>,
}

/// Why an entry of the allow list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowError {
    /// Neither a host nor a network.
    #[error("`{0}` is neither `host`, `host:port`, an IP address nor a network like `10.1.0.0/16`")]
    Malformed(String),
    /// A pattern, which would let in names that nobody thought of.
    #[error("`{0}` is a pattern; name each host")]
    Pattern(String),
    /// A network that holds too much.
    #[error("the network `{0}` is too wide; at least /8, or /7 for IPv6, is needed")]
    TooWide(String),
}

impl AllowList {
    /// Reads the entries of a list; one bad entry fails it all.
    pub fn parse<Entry: AsRef<str>>(
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, AllowError> {
        let mut list = Self::default();
        for entry in entries {
            list.add(entry.as_ref().trim())?;
        }
        Ok(list)
    }

    /// Allows the host and port of a URL that the operator wrote into the configuration.
    ///
    /// SECURITY: never call it with a URL that came from a request, a token or a document.
    pub fn allow_configured_url(&mut self, url: &str) -> Result<(), AllowError> {
        let malformed = || AllowError::Malformed("the configured URL".to_owned());
        let url = Url::parse(url).map_err(|_| malformed())?;
        let host = url.host().ok_or_else(malformed)?.to_owned();
        let port = url.port_or_known_default().ok_or_else(malformed)?;
        self.hosts.push(AllowedHost {
            host: plain(host),
            port: Some(port),
        });
        Ok(())
    }

    /// Whether the list names this host name at this port.
    pub(crate) fn names_host(&self, name: &str, port: u16) -> bool {
        let host = plain(Host::Domain(name.to_owned()));
        self.hosts.iter().any(|entry| entry.matches(&host, port))
    }

    /// Whether the list names this address at this port, alone or with its network.
    pub(crate) fn names_address(&self, address: IpAddr, port: u16) -> bool {
        let host = match address.to_canonical() {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        self.has_network_of(address) || self.hosts.iter().any(|entry| entry.matches(&host, port))
    }

    /// Whether the address lies in one of the networks.
    pub(crate) fn has_network_of(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|it| it.contains(&address))
    }

    /// Whether there is any network in the list.
    pub(crate) fn has_networks(&self) -> bool {
        !self.networks.is_empty()
    }

    fn add(&mut self, entry: &str) -> Result<(), AllowError> {
        if entry.contains('*') {
            return Err(AllowError::Pattern(entry.to_owned()));
        }
        if entry.contains('/') {
            self.networks.push(parse_network(entry)?);
        } else {
            self.hosts.push(parse_host(entry)?);
        }
        Ok(())
    }
}

impl AllowedHost {
    fn matches(&self, host: &Host<String>, port: u16) -> bool {
        self.host == *host && self.port.is_none_or(|it| it == port)
    }
}

fn parse_network(entry: &str) -> Result<IpNet, AllowError> {
    let network: IpNet = entry
        .parse()
        .map_err(|_| AllowError::Malformed(entry.to_owned()))?;
    let prefix_min = match network {
        IpNet::V4(_) => PREFIX_V4_MIN,
        IpNet::V6(_) => PREFIX_V6_MIN,
    };
    if network.prefix_len() < prefix_min {
        return Err(AllowError::TooWide(entry.to_owned()));
    }
    Ok(network.trunc())
}

fn parse_host(entry: &str) -> Result<AllowedHost, AllowError> {
    let malformed = || AllowError::Malformed(entry.to_owned());
    if let Ok(address) = entry.parse::<std::net::Ipv6Addr>() {
        let host = plain(Host::Ipv6(address));
        return Ok(AllowedHost { host, port: None });
    }
    // The colons inside of `[::1]` are not those before a port.
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            (host, Some(port.parse().map_err(|_| malformed())?))
        }
        _ => (entry, None),
    };
    let host = plain(Host::parse(host).map_err(|_| malformed())?);
    Ok(AllowedHost { host, port })
}

/// One spelling per host: no dot at the end, IPv4 inside of IPv6 as IPv4.
fn plain(host: Host<String>) -> Host<String> {
    match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_ascii_lowercase()),
        Host::Ipv6(address) => match IpAddr::V6(address).to_canonical() {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        },
        Host::Ipv4(address) => Host::Ipv4(address),
    }
}
