//! New hashes, replacing old ones, and the decoy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use postern_base::{Random, Secret};
use postern_password::caps::PASSWORD_BYTES_MAX;
use postern_password::{Hasher, Kind, Params, Rehash, StoredHash, Verdict, WorkError};
use proptest::prelude::*;

/// Another byte at each call, so that salts differ and tests repeat.
struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn hasher(params: Params) -> Hasher {
    Hasher::new(params, Arc::new(Counting(AtomicU8::new(0))))
}

fn quick() -> Hasher {
    hasher(Params::new(64, 1, 1).expect("the cost is within the caps"))
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[test]
fn writes_argon2id_with_the_configured_cost() {
    let hash = hasher(Params::OWASP)
        .hash(&secret("vermouth lanterns"))
        .expect("memory");
    // The decoy drew the bytes 0 and 1 before.
    let expected = "$argon2id$v=19$m=19456,t=2,p=1$AgICAgICAgICAgICAgICAg$";
    assert!(hash.expose().starts_with(expected), "{}", hash.expose());
    let stored = StoredHash::parse(hash.expose()).expect("our own hash");
    assert_eq!(stored.kind(), Kind::Argon2id);
}

#[test]
fn the_same_password_never_has_the_same_hash() {
    let hasher = quick();
    let password = secret("vermouth lanterns");
    assert_ne!(hasher.hash(&password), hasher.hash(&password));
}

#[test]
fn wants_a_new_hash_when_the_cost_changes() {
    let password = secret("vermouth lanterns");
    let hash = quick().hash(&password).expect("memory");
    let stored = StoredHash::parse(hash.expose()).expect("our own hash");

    let dearer = hasher(Params::new(128, 1, 1).expect("within the caps"));
    assert_eq!(
        quick().verify(&stored, &password),
        Ok(Verdict::Match {
            rehash: Rehash::NotNeeded
        })
    );
    assert_eq!(
        dearer.verify(&stored, &password),
        Ok(Verdict::Match {
            rehash: Rehash::Needed
        })
    );
    assert_eq!(
        dearer.verify(&stored, &secret("vermouth lantern")),
        Ok(Verdict::Mismatch)
    );
}

#[test]
fn nothing_is_cut() {
    let hasher = quick();
    let long = "x".repeat(PASSWORD_BYTES_MAX);
    let hash = hasher.hash(&secret(&long)).expect("memory");
    let stored = StoredHash::parse(hash.expose()).expect("our own hash");

    assert!(matches!(
        hasher.verify(&stored, &secret(&long)),
        Ok(Verdict::Match { .. })
    ));
    assert_eq!(
        hasher.verify(&stored, &secret(&long[1..])),
        Ok(Verdict::Mismatch)
    );
    assert_eq!(
        hasher.verify(&stored, &secret(&format!("{long}x"))),
        Ok(Verdict::Mismatch)
    );
    assert_eq!(
        hasher.hash(&secret(&format!("{long}x"))),
        Err(WorkError::PasswordTooLong)
    );
}

#[test]
fn the_decoy_matches_nothing_and_costs_the_same() {
    let hasher = hasher(Params::OWASP);
    let password = secret("vermouth lanterns");
    let hash = hasher.hash(&password).expect("memory");
    let real = StoredHash::parse(hash.expose()).expect("our own hash");
    let fastest = |stored: &StoredHash| {
        let times = (0..5).map(|_| {
            let started = Instant::now();
            let _ = hasher.verify(stored, &secret("wrong"));
            started.elapsed()
        });
        times.min().unwrap_or(Duration::MAX)
    };

    assert_eq!(hasher.decoy().kind(), real.kind());
    assert_eq!(
        hasher.verify(hasher.decoy(), &password),
        Ok(Verdict::Mismatch)
    );
    // Wide, because the machine may be busy; a decoy that skips the work is far faster.
    assert!(fastest(hasher.decoy()) * 3 > fastest(&real));
}

#[test]
fn debug_output_shows_no_decoy() {
    assert_eq!(
        format!("{:?}", quick()),
        "Hasher { params: Params { memory_kib: 64, passes: 1, lanes: 1 }, .. }"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_hashed_verifies_and_nothing_else(password in ".{0,80}", other in ".{0,80}") {
        let hasher = quick();
        let hash = hasher.hash(&secret(&password)).expect("memory");
        let stored = StoredHash::parse(hash.expose()).expect("our own hash");

        let verdict = hasher.verify(&stored, &secret(&password));
        prop_assert_eq!(verdict, Ok(Verdict::Match { rehash: Rehash::NotNeeded }));
        prop_assume!(password != other);
        // Two texts may be the same password in other bytes; ASCII cannot.
        if password.is_ascii() && other.is_ascii() {
            prop_assert_eq!(hasher.verify(&stored, &secret(&other)), Ok(Verdict::Mismatch));
        }
    }
}
