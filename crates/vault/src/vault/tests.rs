//! What seals opens, in its own place and unchanged only.

use std::sync::Arc;

use postern_base::Secret;
use proptest::prelude::*;

use super::Vault;
use crate::{Error, MasterKey, SystemRandom};

const PLACE: &str = "auth.mfa_factors|secret|7";

fn key(digit: char) -> MasterKey {
    let text = format!("{}0", digit.to_string().repeat(63));
    MasterKey::parse(&Secret::new(text)).expect("a key")
}

fn made_with(current: char, older: &[char]) -> Vault {
    let older: Vec<MasterKey> = older.iter().map(|digit| key(*digit)).collect();
    Vault::with_older_keys(&key(current), &older, Arc::new(SystemRandom))
}

fn opened(vault: &Vault, text: &str) -> Result<Vec<u8>, Error> {
    vault.open(PLACE, text).map(|plain| plain.expose().clone())
}

#[test]
fn a_sealed_value_has_the_documented_form() {
    let vault = made_with('1', &[]);

    let text = vault.seal(PLACE, b"seed");

    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts[..2], ["pe1", vault.key_id()]);
    assert_eq!((parts[1].len(), parts[2].len()), (8, 16));
    assert_eq!(parts.len(), 4);
}

#[test]
fn the_same_value_seals_differently_each_time() {
    let vault = made_with('1', &[]);

    assert_ne!(vault.seal(PLACE, b"seed"), vault.seal(PLACE, b"seed"));
}

#[test]
fn another_place_does_not_open_it() {
    let vault = made_with('1', &[]);
    let text = vault.seal(PLACE, b"seed");

    for place in [
        "",
        "auth.mfa_factors|secret|8",
        "auth.mfa_factors|secret|7|",
    ] {
        let result = vault.open(place, &text);
        assert_eq!(result, Err(Error::Refused), "{place}");
    }
    assert_eq!(opened(&vault, &text), Ok(b"seed".to_vec()));
}

#[test]
fn another_key_does_not_open_it() {
    let text = made_with('1', &[]).seal(PLACE, b"seed");

    let result = opened(&made_with('2', &[]), &text);

    let key_id = made_with('1', &[]).key_id().to_owned();
    assert_eq!(result, Err(Error::UnknownKey { key_id }));
}

#[test]
fn a_forged_key_id_does_not_open_it() {
    let (one, two) = (made_with('1', &[]), made_with('2', &[]));
    let text = one.seal(PLACE, b"seed").replace(one.key_id(), two.key_id());

    assert_eq!(opened(&two, &text), Err(Error::Refused));
}

#[test]
fn malformed_text_is_refused() {
    let vault = made_with('1', &[]);
    let good = vault.seal(PLACE, b"seed");
    let (head, tail) = good.split_at(good.len() - 4);

    for text in [
        "",
        "seed",
        "pe1...",
        &good.replace("pe1", "pe2"),
        &format!("{good}."),
        &format!("{good}="),
        &format!("{head}!{tail}"),
        &good.replace(vault.key_id(), "0000000"),
        &good.replace(vault.key_id(), "ABCDEF01"),
    ] {
        assert_eq!(opened(&vault, text), Err(Error::Malformed), "{text}");
    }
    let no_bytes = &good[..good.rfind('.').expect("a dot") + 1];
    assert_eq!(opened(&vault, no_bytes), Err(Error::Refused));
}

#[test]
fn a_new_key_in_front_still_opens_old_values() {
    let old = made_with('1', &[]);
    let text = old.seal(PLACE, b"seed");
    let rotated = made_with('2', &['3', '1']);

    assert_eq!(opened(&rotated, &text), Ok(b"seed".to_vec()));
    assert!(!rotated.is_current(&text));

    let again = rotated.seal(PLACE, b"seed");
    assert!(rotated.is_current(&again));
    assert_eq!(opened(&made_with('2', &[]), &again), Ok(b"seed".to_vec()));
}

#[test]
fn hashes_differ_by_purpose_message_and_key() {
    let vault = made_with('1', &['2']);
    let mac = vault.mac("otp", b"123456");

    assert_eq!(mac, vault.mac("otp", b"123456"));
    assert_ne!(mac, vault.mac("otp", b"123457"));
    assert_ne!(mac, vault.mac("refresh", b"123456"));
    assert_ne!(mac, made_with('2', &[]).mac("otp", b"123456"));
    assert!(vault.mac_matches("otp", b"123456", &mac));
    assert!(!vault.mac_matches("otp", b"123457", &mac));
    assert!(!vault.mac_matches("otp", b"123456", &mac[..31]));
    assert!(!vault.mac_matches("otp", b"123456", b""));
}

#[test]
fn hashes_of_an_older_key_still_match() {
    let mac = made_with('1', &[]).mac("otp", b"123456");
    let rotated = made_with('2', &['1']);

    assert_ne!(rotated.mac("otp", b"123456"), mac);
    assert_eq!(rotated.macs("otp", b"123456")[1], mac);
    assert!(rotated.mac_matches("otp", b"123456", &mac));
    assert!(!made_with('2', &[]).mac_matches("otp", b"123456", &mac));
}

#[test]
fn derived_keys_never_change_between_versions() {
    let vault = made_with('1', &[]);

    let mac: String = vault.mac("otp", b"123456")[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();

    assert_eq!((vault.key_id(), mac.as_str()), ("f74ec2aa", "3105fb1f"));
}

#[test]
fn debug_output_names_the_key_and_no_more() {
    let vault = made_with('1', &[]);

    let shown = format!("{vault:?}");

    assert_eq!(
        shown,
        format!("Vault {{ key_id: \"{}\", .. }}", vault.key_id())
    );
}

proptest! {
    #[test]
    fn what_seals_opens(plain in proptest::collection::vec(any::<u8>(), 0..300), place in ".*") {
        let vault = made_with('1', &[]);

        let text = vault.seal(&place, &plain);

        let opened = vault.open(&place, &text).expect("opens");
        prop_assert_eq!(opened.expose(), &plain);
    }

    #[test]
    fn a_changed_character_never_opens(position in 0_usize..1000, replacement in "[!-~]") {
        let vault = made_with('1', &[]);
        let text = vault.seal(PLACE, b"a seed of some length");
        let position = position % text.len();
        let changed = format!("{}{replacement}{}", &text[..position], &text[position + 1..]);
        prop_assume!(changed != text);

        prop_assert!(vault.open(PLACE, &changed).is_err());
    }

    #[test]
    fn a_cut_value_never_opens(length in 0_usize..1000) {
        let vault = made_with('1', &[]);
        let text = vault.seal(PLACE, b"a seed of some length");

        prop_assert!(vault.open(PLACE, &text[..length % text.len()]).is_err());
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in ".*") {
        prop_assert!(made_with('1', &[]).open(PLACE, &text).is_err());
    }
}
