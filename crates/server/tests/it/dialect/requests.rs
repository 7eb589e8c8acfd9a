//! The function that is called before every request, and bodies of rows.

use postern_testkit::TestApp;
use serde_json::json;

use super::{ANNA, assert_refused, callable, rows, served};

const FUNCTIONS: &str = r#"
create schema private;
create table private.seen (method text, path text, sub text);
create function private.before() returns void language plpgsql as $$
begin
  if current_setting('request.headers')::json ->> 'x-blocked' is not null then
    raise sqlstate 'PT418' using message = 'not you', hint = 'go away';
  end if;
  perform set_config('response.headers', '[{"X-Before":"yes"}]', true);
  perform set_config('app.before', auth.uid()::text, true);
end $$;
create function public.before_said() returns text language sql stable
  as $$ select current_setting('app.before', true) $$;
"#;

async fn app() -> TestApp {
    let builder = served(FUNCTIONS, &callable(&["public.before_said()"]));
    builder
        .setting("api.pre_request", "private.before")
        .start()
        .await
}

#[tokio::test]
async fn a_function_is_called_before_every_request() {
    let app = app().await;
    let anna = app.user(ANNA);

    let read = anna.get("/rest/v1/seats?id=eq.1&select=id").send().await;
    let write = anna.patch("/rest/v1/seats?id=eq.1", &json!({"note": "x"}));
    let write = write.send().await;
    let call = anna.get("/rest/v1/rpc/before_said").send().await;

    assert_eq!(read.json(), json!([{"id": 1}]));
    for reply in [&read, &write, &call] {
        assert_eq!(reply.header("x-before"), Some("yes"), "{reply:?}");
    }
    assert_eq!(call.json(), ANNA);
}

#[tokio::test]
async fn what_it_refuses_is_not_done() {
    let app = app().await;
    let anna = app.user(ANNA).with_header("x-blocked", "1");

    let read = anna.get("/rest/v1/seats").send().await;
    let write = anna.patch("/rest/v1/seats?id=eq.1", &json!({"note": "x"}));
    let write = write.send().await;

    for reply in [&read, &write] {
        let body = r#"{"code":"PT418","details":null,"hint":"go away","message":"not you"}"#;
        assert_refused(reply, 418, body);
    }
    assert_eq!(rows(&app, "seats", "note is not null").await, 0);
    let free = app.user(ANNA).get("/rest/v1/seats?select=id").send().await;
    assert_eq!(
        free.expect_status(200).json(),
        json!([{"id": 1}, {"id": 2}])
    );
}

#[tokio::test]
async fn a_function_that_is_not_there_lets_nothing_through() {
    let builder = served("", "").setting("api.pre_request", "private.nothere");
    let app = builder.start().await;

    let reply = app.user(ANNA).get("/rest/v1/seats").send().await;

    assert_eq!(reply.expect_status(400).json()["code"], "3F000");
    let advice = app.advice().join("\n");
    assert!(advice.contains("function `private.nothere`"), "{advice}");
    assert!(advice.contains("is not there"), "{advice}");
}

#[tokio::test]
async fn a_function_that_the_gateway_may_not_call_is_told_of_at_the_start() {
    let before = "create schema closed;
        create function closed.before() returns void language sql as 'select';
        create function closed.argued(int) returns void language sql as 'select';
        revoke all on schema closed from public, postern_gateway;
        create function public.before() returns void language sql as 'select';";
    let advice = async |name: &str| {
        let app = served(before, "").setting("api.pre_request", name);
        app.start().await.advice().join("\n")
    };

    let closed = advice("closed.before").await;
    assert!(
        closed.contains("may not be called by the gateway"),
        "{closed}"
    );
    let argued = advice("closed.argued").await;
    assert!(
        argued.contains("cannot be called without arguments"),
        "{argued}"
    );
    assert_eq!(advice("public.before").await, "");
}

