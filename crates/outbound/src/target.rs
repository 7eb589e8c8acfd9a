//! Reads the URL of a call and decides which addresses its host may have.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use url::{Host, Url};

use crate::address::{Kind, kind};
use crate::settings::URL_BYTES_MAX;
use crate::{AllowList, Error, OutboundSettings};

/// A URL that passed, with what its host may lead to.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) host: String,
    pub(crate) reach: Reach,
}

/// Which addresses a call may be dialled at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The address in the URL, which was checked; no name may be resolved.
    Literal,
    /// A name that nobody listed, at an ordinary port by https: the internet.
    Public,
    /// A name that nobody listed, by http or at an odd port: allowed networks only.
    Network,
    /// A listed name by https: private addresses as well.
    Host,
    /// A listed name by http: private addresses only, since the internet reads along.
    PlainHost,
}

impl Reach {
    /// Whether a name with this reach may be dialled at this address.
    pub(crate) fn accepts(self, address: IpAddr, allow: &AllowList) -> bool {
        let kind = kind(address);
        let by_kind = match self {
            // A literal address never comes here; if a resolver asks, something went wrong.
            Self::Literal => return false,
            Self::Network => false,
            Self::Public => kind == Kind::Public,
            Self::Host => kind != Kind::Special,
            Self::PlainHost => kind == Kind::Private,
        };
        by_kind || allow.has_network_of(address)
    }
}

/// Whether the wire is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Https,
    Http,
}

/// Checks all of a URL that can be checked before its name is resolved.
pub(crate) fn check(text: &str, settings: &OutboundSettings) -> Result<Target, Error> {
    if text.len() > URL_BYTES_MAX {
        return Err(Error::Url);
    }
    let url = Url::parse(text).map_err(|_| Error::Url)?;
    let scheme = match url.scheme() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return Err(Error::Url),
    };
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(Error::Url);
    };
    // SECURITY: `https://good.example@evil.example/` reads as the first and calls the second.
    if !url.username().is_empty() || url.password().is_some() {
        let host = host.to_string();
        return Err(Error::Credentials { host });
    }
    let reach = match host {
        // The URL parser has made decimal, octal and hexadecimal forms into addresses already.
        Host::Ipv4(address) => of_address(address.into(), port, scheme, &settings.allow)?,
        Host::Ipv6(address) => of_address(address.into(), port, scheme, &settings.allow)?,
        Host::Domain(name) => of_name(name, port, scheme, settings)?,
    };
    let host = host.to_string();
    Ok(Target { url, host, reach })
}

fn of_address(
    address: IpAddr,
    port: u16,
    scheme: Scheme,
    allow: &AllowList,
) -> Result<Reach, Error> {
    let host = || address.to_string();
    if !allow.names_address(address, port) {
        return Err(Error::Literal { host: host() });
    }
    if scheme == Scheme::Http && kind(address) == Kind::Public {
        return Err(Error::Plain { host: host() });
    }
    Ok(Reach::Literal)
}

fn of_name(
    name: &str,
    port: u16,
    scheme: Scheme,
    settings: &OutboundSettings,
) -> Result<Reach, Error> {
    let host = || name.to_owned();
    let is_listed = settings.allow.names_host(name, port);
    let has_networks = settings.allow.has_networks();
    match scheme {
        Scheme::Https if is_listed => Ok(Reach::Host),
        Scheme::Http if is_listed => Ok(Reach::PlainHost),
        Scheme::Https if settings.ports.contains(&port) => Ok(Reach::Public),
        _ if has_networks => Ok(Reach::Network),
        Scheme::Https => Err(Error::Port { host: host(), port }),
        Scheme::Http => Err(Error::Plain { host: host() }),
    }
}
