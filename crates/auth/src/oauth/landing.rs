//! Back in the app: addresses that carry a code, tokens or a refusal.
//!
//! SECURITY: tokens travel in the fragment, which no server sees; a query carries nothing but a
//! code, worthless without its verifier, or an error (attack 33).

use url::Url;
use url::form_urlencoded::Serializer;

use crate::session::TokenPair;
use crate::{Error, Result};

/// With a code for the client's own exchange.
pub(super) fn with_code(target: &str, code: &str) -> Result<String> {
    let mut url = parse(target)?;
    url.query_pairs_mut().append_pair("code", code);
    Ok(url.into())
}

/// With tokens in the fragment.
pub(super) fn with_tokens(target: &str, pair: &TokenPair) -> Result<String> {
    let mut url = parse(target)?;
    let (expires_at, expires_in) = (pair.expires_at.to_string(), pair.expires_in.to_string());
    let mut fragment = Serializer::new(String::new());
    fragment
        .append_pair("access_token", &pair.access_token)
        .append_pair("expires_at", &expires_at)
        .append_pair("expires_in", &expires_in);
    for (name, token) in [
        ("provider_token", &pair.provider_token),
        ("provider_refresh_token", &pair.provider_refresh_token),
    ] {
        if let Some(token) = token {
            fragment.append_pair(name, token);
        }
    }
    fragment
        .append_pair("refresh_token", &pair.refresh_token)
        .append_pair("token_type", pair.token_type)
        // Marks our redirects for the clients.
        .append_pair("sb", "");
    url.set_fragment(Some(&fragment.finish()));
    Ok(url.into())
}

/// With a refusal, in the fragment and in the query: clients with PKCE read the query alone.
pub(super) fn with_error(target: &str, error: &Error) -> Result<String> {
    let mut url = parse(target)?;
    let pairs = [
        ("error", oauth_word(error)),
        ("error_code", error.code()),
        ("error_description", error.message()),
    ];
    url.query_pairs_mut().extend_pairs(pairs);
    let mut fragment = Serializer::new(String::new());
    fragment.extend_pairs(pairs).append_pair("sb", "");
    url.set_fragment(Some(&fragment.finish()));
    Ok(url.into())
}

/// The word of RFC 6749, section 4.1.2.1, that comes closest.
fn oauth_word(error: &Error) -> &'static str {
    match error.status() {
        401 | 403 => "access_denied",
        500..=502 | 504 => "server_error",
        503 => "temporarily_unavailable",
        _ if error.code() == "user_banned" || error.code() == "signup_disabled" => "access_denied",
        _ => "invalid_request",
    }
}

fn parse(target: &str) -> Result<Url> {
    Url::parse(target).map_err(|error| Error::internal("The app's address is no URL", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_an_address_already_stays() {
        let url = with_code("myapp://callback?sb_flow_id=1", "x y").expect("an address");
        assert_eq!(url, "myapp://callback?sb_flow_id=1&code=x+y");
        let error = Error::invalid("no & such=thing");
        let url = with_error("https://a.example/p?q=1#old", &error).expect("an address");
        let expected = "error=invalid_request&error_code=validation_failed\
                        &error_description=no+%26+such%3Dthing";
        assert_eq!(
            url,
            format!("https://a.example/p?q=1&{expected}#{expected}&sb=")
        );
    }
}
