//! The middleware and the errors, through a real application.

use std::sync::{Arc, Mutex};

use actix_web::dev::ServiceResponse;
use actix_web::test::{self, TestRequest};
use actix_web::{App, HttpRequest, HttpResponse, web};
use postern_base::codes;
use postern_http::{ApiError, Edge, Finished, Observer, RequestId};

type Seen = Arc<Mutex<Vec<(String, u16, bool)>>>;

async fn hello(request: HttpRequest) -> HttpResponse {
    HttpResponse::Ok().body(RequestId::from_request(&request).as_str().to_owned())
}

async fn refuse() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(&codes::NO_TABLE, "no such table"))
}

async fn fall() -> HttpResponse {
    panic!("a handler that falls over")
}

async fn send(
    request: TestRequest,
) -> (
    Result<ServiceResponse<impl actix_web::body::MessageBody>, actix_web::Error>,
    Seen,
) {
    let seen = Seen::default();
    let notes = Arc::clone(&seen);
    let observer: Observer = Arc::new(move |it: &Finished<'_>| {
        let mut notes = notes.lock().expect("no panic while noting");
        notes.push((it.path.to_owned(), it.status.as_u16(), it.panicked));
    });
    let app = test::init_service(
        App::new()
            .wrap(Edge::new(observer))
            .route("/hello", web::to(hello))
            .route("/refuse", web::get().to(refuse))
            .route("/fall", web::get().to(fall)),
    )
    .await;
    (
        test::try_call_service(&app, request.to_request()).await,
        seen,
    )
}

fn header<'a, B>(response: &'a ServiceResponse<B>, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|it| it.to_str().ok())
}

#[actix_web::test]
async fn a_sane_request_id_travels_through() {
    let request = TestRequest::get()
        .uri("/hello?x=1")
        .insert_header(("x-request-id", "abc-1"));
    let (response, seen) = send(request).await;
    let response = response.expect("an answer");

    assert_eq!(header(&response, "x-request-id"), Some("abc-1"));
    assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"));
    assert_eq!(header(&response, "access-control-allow-origin"), None);
    assert_eq!(
        *seen.lock().expect("free"),
        [("/hello".to_owned(), 200, false)]
    );
}

#[actix_web::test]
async fn a_preflight_is_answered_before_any_route() {
    let request = TestRequest::with_uri("/nowhere")
        .method(actix_web::http::Method::OPTIONS)
        .insert_header(("origin", "https://app.example.com"))
        .insert_header(("access-control-request-method", "POST"))
        .insert_header(("access-control-request-headers", "Foo,Bar"));
    let (response, _) = send(request).await;
    let response = response.expect("an answer");

    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "access-control-allow-origin"), Some("*"));
    assert_eq!(
        header(&response, "access-control-allow-methods"),
        Some("GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD")
    );
    assert_eq!(
        header(&response, "access-control-allow-headers"),
        Some("Authorization, Foo, Bar, Accept, Accept-Language, Content-Language")
    );
    assert_eq!(header(&response, "access-control-max-age"), Some("86400"));
    assert_eq!(header(&response, "access-control-allow-credentials"), None);
}

#[actix_web::test]
async fn an_answer_to_another_origin_can_be_read_there() {
    let request = TestRequest::get()
        .uri("/refuse")
        .insert_header(("origin", "https://a.example"));
    let (response, _) = send(request).await;
    let response = response.expect("an answer");

    assert_eq!(response.status(), 404);
    assert_eq!(header(&response, "access-control-allow-origin"), Some("*"));
    assert_eq!(
        header(&response, "access-control-expose-headers"),
        Some(
            "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, \
             Server, Transfer-Encoding, Range-Unit"
        )
    );
    assert_eq!(
        header(&response, "proxy-status"),
        Some("PostgREST; error=PGRST205")
    );
    assert_eq!(
        header(&response, "content-type"),
        Some("application/json; charset=utf-8")
    );
}

#[actix_web::test]
async fn a_panic_costs_one_request_and_tells_nothing() {
    let (response, seen) = send(TestRequest::get().uri("/fall")).await;

    let error = response.err().expect("an error that the server renders");
    let response = error.error_response();
    assert_eq!(response.status(), 500);
    let body = actix_web::body::to_bytes(response.into_body())
        .await
        .expect("a body");
    let body = String::from_utf8(body.to_vec()).expect("text");
    assert!(
        body.contains("PSTRN500") && !body.contains("falls over"),
        "{body}"
    );
    assert_eq!(
        *seen.lock().expect("free"),
        [("/fall".to_owned(), 500, true)]
    );
}
