//! The attacks on tokens, by their number in the threat model: each with what must still work.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::{Identity, Secret};
use serde_json::{Value, json};

use crate::kit::{
    NOW, PUBLISHABLE, Project, SECRET, SECRET_KEY, Signer, claims, issuer, signed, with_header,
};

#[test]
fn attack_01_alg_none_and_stripped_signatures() {
    let project = Project::new();
    let good = signed(&claims(json!({})));
    let (message, _) = good.rsplit_once('.').expect("three parts");
    let payload = message.split_once('.').expect("two parts").1;

    assert!(project.bearer(&good).is_ok());
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "typ": "JWT" }).to_string());
        project.refuses(&format!("{header}.{payload}."), "PGRST301");
        let signed = with_header(&json!({ "alg": alg }), &claims(json!({})), SECRET);
        project.refuses(&signed, "PGRST301");
    }
    project.refuses(&format!("{message}."), "PGRST301");
    project.refuses(message, "PGRST301");
}

#[test]
fn attack_02_key_confusion_signs_hs256_with_a_public_key() {
    for signer in [Signer::p256(), Signer::rsa(), Signer::ed25519()] {
        for public in [
            signer.pem.clone(),
            signer.pem.trim().to_owned(),
            signer.jwks(),
        ] {
            let project = Project::trusting(signer.pem.clone());
            let forged = with_header(&json!({ "alg": "HS256" }), &claims(json!({})), &public);

            project.refuses(&forged, "PGRST301");
            assert!(
                project
                    .bearer(&signer.sign(&claims(json!({})), None))
                    .is_ok()
            );
        }
    }
}

#[test]
fn attack_03_keys_and_addresses_in_the_header_are_not_read() {
    let attacker = Signer::p256();
    let project = Project::trusting(Signer::p256().jwks());
    for extra in [
        json!({ "jwk": attacker.jwk }),
        json!({ "jku": "http://127.0.0.1:1/jwks.json" }),
        json!({ "x5u": "http://127.0.0.1:1/cert.pem" }),
        json!({ "x5c": ["AAAA"] }),
    ] {
        let mut header = json!({ "alg": "HS256" });
        for (name, value) in extra.as_object().expect("an object") {
            header[name] = value.clone();
        }
        let secret = "a-secret-that-the-attacker-made-up-for-it";
        project.refuses(
            &with_header(&header, &claims(json!({})), secret),
            "PGRST301",
        );
        // The same header over the right key is no reason to refuse: it is simply not read.
        assert!(
            project
                .bearer(&with_header(&header, &claims(json!({})), SECRET))
                .is_ok()
        );
    }
    project.refuses(&attacker.sign(&claims(json!({})), Some("k1")), "PGRST301");
}

#[test]
fn attack_04_hostile_key_ids() {
    let signer = Signer::p256();
    let project = Project::trusting(signer.jwks());

    for kid in [
        "../../etc/passwd",
        "k1' OR '1'='1",
        "unknown",
        &"k".repeat(300),
    ] {
        project.refuses(&signer.sign(&claims(json!({})), Some(kid)), "PGRST301");
    }
    let huge = signer.sign(&claims(json!({})), Some(&"k".repeat(1 << 20)));
    project.refuses(&huge, "PGRST301");
    let list = with_header(
        &json!({ "alg": "HS256", "kid": ["k1"] }),
        &claims(json!({})),
        SECRET,
    );
    project.refuses(&list, "PGRST301");
    assert!(
        project
            .bearer(&signer.sign(&claims(json!({})), Some("k1")))
            .is_ok()
    );
}

