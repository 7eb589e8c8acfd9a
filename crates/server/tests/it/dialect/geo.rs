//! `application/geo+json` with the real PostGIS; skipped where it is not installed.

use postern_testkit::skip;
use serde_json::json;

use super::super::starter::{ANNA, BORIS, described};
use super::served;

const SPOTS: &str = "
create schema extensions;
grant usage on schema extensions to public;
create extension postgis schema extensions;
create table public.spots (
  id       int primary key,
  owner_id uuid not null,
  name     text not null,
  at       extensions.geometry(Point, 4326) not null
);
";

const POLICY: &str = r#"
table = "public.spots"
[columns.authenticated]
select = ["id", "name", "at"]
[[allow]]
name  = "own"
roles = ["authenticated"]
for   = ["select"]
where = "owner_id = auth.uid()"
"#;

#[tokio::test]
async fn postgis_makes_features_of_the_callers_rows() {
    let plain = served("", "").start().await;
    let offered = "select from pg_available_extensions where name = 'postgis'";
    let offered = plain.sql().await.query(offered, &[]).await.expect("runs");
    if offered.is_empty() {
        skip("PostGIS is not installed beside this Postgres");
        return;
    }
    let rows = format!(
        "insert into public.spots values
           (1, '{ANNA}', 'Dam', 'SRID=4326;POINT(4.89 52.37)'),
           (2, '{BORIS}', 'Mole', 'SRID=4326;POINT(4.9 52.4)');"
    );
    let files = [("public.spots.toml".to_owned(), POLICY.to_owned())];
    let app = described(&[SPOTS, &rows].concat(), &files).start().await;

    let request = app.user(ANNA).get("/rest/v1/spots?select=id,name,at");
    let features = request
        .header("accept", "application/geo+json")
        .send()
        .await;

    assert_eq!(
        features.header("content-type"),
        Some("application/geo+json; charset=utf-8")
    );
    assert_eq!(
        features.expect_status(200).json(),
        json!({"type": "FeatureCollection", "features": [{
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [4.89, 52.37]},
            "properties": {"id": 1, "name": "Dam"},
        }]})
    );
}
