//! Loads issuers' keys from text, files and addresses.
//!
//! SECURITY: an address is the operator's word, never a token's (`jku` is not read). It must be
//! https unless it is on this machine; redirects and proxies are not followed, the answer's size
//! and time are capped.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Url, redirect};

use super::public::read_keys;
use super::{Issuer, IssuerKeys, JWKS_BYTES_MAX, KeyError, VerifyKey};

const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Loads the keys of issuers, again and again.
pub(crate) struct KeyFetcher {
    client: Option<Client>,
}

impl KeyFetcher {
    /// Makes a client only when an issuer needs one.
    pub(crate) fn new(issuers: &[Issuer]) -> Result<Self, KeyError> {
        let mut client = None;
        for issuer in issuers {
            if let IssuerKeys::Url(address) = &issuer.keys {
                checked(address)?;
                client.get_or_insert_with(make_client);
            }
        }
        let client = client.transpose()?;
        Ok(Self { client })
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
        let (IssuerKeys::Url(address), Some(client)) = (&issuer.keys, &self.client) else {
            return self.load_local(issuer, index);
        };
        let failed = |reason: String| KeyError::Fetch {
            address: address.clone(),
            reason,
        };
        let text = get(client, checked(address)?).await.map_err(failed)?;
        read_keys(&text, issuer, index)
    }
}

fn make_client() -> Result<Client, KeyError> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(FETCH_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent("postern")
        .build()
        .map_err(|error| KeyError::PublicKey(error.to_string()))
}

fn read_file(path: &Path) -> Result<String, KeyError> {
    std::fs::read_to_string(path).map_err(|source| KeyError::File {
        path: path.into(),
        source,
    })
}

async fn get(client: &Client, address: Url) -> Result<String, String> {
    let mut response = client
        .get(address)
        .header("accept", "application/json")
        .send()
        .await
        .map_err(|error| error.without_url().to_string())?;
    if !response.status().is_success() {
        return Err(format!("the status is {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| error.without_url().to_string())?
    {
        if body.len() + chunk.len() > JWKS_BYTES_MAX {
            return Err("the document is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|_| "the document is not UTF-8".into())
}

fn checked(address: &str) -> Result<Url, KeyError> {
    let refused = || KeyError::Address(address.to_owned());
    let url = Url::parse(address).map_err(|_| refused())?;
    let local = matches!(
        url.host_str(),
        Some("localhost" | "127.0.0.1" | "[::1]" | "::1")
    );
    let scheme_is_fine = url.scheme() == "https" || (url.scheme() == "http" && local);
    if scheme_is_fine && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        assert!(checked("https://id.example.com/jwks.json").is_ok());
        assert!(checked("http://127.0.0.1:9/jwks.json").is_ok());
        assert!(checked("http://id.example.com/jwks.json").is_err());
        assert!(checked("https://user:word@id.example.com/").is_err());
        assert!(checked("file:///etc/passwd").is_err());
    }
}
