//! A view that shows a key's column twice: each of them is a way to the other table.

use serde_json::json;

use super::{check, refused};
use crate::kit::Project;

const SCHEMA: &str = "
create table public.clients (id int primary key, name text);
create table public.projects (id int primary key, client_id int references public.clients);
create view public.twice with (security_invoker) as
  select id, client_id, client_id as payer_id from public.projects;
insert into public.clients values (1, 'one'), (2, 'two');
insert into public.projects values (10, 1), (11, 2);
";

const CLIENTS: &str = r#"
table = "public.clients"
[columns.authenticated]
select = ["id", "name"]
[[allow]]
name = "one"
roles = ["authenticated"]
for = ["select"]
where = "id = 1"
"#;

fn twice(columns: &str) -> String {
    format!(
        "table = \"public.twice\"\nnote = \"all\"\n[columns.authenticated]\nselect = {columns}\n\
         [[allow]]\nname = \"all\"\nroles = [\"authenticated\"]\nfor = [\"select\"]\n\
         where = \"true\"\n"
    )
}

async fn start(columns: &str) -> Project {
    let view = twice(columns);
    let policies = [
        ("public.clients.toml", CLIENTS),
        ("public.twice.toml", view.as_str()),
    ];
    Project::of(SCHEMA, &policies, |_| {}).await
}

#[actix_web::test]
async fn a_column_says_which_of_two_ways_is_meant() {
    let project = start(r#"["id", "client_id", "payer_id"]"#).await;

    for column in ["payer_id", "client_id"] {
        check(
            &project,
            &format!("/twice?select=id,clients!{column}(name)&order=id"),
            json!([{"id": 10, "clients": {"name": "one"}}, {"id": 11, "clients": null}]),
        )
        .await;
    }
    let both = refused(&project, "/twice?select=clients(name)", 300, "PGRST201").await;
    for column in ["client_id", "payer_id"] {
        let way = format!("twice({column}) and clients(id)");
        assert!(both.body.contains(&way), "{}", both.body);
    }
}

#[actix_web::test]
async fn a_way_by_a_hidden_column_is_no_way() {
    let project = start(r#"["id", "payer_id"]"#).await;

    check(
        &project,
        "/twice?select=id,clients(name)&id=eq.10",
        json!([{"id": 10, "clients": {"name": "one"}}]),
    )
    .await;
    let hidden = refused(
        &project,
        "/twice?select=clients!client_id(name)",
        400,
        "PGRST200",
    )
    .await;
    let missing = refused(
        &project,
        "/twice?select=clients!cliemt_id(name)",
        400,
        "PGRST200",
    )
    .await;
    assert_eq!(hidden.body.replace("client_id", "cliemt_id"), missing.body);
}
