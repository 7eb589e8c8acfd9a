//! `[references]`: a key may only point to what the caller sees, whatever else the table has.

use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::starter::{ANNA, BORIS, described};

const TABLES: &str = "
create table public.folders (id bigint primary key, owner_id uuid not null);
create table public.files (
  id         bigint generated always as identity primary key,
  folder_id  bigint references public.folders (id),
  name       text not null
);
";

/// Makes the checks of inserts wait for the stored row.
const TRIGGER: &str = "
create function public.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touch before insert or update on public.files
for each row execute function public.touch();
";

const FOLDERS: &str = r#"
table = "public.folders"
[columns.authenticated]
select = ["id"]
[[allow]]
name  = "own"
roles = ["authenticated"]
for   = ["select"]
where = "owner_id = auth.uid()"
"#;

const FILES: &str = r#"
table = "public.files"
[columns.authenticated]
select = ["id", "folder_id", "name"]
insert = ["folder_id", "name"]
update = ["folder_id"]
[references]
folder_id = "visible"
[[allow]]
name  = "all"
roles = ["authenticated"]
for   = ["select", "insert", "update"]
where = "true"
"#;

async fn app(trigger: &str) -> TestApp {
    let rows = format!(
        "insert into public.folders values (1, '{ANNA}'), (2, '{BORIS}');
         insert into public.files (folder_id, name) values (null, 'loose');"
    );
    let policies = [
        ("public.folders.toml", FOLDERS),
        ("public.files.toml", FILES),
    ];
    let policies = policies.map(|(name, text)| (name.to_owned(), text.to_owned()));
    described(&[TABLES, trigger, &rows].concat(), &policies)
        .start()
        .await
}

fn answer(reply: &Reply) -> (u16, Value) {
    (reply.status.as_u16(), reply.json())
}

async fn assert_hidden_and_missing_folders_look_alike(app: &TestApp) {
    let anna = app.user(ANNA);
    let insert =
        |folder: i64| anna.post("/rest/v1/files", &json!({"folder_id": folder, "name": "x"}));
    let path = "/rest/v1/files?name=eq.loose";
    let update = |folder: i64| anna.patch(path, &json!({"folder_id": folder}));

    let hidden = [insert(2).send().await, update(2).send().await];
    let missing = [insert(3).send().await, update(3).send().await];

    assert_eq!(
        hidden.each_ref().map(answer),
        missing.each_ref().map(answer)
    );
    for reply in &hidden {
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["code"]),
            (409, &json!("23503"))
        );
    }
    insert(1).send().await.expect_status(201);
    update(1).send().await.expect_status(204);
}

#[tokio::test]
async fn a_hidden_target_looks_like_a_missing_one() {
    assert_hidden_and_missing_folders_look_alike(&app("").await).await;
}

#[tokio::test]
async fn a_hidden_target_looks_like_a_missing_one_behind_triggers() {
    assert_hidden_and_missing_folders_look_alike(&app(TRIGGER).await).await;
}
