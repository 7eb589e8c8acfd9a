//! Commands that need no database.

use super::binary::{postern, run, run_command};
use super::folder::Folder;

fn project(folder: &Folder) -> String {
    let path = folder.path("app").display().to_string();
    assert!(run(&["new", &path]).success);
    path
}

#[test]
fn new_makes_a_project_and_leaves_others_alone() {
    let folder = Folder::new();

    let path = project(&folder);
    let again = run(&["new", &path]);

    assert!(folder.read("app/postern.toml").contains("[api]"));
    assert!(!again.success);
    assert!(
        again.err.contains("exists and is not empty"),
        "{}",
        again.err
    );
}

#[test]
fn commands_outside_of_a_project_say_so() {
    let folder = Folder::new();
    let dir = folder.root().display().to_string();

    for command in [&["dev", &dir][..], &["config", &dir], &["keys", &dir]] {
        let said = run(command);

        assert!(!said.success);
        assert!(
            said.err.contains("is no project folder"),
            "{command:?}: {}",
            said.err
        );
        assert!(
            said.err.contains("postern new NAME"),
            "{command:?}: {}",
            said.err
        );
    }
}

#[test]
fn config_prints_values_with_their_origins_and_no_secrets() {
    let folder = Folder::new();
    let path = project(&folder);
    let mut command = postern(&["config", &path]);
    command
        .env("DATABASE_URL", "postgres://u:hunter2@db/app")
        .env("POSTERN_LIMITS_ROWS_MAX", "50");

    let said = run_command(&mut command);

    assert!(said.success, "{}", said.err);
    assert!(!said.out.contains("hunter2"));
    assert!(
        said.out.contains("# environment DATABASE_URL"),
        "{}",
        said.out
    );
    assert!(said.out.contains("rows_max = 50"), "{}", said.out);
    assert!(said.out.contains("postern.toml:6"), "{}", said.out);
}

#[test]
fn unknown_keys_are_named_with_the_nearest_one() {
    let folder = Folder::new();
    let path = project(&folder);
    folder.write("app/postern.toml", "[api]\nprot = 1\n");
    let mut command = postern(&["config", &path]);
    command.env("POSTERN_LOG_LEVLE", "info");

    let said = run_command(&mut command);

    assert!(!said.success);
    for part in [
        "postern.toml:2: unknown key `api.prot`; did you mean `api.port`?",
        "unknown environment variable `POSTERN_LOG_LEVLE`; did you mean `POSTERN_LOG_LEVEL`?",
    ] {
        assert!(said.err.contains(part), "{}", said.err);
    }
}

#[test]
fn tokens_and_keys_wait_for_the_first_start() {
    let folder = Folder::new();
    let path = project(&folder);

    let token = run(&["token", "--dir", &path, "--sub", "u1"]);
    let keys = run(&["keys", &path]);

    assert!(
        token
            .err
            .contains("`postern dev` makes one at its first start"),
        "{}",
        token.err
    );
    assert!(
        keys.err
            .contains("`postern dev` makes them at its first start"),
        "{}",
        keys.err
    );
}

#[test]
fn serve_refuses_to_start_without_a_database_or_with_a_demo_secret() {
    let folder = Folder::new();
    let path = project(&folder);
    let mut demo = postern(&["serve", &path]);
    demo.env("DATABASE_URL", "postgres://u:p@127.0.0.1:1/app")
        .env(
            "POSTERN_AUTH_JWT_SECRETS",
            "super-secret-jwt-token-with-at-least-32-characters-long",
        );

    let nothing = run(&["serve", &path]);
    let demo = run_command(&mut demo);

    assert!(nothing.err.contains("set DATABASE_URL"), "{}", nothing.err);
    assert!(
        demo.err.contains("`auth.jwt_secrets` holds a demo secret"),
        "{}",
        demo.err
    );
    assert!(!nothing.success && !demo.success);
}
