//! Attacks on tokens that only a test with the attacker's own means can show: a token that brings
//! its key along, megabytes of a token that is otherwise right, more tokens than there is room for.

use std::io::ErrorKind;
use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::limits::{TOKEN_BYTES_MAX, TOKEN_CACHE_ENTRIES_MAX};
use postern_http::signing::KeyState;
use postern_http::{AuthError, DecodeFault};
use serde_json::{Value, json};

use crate::kit::{
    Project, SECRET, Signer, claims, key_pair, project_of, public, session_token, signed,
    with_header,
};

/// A token that the signer signed under a header of the attacker's choice.
fn under(signer: &Signer, more: &Value) -> String {
    let mut header = json!({ "alg": "ES256", "typ": "JWT" });
    for (name, value) in more.as_object().expect("an object") {
        header[name] = value.clone();
    }
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let payload = URL_SAFE_NO_PAD.encode(claims(json!({})).to_string());
    let message = format!("{header}.{payload}");
    format!("{message}.{}", signer.signature(&message))
}

#[test]
fn attack_03_a_token_that_brings_its_own_key() {
    let (attacker, ours) = (Signer::p256(), Signer::p256());
    let project = Project::trusting(ours.jwks());
    for header in [
        json!({ "jwk": attacker.jwk }),
        json!({ "jwk": attacker.jwk, "kid": "k1" }),
        json!({ "jwk": attacker.jwk, "kid": "unknown" }),
    ] {
        project.refuses(&under(&attacker, &header), "PGRST301");
        // It is not that such a header is refused: it is not read.
        let known = header.get("kid").is_none_or(|it| it == "k1");
        assert_eq!(project.bearer(&under(&ours, &header)).is_ok(), known);
    }
}

#[test]
fn attack_03_nobody_is_asked_for_the_keys_of_a_header() {
    let attacker = Signer::p256();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let address = format!("http://{}/keys", listener.local_addr().expect("a port"));
    let project = Project::trusting(Signer::p256().jwks());

    for header in [json!({ "jku": address }), json!({ "x5u": address })] {
        project.refuses(&under(&attacker, &header), "PGRST301");
        let came = listener.accept().expect_err("a call");
        assert_eq!(came.kind(), ErrorKind::WouldBlock, "{header}");
    }
}

#[test]
fn attack_04_an_id_of_any_length_is_not_looked_up() {
    let signer = Signer::p256();
    let project = Project::trusting(signer.jwks());

    let long = signer.sign(&claims(json!({})), Some(&"k".repeat(300)));

    let refused = project.bearer(&long).expect_err("refused");
    assert_eq!(refused, AuthError::Decode(DecodeFault::Malformed));
}

#[test]
fn attack_08_a_right_token_of_megabytes_is_not_read() {
    let project = Project::new();
    let padding = |bytes: usize| signed(&claims(json!({ "padding": "x".repeat(bytes) })));
    let large = padding(TOKEN_BYTES_MAX);

    // Where a header may be long, a key may not be either.
    for name in ["authorization", "apikey"] {
        let value = match name {
            "apikey" => large.clone(),
            _ => format!("Bearer {large}"),
        };
        let refused = project.ask(&[(name, &value)]).expect_err("refused");
        assert_eq!(refused, AuthError::Decode(DecodeFault::TooLong), "{name}");
    }
    let refused = project.auth.verify_user(&large).expect_err("refused");
    assert_eq!(refused, AuthError::Decode(DecodeFault::TooLong));
    assert!(project.bearer(&padding(TOKEN_BYTES_MAX / 2)).is_ok());
}

#[test]
fn attack_08_a_right_token_with_more_behind_it() {
    let project = Project::new();
    let good = signed(&claims(json!({})));

    for more in [".", ".x", "..", ".e30", &".".repeat(5000)] {
        project.refuses(&format!("{good}{more}"), "PGRST301");
    }
    assert!(project.bearer(&good).is_ok());
}

#[test]
fn attack_12_a_token_is_not_found_again_after_a_change_of_keys() {
    let (old, new) = (key_pair("k1"), key_pair("k2"));
    let project = project_of(&old);
    let token = session_token(&old, json!({}));
    assert!(project.bearer(&token).is_ok());

    let keys = [public(&new, KeyState::InUse)];
    project.auth.set_project_keys(&keys).expect("usable keys");

    project.refuses(&token, "PGRST301");
}

#[test]
fn attack_12_the_table_of_verified_tokens_does_not_grow_without_bound() {
    let project = Project::new();
    let header = json!({ "alg": "HS256" });
    for number in 0..TOKEN_CACHE_ENTRIES_MAX + 2_000 {
        let claims = claims(json!({ "jti": number }));
        assert!(
            project
                .bearer(&with_header(&header, &claims, SECRET))
                .is_ok()
        );
    }

    assert!(project.auth.cached_tokens() <= TOKEN_CACHE_ENTRIES_MAX);
}
