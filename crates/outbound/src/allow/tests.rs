//! Entries of the allow list: what they let in and what they do not.

use super::{AllowError, AllowList};

fn list(entries: &[&str]) -> AllowList {
    AllowList::parse(entries).expect("an allow list")
}

#[track_caller]
fn names_address(list: &AllowList, address: &str, port: u16) -> bool {
    list.names_address(address.parse().expect("an address"), port)
}

#[test]
fn a_host_with_a_port_is_allowed_there_only() {
    let list = list(&["Idp.Internal:8443"]);

    assert!(list.names_host("idp.internal", 8443));
    assert!(list.names_host("idp.internal.", 8443));
    assert!(!list.names_host("idp.internal", 443));
    assert!(!list.names_host("evil.idp.internal", 8443));
    assert!(!list.names_host("idp.internal.evil", 8443));
}

#[test]
fn a_host_without_a_port_is_allowed_at_every_port() {
    let list = list(&["idp.internal", "::1", "[fd00::2]"]);

    assert!(list.names_host("idp.internal", 1));
    assert!(names_address(&list, "::1", 65535));
    assert!(names_address(&list, "fd00::2", 80));
    assert!(!names_address(&list, "fd00::3", 80));
}

#[test]
fn addresses_have_one_spelling() {
    let list = list(&["127.0.0.1:80", "[::ffff:10.0.0.1]:80", "[fd00::1]:443"]);

    assert!(names_address(&list, "::ffff:127.0.0.1", 80));
    assert!(names_address(&list, "10.0.0.1", 80));
    assert!(names_address(&list, "fd00:0::1", 443));
    assert!(!names_address(&list, "127.0.0.1", 81));
    assert!(!names_address(&list, "127.0.0.2", 80));
    assert!(!list.names_host("127.0.0.1.example.com", 80));
}

#[test]
fn a_network_allows_its_addresses_and_no_names() {
    let list = list(&["10.1.2.3/16", "fd00::/8"]);

    assert!(names_address(&list, "10.1.255.1", 8080));
    assert!(names_address(&list, "::ffff:10.1.0.1", 8080));
    assert!(names_address(&list, "fd77::1", 1));
    assert!(!names_address(&list, "10.2.0.1", 8080));
    assert!(!list.names_host("10-1-0-1.example.com", 443));
}

#[test]
fn entries_that_say_too_much_are_refused() {
    for entry in ["*", "*.internal", "10.0.0.*"] {
        let error = AllowList::parse([entry]).expect_err("refused");
        assert_eq!(error, AllowError::Pattern(entry.into()));
    }
    for entry in ["0.0.0.0/0", "::/0", "8.0.0.0/7", "f000::/4"] {
        let error = AllowList::parse([entry]).expect_err("refused");
        assert_eq!(error, AllowError::TooWide(entry.into()));
    }
}

#[test]
fn malformed_entries_are_refused() {
    for entry in [
        "",
        "a b",
        "idp.internal:",
        "idp.internal:99999",
        "https://idp.internal",
        "10.0.0.0/33",
        "idp.internal/8",
        "[::1",
        "user@idp.internal",
    ] {
        let error = AllowList::parse([entry]).expect_err(entry);
        assert_eq!(error, AllowError::Malformed(entry.into()));
    }
}

#[test]
fn a_configured_url_allows_its_host_and_port() {
    let mut list = AllowList::default();

    list.allow_configured_url("https://id.example.com/jwks.json")
        .expect("a URL");
    list.allow_configured_url("http://[::1]:9/jwks.json")
        .expect("a URL");

    assert!(list.names_host("id.example.com", 443));
    assert!(!list.names_host("id.example.com", 80));
    assert!(names_address(&list, "::1", 9));
    assert!(list.allow_configured_url("jwks.json").is_err());
}
