//! Which function a call means: names, defaults, variadic and unnamed arguments, bodies.

use postern_testkit::TestApp;
use serde_json::json;

use super::{ANNA, callable, served};

const FUNCTIONS: &str = r"
create function public.pick(a int) returns text language sql immutable as $$ select 'one' $$;
create function public.pick(a int, b int) returns text language sql immutable
  as $$ select 'two' $$;
create function public.twin(a int) returns text language sql immutable as $$ select 'int' $$;
create function public.twin(a text) returns text language sql immutable as $$ select 'text' $$;
create function public.greet(name text default 'you', mark text default '!') returns text
  language sql immutable as $$ select 'hi ' || name || mark $$;
create function public.listed(variadic v text[]) returns text[] language sql immutable
  as $$ select v $$;
create function public.listed_more(n int, variadic v int[] default '{}') returns int
  language sql immutable as $$ select n + coalesce(array_length(v, 1), 0) $$;
create function public.taken(json) returns json language sql immutable as $$ select $1 $$;
create function public.said(text) returns text language sql immutable as $$ select upper($1) $$;
create function public.marked(xml) returns text language sql immutable
  as $$ select (xpath('/a/b/text()', $1))[1]::text $$;
create function public.weighed(bytea) returns int language sql immutable
  as $$ select length($1) $$;
create function public.either(a int) returns text language sql immutable
  as $$ select 'named' $$;
create function public.either(json) returns text language sql immutable
  as $$ select 'whole' $$;
create function public.nothing_in() returns text language sql immutable
  as $$ select 'nothing' $$;
create function public.unlisted_fn(text) returns text language sql immutable
  as $$ select $1 $$;
create function public.double_json(json) returns text language sql immutable
  as $$ select 'json' $$;
create function public.double_json(jsonb) returns text language sql immutable
  as $$ select 'jsonb' $$;
";

const SIGNATURES: [&str; 16] = [
    "public.pick(int4)",
    "public.pick(int4,int4)",
    "public.twin(int4)",
    "public.twin(text)",
    "public.greet(text,text)",
    "public.listed(_text)",
    "public.listed_more(int4,_int4)",
    "public.taken(json)",
    "public.said(text)",
    "public.marked(xml)",
    "public.weighed(bytea)",
    "public.either(int4)",
    "public.either(json)",
    "public.nothing_in()",
    "public.double_json(json)",
    "public.double_json(jsonb)",
];

/// Two types of one name, and an overload of one name for each.
const SHADES: &str = r"
create schema inks; create schema paints;
create type inks.shade as enum ('black'); create type paints.shade as enum ('white');
create function public.mix(ink inks.shade) returns text language sql immutable
  as $$ select 'ink' $$;
create function public.mix(paint paints.shade) returns text language sql immutable
  as $$ select 'paint' $$;
";

async fn app() -> TestApp {
    served(FUNCTIONS, &callable(&SIGNATURES)).start().await
}

async fn got(app: &TestApp, path: &str) -> serde_json::Value {
    let reply = app.user(ANNA).get(&format!("/rest/v1/rpc/{path}"));
    reply.send().await.expect_status(200).json()
}

#[tokio::test]
async fn the_names_of_the_arguments_choose() {
    let app = app().await;

    assert_eq!(got(&app, "pick?a=1").await, "one");
    assert_eq!(got(&app, "pick?a=1&b=2").await, "two");
    assert_eq!(got(&app, "greet").await, "hi you!");
    assert_eq!(got(&app, "greet?mark=.").await, "hi you.");
    assert_eq!(got(&app, "pick?a=1&a=2").await, "one");
    let twin = app.user(ANNA).get("/rest/v1/rpc/twin?a=1").send().await;
    assert_eq!(
        twin.expect_status(300).text,
        concat!(
            r#"{"code":"PGRST203","details":null,"hint":"Try renaming the parameters or the "#,
            r#"function itself in the database so function overloading can be resolved","#,
            r#""message":"Could not choose the best candidate function between: "#,
            r#"public.twin(a => integer), public.twin(a => text)"}"#
        )
    );
}

#[tokio::test]
async fn a_grant_is_for_one_of_two_types_that_share_a_name() {
    let app = served(SHADES, &callable(&["public.mix(inks.shade)"]))
        .start()
        .await;
    let anna = app.user(ANNA);

    let missing = anna.get("/rest/v1/rpc/mix?stain=white").send().await;
    let hidden = anna.get("/rest/v1/rpc/mix?paint=white").send().await;

    assert_eq!(got(&app, "mix?ink=black").await, "ink");
    assert_eq!(hidden.status.as_u16(), 404);
    assert_eq!(hidden.text.replace("paint", "stain"), missing.text);
    assert!(!hidden.text.contains("paints"), "{}", hidden.text);
}

