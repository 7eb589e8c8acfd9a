//! Whom a limit counts: one spelling for each network and each account (attack 17).

use std::net::{IpAddr, Ipv6Addr};

use uuid::Uuid;

use crate::identifier::Identifier;

/// Bits of an IPv6 address that one customer usually has to choose freely.
const FREE_BITS: u32 = 64;

/// The network that requests of an address are counted by.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() >> FREE_BITS << FREE_BITS;
            Ipv6Addr::from_bits(network).to_string()
        }
    }
}

/// An account as limits see it, whether it exists or not.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Account<'a> {
    /// By what it is found.
    Named(&'a Identifier),
    /// By its id, where it has proved itself to some extent.
    User(Uuid),
}

impl<'a> From<&'a Identifier> for Account<'a> {
    fn from(identifier: &'a Identifier) -> Self {
        Self::Named(identifier)
    }
}

impl From<Uuid> for Account<'_> {
    fn from(user: Uuid) -> Self {
        Self::User(user)
    }
}

impl Account<'_> {
    /// The text that is counted by: addresses with a `+tag` count with the one without.
    pub(super) fn base(self) -> String {
        match self {
            Self::User(id) => format!("user {id}"),
            Self::Named(Identifier::Phone(number)) => format!("phone {}", number.as_str()),
            Self::Named(Identifier::Email(address)) => {
                let local = address.local();
                let base = local.split_once('+').map_or(local, |(base, _tag)| base);
                // An address that is all tag is its own base.
                let base = if base.is_empty() { local } else { base };
                format!("email {base}@{}", address.domain())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(email: &str) -> String {
        let identifier = Identifier::parse(Some(email), None).expect("an address");
        Account::from(&identifier).base()
    }

    #[test]
    fn attack_17_case_and_tags_count_together() {
        for email in [
            "Ann@Example.com",
            "ann+1@example.com",
            "ANN+a+b@EXAMPLE.COM",
        ] {
            assert_eq!(base(email), "email ann@example.com");
        }
        assert_ne!(base("ann1@example.com"), base("ann@example.com"));
    }

    #[test]
    fn attack_17_numbers_have_one_spelling() {
        let base = |phone| {
            let identifier = Identifier::parse(None, Some(phone)).expect("a number");
            Account::from(&identifier).base()
        };
        assert_eq!(base("+1 (555) 010-0000"), base("15550100000"));
    }

    #[test]
    fn attack_17_a_network_is_counted_as_one() {
        let network = |text: &str| network(text.parse().expect("an address"));

        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:0:0:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
