//! URLs, with and without an allow list, before any name is resolved.

use super::{Reach, check};
use crate::{AllowList, Error, OutboundSettings};

fn settings(allow: &[&str]) -> OutboundSettings {
    OutboundSettings {
        allow: AllowList::parse(allow).expect("an allow list"),
        ..OutboundSettings::default()
    }
}

fn reach(url: &str, allow: &[&str]) -> Result<Reach, Error> {
    check(url, &settings(allow)).map(|target| target.reach)
}

#[test]
fn attack_63_https_to_a_name_goes_to_the_internet() {
    for url in [
        "https://id.example.com/.well-known/openid-configuration",
        "https://id.example.com:443/",
        "HTTPS://ID.EXAMPLE.COM/?a=b#c",
    ] {
        let target = check(url, &settings(&[])).expect("a target");
        assert_eq!(target.reach, Reach::Public);
        assert_eq!(target.host, "id.example.com");
    }
}

#[test]
fn attack_63_addresses_in_any_spelling_are_refused() {
    for host in [
        "1.1.1.1",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0x0.0.1",
        "%31%32%37.0.0.1",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "2852039166",
        "192.168.0.1",
        "172.16.0.1",
        "224.0.0.1",
        "192.0.2.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::169.254.169.254]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[ff02::1]",
        "[2606:4700:4700::1111]",
    ] {
        for scheme in ["https", "http"] {
            let result = reach(&format!("{scheme}://{host}/x"), &["10.9.9.0/24", "a.b"]);
            assert!(
                matches!(result, Err(Error::Literal { .. })),
                "{scheme} {host}: {result:?}"
            );
        }
    }
}

#[test]
fn attack_63_only_https_at_the_known_port() {
    let host = || "id.example.com".to_owned();

    assert_eq!(
        reach("http://id.example.com/", &[]),
        Err(Error::Plain { host: host() })
    );
    for port in [22, 80, 5432, 6379, 8443] {
        assert_eq!(
            reach(&format!("https://id.example.com:{port}/"), &[]),
            Err(Error::Port { host: host(), port })
        );
    }
}

#[test]
fn attack_63_other_schemes_and_half_urls_are_refused() {
    for url in [
        "",
        "/path",
        "//id.example.com/",
        "file:///etc/passwd",
        "ftp://id.example.com/",
        "gopher://127.0.0.1:6379/_x",
        "javascript:alert(1)",
        "data:text/plain,x",
        "unix:/run/docker.sock",
        "https://",
        "https://256.256.256.256/",
        "https://[::1/",
        "https://a b/",
    ] {
        assert_eq!(reach(url, &[]), Err(Error::Url), "{url}");
    }
    let long = format!("https://id.example.com/{}", "a".repeat(8 * 1024));
    assert_eq!(reach(&long, &[]), Err(Error::Url));
}

#[test]
fn attack_63_credentials_in_the_url_are_refused() {
    for url in [
        "https://good.example@evil.example/",
        "https://good.example:443@evil.example/",
        "https://:word@evil.example/",
    ] {
        let host = "evil.example".to_owned();
        assert_eq!(reach(url, &[]), Err(Error::Credentials { host }), "{url}");
    }
}

#[test]
fn attack_63_allowed_hosts_are_reached_at_their_port_only() {
    let allow = ["idp.internal:8443", "127.0.0.1:9000", "10.1.0.0/16"];

    assert_eq!(reach("https://idp.internal:8443/", &allow), Ok(Reach::Host));
    assert_eq!(
        reach("http://idp.internal:8443/", &allow),
        Ok(Reach::PlainHost)
    );
    assert_eq!(reach("https://idp.internal/", &allow), Ok(Reach::Public));
    assert_eq!(reach("http://idp.internal/", &allow), Ok(Reach::Network));
    assert_eq!(reach("http://127.0.0.1:9000/", &allow), Ok(Reach::Literal));
    assert_eq!(reach("http://10.1.2.3:7/", &allow), Ok(Reach::Literal));
    assert!(reach("http://127.0.0.1:9001/", &allow).is_err());
    assert!(reach("http://10.2.0.1/", &allow).is_err());
}

#[test]
fn attack_63_http_to_a_public_address_is_refused_even_if_allowed() {
    let host = "1.1.1.1".to_owned();

    let plain = reach("http://1.1.1.1/", &["1.1.1.1"]);

    assert_eq!(plain, Err(Error::Plain { host }));
    assert_eq!(reach("https://1.1.1.1/", &["1.1.1.1"]), Ok(Reach::Literal));
}

#[test]
fn attack_63_each_reach_accepts_its_addresses_only() {
    let allow = AllowList::parse(["10.1.0.0/16"]).expect("an allow list");
    let accepts = |reach: Reach, address: &str| {
        let address = address.parse().expect("an address");
        reach.accepts(address, &allow)
    };
    let places = ["1.1.1.1", "127.0.0.1", "169.254.169.254", "10.1.0.1"];
    for (reach, expected) in [
        (Reach::Literal, [false, false, false, false]),
        (Reach::Public, [true, false, false, true]),
        (Reach::Network, [false, false, false, true]),
        (Reach::Host, [true, true, false, true]),
        (Reach::PlainHost, [false, true, false, true]),
    ] {
        assert_eq!(places.map(|it| accepts(reach, it)), expected, "{reach:?}");
    }
}
