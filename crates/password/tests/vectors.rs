//! Hashes that other programs made: each kind verifies the right password and no other.
//!
//! Sources: argon2-cffi, bcrypt, Passlib, Django and hashlib for Python; RFC 6070 (PBKDF2 with
//! SHA-1) and RFC 7914 (scrypt); the example in firebase/scrypt. Salts are fixed, so that each
//! can be made again.

use postern_base::Secret;
use postern_password::{Params, Rehash, StoredHash, Verdict};

const PHRASE: &str = "correct horse battery staple";
const UNICODE: &str = "naïve café ☕ пароль";

fn verify(hash: &str, password: &str) -> Verdict {
    let stored = StoredHash::parse(hash).unwrap_or_else(|error| panic!("{hash}: {error}"));
    stored
        .verify(&Secret::new(password.to_owned()), &Params::OWASP)
        .expect("there is memory enough for a test")
}

fn check(vectors: &[(&str, &str)]) {
    for (hash, password) in vectors {
        assert_eq!(
            verify(hash, password),
            Verdict::Match {
                rehash: Rehash::Needed
            },
            "{hash}"
        );
        for wrong in [
            "",
            "correct horse battery stapl",
            "Correct horse battery staple",
            "x",
        ] {
            assert_eq!(verify(hash, wrong), Verdict::Mismatch, "{hash} {wrong}");
        }
    }
}

#[test]
fn argon2() {
    check(&[
        (
            "$argon2id$v=19$m=1024,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA\
             $RC5JY/00hXKlnXZ/+PCVcJg84nuCQwbjIQ3DVCTomOQ",
            PHRASE,
        ),
        (
            "$argon2i$v=19$m=1024,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA\
             $JF78OUvdmbggkkgWCqFjhcxG5xd0G3ti7DGo3g8NOiA",
            PHRASE,
        ),
        (
            "$argon2i$v=16$m=64,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$Aync4KLsrq9aV6+HVXk6qQ",
            PHRASE,
        ),
        (
            "$argon2i$m=64,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$Aync4KLsrq9aV6+HVXk6qQ",
            PHRASE,
        ),
        (
            "$argon2id$v=19$m=512,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$L7NJgVp5ZVmigI4FAOhkQ9vRK4G8d\
             nEoF1ZOap8MZyLeBR0Olj/Vv3kgHzYlyqx43H87PtxuSCi2RZVjGxFkIg",
            UNICODE,
        ),
    ]);
}

#[test]
fn argon2id_with_our_cost_is_kept() {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg\
                $gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0";
    assert_eq!(
        verify(hash, PHRASE),
        Verdict::Match {
            rehash: Rehash::NotNeeded
        }
    );
    assert_eq!(verify(hash, "wrong"), Verdict::Mismatch);
}

#[test]
fn bcrypt() {
    check(&[
        (
            "$2a$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS",
            PHRASE,
        ),
        (
            "$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS",
            PHRASE,
        ),
        (
            "$2y$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS",
            PHRASE,
        ),
        // The same salt with stray bits in its last character.
        (
            "$2b$05$abcdefghijklmnopqrstuvFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS",
            PHRASE,
        ),
        (
            "$2b$05$abcdefghijklmnopqrstuuRoD/SycSivrvO6xWxFYb/DuztbSbzge",
            UNICODE,
        ),
    ]);
    let empty = "$2b$05$abcdefghijklmnopqrstuu0oImNDIy4flhldV9YqunRgBAePKmw7m";
    assert_eq!(
        verify(empty, ""),
        Verdict::Match {
            rehash: Rehash::Needed
        }
    );
    assert_eq!(verify(empty, "x"), Verdict::Mismatch);
}

#[test]
fn bcrypt_reads_72_bytes_as_the_original_did() {
    let digits = "0123456789".repeat(8);
    let of_80 = "$2b$05$abcdefghijklmnopqrstuuLkMZtUsVwf9Ptg/wgiNv8ZhtnAHnix.";
    let of_71 = "$2b$05$abcdefghijklmnopqrstuu7SMnQ5/uhVwEAbcoPzS9DezxzJXQuTy";
    let matched = Verdict::Match {
        rehash: Rehash::Needed,
    };

    assert_eq!(verify(of_80, &digits), matched);
    assert_eq!(verify(of_80, &digits[..72]), matched);
    assert_eq!(verify(of_80, &digits[..71]), Verdict::Mismatch);
    assert_eq!(verify(of_71, &digits[..71]), matched);
    assert_eq!(verify(of_71, &digits[..72]), Verdict::Mismatch);
}

