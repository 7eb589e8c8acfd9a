//! Where users may be led after a sign-in.
//!
//! SECURITY: an address is taken when it is the site's own origin, or matches an entry of the
//! operator's list (exactly, or by `*` within a path segment and `**` across segments); everything
//! else falls back to the site's address. What a browser would read otherwise than we do is
//! refused before it is compared: user names before an `@`, backslashes, control characters, IP
//! addresses in odd notations, other schemes than those listed. A `Referer` is never a target
//! (attack 32).

use url::{Host, Url};

use crate::{AuthService, Settings};

/// Longest target in bytes.
const TARGET_BYTES_MAX: usize = 2048;

impl AuthService {
    /// The address to lead a user to: the asked one if it is allowed, else the site's.
    pub(crate) fn redirect_target(&self, asked: Option<&str>) -> String {
        match asked {
            Some(asked) if is_allowed(asked, &self.settings) => asked.to_owned(),
            _ => self.settings.site_url.clone(),
        }
    }
}

/// Whether users may be led there.
pub fn is_allowed(asked: &str, settings: &Settings) -> bool {
    if asked.len() > TARGET_BYTES_MAX || asked.contains(['\\', '\u{0}']) || has_controls(asked) {
        return false;
    }
    let Ok(target) = Url::parse(asked) else {
        return false;
    };
    if matches!(
        target.scheme(),
        "javascript" | "data" | "vbscript" | "file" | "blob" | "about"
    ) {
        return false;
    }
    // Without the slashes, a browser would read it as relative to our own page.
    if target.is_special() && !has_slashes(asked, &target) {
        return false;
    }
    if !target.username().is_empty() || target.password().is_some() || is_odd_host(asked, &target) {
        return false;
    }
    is_site(&target, settings)
        || settings
            .redirect_urls
            .iter()
            .any(|entry| matches_entry(entry, &target))
}

fn has_slashes(asked: &str, target: &Url) -> bool {
    let rest = asked.get(target.scheme().len()..);
    rest.is_some_and(|it| it.starts_with("://") && !it.starts_with(":///"))
}

fn has_controls(text: &str) -> bool {
    text.chars().any(|it| it.is_control() || it.is_whitespace())
}

/// The site's own origin; on a loopback host any port (RFC 8252, section 7.3).
fn is_site(target: &Url, settings: &Settings) -> bool {
    let Ok(site) = Url::parse(&settings.site_url) else {
        return false;
    };
    if !matches!(target.scheme(), "http" | "https") {
        return false;
    }
    let same_host = site.scheme() == target.scheme() && site.host() == target.host();
    same_host
        && (site.port_or_known_default() == target.port_or_known_default() || is_loopback(target))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// An IP address that is not the loopback's, or one that was not written as we print it.
fn is_odd_host(asked: &str, target: &Url) -> bool {
    match target.host() {
        Some(Host::Ipv4(address)) => {
            !address.is_loopback() || !asked.contains(&address.to_string())
        }
        Some(Host::Ipv6(address)) => !address.is_loopback(),
        Some(Host::Domain(name)) => name.ends_with('.'),
        None => false,
    }
}

/// Whether a target matches an entry of the list. The fragment is not compared: it never leaves
/// the browser.
fn matches_entry(entry: &str, target: &Url) -> bool {
    let mut plain = target.clone();
    plain.set_fragment(None);
    if !entry.contains('*') {
        return Url::parse(entry).is_ok_and(|entry| entry == plain);
    }
    // A star never stands for a part of the scheme or of the host's end.
    let Some((scheme, rest)) = entry.split_once("://") else {
        return false;
    };
    if scheme != plain.scheme() {
        return false;
    }
    let (pattern_host, pattern_path) = split_host(rest);
    let text = plain.as_str();
    let Some(rest) = text
        .strip_prefix(scheme)
        .and_then(|it| it.strip_prefix("://"))
    else {
        return false;
    };
    let (host, path) = split_host(rest);
    matches_host(pattern_host, host) && matches_glob(pattern_path.as_bytes(), path.as_bytes())
}

fn split_host(rest: &str) -> (&str, &str) {
    match rest.find(['/', '?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    }
}

/// A host pattern may begin with `*.`, which stands for exactly one label.
fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) if !parent.contains('*') => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest == parent),
        Some(_) => false,
        None => pattern == host,
    }
}

