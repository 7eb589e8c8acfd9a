//! Statuses, headers and errors that functions choose, and the root of the API.

use serde_json::json;

use super::{ANNA, app, assert_refused, callable, served};

const FUNCTIONS: &str = r#"
create function public.raised(message text, detail text) returns void language plpgsql as $$
begin
  if detail is null then
    raise sqlstate 'PGRST' using message = raised.message;
  end if;
  raise sqlstate 'PGRST' using message = raised.message, detail = raised.detail;
end $$;
create function public.headed(headers text, status text) returns text language plpgsql as $$
begin
  perform set_config('response.headers', headers, true);
  perform set_config('response.status', status, true);
  return 'fine';
end $$;
create function public.root() returns json language sql stable
  as $$ select json_build_object('swagger', '2.0', 'for', auth.uid()) $$;
"#;

const SIGNATURES: [&str; 2] = ["public.raised(text,text)", "public.headed(text,text)"];

#[tokio::test]
async fn a_function_raises_the_whole_answer() {
    let app = served(FUNCTIONS, &callable(&SIGNATURES)).start().await;
    let anna = app.user(ANNA);
    let raise = |message: &str, detail: Option<&str>| {
        let body = json!({"message": message, "detail": detail});
        anna.post("/rest/v1/rpc/raised", &body)
    };
    let whole = r#"{"code":"123","message":"ABC","details":"DEF","hint":"XYZ"}"#;

    let fine = raise(
        whole,
        Some(r#"{"status":332,"headers":{"X-Header":"str"}}"#),
    );
    let fine = fine.send().await;
    assert_refused(
        &fine,
        332,
        r#"{"code":"123","details":"DEF","hint":"XYZ","message":"ABC"}"#,
    );
    assert_eq!(fine.header("x-header"), Some("str"));
    assert_eq!(fine.header("proxy-status"), Some("PostgREST; error=123"));

    let message_hint = "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' \
                        and optional keys: 'details', 'hint'.";
    let detail_hint = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' \
                       and optional key: 'status_text'.";
    for (message, detail, details, hint) in [
        (
            "NO",
            Some("{}"),
            "Invalid JSON value for MESSAGE: 'NO'",
            message_hint,
        ),
        (
            whole,
            Some("NO"),
            "Invalid JSON value for DETAIL: 'NO'",
            detail_hint,
        ),
        (
            whole,
            None,
            "DETAIL is missing in the RAISE statement",
            detail_hint,
        ),
    ] {
        let reply = raise(message, detail).send().await;
        assert_eq!(
            reply.expect_status(500).json(),
            json!({
                "code": "PGRST121",
                "message": "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
                "details": details,
                "hint": hint,
            })
        );
    }
}

#[tokio::test]
async fn a_function_sets_status_and_headers_or_is_told_why_not() {
    let app = served(FUNCTIONS, &callable(&SIGNATURES)).start().await;
    let anna = app.user(ANNA);
    let call = |headers: &str, status: &str| {
        let body = json!({"headers": headers, "status": status});
        anna.post("/rest/v1/rpc/headed", &body)
    };

    let fine = call(r#"[{"X-One":"1"},{"Content-Type":"text/weird"}]"#, "299");
    let fine = fine.send().await;
    assert_eq!(
        (
            fine.status.as_u16(),
            fine.header("x-one"),
            fine.header("content-type")
        ),
        (299, Some("1"), Some("text/weird"))
    );
    let headers = call(r#"{"X-One":"1"}"#, "200").send().await;
    assert_refused(
        &headers,
        500,
        concat!(
            r#"{"code":"PGRST111","details":null,"hint":null,"message":"response.headers guc "#,
            r#"must be a JSON array composed of objects with a single key and a string value"}"#
        ),
    );
    let status = call("[]", "many").send().await;
    assert_refused(
        &status,
        500,
        concat!(
            r#"{"code":"PGRST112","details":null,"hint":null,"#,
            r#""message":"response.status guc must be a valid status code"}"#
        ),
    );
}

#[tokio::test]
async fn answers_tell_how_long_they_took_only_where_that_is_wanted() {
    let timed = served("", "")
        .setting("api.server_timing", "true")
        .start()
        .await;
    let plain = app().await;

    let told = timed.user(ANNA).get("/rest/v1/seats").send().await;
    let untold = plain.user(ANNA).get("/rest/v1/seats").send().await;

    let told = told.header("server-timing").expect("a timing").to_owned();
    let names: Vec<_> = told
        .split(", ")
        .filter_map(|it| it.split_once(";dur="))
        .collect();
    let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["jwt", "parse", "plan", "transaction", "response"]);
    assert_eq!(untold.header("server-timing"), None);
}

#[tokio::test]
async fn reads_say_where_they_were_read() {
    let app = app().await;
    let anna = app.user(ANNA);

    let get = anna.get("/rest/v1/seats?select=id&id=eq.1").send().await;
    let head = anna.head("/rest/v1/seats?select=id&id=eq.1").send().await;

    for reply in [get, head] {
        assert_eq!(
            reply.header("content-location"),
            Some("/seats?id=eq.1&select=id")
        );
        assert_eq!(reply.header("vary"), Some("Accept, Prefer, Range"));
    }
}

#[tokio::test]
async fn the_root_describes_what_the_operator_chose() {
    let follow = app().await;
    let ignore = served("", "")
        .setting("openapi.mode", "ignore-policies")
        .start()
        .await;
    let off = served("", "")
        .setting("openapi.mode", "disabled")
        .start()
        .await;

    let followed = follow.user(ANNA).get("/rest/v1/").send().await.json();
    assert_eq!(followed["definitions"]["unseen"], json!(null));
    assert_eq!(
        followed["definitions"]["seats"]["description"],
        "Who sits where"
    );
    let ignored = ignore.anon().get("/rest/v1/").send().await.json();
    assert!(ignored["definitions"]["unseen"]["properties"]["token"].is_object());
    let data = ignore.user(ANNA).get("/rest/v1/unseen").send().await;
    data.expect_status(404);
    assert_refused(&off.user(ANNA).get("/rest/v1/").send().await, 404, ROOT_OFF);
}

const ROOT_OFF: &str = concat!(
    r#"{"code":"PGRST126","details":null,"hint":null,"#,
    r#""message":"Root endpoint metadata is disabled"}"#
);

#[tokio::test]
async fn the_description_takes_title_address_and_security_from_the_operator() {
    let comment = "comment on schema public is E'My API\nwith a story';";
    let builder = served(comment, "")
        .setting("api.external_url", "https://api.example.com")
        .setting("openapi.security", "true");
    let app = builder.start().await;
    let plain = app_without_comment().await;

    let told = app.user(ANNA).get("/rest/v1/").send().await.json();
    let untold = plain.user(ANNA).get("/rest/v1/").send().await.json();

    assert_eq!(told["info"]["title"], "My API");
    assert_eq!(told["info"]["description"], "with a story");
    assert_eq!(told["host"], "api.example.com");
    assert_eq!(told["schemes"], json!(["https"]));
    assert_eq!(told["securityDefinitions"]["JWT"]["in"], "header");
    assert_eq!(told["security"], json!([{"JWT": []}]));
    assert_eq!(untold["security"], json!(null));
}

async fn app_without_comment() -> postern_testkit::TestApp {
    served("comment on schema public is null;", "")
        .start()
        .await
}

#[tokio::test]
async fn a_function_may_answer_at_the_root() {
    let policy = "[function.\"public.root()\"]\nroles = [\"authenticated\"]\nmode = \"trusted\"\n";
    let builder = served(FUNCTIONS, policy).setting("openapi.root_function", "root");
    let app = builder.start().await;

    let own = app.user(ANNA).get("/rest/v1/");
    let own = own
        .header("accept", "application/openapi+json")
        .send()
        .await;
    let json = app.user(ANNA).get("/rest/v1/").send().await;
    let hidden = app.anon().get("/rest/v1/").send().await;

    assert_eq!(own.json(), json!({"swagger": "2.0", "for": ANNA}));
    assert_eq!(
        own.header("content-type"),
        Some("application/openapi+json; charset=utf-8")
    );
    assert_eq!(
        json.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_refused(&hidden, 404, ROOT_OFF);
}
