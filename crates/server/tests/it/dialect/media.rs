//! Forms of answers besides JSON: features, values that name their own type, plans, CSV.

use postern_testkit::{TestApp, TestAppBuilder};
use serde_json::json;

use super::{ANNA, callable, rows, served};

/// `st_asgeojson` stands in for the one of PostGIS, which has the same arguments.
const FUNCTIONS: &str = r#"
create function public.st_asgeojson(
  r record, g text default '', n int default 9, p bool default false
) returns text language plpgsql immutable as $$
begin
  return json_build_object('type', 'Feature', 'properties', row_to_json(r));
end $$;
create domain public."text/html" as text;
create domain public."image/png" as bytea;
create domain public."*/*" as bytea;
create function public.page() returns public."text/html" language sql immutable
  as $$ select '<b>bold</b>'::public."text/html" $$;
create function public.picture() returns public."image/png" language sql immutable
  as $$ select '\x4142'::bytea::public."image/png" $$;
create function public.anything(kind text) returns public."*/*" language plpgsql as $$
begin
  perform set_config('response.headers', json_build_array(
    json_build_object('Content-Type', kind))::text, true);
  return 'body'::bytea;
end $$;
create function public.hidden_page() returns public."text/html" language sql immutable
  as $$ select '<i>hidden</i>'::public."text/html" $$;
create function public.number() returns int language sql immutable as $$ select 1 $$;
"#;

fn builder() -> TestAppBuilder {
    let functions = [
        "public.page()",
        "public.picture()",
        "public.anything(text)",
        "public.number()",
    ];
    served(FUNCTIONS, &callable(&functions))
}

async fn accepting(app: &TestApp, path: &str, accept: &str) -> postern_testkit::Reply {
    let request = app.user(ANNA).get(&format!("/rest/v1/{path}"));
    request.header("accept", accept).send().await
}

#[tokio::test]
async fn rows_become_features_where_postgis_is() {
    let app = builder().start().await;
    let without = served("", "").start().await;
    let path = "seats?select=id,note&order=id";

    let features = accepting(&app, path, "application/geo+json").await;
    let refused = accepting(&without, path, "application/geo+json").await;

    assert_eq!(
        features.header("content-type"),
        Some("application/geo+json; charset=utf-8")
    );
    assert_eq!(
        features.expect_status(200).json(),
        json!({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"id": 1, "note": null}},
            {"type": "Feature", "properties": {"id": 2, "note": null}},
        ]})
    );
    assert_eq!(
        refused.expect_status(406).json()["message"],
        "None of these media types are available: application/geo+json"
    );
}

#[tokio::test]
async fn a_function_returns_what_its_type_is_named() {
    let app = builder().start().await;

    let page = accepting(&app, "rpc/page", "text/html").await;
    let json = accepting(&app, "rpc/page", "*/*").await;
    let picture = accepting(&app, "rpc/picture", "image/png").await;
    let any = accepting(&app, "rpc/anything?kind=text/css", "text/css").await;
    let hidden = accepting(&app, "rpc/hidden_page", "text/html").await;
    let missing = accepting(&app, "rpc/hidden_pages", "text/html").await;
    let number = accepting(&app, "rpc/number", "text/html").await;

    assert_eq!(page.header("content-type"), Some("text/html"));
    assert_eq!(page.expect_status(200).text, "<b>bold</b>");
    assert_eq!(json.expect_status(200).json(), "<b>bold</b>");
    assert_eq!(picture.header("content-type"), Some("image/png"));
    assert_eq!(picture.expect_status(200).text, "AB");
    assert_eq!(any.header("content-type"), Some("text/css"));
    assert_eq!(any.expect_status(200).text, "body");
    assert_eq!(
        (hidden.status.as_u16(), hidden.text.as_str()),
        (406, missing.text.as_str()),
        "a hidden function offers nothing"
    );
    assert_eq!(number.expect_status(406).text, missing.text);
}

#[tokio::test]
async fn plans_are_told_to_those_who_may_have_them() {
    let off = builder().start().await;
    let open = builder().setting("api.plans", "everybody").start().await;
    let key = builder().setting("api.plans", "secret-key").start().await;
    let plan = "application/vnd.pgrst.plan+json; for=\"application/json\"; options=verbose";

    let refused = accepting(&off, "seats", plan).await;
    let told = accepting(&open, "seats", plan).await;
    let withheld = accepting(&key, "seats", plan).await;
    let service = key.service().get("/rest/v1/seats").header("accept", plan);
    let service = service.send().await;

    for reply in [refused, withheld] {
        assert_eq!(reply.expect_status(406).json()["code"], "PGRST107");
    }
    assert_eq!(
        told.header("content-type"),
        Some(
            "application/vnd.pgrst.plan+json; for=\"application/json\"; options=verbose; \
             charset=utf-8"
        )
    );
    assert_eq!(told.header("content-range"), None);
    assert!(told.json()[0]["Plan"]["Output"].is_array(), "{}", told.text);
    service.expect_status(200);
    let text = accepting(&open, "rpc/number", "application/vnd.pgrst.plan+text").await;
    assert!(text.expect_status(200).text.contains("cost="));
    let write = open.user(ANNA).delete("/rest/v1/seats?id=eq.1");
    let write = write.header("accept", plan).send().await;
    assert!(write.expect_status(200).text.contains("Delete"));
    assert_eq!(rows(&open, "seats", "id = 1").await, 1);
}

#[tokio::test]
async fn rows_come_without_nulls_or_as_lines() {
    let app = builder().start().await;
    let path = "seats?select=id,note&order=id&limit=1";
    let stripped = "application/vnd.pgrst.array+json;nulls=stripped";

    let stripped = accepting(&app, path, stripped).await;
    let csv = accepting(&app, path, "text/csv").await;

    assert_eq!(stripped.json(), json!([{"id": 1}]));
    assert_eq!(
        stripped.header("content-type"),
        Some("application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8")
    );
    assert_eq!(csv.text, "id,note\n1,");
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
}