#[tokio::test]
async fn an_entry_that_means_two_functions_is_refused() {
    let policies = callable(&["public.mix(shade)"]);

    let refused = served(SHADES, &policies).try_start().await;

    let said = refused
        .err()
        .map(|it| format!("{it:#}"))
        .unwrap_or_default();
    let expected = "`public.mix(inks.shade)`, `public.mix(paints.shade)`";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn a_variadic_argument_takes_all_that_is_sent() {
    let app = app().await;
    let anna = app.user(ANNA);
    let all = json!(["hi", "a,b", "{x}"]);

    assert_eq!(got(&app, "listed?v=hi&v=a,b&v={x}").await, all);
    assert_eq!(got(&app, "listed_more?n=1&v=7&v=8").await, 3);
    assert_eq!(got(&app, "listed_more?n=1").await, 1);
    let posted = anna.post("/rest/v1/rpc/listed", &json!({"v": all}));
    assert_eq!(posted.send().await.expect_status(200).json(), all);
    let form = anna
        .request("POST".parse().expect("a verb"), "/rest/v1/rpc/listed")
        .body(
            "application/x-www-form-urlencoded",
            "v=hi&v=a%2Cb&v=%7Bx%7D",
        );
    assert_eq!(form.send().await.expect_status(200).json(), all);
    let none = anna.get("/rest/v1/rpc/listed").send().await;
    none.expect_status(404);
}

#[tokio::test]
async fn an_unnamed_argument_takes_the_body() {
    let app = app().await;
    let send = |name: &str, media: &str, body: &str| {
        let path = format!("/rest/v1/rpc/{name}");
        app.user(ANNA)
            .request("POST".parse().expect("a verb"), &path)
            .body(media, body)
    };
    let json = "application/json";

    let cases = [
        send("taken", json, r#"{"a":1}"#),
        send("taken", json, "[1, 2]"),
        send("taken", json, r#"[{"a":1},{"b":2}]"#),
        send("said", "text/plain", "loud; \"quoted\""),
        send("marked", "text/xml", "<a><b>deep</b></a>"),
        send("weighed", "application/octet-stream", "12345\u{1}"),
        send("either", json, r#"{"a":1}"#),
        send("either", json, r#"{"b":1}"#),
        send("nothing_in", json, ""),
    ];
    let mut answers = Vec::new();
    for case in cases {
        answers.push(case.send().await.expect_status(200).text);
    }

    assert_eq!(
        answers,
        [
            r#"{"a":1}"#,
            "[1, 2]",
            r#"[{"a":1},{"b":2}]"#,
            r#""LOUD; \"QUOTED\"""#,
            r#""deep""#,
            "6",
            r#""named""#,
            r#""whole""#,
            r#""nothing""#,
        ]
    );
    let double = send("double_json", json, "{}").send().await;
    assert_eq!(double.expect_status(300).json()["code"], "PGRST203");
}

#[tokio::test]
async fn a_body_that_nobody_takes_is_told_of_as_if_nobody_were_there() {
    let app = app().await;
    let send = |name: &str, media: &str, body: &str| {
        let path = format!("/rest/v1/rpc/{name}");
        app.user(ANNA)
            .request("POST".parse().expect("a verb"), &path)
            .body(media, body)
    };

    let text = send("nothing_in", "text/plain", "x").send().await;
    assert_eq!(
        text.expect_status(404).text,
        concat!(
            r#"{"code":"PGRST202","details":"Searched for the function public.nothing_in with a "#,
            r#"single unnamed text parameter, but no matches were found in the schema cache.","#,
            r#""hint":"Perhaps you meant to call the function public.nothing_in()","#,
            r#""message":"Could not find the function public.nothing_in in the schema cache"}"#
        )
    );
    let hidden = send("unlisted_fn", "text/plain", "x").send().await;
    let missing = send("unlisted_fm", "text/plain", "x").send().await;
    assert_eq!(hidden.status, missing.status);
    assert_eq!(hidden.text.replace("_fn", "_fm"), missing.text);
    let image = send("said", "image/png", "x").send().await;
    assert_eq!(
        image.expect_status(400).json()["message"],
        "Content-Type not acceptable: image/png"
    );
    let broken = send("taken", "application/json", "{").send().await;
    assert_eq!(
        broken.expect_status(400).json()["message"],
        "Empty or invalid json"
    );
}