/// `**` matches anything, `*` anything but `/`, `?`, `&` and `.`.
///
/// SECURITY: the text is a stranger's, so this takes the product of both lengths at most: for each
/// byte of the text it keeps how far the pattern may have come.
fn matches_glob(pattern: &[u8], text: &[u8]) -> bool {
    let steps = steps_of(pattern);
    // Entry n: the first n steps match what was read so far.
    let mut reached = vec![false; steps.len() + 1];
    reached[0] = true;
    skip_stars(&steps, &mut reached);
    for byte in text {
        let mut next = vec![false; steps.len() + 1];
        for (index, step) in steps
            .iter()
            .enumerate()
            .filter(|(index, _)| reached[*index])
        {
            match step {
                Step::Byte(wanted) => next[index + 1] |= wanted == byte,
                Step::Segment => next[index] |= !matches!(byte, b'/' | b'?' | b'&' | b'.'),
                Step::Anything => next[index] = true,
            }
        }
        skip_stars(&steps, &mut next);
        reached = next;
    }
    reached[steps.len()]
}

/// One part of a glob.
enum Step {
    /// This byte.
    Byte(u8),
    /// Any part of a segment.
    Segment,
    /// Anything.
    Anything,
}

fn steps_of(pattern: &[u8]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    loop {
        rest = match rest {
            [] => return steps,
            [b'*', b'*', rest @ ..] => {
                steps.push(Step::Anything);
                rest
            }
            [b'*', rest @ ..] => {
                steps.push(Step::Segment);
                rest
            }
            [byte, rest @ ..] => {
                steps.push(Step::Byte(*byte));
                rest
            }
        };
    }
}

/// A star may stand for nothing, so whoever reached it is past it as well.
fn skip_stars(steps: &[Step], reached: &mut [bool]) {
    for (index, step) in steps.iter().enumerate() {
        if reached[index] && !matches!(step, Step::Byte(_)) {
            reached[index + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(asked: &str) -> bool {
        let settings = Settings {
            site_url: "https://app.example.com".into(),
            redirect_urls: vec![
                "myapp://callback".into(),
                "https://other.example.com/done".into(),
                "https://*.preview.example.com/**".into(),
                "https://good.example.org/u/*/home".into(),
            ],
            ..Settings::default()
        };
        is_allowed(asked, &settings)
    }

    #[test]
    fn the_site_and_the_list_are_allowed() {
        for asked in [
            "https://app.example.com",
            "https://app.example.com/deep?x=1#y",
            "myapp://callback",
            "myapp://callback#fragment",
            "https://other.example.com/done",
            "https://branch.preview.example.com/any/where",
            "https://good.example.org/u/me/home",
        ] {
            assert!(allowed(asked), "{asked}");
        }
    }

    #[test]
    fn attack_32_addresses_that_only_look_right_are_refused() {
        for asked in [
            "//evil.example",
            "\\\\evil.example",
            "https:\\\\evil.example",
            "https://app.example.com\\@evil.example",
            "https://app.example.com/\\evil.example",
            "https://app.example.com@evil.example",
            "https://app.example.com:pw@evil.example/",
            "https://user@app.example.com",
            "https://app.example.com.evil.example",
            "https://app.example.com.",
            "http://app.example.com",
            "https://app.example.com:8443",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://2130706433/",
            "http://0x7f.1/",
            "http://10.0.0.1/",
            "https://evil.example/#https://app.example.com",
            "https://evil.example/?https://app.example.com",
            "myapp://callback.evil",
            "myapp://callback/more",
            "other://callback",
            "https://a.b.preview.example.com/x",
            "https://evil.example/.preview.example.com/",
            "https://evilpreview.example.com/x",
            "https://good.example.org/u/a/b/home",
            "https://good.example.org/u/a/home?next=//evil",
            "https://app.example.com/\nSet-Cookie: x",
            "https://app.example.com/ x",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///app.example.com",
            "",
        ] {
            assert!(!allowed(asked), "{asked}");
        }
    }

    #[test]
    fn attack_32_the_sites_own_address_in_another_notation_is_another() {
        let settings = Settings {
            site_url: "http://127.0.0.1:3000".into(),
            ..Settings::default()
        };

        for asked in [
            "http://2130706433:3000/",
            "http://0x7f.1:3000/",
            "http://127.1:3000/",
            "http://0177.0.0.1:3000/",
        ] {
            assert!(!is_allowed(asked, &settings), "{asked}");
        }
        assert!(is_allowed("http://127.0.0.1:3000/in", &settings));
    }

    #[test]
    fn attack_32_a_long_target_meets_many_stars_in_no_time() {
        let pattern = format!("/{}end", "**a*".repeat(30));
        let text = "/a".repeat(1000);

        assert!(!matches_glob(pattern.as_bytes(), text.as_bytes()));
        assert!(matches_glob(b"/**a*/x/**", b"/a/b/aa/x/"));
        assert!(matches_glob(b"/*", b"/"));
        assert!(!matches_glob(b"/*", b"/a.b"));
    }
}
