//! A small project behind the real routes: notes with an owner, a public table, functions.

use std::rc::Rc;
use std::sync::Arc;

use actix_http::Request;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use actix_web::{App, Error, HttpResponse};
use futures_util::future::LocalBoxFuture;
use postern_base::{Secret, SystemClock};
use postern_db::{Admin, Db, DbConfig, support};
use postern_http::{AuthSettings, Authenticator, Edge, mint, user_claims};
use postern_policy::SourceFile;
use postern_rest::{RestParts, RestService, RestSettings, Snapshot, routes};
use postern_telemetry::Telemetry;
use postern_testkit::Database;

const SECRET: &str = "a-secret-of-the-project-with-32-bytes-and-more";
pub(crate) const SERVICE_KEY: &str = "sb_secret_0123456789abcdef0123456789abcd";
pub(crate) const ALICE: &str = "a0000000-0000-4000-8000-000000000001";
pub(crate) const BOB: &str = "b0000000-0000-4000-8000-000000000002";

const SCHEMA: &str = include_str!("schema.sql");
const POLICIES: [(&str, &str); 5] = [
    ("public.notes.toml", include_str!("notes.toml")),
    ("public.labels.toml", include_str!("labels.toml")),
    ("public.safes.toml", include_str!("safes.toml")),
    ("public.items.toml", include_str!("items.toml")),
    ("functions.toml", include_str!("functions.toml")),
];

/// Runs one request through the application.
type Run = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, Error>>>;

/// The application, with its database as long as it lives.
pub(crate) struct Project {
    run: Run,
    database: Database,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: Vec<(String, String)>,
}

impl Reply {
    /// The values of a header, joined as clients join them.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let all: Vec<_> = self.headers.iter().filter(|it| it.0 == name).collect();
        let values: Vec<_> = all.iter().map(|it| it.1.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

impl Project {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut RestSettings)) -> Self {
        Self::of(SCHEMA, &POLICIES, change).await
    }

    /// A project of another schema with other policy files.
    pub(crate) async fn of(
        schema: &str,
        policies: &[(&str, &str)],
        change: impl FnOnce(&mut RestSettings),
    ) -> Self {
        let database = postern_testkit::database(schema).await;
        let mut admin = Admin::connect(&Secret::new(database.url()))
            .await
            .expect("reachable");
        support::install(&mut admin).await.expect("installed");
        let db = Db::connect(&DbConfig::new(Secret::new(database.gateway_url())))
            .await
            .expect("reachable");
        let mut settings = RestSettings::default();
        change(&mut settings);
        let snapshot = snapshot(&db, &settings, policies).await;
        let authenticator = Authenticator::new(
            AuthSettings {
                secret_keys: vec![Secret::new(SERVICE_KEY.into())],
                jwt_secrets: vec![Secret::new(SECRET.into())],
                ..AuthSettings::default()
            },
            Arc::new(SystemClock),
        );
        let service = RestService::new(RestParts {
            snapshot,
            db,
            authenticator: Arc::new(authenticator.expect("usable keys")),
            telemetry: Telemetry::new(),
            settings,
        });
        Self {
            run: application(service).await,
            database,
        }
    }

    /// The database, to look at it from outside.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Sends a request, and leaves the answer's body to be read.
    pub(crate) async fn open(&self, request: TestRequest) -> HttpResponse {
        match (self.run)(request.to_request()).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        }
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Reply {
        let response = self.open(request).await;
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                let value = value.to_str().expect("text").to_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        Reply {
            status: response.status().as_u16(),
            headers,
            body: String::from_utf8(
                to_bytes(response.into_body())
                    .await
                    .expect("a body")
                    .to_vec(),
            )
            .expect("text"),
        }
    }
}

async fn snapshot(db: &Db, settings: &RestSettings, policies: &[(&str, &str)]) -> Snapshot {
    let schemas: Vec<_> = settings.schemas.iter().map(String::as_str).collect();
    let catalog = db.introspect(&schemas, &[]).await.expect("a catalogue");
    let files = policies.iter().map(|(path, text)| SourceFile {
        path: (*path).into(),
        text: (*text).into(),
    });
    let files: Vec<_> = files.collect();
    let loaded = postern_policy::load(&files, &catalog, None);
    Snapshot {
        bundle: Arc::new(loaded.expect("policies that load").bundle),
        catalog: Arc::new(catalog),
        queries: Arc::default(),
        candidate: postern_rest::Candidate::Off,
    }
}

async fn application(service: RestService) -> Run {
    let service = Data::new(service);
    let app = init_service(
        App::new()
            .wrap(Edge::new(Arc::new(|_| {})))
            .configure(routes(service)),
    )
    .await;
    let app = Rc::new(app);
    Rc::new(move |request| {
        let app = Rc::clone(&app);
        Box::pin(async move {
            let response = app.call(request).await?;
            Ok(response.map_into_boxed_body())
        })
    })
}

/// A request without a token.
pub(crate) fn anon(method: &str, path: &str) -> TestRequest {
    let method = Method::from_bytes(method.as_bytes()).expect("a verb");
    TestRequest::with_uri(&format!("/rest/v1{path}")).method(method)
}

/// A request with a user's token.
pub(crate) fn user(subject: &str, method: &str, path: &str) -> TestRequest {
    let now = postern_base::Clock::now_unix_secs(&SystemClock);
    let claims = user_claims(subject, now, 600);
    let token = mint(&Secret::new(SECRET.into()), &claims).expect("a token");
    anon(method, path).insert_header(("authorization", format!("Bearer {token}")))
}

/// A request of a user who proved a factor this many seconds ago.
pub(crate) fn proven(level: &str, seconds_ago: i64, method: &str, path: &str) -> TestRequest {
    let now = postern_base::Clock::now_unix_secs(&SystemClock);
    let mut claims = user_claims(ALICE, now, 600);
    claims.insert("aal".into(), level.into());
    let entry = serde_json::json!({ "method": "totp", "timestamp": now - seconds_ago });
    claims.insert("amr".into(), serde_json::json!([entry]));
    let token = mint(&Secret::new(SECRET.into()), &claims).expect("a token");
    anon(method, path).insert_header(("authorization", format!("Bearer {token}")))
}

/// A request with the secret key.
pub(crate) fn service(method: &str, path: &str) -> TestRequest {
    anon(method, path).insert_header(("apikey", SERVICE_KEY))
}

/// Adds a JSON body.
pub(crate) fn json(request: TestRequest, body: &'static str) -> TestRequest {
    request
        .insert_header(("content-type", "application/json"))
        .set_payload(body)
}
