//! The tools for authors of policies, on the team-tasks example and on files that are wrong.

use std::path::{Path, PathBuf};

use postern_base::Secret;
use postern_server::Config;
use postern_server::config::{Sources, Value};
use postern_server::policies::Workbench;
use postern_testkit::{Database, database};

use super::starter::{read, repository};

mod compare;
mod lock;
mod tests_of_policies;
mod why;

/// A workbench on the example's policies, or on a copy of them elsewhere.
async fn workbench(folder: &Path) -> (Workbench, Database) {
    let migrations = repository().join("examples/team-tasks/migrations");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&migrations)
        .expect("the example has migrations")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let sql: String = files.iter().map(|it| read(it) + "\n").collect();
    let database = database(&sql).await;
    let secret = |url: String| Secret::new(url);
    let sources = Sources {
        generated: vec![(
            "database.url",
            Value::Secret(secret(database.gateway_url())),
        )],
        ..Sources::default()
    };
    let config = Config::load(folder, sources).expect("the configuration is right");
    let bench = Workbench::on(config, Some(secret(database.url()))).await;
    (bench.expect("the database is there"), database)
}

fn example() -> PathBuf {
    repository().join("examples/team-tasks")
}

/// A copy of the example's policies and tests, gone when dropped.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Self {
        let folder = format!("postern-policy-tools-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(folder);
        let copy = Self(path);
        for part in ["policies", "tests"] {
            std::fs::create_dir_all(copy.0.join(part)).expect("the folder can be made");
            for entry in std::fs::read_dir(example().join(part)).expect("it is there") {
                let from = entry.expect("it is readable").path();
                let to = copy
                    .0
                    .join(part)
                    .join(from.file_name().expect("it has a name"));
                std::fs::copy(&from, to).expect("it can be copied");
            }
        }
        std::fs::write(copy.0.join("postern.toml"), "").expect("it can be written");
        copy
    }

    /// Replaces a text of a file, which must be there.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.0.join(file);
        let text = read(&path);
        assert!(text.contains(from), "{file} holds no `{from}`");
        std::fs::write(path, text.replacen(from, to, 1)).expect("it can be written");
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).expect("it can be written");
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
