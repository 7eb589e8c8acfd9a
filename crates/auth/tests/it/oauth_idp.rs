//! An identity provider of the tests' own, which tells the truth or one of many lies, and a
//! browser that travels between it and the server.
//!
//! Every lie is an issuer of its own: `<origin>/<lie>`. The issuer `honest` is the control.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, Path, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_http::signing::{Algorithm, KeyRing, SigningKey};
use postern_testkit::{TestApp, TestClient};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Our client at the provider.
pub(crate) const CLIENT: &str = "postern-tests";
const SECRET: &str = "a-secret-that-only-the-tests-know";
const KID: &str = "key-1";
const HUGE_BYTES: usize = 2 * 1024 * 1024;

/// A running provider; stopped when dropped.
pub(crate) struct Idp {
    origin: String,
    shared: Data<Shared>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    origin: String,
    ring: KeyRing,
    foreign: KeyRing,
    unknown: KeyRing,
    jwk: Value,
    claims: Mutex<Map<String, Value>>,
    grants: Mutex<HashMap<String, Grant>>,
    key_fetches: AtomicUsize,
}

struct Grant {
    nonce: Option<String>,
    challenge: String,
}

impl Idp {
    /// Starts a provider on a free port.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let origin = format!("http://{address}");
        let key = SigningKey::generate(Algorithm::default(), KID).expect("a key");
        let foreign = SigningKey::generate(Algorithm::default(), KID).expect("a key");
        let unknown = SigningKey::generate(Algorithm::default(), "key-2").expect("a key");
        let shared = Data::new(Shared {
            origin: origin.clone(),
            jwk: key.public_jwk(),
            ring: KeyRing::new(key, Vec::new()),
            foreign: KeyRing::new(foreign, Vec::new()),
            unknown: KeyRing::new(unknown, Vec::new()),
            claims: Mutex::default(),
            grants: Mutex::default(),
            key_fetches: AtomicUsize::new(0),
        });
        let served = shared.clone();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let system = actix_web::rt::System::new();
            system.block_on(async move {
                let app = move || App::new().app_data(served.clone()).configure(pages);
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.shutdown_timeout(0).listen(listener);
                let server = server.expect("a server").run();
                tell.send(server.handle()).expect("a listener");
                server.await.expect("the provider runs");
            });
        });
        Self {
            origin,
            shared,
            handle: told.recv().expect("the provider starts"),
            thread: Some(thread),
        }
    }

    /// Where it is.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// A table of `providers.toml` for one of its issuers, with further lines.
    pub(crate) fn table(&self, lie: &str, more: &str) -> String {
        format!(
            "[{lie}]\nissuer = '{}/{lie}'\nclient_id = '{CLIENT}'\nsecret = '{SECRET}'\n{more}\n",
            self.origin
        )
    }

    /// Sets what it claims about whoever signs in next, besides or instead of the usual.
    pub(crate) fn claim(&self, claims: Value) {
        let Value::Object(claims) = claims else {
            panic!("claims are an object");
        };
        *self.shared.claims.lock().expect("no panic") = claims;
    }

    /// How often somebody fetched the keys.
    pub(crate) fn key_fetches(&self) -> usize {
        self.shared.key_fetches.load(Ordering::SeqCst)
    }

    /// An `id_token` without the detour through a browser.
    pub(crate) fn mint(&self, lie: &str, nonce: Option<&str>) -> String {
        let grant = Grant {
            nonce: nonce.map(String::from),
            challenge: String::new(),
        };
        self.shared.id_token(lie, &grant)
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        // The stop is ordered here and done by the provider's own thread.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn pages(config: &mut web::ServiceConfig) {
    config
        .route(
            "/{lie}/.well-known/openid-configuration",
            web::get().to(discovery),
        )
        .route("/{lie}/jwks", web::get().to(keys))
        .route("/{lie}/authorize", web::get().to(authorize))
        .route("/{lie}/token", web::post().to(token))
        .route("/{lie}/user", web::get().to(user));
}