#[test]
fn attack_05_times_that_are_no_times() {
    let project = Project::new();
    for value in [
        json!("1"),
        json!(null),
        json!(1e308),
        json!(1_u64 << 60),
        json!(i64::MAX),
        json!([NOW]),
        json!(true),
    ] {
        for name in ["exp", "nbf", "iat"] {
            let token = signed(&claims(json!({ name: value })));
            project.refuses(&token, "PGRST303");
        }
    }
    let overflow = with_header(&json!({ "alg": "HS256" }), &json!(1), SECRET);
    project.refuses(&overflow, "PGRST303");
    project.refuses(&signed(&claims(json!({ "exp": -1 }))), "PGRST303");
    project.refuses(&signed(&claims(json!({ "exp": i64::MIN }))), "PGRST303");
    project.refuses(&signed(&claims(json!({ "exp": u64::MAX }))), "PGRST303");
    for (name, value) in [("exp", NOW - 31), ("nbf", NOW + 31), ("iat", NOW + 31)] {
        project.refuses(&signed(&claims(json!({ name: value }))), "PGRST303");
    }
    for (name, value) in [("exp", NOW - 30), ("nbf", NOW + 30), ("iat", NOW + 30)] {
        let token = signed(&claims(json!({ name: value })));
        assert!(project.bearer(&token).is_ok(), "{name}: 30 seconds of skew");
    }
    assert!(
        project
            .bearer(&signed(&claims(json!({ "exp": NOW as f64 + 0.5 }))))
            .is_ok()
    );
}

#[test]
fn attack_05_a_token_that_never_expires() {
    let mut endless = claims(json!({}));
    endless.as_object_mut().expect("an object").remove("exp");
    let signer = Signer::p256();
    let strict = Project::with(|it| it.require_expiry = true);

    Project::trusting(signer.pem.clone()).refuses(&signer.sign(&endless, None), "PGRST303");
    strict.refuses(&signed(&endless), "PGRST303");
    // COMPAT(postgrest 14): the project's own secret may sign tokens without an end.
    assert!(Project::new().bearer(&signed(&endless)).is_ok());
}

#[test]
fn attack_06_tokens_for_somebody_else() {
    let signer = Signer::p256();
    let ours = Project::with(|it| {
        it.audience = Some("us".into());
        let mut issuer = issuer(signer.jwks());
        issuer.issuer = Some("https://id.example.com".into());
        it.issuers.push(issuer);
    });
    let iss = "https://id.example.com";

    for aud in [
        json!("them"),
        json!(["them", "others"]),
        json!(7),
        json!({}),
        json!(["us", 7]),
    ] {
        ours.refuses(&signed(&claims(json!({ "aud": aud }))), "PGRST303");
    }
    for aud in [json!("us"), json!(["them", "us"]), json!([]), json!(null)] {
        assert!(
            ours.bearer(&signed(&claims(json!({ "aud": aud })))).is_ok(),
            "{aud}"
        );
    }
    for wrong in [
        json!({ "iss": iss }),
        json!({ "iss": iss, "aud": [] }),
        json!({ "iss": "https://evil.example.com", "aud": "us" }),
        json!({ "aud": "us" }),
    ] {
        ours.refuses(&signer.sign(&claims(wrong), None), "PGRST303");
    }
    let good = signer.sign(&claims(json!({ "iss": iss, "aud": "us" })), None);
    assert!(ours.bearer(&good).is_ok());
}

#[test]
fn attack_07_tokens_of_another_kind() {
    let project = Project::new();
    for typ in ["refresh+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "x"] {
        let header = json!({ "alg": "HS256", "typ": typ });
        project.refuses(
            &with_header(&header, &claims(json!({})), SECRET),
            "PGRST301",
        );
    }
    let critical = json!({ "alg": "HS256", "crit": ["b64"], "b64": false });
    project.refuses(
        &with_header(&critical, &claims(json!({})), SECRET),
        "PGRST301",
    );
    for typ in ["JWT", "jwt", "at+jwt"] {
        let header = json!({ "alg": "HS256", "typ": typ });
        assert!(
            project
                .bearer(&with_header(&header, &claims(json!({})), SECRET))
                .is_ok()
        );
    }
}

#[test]
fn attack_08_absurd_headers_are_refused_without_work() {
    let project = Project::new();
    let dots = ".".repeat(5000);
    project.refuses(&dots, "PGRST301");
    project.refuses(&"a".repeat(5 << 20), "PGRST301");
    for token in [
        "a",
        "a.b",
        "a.b.c.d",
        "...",
        "a b c",
        "%%%.%%%.%%%",
        "e30.e30.",
        "bnVsbA.W10.x",
    ] {
        project.refuses(token, "PGRST301");
    }
    let twice = project.ask(&[
        (
            "authorization",
            &format!("Bearer {}", signed(&claims(json!({})))),
        ),
        ("authorization", &format!("Bearer {SECRET_KEY}")),
    ]);
    assert_eq!(twice.expect_err("refused").code().code, "PGRST301");
    let error = project.bearer("a.b").expect_err("refused");
    assert_eq!(error.to_string(), "Expected 3 parts in JWT; got 2");
}

