//! Changes of tables that are there.

use super::{migrations, shown, workshop};
use crate::it::kit;

const EDIT: &str = "/console/tables/public.orders/structure/edit";
const DROP: &str = "/console/tables/public.orders/structure/drop";

/// The fields of a column as the form has them.
fn column<'a>(name: &'a str, ty: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("c0.was", name), ("c0.name", name), ("c0.type", ty)]
}

#[tokio::test]
async fn columns_are_added_renamed_and_required() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let fields = [
        ("c0.was", "note"),
        ("c0.name", "remark"),
        ("c0.type", "character varying(20)"),
        ("c0.default", "none"),
        ("c0.comment", "For the <packer>"),
        ("c1.name", "weight"),
        ("c1.type", "numeric"),
        ("i0.was", ""),
        ("i0.columns", "remark, weight"),
        ("i0.unique", "1"),
    ];
    let page = owner.post(EDIT, &fields).await.expect_status(200).text;
    let sql = shown(&page);
    assert_eq!(
        sql,
        "-- Change public.orders\r\n\
         alter table public.orders rename column note to remark;\r\n\
         alter table public.orders add column weight numeric;\r\n\
         alter table public.orders alter column remark set default 'none';\r\n\
         create unique index on public.orders (remark, weight);\r\n"
    );

    let run = [
        fields.as_slice(),
        &[("step", "run"), ("shown", sql.as_str())],
    ]
    .concat();
    let reply = owner.post(EDIT, &run).await.expect_status(303);

    let onward = reply.header("location").expect("a place").to_owned();
    let page = owner.get(&onward).await.expect_status(200).text;
    for part in ["remark", "weight", "orders_remark_weight_idx"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(migrations(&app), ["0001_change_orders.sql"]);
}

#[tokio::test]
async fn values_go_only_with_a_fresh_password() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let fields = [
        column("note", "character varying(20)"),
        vec![("c0.gone", "1")],
    ]
    .concat();
    let page = owner.post(EDIT, &fields).await.expect_status(200).text;
    let sql = shown(&page);
    assert!(page.contains("gone for good"), "{page}");
    assert!(page.contains(&format!("formaction=\"{DROP}\"")), "{page}");
    let run = [
        fields.as_slice(),
        &[("step", "run"), ("shown", sql.as_str())],
    ]
    .concat();

    // The address that asks for no password does not do it.
    owner.post(EDIT, &run).await.expect_status(200);
    assert!(migrations(&app).is_empty());

    app.advance(11 * 60);
    let here = format!("{EDIT}?c0.was=note&c0.name=note&c0.gone=1");
    let late = [run.as_slice(), &[("here", here.as_str())]].concat();
    let reply = owner.post(DROP, &late).await.expect_status(303);
    let onward = reply.header("location").expect("a place").to_owned();
    assert!(onward.starts_with("/console/reauth?next="), "{onward}");
    assert!(migrations(&app).is_empty());
    let back = owner.get(&here).await.expect_status(200).text;
    assert!(back.contains("drop column note"), "{back}");

    let prove = [("password", kit::PASSWORD), ("next", EDIT)];
    owner
        .post("/console/reauth", &prove)
        .await
        .expect_status(303);
    owner.post(DROP, &run).await.expect_status(303);
    assert_eq!(migrations(&app), ["0001_drop_note_from_orders.sql"]);
}

#[tokio::test]
async fn a_type_changes_under_its_default() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let fields = [
        column("total_cents", "text"),
        vec![("c0.required", "1"), ("c0.default", "0")],
    ]
    .concat();
    let page = owner.post(EDIT, &fields).await.expect_status(200).text;
    let sql = shown(&page);
    assert_eq!(
        sql,
        "-- Change public.orders\r\n\
         alter table public.orders alter column total_cents drop default;\r\n\
         alter table public.orders alter column total_cents type text \
         using total_cents::text;\r\n\
         alter table public.orders alter column total_cents set default 0;\r\n"
    );
    let run = [
        fields.as_slice(),
        &[("step", "run"), ("shown", sql.as_str())],
    ]
    .concat();

    // A generated column hangs on it: Postgres refuses, and nothing is left of it.
    let refused = owner.post(DROP, &run).await.expect_status(422).text;

    assert!(
        refused.contains("The database refused the migration"),
        "{refused}"
    );
    assert!(migrations(&app).is_empty());
}

#[tokio::test]
async fn what_is_not_changed_is_no_sql() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;

    let page = owner.get(EDIT).await.expect_status(200).text;

    assert!(page.contains("Nothing is changed yet"), "{page}");
    assert!(!page.contains("name=\"shown\""), "{page}");
    let elsewhere = [
        ("c0.was", "no_such"),
        ("c0.name", "no_such"),
        ("c0.type", "text"),
    ];
    let page = owner.post(EDIT, &elsewhere).await.expect_status(200).text;
    assert!(page.contains("is not there any more"), "{page}");
}

#[tokio::test]
async fn references_and_indexes_go() {
    let app = workshop().await;
    let owner = kit::owner(&app).await;
    let fields = [
        column("customer_id", "bigint"),
        vec![
            ("c0.required", "1"),
            ("i0.was", "orders_late"),
            ("i0.gone", "1"),
        ],
    ]
    .concat();

    let page = owner.post(EDIT, &fields).await.expect_status(200).text;

    assert_eq!(
        shown(&page),
        "-- Change public.orders\r\n\
         alter table public.orders drop constraint orders_customer_id_fkey;\r\n\
         drop index public.orders_late;\r\n"
    );
    // The key's index belongs to the key.
    let bound = [("i0.was", "orders_pkey"), ("i0.gone", "1")];
    let page = owner.post(EDIT, &bound).await.expect_status(200).text;
    assert!(page.contains("Nothing is changed yet"), "{page}");
}
