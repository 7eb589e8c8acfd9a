//! Keys at an address: fetched, bounded, and never from where a redirect points.

use actix_web::http::header::LOCATION;
use actix_web::{App, HttpResponse, HttpServer, web};
use postern_http::{Issuer, IssuerKeys, KeyError};
use serde_json::json;

use crate::kit::{Project, Signer, claims, signed};

/// Serves a JWKS at `/jwks`, a redirect to it at `/moved`, and too much at `/huge`.
fn serve(jwks: String) -> String {
    let server = HttpServer::new(move || {
        let jwks = jwks.clone();
        App::new()
            .route(
                "/jwks",
                web::get().to(move || std::future::ready(jwks.clone())),
            )
            .route(
                "/moved",
                web::get().to(|| async {
                    HttpResponse::Found()
                        .insert_header((LOCATION, "/jwks"))
                        .finish()
                }),
            )
            .route("/huge", web::get().to(|| async { " ".repeat(1024 * 1024) }))
    })
    .workers(1)
    .bind(("127.0.0.1", 0))
    .expect("a free port");
    let address = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    address
}

fn project(address: String) -> Project {
    Project::with(|it| {
        it.issuers.push(Issuer {
            keys: IssuerKeys::Url(address),
            issuer: None,
            audience: None,
        });
    })
}

#[actix_web::test]
async fn keys_at_an_address_come_with_a_refresh() {
    let signer = Signer::p256();
    let project = project(serve(signer.jwks()) + "/jwks");
    let token = signer.sign(&claims(json!({})), Some("k1"));

    assert!(project.bearer(&token).is_err());
    project.auth.refresh().await.expect("refreshed");

    assert!(project.bearer(&token).is_ok());
}

#[actix_web::test]
async fn redirects_and_floods_are_refused_and_other_keys_stay_good() {
    let signer = Signer::p256();
    let base = serve(signer.jwks());

    for path in ["/moved", "/huge", "/nowhere"] {
        let project = project(format!("{base}{path}"));

        let errors = project.auth.refresh().await.expect_err("refused");

        assert!(
            matches!(errors[..], [KeyError::Fetch { .. }]),
            "{path}: {errors:?}"
        );
        assert!(
            project
                .bearer(&signer.sign(&claims(json!({})), None))
                .is_err()
        );
        assert!(project.bearer(&signed(&claims(json!({})))).is_ok());
    }
}

#[actix_web::test]
async fn an_unchanged_set_keeps_the_tokens_that_were_verified() {
    let signer = Signer::p256();
    let project = project(serve(signer.jwks()) + "/jwks");
    project.auth.refresh().await.expect("refreshed");
    assert!(
        project
            .bearer(&signer.sign(&claims(json!({})), None))
            .is_ok()
    );

    project.auth.refresh().await.expect("refreshed");

    assert!(
        project
            .bearer(&signer.sign(&claims(json!({})), None))
            .is_ok()
    );
    // ES256 signatures differ each time, so these are two tokens; neither was verified twice.
    assert_eq!(project.auth.cached_tokens(), 2);
}
