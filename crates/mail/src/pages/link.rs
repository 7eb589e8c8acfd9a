//! Addresses on pages: which may be clicked, and what a content security policy calls them.

/// Schemes that run or read something instead of leading somewhere.
const HARMFUL: [&str; 7] = [
    "javascript",
    "data",
    "vbscript",
    "blob",
    "file",
    "about",
    "filesystem",
];

/// Where an address leads.
enum Target<'a> {
    /// To this server.
    Here,
    /// To a site: `https://host:port`.
    Site(&'a str),
    /// To an app: its scheme.
    App(&'a str),
}

/// The address, unless clicking it could do something else than leading there.
pub(super) fn clickable(address: &str) -> Option<&str> {
    target(address).map(|_| address)
}

/// The address as a source expression of a policy; nothing for an address here.
///
/// Browsers hold a form's policy against every redirect after it, and where an app's site sends
/// its visitors on to is not known here. So an `https` site opens all of `https`.
pub(super) fn source_expression(address: &str) -> Option<String> {
    match target(address)? {
        Target::Here => None,
        Target::Site(origin) if is_https(origin) => Some("https:".to_owned()),
        Target::Site(origin) => Some(origin.to_owned()),
        Target::App(scheme) => Some(format!("{scheme}:")),
    }
}

fn is_https(origin: &str) -> bool {
    origin
        .get(..6)
        .is_some_and(|it| it.eq_ignore_ascii_case("https:"))
}

fn target(address: &str) -> Option<Target<'_>> {
    // Browsers drop tabs and line breaks inside of addresses and read `\` as `/`.
    if address.contains(|it: char| it.is_control() || it.is_whitespace() || it == '\\') {
        return None;
    }
    if address.starts_with('/') {
        return (!address.starts_with("//")).then_some(Target::Here);
    }
    let (scheme, rest) = address.split_once(':')?;
    let in_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_scheme = scheme.starts_with(|it: char| it.is_ascii_alphabetic())
        && scheme.bytes().all(in_scheme)
        && !HARMFUL.iter().any(|it| it.eq_ignore_ascii_case(scheme));
    if !is_scheme {
        return None;
    }
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Some(Target::App(scheme));
    }
    let host_end = rest
        .strip_prefix("//")?
        .find(['/', '?', '#'])
        .unwrap_or(rest.len() - 2);
    let host = &rest[2..2 + host_end];
    let in_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(in_host))
        .then(|| Target::Site(&address[..scheme.len() + 3 + host_end]))
}

#[cfg(test)]
mod tests {
    use super::{clickable, source_expression};

    #[test]
    fn ordinary_addresses_may_be_clicked() {
        for address in [
            "/back",
            "https://example.com",
            "http://localhost:3000/a?b=c#d",
            "https://[::1]:8000/",
            "com.example.app://callback?x=1",
        ] {
            assert_eq!(clickable(address), Some(address));
        }
    }

    #[test]
    fn attack_32_addresses_that_do_something_else_may_not() {
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "https:/\\evil.example",
            "https://good.example@evil.example/",
            "https:evil.example",
            "https://",
            "relative",
            "",
        ] {
            assert_eq!(clickable(address), None, "{address:?}");
        }
    }

    #[test]
    fn policies_name_origins_and_schemes_only() {
        let said = |address| source_expression(address).unwrap_or_default();

        assert_eq!(said("https://example.com:8443/a;b?c"), "https:");
        assert_eq!(said("http://localhost:3000/a;b?c"), "http://localhost:3000");
        assert_eq!(said("myapp://callback?x=y"), "myapp:");
        assert_eq!(said("http://example.com;script-src/x"), "");
        assert_eq!(said("/here"), "");
        assert_eq!(said("javascript:alert(1)"), "");
    }
}
