//! Filters: every operator, modifiers, full text, JSON paths.

use serde_json::{Value, json};

use super::{check, get, rows, start};

#[actix_web::test]
async fn operators() {
    let project = start().await;

    for (filter, ids) in [
        ("id=eq(any).{1,4,6}", vec![1, 4]),
        ("name=like(any).{*10,I*}", vec![2, 3]),
        ("name=like(all).{W*,*7}", vec![1]),
        ("name=ilike(any).{windows*}", vec![1, 2]),
        ("id=gt(all).{2,3}", vec![4, 5]),
        ("name=match(any).{^I,X$}", vec![3, 4]),
        ("client_id=isdistinct.1", vec![3, 4, 5]),
        ("client_id=not.isdistinct.1", vec![1, 2]),
        ("client_id=is.NULL", vec![5]),
        ("client_id=is.not_null", vec![1, 2, 3, 4]),
        ("data->rank=gt.1", vec![1, 3]),
        ("data->>rank=eq.2", vec![3]),
        ("data->tags->-1=eq.%22sold%22", vec![1]),
        ("data->tags->>0=eq.old", vec![1]),
        ("data=cs.{%22rank%22:1}", vec![2]),
        ("tags=cs.{b}", vec![1, 2]),
        ("tags=cd.{b,c,d}", vec![2, 3]),
        ("tags=ov.{a,c}", vec![1, 2, 3]),
        ("tags->>0=eq.b", vec![2]),
        ("during=cs.[2,3]", vec![1]),
        ("during=ov.[4,6)", vec![1, 2]),
        ("during=sl.(5,10)", vec![1]),
        ("during=sr.(1,4)", vec![2, 3]),
        ("during=nxr.[5,9)", vec![1, 2]),
        ("during=nxl.[5,9)", vec![2, 3]),
        ("during=adj.[5,6)", vec![1]),
        ("words=fts(english).cat", vec![1]),
        ("words=fts(english).fat%26cat", vec![1]),
        ("words=plfts(english).the%20fat%20cat", vec![1]),
        ("words=phfts(english).fat%20cats", vec![1]),
        ("words=wfts(english).rat%20or%20cat", vec![1, 2]),
        ("words=not.fts(english).cat", vec![2]),
        ("doc=fts(english).cat", vec![1]),
        ("data=plfts(simple).sold", vec![1]),
        ("doc->>cat=fts(english).cat", vec![1]),
        ("search_words=fts(english).cat", vec![1]),
        (
            "or=(id.eq.1,and(id.gt.2,not.or(id.eq.3,id.eq.4)))",
            vec![1, 5],
        ),
        ("not.and=(id.gte.1,id.lt.5)", vec![5]),
        (
            "or=(data->>rank.eq.3,name.in.(OSX,%22IOS%22),words.fts(english).rat)",
            vec![1, 2, 3, 4],
        ),
    ] {
        let path = format!("/projects?select=id&{filter}&order=id");
        let expected: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        check(&project, &path, Value::Array(expected)).await;
    }
}

#[actix_web::test]
async fn order_by_json_and_nulls() {
    let project = start().await;

    for (order, ids) in [
        ("data->rank.desc.nullslast,id", vec![1, 3, 2, 4, 5]),
        ("data->>rank.asc.nullsfirst,id.desc", vec![5, 4, 2, 3, 1]),
        ("client_id.nullsfirst,budget.desc", vec![5, 2, 1, 4, 3]),
    ] {
        let reply = project
            .send(get(&format!("/projects?select=id&order={order}")))
            .await;
        let found = rows(&reply);
        let found: Vec<_> = found
            .as_array()
            .expect("rows")
            .iter()
            .map(|it| it["id"].clone())
            .collect();
        assert_eq!(json!(found), json!(ids), "{order}");
    }
}

#[actix_web::test]
async fn conditions_of_embeds() {
    let project = start().await;

    check(
        &project,
        "/clients?select=id,projects(id)&projects.or=(id.eq.2,name.like.*OS)&id=lt.3&order=id",
        json!([{"id": 1, "projects": [{"id": 2}]}, {"id": 2, "projects": [{"id": 3}]}]),
    )
    .await;
    check(
        &project,
        "/clients?select=id,projects(id,tasks(id))&projects.tasks.hours=gt.4&projects.tasks.order=id\
         &projects.not.and=(id.gt.1,id.lt.9)&id=eq.1",
        json!([{"id": 1, "projects": [{"id": 1, "tasks": [{"id": 1}, {"id": 2}]}]}]),
    )
    .await;
}