#[tokio::test]
async fn a_trigger_may_add_to_the_answer() {
    let trigger = r#"
        create function public.tell() returns trigger language plpgsql as $$
        begin
          perform set_config('response.headers', '[{"X-Seat":"' || new.place || '"}]', true);
          return new;
        end $$;
        create trigger tell after insert on public.seats
          for each row execute function public.tell();
    "#;
    let app = served(trigger, "").start().await;
    let body = json!({"id": 90, "place": 90});

    let reply = app.user(ANNA).post("/rest/v1/seats", &body).send().await;
    let after = app.user(ANNA).get("/rest/v1/seats?id=eq.90").send().await;

    assert_eq!(reply.expect_status(201).header("x-seat"), Some("90"));
    assert_eq!(after.expect_status(200).header("x-seat"), None);
}

#[tokio::test]
async fn bulk_rows_and_empty_bodies_follow_the_dialect() {
    let app = served("", "").start().await;
    let anna = app.user(ANNA);
    let send = |verb: &str, path: &str, media: &str, body: &str, prefer: &str| {
        let path = format!("/rest/v1/{path}");
        anna.request(verb.parse().expect("a verb"), &path)
            .body(media, body)
            .prefer(prefer)
    };
    let json = "application/json";
    let back = "return=representation";
    let merge = "return=representation,resolution=merge-duplicates";

    for (verb, body, prefer, status, text) in [
        ("POST", "[]", back, 201, "[]"),
        ("POST", "[]", merge, 200, "[]"),
        ("PATCH", "{}", back, 200, "[]"),
        ("PATCH", "[]", "return=minimal", 204, ""),
        ("PATCH", "[{}]", "return=minimal", 204, ""),
    ] {
        let reply = send(verb, "seats", json, body, prefer).send().await;
        assert_eq!(
            (reply.status.as_u16(), reply.text.as_str()),
            (status, text),
            "{verb} {body} {prefer}"
        );
    }
    let uneven = r#"[{"id":70,"place":70},{"id":71}]"#;
    let refused = send("POST", "seats", json, uneven, back).send().await;
    assert_eq!(
        refused.expect_status(400).text,
        r#"{"code":"PGRST102","details":null,"hint":null,"message":"All object keys must match"}"#
    );
    let chosen = send(
        "POST",
        "seats?columns=id,place&select=id,note",
        json,
        r#"[{"id":72,"place":72,"note":"dropped","nope":1}]"#,
        back,
    );
    assert_eq!(
        chosen.send().await.expect_status(201).json(),
        json!([{"id": 72, "note": null}])
    );
    let csv = "id,place,note\n73,73,NULL\n74,74\n";
    let refused = send("POST", "seats", "text/csv", csv, back).send().await;
    assert_eq!(
        refused.expect_status(400).text,
        concat!(
            r#"{"code":"PGRST102","details":null,"hint":null,"#,
            r#""message":"All lines must have same number of fields"}"#
        )
    );
    assert_eq!(rows(&app, "seats", "id between 70 and 79").await, 1);
}

#[tokio::test]
async fn only_the_headers_come_back_when_asked() {
    let app = served("", "").start().await;
    let anna = app.user(ANNA);
    let post = |body: serde_json::Value| {
        anna.post("/rest/v1/seats", &body)
            .prefer("return=headers-only")
    };

    let one = post(json!({"id": 80, "place": 80})).send().await;
    let two = json!([{"id": 81, "place": 81}, {"id": 82, "place": 82}]);
    let two = post(two).send().await;
    let minimal = anna.post("/rest/v1/seats", &json!({"id": 83, "place": 83}));
    let minimal = minimal.send().await;

    assert_eq!(one.header("location"), Some("/seats?id=eq.80"));
    assert_eq!(
        one.header("preference-applied"),
        Some("return=headers-only")
    );
    assert_eq!((one.status.as_u16(), one.text.as_str()), (201, ""));
    assert_eq!(two.expect_status(201).header("location"), None);
    assert_eq!(minimal.expect_status(201).header("location"), None);
}
