//! Where a browser is sent after a link or a provider proved somebody: the app's address with
//! tokens, a code or an error on it.
//!
//! SECURITY: tokens travel in the fragment, which no server gets to see, and a PKCE code in the
//! query, which is worth nothing without its verifier (attack 33). The target was checked before
//! ([`crate::redirects`]); its own query is kept, except for what would read like our answer.

use url::Url;
use url::form_urlencoded::Serializer;

use crate::{Error, TokenPair};

/// Parameters of our answer that an app's address may not bring along itself.
const OURS: &[&str] = &["code", "error", "error_code", "error_description"];

/// Whether the client began a PKCE exchange, and so reads the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// It reads the fragment.
    Fragment,
    /// It reads the query.
    Query,
}

/// The app's address with a session on it, and the type of the link that led to it, if one did.
pub fn with_session(target: &str, pair: &TokenPair, wire_type: Option<&str>) -> String {
    let mut fields = vec![
        ("access_token", pair.access_token.clone()),
        ("expires_at", pair.expires_at.to_string()),
        ("expires_in", pair.expires_in.to_string()),
        ("refresh_token", pair.refresh_token.clone()),
        // Marks the redirects of this service.
        ("sb", String::new()),
        ("token_type", pair.token_type.to_owned()),
    ];
    fields.extend(wire_type.map(|it| ("type", it.to_owned())));
    let provider_tokens = [
        ("provider_token", &pair.provider_token),
        ("provider_refresh_token", &pair.provider_refresh_token),
    ];
    for (name, token) in provider_tokens {
        fields.extend(token.clone().map(|it| (name, it)));
    }
    with_fragment(target, &fields)
}

/// The app's address with the code of its PKCE exchange on it.
pub fn with_code(target: &str, code: &str) -> String {
    with_query(target, &[("code", code.to_owned())])
}

/// The app's address with a message to the user on it.
pub fn with_message(target: &str, message: &str) -> String {
    with_fragment(
        target,
        &[("message", message.to_owned()), ("sb", String::new())],
    )
}

/// The app's address with a refusal on it.
pub fn with_error(target: &str, error: &Error, reader: Reader) -> String {
    let kind = if error.status() >= 500 {
        "server_error"
    } else {
        "access_denied"
    };
    let mut fields = vec![
        ("error", kind.to_owned()),
        ("error_code", error.code().to_owned()),
        ("error_description", error.message().to_owned()),
    ];
    let target = match reader {
        Reader::Query => with_query(target, &fields),
        Reader::Fragment => target.to_owned(),
    };
    fields.push(("sb", String::new()));
    with_fragment(&target, &fields)
}

fn with_fragment(target: &str, fields: &[(&str, String)]) -> String {
    let address = target.split('#').next().unwrap_or_default();
    format!("{address}#{}", encode(fields))
}

fn with_query(target: &str, fields: &[(&str, String)]) -> String {
    let Ok(mut url) = Url::parse(target) else {
        // Targets were parsed when they were checked; the site's own address is the operator's.
        return target.to_owned();
    };
    url.set_fragment(None);
    let is_ours = |name: &str| OURS.contains(&name);
    if url.query_pairs().any(|(name, _)| is_ours(&name)) {
        let kept: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| !is_ours(name))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    // Written by hand, so that what the app put there keeps its spelling.
    let query = match url.query() {
        None | Some("") => encode(fields),
        Some(own) => format!("{own}&{}", encode(fields)),
    };
    url.set_query(Some(&query));
    url.into()
}

fn encode(fields: &[(&str, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    use postern_base::codes::auth as codes;

    use super::{Reader, with_code, with_error, with_message};
    use crate::Error;

    #[test]
    fn a_code_joins_the_query_that_is_there() {
        let landed = with_code("https://app.example.com/in?sb_flow_id=7&x=a%20b#top", "c-1");

        assert_eq!(
            landed,
            "https://app.example.com/in?sb_flow_id=7&x=a%20b&code=c-1"
        );
        assert_eq!(
            with_code("myapp://callback", "c"),
            "myapp://callback?code=c"
        );
    }

    #[test]
    fn a_target_cannot_bring_its_own_answer() {
        let landed = with_code("https://app.example.com/?code=evil&x=1", "mine");

        assert_eq!(landed, "https://app.example.com/?x=1&code=mine");
    }

    #[test]
    fn refusals_are_told_in_the_fragment_and_to_pkce_in_the_query_too() {
        let error = Error::new(&codes::OTP_EXPIRED, "Gone & over");

        let fragment = with_error("https://a.example/#old", &error, Reader::Fragment);
        let both = with_error("https://a.example/", &error, Reader::Query);

        let told = "error=access_denied&error_code=otp_expired&error_description=Gone+%26+over";
        assert_eq!(fragment, format!("https://a.example/#{told}&sb="));
        assert_eq!(both, format!("https://a.example/?{told}#{told}&sb="));
    }

    #[test]
    fn messages_stay_in_the_fragment() {
        assert_eq!(
            with_message("https://a.example/x?y=1", "Go on"),
            "https://a.example/x?y=1#message=Go+on&sb="
        );
    }
}
