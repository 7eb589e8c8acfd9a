//! Answers of a hostile name server.

use std::net::IpAddr;

use super::accepted;
use crate::target::Reach;
use crate::{AllowList, Error};

fn dialled(reach: Reach, found: &[&str]) -> Result<Vec<String>, Error> {
    let found: Vec<IpAddr> = found
        .iter()
        .map(|it| it.parse().expect("an address"))
        .collect();
    let checked = accepted("id.example.com", &found, reach, &AllowList::default())?;
    Ok(checked.iter().map(ToString::to_string).collect())
}

fn refused(address: &str) -> Result<Vec<String>, Error> {
    Err(Error::Address {
        host: "id.example.com".into(),
        address: address.parse().expect("an address"),
    })
}

#[test]
fn attack_63_public_answers_are_dialled() {
    let found = ["1.1.1.1", "2606:4700:4700::1111"];

    assert_eq!(
        dialled(Reach::Public, &found),
        Ok(found.map(str::to_owned).to_vec())
    );
}

#[test]
fn attack_63_internal_answers_are_refused() {
    for address in [
        "127.0.0.1",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "::",
        "::1",
        "fd00::1",
        "fe80::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ] {
        assert_eq!(dialled(Reach::Public, &[address]), refused(address));
    }
    assert_eq!(
        dialled(Reach::Public, &["::ffff:127.0.0.1"]),
        refused("127.0.0.1")
    );
}

#[test]
fn attack_63_of_a_mixed_answer_only_the_public_part_is_dialled() {
    let mixed = ["127.0.0.1", "1.1.1.1", "64:ff9b::101:101", "10.0.0.1"];

    assert_eq!(
        dialled(Reach::Public, &mixed),
        Ok(vec!["1.1.1.1".to_owned()])
    );
}

#[test]
fn attack_63_a_listed_name_never_leads_to_metadata() {
    assert!(dialled(Reach::Host, &["10.0.0.1"]).is_ok());
    for address in ["169.254.169.254", "100.100.100.200", "fd00:ec2::254"] {
        assert_eq!(dialled(Reach::Host, &[address]), refused(address));
        assert_eq!(dialled(Reach::PlainHost, &[address]), refused(address));
    }
    assert_eq!(dialled(Reach::PlainHost, &["1.1.1.1"]), refused("1.1.1.1"));
}

#[test]
fn a_name_without_an_address_says_so() {
    let host = "id.example.com".to_owned();

    assert_eq!(dialled(Reach::Public, &[]), Err(Error::NoAddress { host }));
}

#[test]
fn a_long_answer_is_cut() {
    let found = vec!["1.1.1.1"; 1000];

    let dialled = dialled(Reach::Public, &found).expect("addresses");

    assert_eq!(dialled.len(), 16);
}

/// Tells the truth once and lies ever after.
struct Rebinding(std::sync::atomic::AtomicBool);

impl super::Resolve for Rebinding {
    fn resolve<'a>(&'a self, _host: &'a str) -> super::Resolving<'a> {
        let was_asked = self.0.swap(true, std::sync::atomic::Ordering::Relaxed);
        let address = if was_asked { "127.0.0.1" } else { "1.1.1.1" };
        Box::pin(async move { Ok(vec![address.parse().expect("an address")]) })
    }
}

#[tokio::test]
async fn attack_63_an_answer_that_turns_internal_is_refused() {
    use reqwest::dns::Resolve as _;
    let resolver = super::GuardedResolver {
        inner: std::sync::Arc::new(Rebinding(false.into())),
        allow: AllowList::default().into(),
        reach: Reach::Public,
    };
    let ask = || resolver.resolve("id.example.com".parse().expect("a name"));

    let first: Vec<_> = ask().await.expect("public").collect();
    let second = ask().await.err().expect("refused");

    assert_eq!(first, ["1.1.1.1:0".parse().expect("a socket")]);
    assert!(second.downcast_ref::<Error>().is_some(), "{second}");
}