async fn discovery(shared: Data<Shared>, lie: Path<String>) -> HttpResponse {
    let issuer = format!("{}/{lie}", shared.origin);
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "authorization_response_iss_parameter_supported": true,
    });
    match lie.as_str() {
        "discovery-issuer" => document["issuer"] = json!("https://accounts.example.com"),
        "metadata-service" => document["jwks_uri"] = json!("http://169.254.169.254/jwks"),
        _ => {}
    }
    HttpResponse::Ok().json(document)
}

async fn keys(shared: Data<Shared>, lie: Path<String>) -> HttpResponse {
    shared.key_fetches.fetch_add(1, Ordering::SeqCst);
    let honest = json!({ "keys": [shared.jwk] });
    match lie.as_str() {
        "huge-keys" => {
            let padding = "x".repeat(HUGE_BYTES);
            HttpResponse::Ok().json(json!({ "keys": [shared.jwk], "padding": padding }))
        }
        "slow-keys" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            HttpResponse::Ok().json(honest)
        }
        "redirecting-keys" => {
            let to = format!("{}/honest/jwks", shared.origin);
            HttpResponse::Found()
                .insert_header(("location", to))
                .finish()
        }
        _ => HttpResponse::Ok().json(honest),
    }
}

async fn authorize(
    shared: Data<Shared>,
    lie: Path<String>,
    query: Query<HashMap<String, String>>,
) -> HttpResponse {
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["client_id"], CLIENT);
    let mut grants = shared.grants.lock().expect("no panic");
    let code = format!("code-{}", grants.len());
    let grant = Grant {
        nonce: query.get("nonce").cloned(),
        challenge: query["code_challenge"].clone(),
    };
    grants.insert(code.clone(), grant);
    let named = if *lie == "mixed-up-iss" {
        "honest"
    } else {
        &lie
    };
    let mut back = url::Url::parse(&query["redirect_uri"]).expect("an address");
    back.query_pairs_mut()
        .append_pair("state", &query["state"])
        .append_pair("code", &code);
    if *lie != "no-iss" {
        let issuer = format!("{}/{named}", shared.origin);
        back.query_pairs_mut().append_pair("iss", &issuer);
    }
    HttpResponse::Found()
        .insert_header(("location", String::from(back)))
        .finish()
}

async fn token(
    shared: Data<Shared>,
    lie: Path<String>,
    request: HttpRequest,
    form: web::Form<HashMap<String, String>>,
) -> HttpResponse {
    let refused = || HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    let grant = shared
        .grants
        .lock()
        .expect("no panic")
        .remove(&form["code"]);
    let Some(grant) = grant else {
        return refused();
    };
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if made != grant.challenge || !request.headers().contains_key("authorization") {
        return refused();
    }
    HttpResponse::Ok().json(json!({
        "access_token": "the-provider's-own-token",
        "refresh_token": "the-provider's-own-refresh-token",
        "token_type": "Bearer",
        "id_token": shared.id_token(&lie, &grant),
    }))
}

async fn user(shared: Data<Shared>, lie: Path<String>) -> HttpResponse {
    HttpResponse::Ok().json(shared.claims(&lie, None))
}

