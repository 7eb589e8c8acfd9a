//! Names to addresses, and the guard that lets only checked addresses be dialled.
//!
//! SECURITY: the client asks this resolver when it opens a connection and dials what it is given.
//! A name is never resolved once for the check and once more for the call, so an answer that
//! changes in between (DNS rebinding) changes nothing.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve as ClientResolve, Resolving as ClientResolving};

use crate::settings::ADDRESSES_MAX;
use crate::target::Reach;
use crate::{AllowList, Error};

/// The addresses of a name, on their way.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// A source of addresses for names; tests put their own in place of the system's.
pub trait Resolve: Send + Sync {
    /// The addresses of a host name, all of them unchecked.
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Resolves names for calls of one reach, and drops what they may not be dialled at.
pub(crate) struct GuardedResolver {
    pub(crate) inner: Arc<dyn Resolve>,
    pub(crate) allow: Arc<AllowList>,
    pub(crate) reach: Reach,
}

impl ClientResolve for GuardedResolver {
    fn resolve(&self, name: Name) -> ClientResolving {
        let inner = Arc::clone(&self.inner);
        let allow = Arc::clone(&self.allow);
        let reach = self.reach;
        Box::pin(async move {
            let host = name.as_str();
            let found = inner.resolve(host).await;
            let checked = accepted(host, &found.unwrap_or_default(), reach, &allow)?;
            // The client puts the URL's port in place of zero.
            let sockets = checked.into_iter().map(|it| SocketAddr::new(it, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

/// The addresses that may be dialled, in their plainest form; an error when there are none.
fn accepted(
    host: &str,
    found: &[IpAddr],
    reach: Reach,
    allow: &AllowList,
) -> Result<Vec<IpAddr>, Error> {
    let found = found.iter().take(ADDRESSES_MAX).map(IpAddr::to_canonical);
    let (good, bad): (Vec<IpAddr>, Vec<IpAddr>) =
        found.partition(|address| reach.accepts(*address, allow));
    let host = || host.to_owned();
    match (good.is_empty(), bad.first()) {
        (false, _) => Ok(good),
        (true, Some(address)) => Err(Error::Address {
            host: host(),
            address: *address,
        }),
        (true, None) => Err(Error::NoAddress { host: host() }),
    }
}
