//! Which texts are addresses, and how they are written afterwards.

use proptest::prelude::*;

use super::{Address, AddressError};

#[track_caller]
fn accepts(typed: &str, kept: &str) {
    assert_eq!(
        Address::parse(typed).map(|it| it.to_string()),
        Ok(kept.to_owned()),
        "{typed:?}"
    );
}

#[track_caller]
fn refuses(typed: &str, why: AddressError) {
    assert_eq!(Address::parse(typed), Err(why), "{typed:?}");
}

#[test]
fn keeps_ordinary_addresses_in_lower_case() {
    accepts("ada@example.com", "ada@example.com");
    accepts(
        "Ada.Lovelace+tag@Example.COM",
        "ada.lovelace+tag@example.com",
    );
    accepts("a@b.co", "a@b.co");
    accepts(
        "o'hara_{x}~!#$%&*/=?^`|-1@sub.example-one.org",
        "o'hara_{x}~!#$%&*/=?^`|-1@sub.example-one.org",
    );
    accepts("me@dev.localhost", "me@dev.localhost");
}

#[test]
fn keeps_international_domains_in_their_ascii_form() {
    accepts("ada@bücher.example", "ada@xn--bcher-kva.example");
    accepts("ada@BÜCHER.example", "ada@xn--bcher-kva.example");
    accepts("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example");
    accepts("ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai");
    accepts("ada@例え.jp", "ada@xn--r8jz45g.jp");
}

#[test]
fn splits_into_local_part_and_domain() {
    let address = Address::parse("Ada@Bücher.example").unwrap();

    assert_eq!(
        (address.local(), address.domain()),
        ("ada", "xn--bcher-kva.example")
    );
}

#[test]
fn debug_output_hides_the_person() {
    let address = Address::parse("ada@example.com").unwrap();

    assert_eq!(format!("{address:?}"), "Address(…@example.com)");
}

#[test]
fn attack_28_line_breaks_and_control_characters() {
    for typed in [
        "ada@example.com\r\nBcc: eve@evil.example",
        "ada\r@example.com",
        "ada@example.com\n",
        "ada\0@example.com",
        "ada@exa\u{85}mple.com",
        "\u{1b}[31mada@example.com",
    ] {
        refuses(typed, AddressError::ControlCharacter);
    }
}

#[test]
fn attack_28_spaces_of_every_width() {
    for typed in [
        " ada@example.com",
        "ada@example.com ",
        "ada @example.com",
        "ada@example.com\u{a0}",
        "ada\u{3000}@example.com",
        "ada@example.com\u{2028}eve@evil.example",
    ] {
        refuses(typed, AddressError::Space);
    }
}

#[test]
fn attack_28_several_addresses_in_one_text() {
    for typed in [
        "ada@example.com,eve@evil.example",
        "ada@example.com;eve@evil.example",
        "ada@example.com@evil.example",
        "@example.com,@evil.example:ada@example.com",
        "ada@@example.com",
    ] {
        refuses(typed, AddressError::Several);
    }
}

#[test]
fn attack_28_signs_that_look_like_at() {
    refuses("ada＠example.com", AddressError::LooksLikeAt);
    refuses("ada@example.com＠evil.example", AddressError::LooksLikeAt);
    refuses("ada﹫example.com", AddressError::LooksLikeAt);
}

#[test]
fn attack_28_quotes_names_comments_and_literals() {
    refuses("\"ada@evil.example\"@example.com", AddressError::Quoted);
    refuses("ada\\@evil.example@example.com", AddressError::Quoted);
    refuses("Ada<ada@example.com>", AddressError::DisplayName);
    refuses("ada(comment)@example.com", AddressError::DisplayName);
    refuses("mailto:ada@example.com", AddressError::DisplayName);
    refuses("ada[x]@example.com", AddressError::LocalCharacter);
    refuses("ada@[127.0.0.1]", AddressError::Number);
    refuses("ada@127.0.0.1", AddressError::Number);
    refuses("ada@2130706433", AddressError::Number);
    refuses("ada@0x7f.0x1", AddressError::Number);
}

#[test]
fn attack_28_domains_in_disguise() {
    refuses("ada@example.com.", AddressError::TrailingDot);
    refuses("ada@ｅxample.com", AddressError::UnusualForm);
    refuses("ada@example。com", AddressError::UnusualForm);
    refuses("ada@ⓔxample.com", AddressError::UnusualForm);
    refuses("ada@exam\u{ad}ple.com", AddressError::UnusualForm);
    refuses("ada@exam\u{200d}ple.com", AddressError::Domain);
    // Cyrillic а, o and е among Latin letters, also when written as Punycode.
    refuses("ada@ex\u{430}mple.com", AddressError::MixedAlphabets);
    refuses("ada@g\u{3bf}ogle.com", AddressError::MixedAlphabets);
    refuses("ada@xn--exmple-4nf.com", AddressError::MixedAlphabets);
    refuses("ada@xn--zzzzzz\u{fc}.com", AddressError::Domain);
}

#[test]
fn attack_28_look_alikes_before_the_at() {
    refuses("\u{430}da@example.com", AddressError::LocalNotAscii);
    refuses("jürgen@example.com", AddressError::LocalNotAscii);
    refuses("ＡＤＡ@example.com", AddressError::LocalNotAscii);
}

#[test]
fn refuses_what_is_no_address() {
    refuses("", AddressError::Empty);
    refuses("ada", AddressError::NoAt);
    refuses("@example.com", AddressError::NoLocalPart);
    refuses("ada@", AddressError::NoDomain);
    refuses(".ada@example.com", AddressError::LocalDots);
    refuses("ada.@example.com", AddressError::LocalDots);
    refuses("a..da@example.com", AddressError::LocalDots);
    refuses("ada[]@example.com", AddressError::LocalCharacter);
    refuses("ada@localhost", AddressError::Dotless);
    refuses("ada@.example.com", AddressError::Domain);
    refuses("ada@example..com", AddressError::Domain);
    refuses("ada@-example.com", AddressError::Domain);
    refuses("ada@exa_mple.com", AddressError::Domain);
    refuses("ada@example/.com", AddressError::Domain);
    refuses("ada@xn--.com", AddressError::Domain);
}

#[test]
fn refuses_what_mail_servers_would_cut() {
    refuses(
        &format!("{}@example.com", "a".repeat(65)),
        AddressError::LocalTooLong,
    );
    refuses(&format!("a@{}.com", "b".repeat(64)), AddressError::Domain);
    refuses(&format!("a@{}com", "bb.".repeat(90)), AddressError::TooLong);
    // Short when typed, longer than a label may be in ASCII.
    refuses(&format!("a@{}.com", "ü".repeat(63)), AddressError::Domain);
}

proptest! {
    #[test]
    fn parsing_twice_changes_nothing(typed in "\\PC{0,12}@\\PC{0,12}\\.[a-z]{2,3}") {
        if let Ok(once) = Address::parse(&typed) {
            let twice = Address::parse(once.as_str());
            prop_assert_eq!(twice, Ok(once));
        }
    }

    #[test]
    fn what_is_kept_is_one_plain_address(typed in any::<String>()) {
        if let Ok(address) = Address::parse(&typed) {
            let text = address.as_str();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(text.matches('@').count(), 1);
            prop_assert_eq!(text.to_ascii_lowercase(), text);
        }
    }
}
