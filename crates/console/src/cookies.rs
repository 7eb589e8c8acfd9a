//! The console's two cookies: who is signed in, and light or dark.
//!
//! Over https the session's cookie is `__Host-postern_console` with `Secure`: no other host, no
//! subdomain and no unencrypted page can set it. Browsers differ about `Secure` cookies and the
//! `__Host-` prefix on plain loopback addresses, so there it is `postern_console` without either;
//! a name is believed only on its own ground.

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;
use postern_base::Secret;

use crate::ground::Ground;

/// The theme's cookie; it guards nothing.
const THEME: &str = "postern_theme";
/// A year.
const THEME_SECS: u32 = 31_536_000;

impl Ground {
    fn session_cookie(self) -> &'static str {
        match self {
            Self::Secure => "__Host-postern_console",
            Self::Loopback => "postern_console",
        }
    }

    fn secure(self) -> &'static str {
        match self {
            Self::Secure => "; Secure",
            Self::Loopback => "",
        }
    }
}

/// The session's cookie; a browser that sends two of that name was given one by somebody else.
pub(crate) fn session(request: &HttpRequest, ground: Ground) -> Option<String> {
    only(request, ground.session_cookie())
}

/// The chosen theme's cookie.
pub(crate) fn theme(request: &HttpRequest) -> Option<String> {
    only(request, THEME)
}

/// Keeps a session in the browser until it is closed.
pub(crate) fn keep_session(ground: Ground, token: &Secret<String>) -> String {
    format!(
        "{}={}; Path=/; HttpOnly; SameSite=Strict{}",
        ground.session_cookie(),
        token.expose(),
        ground.secure()
    )
}

/// Takes the session out of the browser.
pub(crate) fn drop_session(ground: Ground) -> String {
    format!(
        "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{}",
        ground.session_cookie(),
        ground.secure()
    )
}

/// Keeps the choice of a theme; no choice takes it out.
pub(crate) fn keep_theme(ground: Ground, theme: Option<&str>) -> String {
    let (value, secs) = theme.map_or(("", 0), |it| (it, THEME_SECS));
    let secure = ground.secure();
    format!("{THEME}={value}; Path=/console; Max-Age={secs}; HttpOnly; SameSite=Strict{secure}")
}

fn only(request: &HttpRequest, name: &str) -> Option<String> {
    let lines = request.headers().get_all(COOKIE);
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    let mut values = pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    let first = values.next().filter(|it| !it.is_empty())?;
    values.next().is_none().then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn sent(cookie: &str, ground: Ground) -> Option<String> {
        let request = TestRequest::default().insert_header((COOKIE, cookie));
        session(&request.to_http_request(), ground)
    }

    #[test]
    fn a_name_is_believed_on_its_own_ground_only() {
        let both = "__Host-postern_console=a; postern_console=b";

        assert_eq!(sent(both, Ground::Secure).as_deref(), Some("a"));
        assert_eq!(sent(both, Ground::Loopback).as_deref(), Some("b"));
        assert_eq!(sent("postern_console=b", Ground::Secure), None);
    }

    #[test]
    fn two_of_a_name_are_none() {
        let twice = "postern_console=mine; postern_console=theirs";

        assert_eq!(sent(twice, Ground::Loopback), None);
    }

    #[test]
    fn the_cookie_of_https_is_bound_to_its_host() {
        let kept = keep_session(Ground::Secure, &Secret::new("x".into()));

        assert_eq!(
            kept,
            "__Host-postern_console=x; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
