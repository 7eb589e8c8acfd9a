//! What kind of place an IP address is.
//!
//! The ranges are those of IANA's registries of special-purpose addresses, and the cloud
//! providers' metadata services. IPv6 is judged the other way round: only global unicast
//! (`2000::/3`) can be public, so that a range that is new to us is refused.

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address leads, as far as the guard cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somewhere on the internet.
    Public,
    /// This machine or a private network: fine for a host that the operator named.
    Private,
    /// Metadata services, link-local, multicast, reserved, tunnels: never by a name.
    Special,
}

/// Alibaba's and Azure's metadata and platform services, which lie in ordinary ranges.
const METADATA_V4: [Ipv4Addr; 2] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];
/// Amazon's metadata service, in the range of private networks.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// The kind of an address; IPv4 inside of IPv6 (`::ffff:a.b.c.d`) counts as IPv4.
pub(crate) fn kind(address: IpAddr) -> Kind {
    match address.to_canonical() {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

fn kind_v4(address: Ipv4Addr) -> Kind {
    if METADATA_V4.contains(&address) {
        return Kind::Special;
    }
    match address.octets() {
        [10 | 127, ..] | [192, 168, ..] => Kind::Private,
        [172, second, ..] if (16..32).contains(&second) => Kind::Private,
        // Carrier-grade NAT, which overlay networks use as well.
        [100, second, ..] if (64..128).contains(&second) => Kind::Private,
        // This network; link-local with the metadata service of most clouds.
        [0, ..] | [169, 254, ..] => Kind::Special,
        // Protocol assignments, the three documentation ranges, the 6to4 relays, benchmarks.
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Special,
        [192, 88, 99, _] | [198, 18 | 19, ..] => Kind::Special,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => Kind::Special,
        _ => Kind::Public,
    }
}

fn kind_v6(address: Ipv6Addr) -> Kind {
    if address == METADATA_V6 {
        return Kind::Special;
    }
    if address.is_loopback() || address.is_unique_local() {
        return Kind::Private;
    }
    match address.segments() {
        // Protocol assignments with Teredo and ORCHID, documentation, 6to4, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] => Kind::Special,
        [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Special,
        // SECURITY: all else is left to this range alone: unspecified, IPv4-compatible, NAT64
        // (64:ff9b::/96, 64:ff9b:1::/48), link-local, site-local and multicast lie outside.
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Special,
    }
}