#[test]
fn attack_09_truncated_and_flipped_credentials() {
    let project = Project::new();
    for key in [PUBLISHABLE, SECRET_KEY] {
        for end in 3..key.len() {
            assert!(project.ask(&[("apikey", &key[..end])]).is_err());
        }
        let flipped = key.replace('9', "8");
        assert!(project.ask(&[("apikey", &flipped)]).is_err());
        assert!(project.ask(&[("apikey", &format!("{key}0"))]).is_err());
        assert!(project.ask(&[("apikey", key)]).is_ok());
    }
    let good = signed(&claims(json!({})));
    for position in (0..good.len()).step_by(7) {
        let mut bytes = good.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(bytes).expect("ASCII");
        assert!(project.bearer(&flipped).is_err(), "at {position}");
    }
    assert!(project.bearer(&good).is_ok());
}

#[test]
fn attack_10_only_the_top_level_role_of_our_own_tokens_counts() {
    let project = Project::new();
    let nested = claims(json!({
        "user_metadata": { "role": "service_role" },
        "app_metadata": { "role": "service_role" },
        "roles": ["service_role"],
    }));
    let listed = claims(json!({ "role": ["service_role"] }));
    let foreign = Signer::p256();
    let foreign_project = Project::trusting(foreign.jwks());

    assert!(matches!(
        project.bearer(&signed(&nested)),
        Ok(Identity::User(_))
    ));
    assert!(matches!(
        project.bearer(&signed(&listed)),
        Ok(Identity::Anonymous(_))
    ));
    let service = claims(json!({ "role": "service_role" }));
    foreign_project.refuses(&foreign.sign(&service, None), "PGRST303");
    let as_key = foreign_project.ask(&[("apikey", &foreign.sign(&service, None))]);
    assert_eq!(as_key.expect_err("refused").code().code, "PSTRN401");
    let anonymous = foreign.sign(&claims(json!({ "role": "anon" })), None);
    assert!(foreign_project.ask(&[("apikey", &anonymous)]).is_err());
    assert!(
        project
            .bearer(&signed(&service))
            .is_ok_and(|it| it.is_service())
    );
}

#[test]
fn attack_11_a_cached_token_still_expires() {
    let project = Project::new();
    let token = signed(&claims(json!({ "exp": NOW + 60 })));

    assert!(project.bearer(&token).is_ok());
    project.clock.forward(60 + 30);
    assert!(project.bearer(&token).is_ok());
    project.clock.forward(1);
    project.refuses(&token, "PGRST303");
}

#[test]
fn attack_12_cached_tokens_are_not_confused() {
    let project = Project::new();
    let other = Project::with(|it| {
        it.jwt_secrets = vec![Secret::new("the-secret-of-another-project-012345".into())];
    });
    let sub = |name: &str| signed(&claims(json!({ "sub": name })));
    let of = |identity: Identity| identity.claims().sub().map(str::to_owned);

    for name in ["a", "b", "a"] {
        let identity = project.bearer(&sub(name)).expect("accepted");
        assert_eq!(of(identity).as_deref(), Some(name));
    }
    other.refuses(&sub("a"), "PGRST301");
    // The same header and signature around another payload is another token.
    let (good, forged) = (sub("a"), sub("b"));
    let payload = forged.split('.').nth(1).expect("three parts");
    let mixed: Vec<_> = good.split('.').collect();
    project.refuses(&format!("{}.{payload}.{}", mixed[0], mixed[2]), "PGRST301");
}

#[test]
fn attack_12_only_verified_tokens_are_kept() {
    let project = Project::new();
    for number in 0..500 {
        let header = json!({ "alg": "HS256" });
        let claims = claims(json!({ "sub": number.to_string() }));
        let forged = with_header(&header, &claims, "some-other-secret-with-32-bytes-or-more");
        assert!(project.bearer(&forged).is_err());
    }

    assert_eq!(project.auth.cached_tokens(), 0);
    let kept: Value = claims(json!({}));
    assert!(project.bearer(&signed(&kept)).is_ok());
    assert_eq!(project.auth.cached_tokens(), 1);
}