impl Shared {
    fn claims(&self, lie: &str, nonce: Option<&str>) -> Map<String, Value> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.expect("a time after 1970").as_secs();
        let claims = json!({
            "iss": format!("{}/{lie}", self.origin), "aud": CLIENT, "sub": "someone",
            "iat": now, "exp": now + 300, "email": "someone@example.com",
            "email_verified": true, "name": "Some One",
        });
        let mut claims = claims.as_object().cloned().expect("an object");
        if let Some(nonce) = nonce {
            claims.insert("nonce".into(), json!(nonce));
        }
        claims.extend(self.claims.lock().expect("no panic").clone());
        let (name, value) = match lie {
            "wrong-issuer" => ("iss", json!(format!("{}/honest", self.origin))),
            "wrong-audience" => ("aud", json!("somebody-else")),
            "further-audience" => ("aud", json!([CLIENT, "somebody-else"])),
            "wrong-nonce" => ("nonce", json!("not-the-one-you-sent")),
            "no-nonce" => ("nonce", Value::Null),
            "expired" => ("exp", json!(now - 3600)),
            "from-the-future" => ("iat", json!(now + 3600)),
            "no-subject" => ("sub", json!("")),
            "wrong-access-token" => ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
            _ => ("", Value::Null),
        };
        claims.insert(name.into(), value);
        claims.retain(|_, value| !value.is_null());
        claims
    }

    fn id_token(&self, lie: &str, grant: &Grant) -> String {
        let claims = self.claims(lie, grant.nonce.as_deref());
        let body = encode(&Value::Object(claims.clone()));
        let by_hand = |header: Value| format!("{}.{body}", encode(&header));
        match lie {
            "alg-none" => format!("{}.", by_hand(json!({ "alg": "none", "kid": KID }))),
            "no-signature" => {
                format!("{}.", by_hand(json!({ "alg": "ES256", "kid": KID })))
            }
            "key-confusion" => {
                let signed = by_hand(json!({ "alg": "HS256", "kid": KID, "typ": "JWT" }));
                let secret = self.jwk.to_string();
                let key =
                    aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
                let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
                format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
            }
            "client-secret" => {
                let signed = by_hand(json!({ "alg": "HS256", "kid": KID, "typ": "JWT" }));
                let key =
                    aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET.as_bytes());
                let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
                format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
            }
            "foreign-key" => self.foreign.sign(&claims).expect("a token"),
            "unknown-key" => self.unknown.sign(&claims).expect("a token"),
            "no-token" => String::new(),
            _ => self.ring.sign(&claims).expect("a token"),
        }
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A browser with a cookie of the server's.
pub(crate) struct Browser<'a> {
    app: &'a TestApp,
    outside: TestClient,
    pub(crate) cookie: Option<String>,
}

impl<'a> Browser<'a> {
    /// A browser that was never here.
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            outside: TestClient::new("", "none", None),
            cookie: None,
        }
    }

    /// Opens `/authorize` and returns the provider's address.
    pub(crate) async fn leave(&mut self, query: &str) -> String {
        let url = format!("{}/auth/v1/authorize?{query}", self.app.address());
        self.open(&url).await
    }

    /// Opens an address of the server and returns where it leads.
    pub(crate) async fn open(&mut self, url: &str) -> String {
        let reply = self.outside.get(url);
        let reply = match &self.cookie {
            Some(cookie) => reply.header("cookie", cookie),
            None => reply,
        };
        let reply = reply.send().await;
        assert!(
            matches!(reply.status.as_u16(), 302 | 303),
            "{} {}",
            reply.status,
            reply.text
        );
        if let Some(set) = reply.header("set-cookie") {
            assert!(
                set.contains("HttpOnly") && set.contains("SameSite=Lax"),
                "{set}"
            );
            self.cookie = set.split(';').next().map(String::from);
        }
        reply.header("location").expect("an address").to_owned()
    }

    /// Lets the provider send the browser back; returns the callback's address.
    pub(crate) async fn consent(&self, provider: &str) -> String {
        let reply = self.outside.get(provider).send().await.expect_status(302);
        reply.header("location").expect("an address").to_owned()
    }

    /// The whole round trip; returns where the browser ends up.
    pub(crate) async fn sign_in(&mut self, query: &str) -> String {
        let provider = self.leave(query).await;
        let callback = self.consent(&provider).await;
        self.open(&callback).await
    }
}

/// The parameters behind `#`, or else those behind `?`.
pub(crate) fn told(url: &str) -> HashMap<String, String> {
    let url = url::Url::parse(url).expect("an address");
    let text = url.fragment().or(url.query()).unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}