#[test]
fn scrypt() {
    check(&[
        (
            "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA\
             $bHXojks4sm1uMH4CDw9EcLZ/muyLxbYYc9xGzvNAnuQ",
            PHRASE,
        ),
        (
            "$scrypt$ln=4,r=16,p=3$c2FsdHNhbHRzYWx0c2FsdA\
             $tJAfpgSWTjNr7Qpc9WZBMQ2FOV7h41F3L1pgu/qgsX0",
            PHRASE,
        ),
        (
            "$scrypt$ln=8,r=8,p=1$//79+3NhbHRzYWx0$BpIFlvUEXJSS8jURY8KiQTD5C3qEnc7UcP8CVyp7kcw",
            PHRASE,
        ),
        (
            "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRd\
             ofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
            "pleaseletmein",
        ),
    ]);
}

#[test]
fn firebase_scrypt() {
    let own = "$fbscrypt$v=1,n=10,r=8,p=1,ss=Bw==,sk=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\
               gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==$C0sHCg9ek77hsg==$lBqNQOJ6fHcNcF3q6ei\
               jSUCYGFssZ93pN95/KFGTyxbwCZz0mADflyhdWFwONlkSkHSUL7GnIUCJ2+IEqCn+SA==";
    check(&[
        (own, PHRASE),
        (&own.replace('+', "-").replace('/', "_"), PHRASE),
        (
            "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMX\
             An210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c\
             9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
            "user1password",
        ),
    ]);
}

#[test]
fn pbkdf2() {
    check(&[
        (
            "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHRzYWx0c2FsdA$XfAg5IAz304UvYgmglt9ZXw8wLc",
            PHRASE,
        ),
        (
            "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHRzYWx0c2FsdA\
             $31ltvuXrbs8POP2F4tw9851NSNQCQpm0sCwu2eEvId8",
            PHRASE,
        ),
        (
            "$pbkdf2-sha512$i=1000$c2FsdHNhbHRzYWx0c2FsdA$ORxvnPF08mmTltUf/WSLS8FZ3yYanqBrD+km4\
             rpMr07F2ze7/s1VLAjm+ry9RrSLc7aA5i7XxlkTGvDGO5vcpw",
            PHRASE,
        ),
        (
            "$pbkdf2$1000$//79.3NhbHRzYWx0$tIr661b85eY0RPdSadaCQEErykk",
            PHRASE,
        ),
        (
            "$pbkdf2-sha256$1000$//79.3NhbHRzYWx0$7nFHfQSpaoh89CNGpy6/SK4vf.ti.lRRDRRD7E4JCfM",
            PHRASE,
        ),
        (
            "$pbkdf2-sha512$1000$//79.3NhbHRzYWx0$w60v3uHHfPegSSOlo9jD1AEGR9iYike/fxaXfHvMlnMx.\
             30eZBYUAuX5Ar04HwwfooVuUnFvh9E6BFOgTY1IAQ",
            PHRASE,
        ),
        (
            "pbkdf2_sha256$1000$seasaltSEASALT00$X95dqmm6jnSmWt7R/Ovu635/jnoCwe4woQxZPFzSBcU=",
            PHRASE,
        ),
        (
            "pbkdf2_sha1$1000$seasaltSEASALT00$yK6bYRPrti2aqqrwfeSYZRdDBzU=",
            PHRASE,
        ),
        (
            "$pbkdf2-sha1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE",
            "password",
        ),
    ]);
}

#[test]
fn passwords_are_tried_normalised_and_raw() {
    let nfc = "caf\u{e9}-m\u{fc}\u{df}ig-\u{c5}ngstr\u{f6}m";
    let nfd = "cafe\u{301}-mu\u{308}\u{df}ig-A\u{30a}ngstro\u{308}m";
    let of_nfc = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA\
                  $9cREC01KeafkOLOq829jQ2E4L0p7hd7unGiAbGiUn20";
    let of_nfd = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA\
                  $UQatsNcqtmyTjXc+j0vWRzKC80tcXsL3S+keUEHVqw4";
    let matched = Verdict::Match {
        rehash: Rehash::Needed,
    };

    assert_eq!(verify(of_nfc, nfc), matched);
    assert_eq!(verify(of_nfc, nfd), matched);
    assert_eq!(verify(of_nfd, nfd), matched);
    // Nobody can know that these bytes once were decomposed.
    assert_eq!(verify(of_nfd, nfc), Verdict::Mismatch);

    // The cost is the current one, but the bytes are not what we would hash.
    let stored = StoredHash::parse(of_nfd).expect("the hash is well-formed");
    let current = Params::new(64, 1, 1).expect("the cost is within the caps");
    assert_eq!(
        stored.verify(&Secret::new(nfd.to_owned()), &current),
        Ok(matched)
    );
}
