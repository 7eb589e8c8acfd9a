//! Hostile and odd texts: an error each time, never a panic, never a huge cost.

use postern_base::Secret;
use proptest::prelude::*;

use super::{HashError, Kind, StoredHash};

const ARGON2ID: &str = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$9cREC01KeafkOLOq829jQ2E4L0p7hd7unGiAbGiUn20";
const BCRYPT: &str = "$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS";
const SCRYPT: &str =
    "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$bHXojks4sm1uMH4CDw9EcLZ/muyLxbYYc9xGzvNAnuQ";
const PBKDF2: &str = "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHRzYWx0c2FsdA$XfAg5IAz304UvYgmglt9ZXw8wLc";
const FIREBASE: &str = "$fbscrypt$v=1,n=10,r=8,p=1,ss=Bw==,sk=AAECAwQFBgcICQoLDA0ODw==\
                        $C0sHCg9ek77hsg==$AAECAwQFBgcICQoLDA0ODw==";

#[test]
fn names_the_kind_and_shows_nothing_else() {
    for (text, kind, debug) in [
        (ARGON2ID, Kind::Argon2id, "StoredHash(argon2id)"),
        (BCRYPT, Kind::Bcrypt, "StoredHash(bcrypt)"),
        (SCRYPT, Kind::Scrypt, "StoredHash(scrypt)"),
        (PBKDF2, Kind::Pbkdf2, "StoredHash(pbkdf2)"),
        (FIREBASE, Kind::FirebaseScrypt, "StoredHash(fbscrypt)"),
    ] {
        let stored = StoredHash::parse(text).expect("the hash is well-formed");
        assert_eq!(stored.kind(), kind);
        assert_eq!(format!("{stored:?}"), debug);
    }
}

#[test]
fn refuses_what_it_does_not_know() {
    for text in [
        "",
        "$",
        "$$",
        "$$$$$",
        "password",
        "md5$salt$hash",
        "$1$salt$hash",
        "$argon2d$v=19$m=8",
        "$2$05$abc",
        "$2x$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS",
        "$5$x$y",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "pbkdf2_md5$1$salt$AAAA",
        "argon2id$v=19$m=8,t=1,p=1",
    ] {
        assert_eq!(
            StoredHash::parse(text).err(),
            Some(HashError::UnknownKind),
            "{text}"
        );
    }
}

#[test]
fn refuses_odd_shapes() {
    for (text, from, to) in [
        (ARGON2ID, "m=64", "m="),
        (ARGON2ID, "m=64", "m=+64"),
        (ARGON2ID, "m=64,", ""),
        (ARGON2ID, "m=64", "m=64,m=64"),
        (ARGON2ID, "p=1", "p=1,keyid=AAAA"),
        (ARGON2ID, "p=1", "p=1,data=AAAA"),
        (ARGON2ID, "m=64", "m=0x40"),
        (ARGON2ID, "v=19", "v=18"),
        (ARGON2ID, "v=19", "v="),
        (ARGON2ID, "t=1", "t= 1"),
        (ARGON2ID, "t=1", "t=-1"),
        (ARGON2ID, "c2FsdHNhbHRzYWx0c2FsdA", ""),
        (ARGON2ID, "c2Fsd", "!2Fsd"),
        (ARGON2ID, "$9cREC01KeafkOLOq829jQ2E4L0p7hd7unGiAbGiUn20", ""),
        (
            ARGON2ID,
            "9cREC01KeafkOLOq829jQ2E4L0p7hd7unGiAbGiUn20",
            "AAAA",
        ),
        (ARGON2ID, "Un20", "Un20$"),
        (BCRYPT, "$05$", "$5$"),
        (BCRYPT, "$05$", "$+5$"),
        (BCRYPT, "ZsuS", "ZsuSS"),
        (BCRYPT, "ZsuS", "Zsu="),
        (BCRYPT, "ZsuS", ""),
        (SCRYPT, "ln=10", "n=10"),
        (SCRYPT, "p=1", "p=1,x=1"),
        (PBKDF2, "l=20", "l=19"),
        (PBKDF2, "i=1000,", ""),
        (PBKDF2, "XfAg5IAz304UvYgmglt9ZXw8wLc", "XfAg"),
        (FIREBASE, "v=1", "v=2"),
        (FIREBASE, ",sk=AAECAwQFBgcICQoLDA0ODw==", ""),
        (
            FIREBASE,
            "$AAECAwQFBgcICQoLDA0ODw==",
            "$AAECAwQFBgcICQoLDA0ODxAR",
        ),
    ] {
        let odd = text.replacen(from, to, 1);
        assert_ne!(odd, text, "the replacement must change something");
        assert!(StoredHash::parse(&odd).is_err(), "{odd}");
    }
}

#[test]
fn refuses_non_ascii_anywhere() {
    for text in [ARGON2ID, BCRYPT, SCRYPT, PBKDF2, FIREBASE] {
        for index in 0..text.len() {
            let mut odd = text.to_owned();
            odd.replace_range(index..=index, "é");
            assert!(StoredHash::parse(&odd).is_err(), "{odd}");
        }
    }
}

