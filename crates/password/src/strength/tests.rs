//! What is refused, what is not, and what the answer says.

use std::time::{Duration, Instant};

use postern_base::Secret;
use proptest::prelude::*;

use super::{CharacterClass, Common, Rules, Weakness, check, hint};

fn found(password: &str, rules: &Rules, context: &[&str]) -> Vec<Weakness> {
    check(&Secret::new(password.to_owned()), rules, context)
}

fn reasons(password: &str) -> Vec<&'static str> {
    let rules = Rules {
        context_words: vec!["Postern".to_owned()],
        ..Rules::default()
    };
    let context = ["alice.smith@example.com"];
    found(password, &rules, &context)
        .iter()
        .map(Weakness::reason)
        .collect()
}

#[test]
fn accepts_long_and_unusual_passwords() {
    for password in [
        "correct horse battery staple",
        "zw3ifelhafte Prüfung",
        "kv7Qm2xT",
        "подорожник на камне",
        "電池馬正確なホチキス",
        "postern-lorry-umbrella",
        "alice likes umbrellas",
    ] {
        assert_eq!(reasons(password), Vec::<&str>::new(), "{password}");
    }
}

#[test]
fn counts_code_points_after_normalising() {
    assert_eq!(reasons("ñandúes"), ["length"]);
    assert_eq!(reasons("n\u{303}andu\u{301}es"), ["length"]);
    assert_eq!(reasons("ñandúesx"), Vec::<&str>::new());
    assert_eq!(reasons(""), ["length"]);
}

#[test]
fn an_empty_password_is_short_whatever_the_rules() {
    let rules = Rules {
        min_chars: 0,
        ..Rules::default()
    };
    assert_eq!(
        found("", &rules, &[]),
        [Weakness::TooShort { chars_min: 1 }]
    );
}

#[test]
fn refuses_overlong_passwords_instead_of_cutting_them() {
    assert_eq!(reasons(&"kv7Qm2xT".repeat(128)), Vec::<&str>::new());
    assert_eq!(reasons(&"kv7Qm2xT".repeat(129)), ["length"]);
    let rules = Rules {
        max_bytes: usize::MAX,
        ..Rules::default()
    };
    assert_eq!(
        found(&"x".repeat(5000), &rules, &[]),
        [Weakness::TooLong { bytes_max: 4096 }]
    );
}

#[test]
fn refuses_common_passwords_and_their_disguises() {
    for password in [
        "password",
        "PassWord",
        "P@ssw0rd",
        "drowssap",
        "12345678",
        "qwertyuiop",
        "aaaaaaaaaaaa",
        "abcdefghij",
        "iloveyou",
        "password123",
        "00000000",
        "trustno1",
    ] {
        assert_eq!(reasons(password), ["pwned"], "{password}");
    }
}

#[test]
fn the_list_can_be_switched_off() {
    let rules = Rules {
        common: Common::Allowed,
        ..Rules::default()
    };
    assert_eq!(found("password", &rules, &[]), []);
}

#[test]
fn refuses_the_words_of_account_and_site() {
    for password in [
        "alice.smith",
        "Alice2024",
        "smith!!!",
        "Postern123",
        "p0st3rn!",
        "alice@example.com",
    ] {
        let rules = Rules {
            context_words: vec!["Postern".to_owned()],
            ..Rules::default()
        };
        let found = found(password, &rules, &["alice.smith@example.com"]);
        assert_eq!(found, [Weakness::Context], "{password}");
    }
}

#[test]
fn asks_for_characters_only_when_told_to() {
    let required = CharacterClass::parse_list("lower_upper_letters_digits_symbols");
    let rules = Rules {
        required,
        ..Rules::default()
    };

    let found_here = found("vermouth lanterns", &rules, &[]);

    let missing = vec![
        CharacterClass::Upper,
        CharacterClass::Digit,
        CharacterClass::Symbol,
    ];
    assert_eq!(found_here, [Weakness::MissingCharacters { missing }]);
    assert_eq!(
        found_here[0].to_string(),
        "the password must also contain an upper-case letter, a digit, a symbol"
    );
    assert_eq!(found_here[0].reason(), "characters");
    assert_eq!(found("Vermouth 7 lanterns!", &rules, &[]), []);
}

#[test]
fn tells_all_weaknesses_at_once() {
    let rules = Rules {
        required: vec![CharacterClass::Digit],
        ..Rules::default()
    };
    let reasons: Vec<_> = found("monkey", &rules, &[])
        .iter()
        .map(Weakness::reason)
        .collect();
    assert_eq!(reasons, ["length", "characters", "pwned"]);
}

#[test]
fn hints_at_weak_passwords_only() {
    let hint = |text: &str| hint(&Secret::new(text.to_owned()), &["alice@example.com"]);
    assert!(hint("password").is_some_and(|text| text.contains("common password")));
    assert_eq!(hint("correct horse battery staple"), None);
}

#[test]
fn passwords_made_of_look_alikes_do_not_burn_time() {
    let started = Instant::now();
    for length in [20, 48, 100, 1000] {
        let password: String = "4@8({[<369|1!70$5+%2"
            .chars()
            .cycle()
            .take(length)
            .collect();
        assert_eq!(reasons(&password), Vec::<&str>::new(), "{length}");
    }
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "took {:?}",
        started.elapsed()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_panics(password in ".{0,60}", word in ".{0,20}") {
        let secret = Secret::new(password.clone());
        let rules = Rules { context_words: vec![word.clone()], ..Rules::default() };
        check(&secret, &rules, &[&password, &word]);
        hint(&secret, &[&word]);
    }

    #[test]
    fn a_longer_minimum_never_removes_a_weakness(password in "[a-z0-9é]{0,20}") {
        let short = found(&password, &Rules::default(), &[]);
        let long = found(&password, &Rules { min_chars: 15, ..Rules::default() }, &[]);
        prop_assert!(long.len() >= short.len());
    }
}
