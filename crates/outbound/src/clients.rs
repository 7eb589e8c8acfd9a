//! The underlying clients: one for each reach, because a resolver is told the name alone.
//!
//! A connection that is kept open serves only calls of its own reach, so a private address that
//! a listed host may have is never reused for a call that may not go there.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this is the one place where a client is made"
)]

use std::sync::{Arc, OnceLock};

use reqwest::{Client, redirect, retry, tls};

use crate::resolve::{GuardedResolver, Resolve};
use crate::settings::{CONNECT_TIMEOUT, IDLE_PER_HOST_MAX, IDLE_TIMEOUT};
use crate::target::Reach;
use crate::{AllowList, Error};

const USER_AGENT: &str = concat!("postern/", env!("CARGO_PKG_VERSION"));

/// Makes each client at its first use, for most projects need one of them.
pub(crate) struct Clients {
    resolver: Arc<dyn Resolve>,
    allow: Arc<AllowList>,
    literal: OnceLock<Client>,
    public: OnceLock<Client>,
    network: OnceLock<Client>,
    host: OnceLock<Client>,
    plain_host: OnceLock<Client>,
}

impl Clients {
    pub(crate) fn new(resolver: Arc<dyn Resolve>, allow: AllowList) -> Self {
        Self {
            resolver,
            allow: Arc::new(allow),
            literal: OnceLock::new(),
            public: OnceLock::new(),
            network: OnceLock::new(),
            host: OnceLock::new(),
            plain_host: OnceLock::new(),
        }
    }

    pub(crate) fn get(&self, reach: Reach) -> Result<&Client, Error> {
        let cell = match reach {
            Reach::Literal => &self.literal,
            Reach::Public => &self.public,
            Reach::Network => &self.network,
            Reach::Host => &self.host,
            Reach::PlainHost => &self.plain_host,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self.make(reach)?;
        Ok(cell.get_or_init(|| client))
    }

    fn make(&self, reach: Reach) -> Result<Client, Error> {
        Client::builder()
            .dns_resolver(GuardedResolver {
                inner: Arc::clone(&self.resolver),
                allow: Arc::clone(&self.allow),
                reach,
            })
            // SECURITY: a redirect would be dialled without the check of its URL, and a proxy
            // from the environment would resolve names in our place.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .https_only(matches!(reach, Reach::Public | Reach::Host))
            .tls_version_min(tls::Version::TLS_1_2)
            .retry(retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .user_agent(USER_AGENT)
            .build()
            .map_err(Error::of_client)
    }
}