#[test]
fn refuses_what_would_burn_the_machine() {
    for (text, from, to) in [
        (ARGON2ID, "m=64", "m=4194304"),
        (ARGON2ID, "m=64", "m=99999999999999999999"),
        (ARGON2ID, "m=64", "m=262145"),
        (ARGON2ID, "m=64,t=1", "m=262144,t=5"),
        (ARGON2ID, "t=1", "t=17"),
        (ARGON2ID, "t=1", "t=0"),
        (ARGON2ID, "p=1", "p=17"),
        (ARGON2ID, "p=1", "p=0"),
        (ARGON2ID, "m=64", "m=7"),
        (ARGON2ID, "m=64,t=1,p=1", "m=64,t=1,p=9"),
        (BCRYPT, "$05$", "$16$"),
        (BCRYPT, "$05$", "$31$"),
        (BCRYPT, "$05$", "$03$"),
        (BCRYPT, "$05$", "$99$"),
        (SCRYPT, "ln=10", "ln=0"),
        (SCRYPT, "ln=10", "ln=63"),
        (SCRYPT, "ln=10", "ln=19"),
        (SCRYPT, "ln=10,r=8,p=1", "ln=18,r=8,p=3"),
        (SCRYPT, "r=8", "r=0"),
        (SCRYPT, "r=8", "r=4294967295"),
        (SCRYPT, "p=1", "p=0"),
        (SCRYPT, "p=1", "p=65"),
        (FIREBASE, "n=10", "n=24"),
        (PBKDF2, "i=1000", "i=0"),
        (PBKDF2, "i=1000", "i=3000001"),
        (PBKDF2, "i=1000", "i=4294967296"),
    ] {
        let costly = text.replacen(from, to, 1);
        assert_ne!(costly, text, "the replacement must change something");
        let error = StoredHash::parse(&costly).expect_err(&costly);
        assert!(
            matches!(
                error,
                HashError::OutOfBounds { .. } | HashError::TooCostly { .. }
            ),
            "{costly}: {error}"
        );
    }
}

#[test]
fn refuses_endless_texts() {
    let long = format!("{ARGON2ID}{}", "A".repeat(1024));
    assert_eq!(StoredHash::parse(&long).err(), Some(HashError::TooLong));
    let salt = "A".repeat(176);
    let long = ARGON2ID.replace("c2FsdHNhbHRzYWx0c2FsdA", &salt);
    assert!(matches!(
        StoredHash::parse(&long),
        Err(HashError::OutOfBounds { .. })
    ));
}

#[test]
fn every_recommendation_of_owasp_is_within_the_caps() {
    let argon2 = [
        ("47104", "1"),
        ("19456", "2"),
        ("12288", "3"),
        ("9216", "4"),
        ("7168", "5"),
    ];
    for (m, t) in argon2 {
        let text = ARGON2ID.replace("m=64,t=1", &format!("m={m},t={t}"));
        assert!(StoredHash::parse(&text).is_ok(), "{text}");
    }
    for (ln, p) in [
        ("17", "1"),
        ("16", "2"),
        ("15", "3"),
        ("14", "5"),
        ("13", "10"),
    ] {
        let text = SCRYPT.replace("ln=10,r=8,p=1", &format!("ln={ln},r=8,p={p}"));
        assert!(StoredHash::parse(&text).is_ok(), "{text}");
    }
    assert!(StoredHash::parse(&PBKDF2.replace("i=1000", "i=1300000")).is_ok());
    assert!(StoredHash::parse(&BCRYPT.replace("$05$", "$14$")).is_ok());
}

#[test]
fn errors_show_nothing_of_the_hash() {
    let error = StoredHash::parse(&ARGON2ID.replace("m=64", "m=4194304")).expect_err("too much");
    assert_eq!(
        error.to_string(),
        "the `m` of the argon2id hash is out of bounds; expected 1 to 262144"
    );
}

fn well_formed() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![ARGON2ID, BCRYPT, SCRYPT, PBKDF2, FIREBASE])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_panics(text in any::<String>(), head in well_formed()) {
        let _ = StoredHash::parse(&text);
        let _ = StoredHash::parse(&format!("{head}{text}"));
        let _ = StoredHash::parse(&format!("${text}{head}"));
    }

    #[test]
    fn no_text_of_the_formats_alphabet_panics(
        text in "(\\$(argon2id?|2[aby]|(fb)?scrypt|pbkdf2(-sha256)?)|pbkdf2_sha1)\\$[\\$=,vmtpnrlik0-9A-C./+]{0,80}",
    ) {
        let _ = StoredHash::parse(&text);
    }

    #[test]
    fn no_edit_of_a_hash_panics(
        text in well_formed(), at in any::<prop::sample::Index>(), cut in 0_usize..6, put in ".{0,6}",
    ) {
        let start = at.index(text.len());
        let mut edited = text.to_owned();
        edited.replace_range(start..(start + cut).min(text.len()), &put);
        let _ = StoredHash::parse(&edited);
    }

    #[test]
    fn a_changed_digest_never_matches(bit in 0_usize..256) {
        let mut stored = StoredHash::parse(ARGON2ID).expect("the hash is well-formed");
        stored.digest[bit / 8] ^= 1 << (bit % 8);
        let password = Secret::new("café-müßig-Ångström".to_owned());
        let verdict = stored.verify(&password, &crate::Params::OWASP);
        prop_assert_eq!(verdict, Ok(super::Verdict::Mismatch));
    }
}
