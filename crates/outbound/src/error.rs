//! Why a call to the outside failed.
//!
//! Messages name the host and never the path, the query, a header or a body, because those carry
//! codes and keys. They do name refused addresses: they are for the log, and a client that may
//! choose the host must not be told them, or it could map the network from within.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use http::StatusCode;

/// Why a call was refused or came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not an absolute URL of a web server, or too long.
    #[error("the address of the call is not an absolute http or https URL")]
    Url,
    /// A user or a password inside of the URL.
    #[error("the address of the call to `{host}` holds a user or a password")]
    Credentials {
        /// The host that was called.
        host: String,
    },
    /// Plain http to a place that is not an allowed private one.
    #[error("`{host}` must be called by https; http is for private hosts that are allowed")]
    Plain {
        /// The host that was called.
        host: String,
    },
    /// A port that is neither public nor allowed.
    #[error("port {port} of `{host}` is not among the allowed ports")]
    Port {
        /// The host that was called.
        host: String,
        /// The port that was called.
        port: u16,
    },
    /// An IP address in place of a name.
    #[error("`{host}` is an IP address and not in the allow list")]
    Literal {
        /// The host that was called.
        host: String,
    },
    /// A name that leads to where it must not.
    #[error("`{host}` is at {address}, which is not allowed for it")]
    Address {
        /// The host that was called.
        host: String,
        /// The first of its addresses.
        address: IpAddr,
    },
    /// A name without an address.
    #[error("`{host}` has no address")]
    NoAddress {
        /// The host that was called.
        host: String,
    },
    /// A header that HTTP cannot carry.
    #[error("a header of the call holds a character that HTTP does not allow")]
    Header,
    /// A body that cannot be written as JSON.
    #[error("the body of the call to `{host}` cannot be written as JSON")]
    Body {
        /// The host that was called.
        host: String,
    },
    /// No answer, or not all of it, in time.
    #[error("`{host}` did not answer within {after:?}")]
    Timeout {
        /// The host that was called.
        host: String,
        /// How long the call was given.
        after: Duration,
    },
    /// No connection, or no trust in it.
    #[error("cannot connect to `{host}`: {reason}")]
    Connect {
        /// The host that was called.
        host: String,
        /// The innermost cause.
        reason: String,
    },
    /// A connection that broke, or an answer that is not HTTP.
    #[error("the exchange with `{host}` broke off: {reason}")]
    Exchange {
        /// The host that was called.
        host: String,
        /// The innermost cause.
        reason: String,
    },
    /// An answer that is larger than was asked for.
    #[error("the answer of `{host}` is longer than {bytes_max} bytes")]
    TooLarge {
        /// The host that was called.
        host: String,
        /// Where reading stopped.
        bytes_max: usize,
    },
    /// A status other than success; redirects are among them.
    #[error("`{host}` answered with status {status}")]
    Status {
        /// The host that was called.
        host: String,
        /// Its status.
        status: StatusCode,
    },
    /// An answer that is not the JSON that was expected.
    #[error("the answer of `{host}` is not the expected JSON (line {line}, column {column})")]
    Json {
        /// The host that was called.
        host: String,
        /// Where reading stopped; the content itself may be secret.
        line: usize,
        /// The column there.
        column: usize,
    },
    /// A client that cannot be made, for instance for lack of root certificates.
    #[error("cannot make calls: {reason}")]
    Client {
        /// What the client's builder said.
        reason: String,
    },
}

impl Error {
    /// Translates the client's error, so that its URL and query stay behind.
    pub(crate) fn of_exchange(error: reqwest::Error, host: &str, after: Duration) -> Self {
        if let Some(ours) = find_ours(&error) {
            return ours;
        }
        let host = host.to_owned();
        if error.is_timeout() {
            return Self::Timeout { host, after };
        }
        let is_connect = error.is_connect();
        let reason = innermost(error);
        if is_connect {
            Self::Connect { host, reason }
        } else {
            Self::Exchange { host, reason }
        }
    }

    /// Translates a failure to make a client.
    pub(crate) fn of_client(error: reqwest::Error) -> Self {
        Self::Client {
            reason: innermost(error),
        }
    }
}

/// The guard's own refusal inside of the client's error.
fn find_ours(error: &reqwest::Error) -> Option<Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(ours) = cause.downcast_ref::<Error>() {
            return Some(ours.clone());
        }
        source = cause.source();
    }
    None
}

fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}
