//! Which headers make which identity.

use postern_base::{Identity, Secret};
use postern_http::{AuthError, IssuerKeys, KeyError, legacy_key};
use serde_json::json;

use crate::kit::{
    NOW, PUBLISHABLE, Project, SECRET, SECRET_KEY, SUB, Signer, claims, issuer, signed,
};

fn legacy(role: &str) -> String {
    let role = postern_base::RoleName::new(role);
    legacy_key(&Secret::new(SECRET.into()), &role, NOW).expect("a key")
}

fn is_user(identity: &Identity) -> bool {
    matches!(identity, Identity::User(_)) && identity.claims().sub() == Some(SUB)
}

#[test]
fn nobody_is_anonymous() {
    let identity = Project::new().ask(&[]).expect("accepted");

    assert!(identity.is_anonymous());
    assert_eq!(identity.claims().role(), Some("anon"));
}

#[test]
fn nobody_is_refused_where_the_settings_say_so() {
    let closed = Project::with(|it| it.refuse_anonymous = true);
    let keyed = Project::with(|it| it.require_api_key = true);

    assert_eq!(
        closed.ask(&[]).expect_err("refused"),
        AuthError::AnonymousOff
    );
    assert_eq!(keyed.ask(&[]).expect_err("refused"), AuthError::KeyMissing);
    assert!(keyed.ask(&[("apikey", PUBLISHABLE)]).is_ok());
}

#[test]
fn opaque_keys_give_their_role_in_either_header() {
    let project = Project::new();

    for header in [
        ("apikey", SECRET_KEY.to_owned()),
        ("authorization", format!("Bearer {SECRET_KEY}")),
        ("authorization", format!("bearer {SECRET_KEY}")),
    ] {
        let identity = project.ask(&[(header.0, &header.1)]).expect("accepted");
        assert!(identity.is_service(), "{header:?}");
    }
    let identity = project.ask(&[("apikey", PUBLISHABLE)]).expect("accepted");
    assert!(identity.is_anonymous());
}

#[test]
fn a_bearer_that_is_a_key_leaves_the_role_to_apikey() {
    let bearer = format!("Bearer {SECRET_KEY}");

    let identity = Project::new()
        .ask(&[("apikey", PUBLISHABLE), ("authorization", &bearer)])
        .expect("accepted");

    assert!(identity.is_anonymous());
}

#[test]
fn a_users_token_decides_even_beside_the_secret_key() {
    let bearer = format!("Bearer {}", signed(&claims(json!({}))));

    let identity = Project::new()
        .ask(&[("apikey", SECRET_KEY), ("authorization", &bearer)])
        .expect("accepted");

    assert!(is_user(&identity));
}

#[test]
fn unknown_keys_are_refused_beside_a_good_token_too() {
    let project = Project::new();
    let bearer = format!("Bearer {}", signed(&claims(json!({}))));
    let unknown = "sb_publishable_ffffffffffffffffffffffffff";

    for headers in [
        vec![("apikey", unknown)],
        vec![("apikey", unknown), ("authorization", bearer.as_str())],
        vec![("apikey", "nonsense")],
    ] {
        let error = project.ask(&headers).expect_err("refused");
        assert_eq!(error, AuthError::UnknownKey);
        assert_eq!(error.code().code, "PSTRN401");
    }
}

#[test]
fn legacy_keys_work_as_apikey_and_as_bearer() {
    let project = Project::new();
    let (anon, service) = (legacy("anon"), legacy("service_role"));
    let bearer = format!("Bearer {anon}");

    let both = project.ask(&[("apikey", &anon), ("authorization", &bearer)]);

    assert!(both.expect("accepted").is_anonymous());
    assert!(
        project
            .ask(&[("apikey", &service)])
            .expect("accepted")
            .is_service()
    );
    assert!(project.bearer(&service).expect("accepted").is_service());
}

#[test]
fn a_users_token_is_no_api_key() {
    let error = Project::new()
        .ask(&[("apikey", &signed(&claims(json!({}))))])
        .expect_err("refused");

    assert_eq!(error, AuthError::UnknownKey);
}

#[test]
fn an_empty_bearer_is_refused_and_other_schemes_are_passed_over() {
    let project = Project::new();

    for value in ["Bearer", "Bearer ", "bearer   "] {
        let error = project
            .ask(&[("authorization", value)])
            .expect_err("refused");
        assert_eq!(error.code().code, "PGRST301");
        assert_eq!(
            error.to_string(),
            "Empty JWT is sent in Authorization header"
        );
    }
    let basic = project.ask(&[("authorization", "Basic dXNlcjpwYXNz")]);
    assert!(basic.expect("accepted").is_anonymous());
}

#[test]
fn tokens_of_all_algorithms_are_verified() {
    for signer in [Signer::p256(), Signer::ed25519(), Signer::rsa()] {
        for keys in [signer.pem.clone(), signer.jwks()] {
            let project = Project::trusting(keys);

            let identity = project.bearer(&signer.sign(&claims(json!({})), Some("k1")));

            assert!(is_user(&identity.expect("accepted")));
        }
    }
}

#[test]
fn an_older_secret_stays_good_while_it_is_listed() {
    let project = Project::with(|it| {
        it.jwt_secrets.insert(
            0,
            Secret::new("the-newer-secret-of-the-project-0123".into()),
        );
    });

    assert!(project.bearer(&signed(&claims(json!({})))).is_ok());
}

#[test]
fn keys_that_nobody_should_use_stop_the_start() {
    let jwks = json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] }).to_string();
    let settings = postern_http::AuthSettings {
        issuers: vec![issuer(jwks)],
        ..Default::default()
    };
    let http = postern_http::AuthSettings {
        issuers: vec![postern_http::Issuer {
            keys: IssuerKeys::Url("http://id.example.com/jwks".into()),
            issuer: None,
            audience: None,
        }],
        ..Default::default()
    };
    let start = |settings| {
        postern_http::Authenticator::new(settings, std::sync::Arc::new(postern_base::SystemClock))
    };

    assert!(matches!(start(settings), Err(KeyError::PublicKey(_))));
    assert!(matches!(start(http), Err(KeyError::Address(_))));
}

#[actix_web::test]
async fn keys_in_a_file_are_read_again() {
    let (old, new) = (Signer::p256(), Signer::p256());
    let folder = std::env::temp_dir().join(format!("postern-jwks-{}", std::process::id()));
    std::fs::write(&folder, old.jwks()).expect("written");
    let project = Project::with(|it| {
        it.issuers.push(postern_http::Issuer {
            keys: IssuerKeys::File(folder.clone()),
            issuer: None,
            audience: None,
        });
    });
    let (by_old, by_new) = (
        old.sign(&claims(json!({})), None),
        new.sign(&claims(json!({})), None),
    );
    assert!(project.bearer(&by_old).is_ok());
    assert!(project.bearer(&by_new).is_err());

    std::fs::write(&folder, new.jwks()).expect("written");
    project.auth.refresh().await.expect("refreshed");

    assert!(project.bearer(&by_new).is_ok());
    assert!(
        project.bearer(&by_old).is_err(),
        "the cache forgets with the key"
    );
    std::fs::remove_file(&folder).expect("removed");
    assert!(project.auth.refresh().await.is_err());
    assert!(
        project.bearer(&by_new).is_ok(),
        "a failed load keeps what there was"
    );
}
