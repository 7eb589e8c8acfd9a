//! Loads issuers' keys from text, files and addresses.
//!
//! SECURITY: an address is the operator's word, never a token's (`jku` is not read). It must be
//! https unless it is on this machine. The house's client fetches it: what the operator wrote is
//! all that it may reach, redirects and proxies are not followed, size and time are capped.

use std::path::Path;

use postern_outbound::{AllowList, Outbound, OutboundSettings};
use url::Url;

use super::public::read_keys;
use super::{Issuer, IssuerKeys, JWKS_BYTES_MAX, KeyError, VerifyKey};

/// Loads the keys of issuers, again and again.
pub(crate) struct KeyFetcher {
    outbound: Option<Outbound>,
}

impl KeyFetcher {
    /// Makes a client only when an issuer needs one.
    pub(crate) fn new(issuers: &[Issuer]) -> Result<Self, KeyError> {
        let mut allow = None;
        for issuer in issuers {
            if let IssuerKeys::Url(address) = &issuer.keys {
                check(address)?;
                // An issuer may well be in a private network, as the operator knows.
                allow
                    .get_or_insert_with(AllowList::default)
                    .allow_configured_url(address)
                    .map_err(|_| KeyError::Address(address.clone()))?;
            }
        }
        let outbound = allow.map(|allow| {
            Outbound::new(OutboundSettings {
                allow,
                response_bytes_max: JWKS_BYTES_MAX,
                ..OutboundSettings::default()
            })
        });
        Ok(Self { outbound })
    }

    /// Loads what is at hand without the network; `index` is the issuer's place in the settings.
    pub(crate) fn load_local(
        &self,
        issuer: &Issuer,
        index: usize,
    ) -> Result<Vec<VerifyKey>, KeyError> {
        match &issuer.keys {
            IssuerKeys::Inline(text) => read_keys(text, issuer, index),
            IssuerKeys::File(path) => read_keys(&read_file(path)?, issuer, index),
            IssuerKeys::Url(_) => Ok(Vec::new()),
        }
    }

    /// Loads an issuer's keys, from the network where they are there.
    pub(crate) async fn load(
        &self,
        issuer: &Issuer,
        index: usize,
    ) -> Result<Vec<VerifyKey>, KeyError> {
        let (IssuerKeys::Url(address), Some(outbound)) = (&issuer.keys, &self.outbound) else {
            return self.load_local(issuer, index);
        };
        let failed = |reason: String| KeyError::Fetch {
            address: address.clone(),
            reason,
        };
        let text = get(outbound, address).await.map_err(failed)?;
        read_keys(&text, issuer, index)
    }
}

fn read_file(path: &Path) -> Result<String, KeyError> {
    std::fs::read_to_string(path).map_err(|source| KeyError::File {
        path: path.into(),
        source,
    })
}

async fn get(outbound: &Outbound, address: &str) -> Result<String, String> {
    let answer = outbound.get(address).await;
    let answer = answer.and_then(postern_outbound::Response::success);
    let body = answer.map_err(|error| error.to_string())?.body;
    String::from_utf8(body.into()).map_err(|_| "the document is not UTF-8".into())
}

fn check(address: &str) -> Result<(), KeyError> {
    let refused = || KeyError::Address(address.to_owned());
    let url = Url::parse(address).map_err(|_| refused())?;
    let local = matches!(
        url.host_str(),
        Some("localhost" | "127.0.0.1" | "[::1]" | "::1")
    );
    let scheme_is_fine = url.scheme() == "https" || (url.scheme() == "http" && local);
    if scheme_is_fine && url.username().is_empty() && url.password().is_none() {
        Ok(())
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        assert!(check("https://id.example.com/jwks.json").is_ok());
        assert!(check("http://127.0.0.1:9/jwks.json").is_ok());
        assert!(check("http://id.example.com/jwks.json").is_err());
        assert!(check("https://user:word@id.example.com/").is_err());
        assert!(check("file:///etc/passwd").is_err());
    }
}
