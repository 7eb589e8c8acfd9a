//! What the operator says about calls to the outside.

use std::time::Duration;

use crate::AllowList;

/// Longest time that one call takes, from the name's resolution to the last byte.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time that a caller may ask for instead.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(60);
/// Largest answer in bytes.
pub const RESPONSE_BYTES_MAX: usize = 1024 * 1024;
/// Longest URL in bytes.
pub const URL_BYTES_MAX: usize = 8 * 1024;
/// Longest time to open a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time that an unused connection stays open.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Most unused connections kept per host.
pub(crate) const IDLE_PER_HOST_MAX: usize = 4;
/// Most addresses of one name that are looked at.
pub(crate) const ADDRESSES_MAX: usize = 16;

/// How calls to the outside are bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundSettings {
    /// Private hosts and networks, or odd ports, that may be reached all the same.
    pub allow: AllowList,
    /// Ports at which any public host may be called.
    pub ports: Vec<u16>,
    /// Longest time of a call that does not ask for another.
    pub timeout: Duration,
    /// Largest answer to a call that does not ask for less.
    pub response_bytes_max: usize,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            allow: AllowList::default(),
            ports: vec![443],
            timeout: TIMEOUT,
            response_bytes_max: RESPONSE_BYTES_MAX,
        }
    }
}
