//! The starter library in `policies/`: each file loaded against the table that its head names, and
//! asked as different people.

use std::path::{Path, PathBuf};

use postern_testkit::{Reply, TestApp, TestAppBuilder, TestClient};
use serde_json::Value;

mod everybody;
mod owners;
mod teams;

pub(super) const ANNA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(super) const BORIS: &str = "bbbbbbbb-0000-4000-8000-000000000002";
pub(super) const CLEO: &str = "cccccccc-0000-4000-8000-000000000003";

/// The repository's root.
pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The policy files of a folder, as name and text.
pub(super) fn policy_folder(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|it| it == "toml"))
        .map(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            (name, read(&path))
        })
        .collect()
}

pub(super) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// A server to be, with these tables and policy files.
pub(super) fn described(sql: &str, policies: &[(String, String)]) -> TestAppBuilder {
    let tables = TestApp::builder().migrations(sql);
    policies
        .iter()
        .fold(tables, |builder, (name, text)| builder.policy(name, text))
}

/// A server with these starter files on the tables of the first one's head, and rows in them.
async fn starter(files: &[&str], rows: &str) -> TestApp {
    let folder = repository().join("policies");
    let with_text = |name: &str| (name.to_owned(), read(&folder.join(name)));
    let first = with_text(files[0]).1;
    let policies: Vec<_> = ["_shared.toml"]
        .iter()
        .chain(files)
        .map(|name| with_text(name))
        .collect();
    let sql = format!("{}\n{rows}", sql_of_head(&first));
    described(&sql, &policies).start().await
}

/// The SQL block in a file's head comment.
fn sql_of_head(text: &str) -> String {
    let head = text.lines().map_while(|line| line.strip_prefix('#'));
    let block = head.skip_while(|line| line.trim() != "```sql").skip(1);
    let lines: Vec<_> = block.take_while(|line| line.trim() != "```").collect();
    assert!(!lines.is_empty(), "the head names no table");
    lines.join("\n")
}

async fn get(client: &TestClient, path: &str) -> Value {
    client.get(path).send().await.expect_status(200).json()
}

/// Sends a write that is expected to succeed and returns the rows that it touched.
async fn patched(client: &TestClient, path: &str, body: Value) -> Value {
    let request = client.patch(path, &body).prefer("return=representation");
    request.send().await.expect_status(200).json()
}

async fn deleted(client: &TestClient, path: &str) -> Value {
    let request = client.delete(path).prefer("return=representation");
    request.send().await.expect_status(200).json()
}

async fn posted(client: &TestClient, path: &str, body: Value) -> Reply {
    client
        .post(path, &body)
        .prefer("return=representation")
        .send()
        .await
}

#[track_caller]
fn assert_code(reply: &Reply, status: u16, code: &str) {
    assert_eq!(
        (reply.status.as_u16(), reply.json()["code"].as_str()),
        (status, Some(code)),
        "{}",
        reply.text
    );
}

/// For this caller the table is not there.
async fn assert_absent(client: &TestClient, table: &str) {
    assert_code(
        &client.get(&format!("/rest/v1/{table}")).send().await,
        404,
        "PGRST205",
    );
}

#[test]
fn every_starter_file_is_in_the_list_and_names_its_table() {
    let folder = repository().join("policies");
    let list = read(&folder.join("README.md"));

    for (name, text) in policy_folder(&folder) {
        assert!(
            list.contains(&format!("[{name}]({name})")),
            "{name} is not in README.md"
        );
        if name != "_shared.toml" {
            sql_of_head(&text);
        }
    }
}
