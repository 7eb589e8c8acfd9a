//! Where a request came in: under which name, by which scheme, from which page.
//!
//! SECURITY: a name that is not ours is refused, because DNS may point any name at this machine
//! (rebinding, attack 78). A change needs a browser's word that the page which sent it is ours
//! (attack 76); a client that says nothing is refused.

use std::net::{Ipv4Addr, Ipv6Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use url::Url;

use crate::failure::Failure;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The ground that a request stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The configured `https` address.
    Secure,
    /// A name of this machine alone, without encryption.
    Loopback,
}

impl Ground {
    /// The ground of a request.
    ///
    /// # Errors
    /// When its host is none of ours, or would carry passwords unencrypted over a network.
    pub(crate) fn of(request: &HttpRequest, external: &Url) -> Result<Self, Failure> {
        let host = host(request)?;
        if is_loopback(host) {
            return Ok(Self::Loopback);
        }
        if !host.eq_ignore_ascii_case(authority(external).as_str()) {
            return Err(Failure::Foreign);
        }
        match external.scheme() {
            "https" => Ok(Self::Secure),
            _ => Err(Failure::Unencrypted),
        }
    }

    /// The address that the console is reached at: scheme, host and port, all of them checked.
    ///
    /// # Errors
    /// When there is no host, which [`of`](Self::of) has refused already.
    pub(crate) fn origin(self, request: &HttpRequest) -> Result<Url, Failure> {
        let scheme = match self {
            Self::Secure => "https",
            Self::Loopback => "http",
        };
        Url::parse(&format!("{scheme}://{}", host(request)?)).map_err(|_| Failure::Foreign)
    }

    /// Makes sure that a change was sent by a page of ours.
    ///
    /// # Errors
    /// When the browser says otherwise, or nothing.
    pub(crate) fn check_change(self, request: &HttpRequest) -> Result<(), Failure> {
        let site = only(request, &SITE)?;
        let origin = only(request, &ORIGIN)?;
        if site.is_none() && origin.is_none() {
            return Err(Failure::Foreign);
        }
        let scheme = match self {
            Self::Secure => "https",
            Self::Loopback => "http",
        };
        let ours = format!("{scheme}://{}", host(request)?);
        let is_ours = origin.is_none_or(|it| it.eq_ignore_ascii_case(&ours));
        if is_ours && site.is_none_or(|it| it == "same-origin") {
            Ok(())
        } else {
            Err(Failure::Foreign)
        }
    }
}

fn host(request: &HttpRequest) -> Result<&str, Failure> {
    match only(request, &HOST)? {
        Some(host) => Ok(host),
        // HTTP/2 has it in the address.
        None => {
            let authority = request.uri().authority();
            authority.map(|it| it.as_str()).ok_or(Failure::Foreign)
        }
    }
}

/// The header's only value; several, or one that is no text, were not sent by a browser.
fn only<'r>(request: &'r HttpRequest, name: &HeaderName) -> Result<Option<&'r str>, Failure> {
    let mut values = request.headers().get_all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Failure::Foreign);
    }
    let text = first.map(|it| it.to_str()).transpose();
    text.map_err(|_| Failure::Foreign)
}

/// `host[:port]`, the port only where it is not the scheme's own.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Whether `name[:port]` is a name that DNS cannot point elsewhere.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((name, port)) => (name, port),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|it| it.parse::<u16>().is_ok());
    let is_address = name.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback())
        || name.parse::<Ipv6Addr>().is_ok_and(|it| it.is_loopback());
    is_port && (name.eq_ignore_ascii_case("localhost") || is_address)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn ground(external: &str, host: &str) -> Result<Ground, Failure> {
        let request = TestRequest::default().insert_header((HOST, host));
        Ground::of(&request.to_http_request(), &Url::parse(external).unwrap())
    }

    fn change(host: &str, headers: &[(HeaderName, &str)]) -> bool {
        let mut request = TestRequest::default().insert_header((HOST, host));
        for (name, value) in headers {
            request = request.append_header((name.clone(), *value));
        }
        let request = request.to_http_request();
        Ground::Loopback.check_change(&request).is_ok()
    }

    #[test]
    fn only_names_of_ours_are_answered() {
        let https = "https://api.shop.example";
        assert_eq!(ground(https, "api.shop.example").ok(), Some(Ground::Secure));
        assert_eq!(ground(https, "API.shop.example").ok(), Some(Ground::Secure));
        for host in ["localhost:54321", "127.0.0.1", "127.8.0.1:1", "[::1]:80"] {
            assert_eq!(ground(https, host).ok(), Some(Ground::Loopback), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "api.shop.example:81",
            "api.shop.example.",
            "[::2]",
            "10.0.0.1",
            "localhost:x",
            "",
        ] {
            assert!(ground(https, host).is_err(), "{host}");
        }
    }

    #[test]
    fn passwords_do_not_cross_a_network_unencrypted() {
        let found = ground("http://10.0.0.5:54321", "10.0.0.5:54321");

        assert!(matches!(found, Err(Failure::Unencrypted)));
    }

    #[test]
    fn a_change_needs_a_browsers_word_for_it() {
        let host = "localhost:1";
        assert!(change(host, &[(SITE, "same-origin")]));
        assert!(change(host, &[(ORIGIN, "http://localhost:1")]));
        assert!(change(
            host,
            &[(ORIGIN, "http://localhost:1"), (SITE, "same-origin")]
        ));
        for headers in [
            &[][..],
            &[(SITE, "cross-site")],
            &[(SITE, "same-site")],
            &[(SITE, "none")],
            &[(ORIGIN, "null")],
            &[(ORIGIN, "http://localhost:2")],
            &[(ORIGIN, "https://localhost:1")],
            &[(ORIGIN, "http://evil.example"), (SITE, "same-origin")],
            &[
                (ORIGIN, "http://localhost:1"),
                (ORIGIN, "http://localhost:1"),
            ],
        ] {
            assert!(!change(host, headers), "{headers:?}");
        }
    }
}
