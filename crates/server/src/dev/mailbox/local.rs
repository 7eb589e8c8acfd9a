//! Proof that a request comes from this machine and from no foreign page.
//!
//! SECURITY: a handler takes one of these as an argument, or it is reachable from everywhere. The
//! checks stand beside each other because each stops somebody else: the address of the peer stops
//! the network, the `Host` stops DNS rebinding, `Origin` and `Sec-Fetch-Site` stop other pages.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};

/// The caller may read.
pub(super) struct LocalRead;

/// The caller may change something: the request comes from our own page or from no page at all.
pub(super) struct LocalChange;

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Foreign {
    #[error("the mailbox answers only to programs on the machine that Postern runs on")]
    Peer,
    #[error("the mailbox answers only under localhost and loopback addresses")]
    Host,
    #[error("the mailbox does not answer to other pages")]
    Page,
}

impl ResponseError for Foreign {
    fn status_code(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::Forbidden()
            .content_type("text/plain; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(format!("{self}\n"))
    }
}

impl FromRequest for LocalRead {
    type Error = Foreign;
    type Future = Ready<Result<Self, Foreign>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check_place(request).map(|_| Self))
    }
}

impl FromRequest for LocalChange {
    type Error = Foreign;
    type Future = Ready<Result<Self, Foreign>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check_place(request).and_then(|host| {
            check_same_origin(request, host)?;
            Ok(Self)
        }))
    }
}

/// Peer, host and origin are all of this machine; returns the host as the client wrote it.
fn check_place(request: &HttpRequest) -> Result<&str, Foreign> {
    let is_near = request.peer_addr().is_some_and(|it| is_loopback(it.ip()));
    if !is_near {
        return Err(Foreign::Peer);
    }
    let host = only(request, &header::HOST)
        .map_err(|()| Foreign::Host)?
        .filter(|it| is_local_host(it))
        .ok_or(Foreign::Host)?;
    match only(request, &header::ORIGIN).map_err(|()| Foreign::Page)? {
        Some(origin) if !is_local_origin(origin) => Err(Foreign::Page),
        _ => Ok(host),
    }
}

/// Another page on this machine, such as the app under development, may not change anything.
fn check_same_origin(request: &HttpRequest, host: &str) -> Result<(), Foreign> {
    let origin = only(request, &header::ORIGIN).map_err(|()| Foreign::Page)?;
    let same_origin = origin.is_none_or(|it| {
        it.split_once("://")
            .is_some_and(|(_, origin_host)| origin_host.eq_ignore_ascii_case(host))
    });
    let site = header::HeaderName::from_static("sec-fetch-site");
    let site = only(request, &site).map_err(|()| Foreign::Page)?;
    let same_site = site.is_none_or(|it| matches!(it, "same-origin" | "none"));
    if same_origin && same_site {
        Ok(())
    } else {
        Err(Foreign::Page)
    }
}

/// The header's only value; several, or one that is no text, are an error.
fn only<'r>(request: &'r HttpRequest, name: &header::HeaderName) -> Result<Option<&'r str>, ()> {
    let mut values = request.headers().get_all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(());
    }
    first.map(|it| it.to_str().map_err(drop)).transpose()
}

fn is_local_origin(origin: &str) -> bool {
    let host = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(is_local_host)
}

/// Whether `name[:port]` is a name that DNS cannot point elsewhere.
fn is_local_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let Some((name, port)) = rest.split_once(']') else {
            return false;
        };
        return is_port(port)
            && name
                .parse::<Ipv6Addr>()
                .is_ok_and(|it| is_loopback(it.into()));
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    let name = name.to_ascii_lowercase();
    is_port(port)
        && (name == "localhost"
            || name.ends_with(".localhost")
            || name.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback()))
}

/// Nothing, or a colon and a number.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|it| it.parse::<u16>().is_ok())
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::{is_local_host, is_local_origin};

    #[test]
    fn names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:54321",
            "app.localhost:3000",
            "127.0.0.1",
            "127.0.0.1:54321",
            "127.8.8.8",
            "[::1]",
            "[::1]:54321",
        ] {
            assert!(is_local_host(host), "{host}");
        }
    }

    #[test]
    fn attack_78_names_that_may_lead_elsewhere_are_not() {
        for host in [
            "",
            ":54321",
            "example.com",
            "localhost.evil.example",
            "evil-localhost",
            "127.0.0.1.evil.example",
            "127.0.0.1.nip.io:54321",
            "localhost:evil",
            "localhost:1:2",
            "localhost@evil.example",
            "0.0.0.0",
            "192.168.1.2",
            "[::]",
            "[fe80::1]",
            "[localhost]",
            "::1",
            "[127.0.0.1]",
            "localhost.",
            "2130706433",
            "127.1",
            "0x7f.0.0.1",
            "[::1",
            "localhost/",
            "[::1]x",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
    }

    #[test]
    fn attack_78_foreign_and_opaque_origins_are_not_local() {
        for origin in [
            "null",
            "",
            "https://evil.example",
            "file://",
            "ftp://localhost",
        ] {
            assert!(!is_local_origin(origin), "{origin}");
        }
        assert!(is_local_origin("http://localhost:3000"));
    }
}
