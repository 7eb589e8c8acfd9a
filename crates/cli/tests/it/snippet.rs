//! The snippet that `postern dev` prints, pasted into a file and run with the real supabase-js.

use std::path::Path;
use std::process::Command;

use postern_testkit::skip;

use super::binary::{Running, free_port, postern, run};
use super::folder::Folder;

/// Where `npm ci` of the client suite puts the real supabase-js.
const NODE_MODULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/node_modules");

#[test]
fn the_printed_snippet_works_when_pasted() {
    if !Path::new(NODE_MODULES).is_dir() {
        skip("the printed snippet: run `npm ci` in crates/cli/tests/sdk first");
        return;
    }
    let folder = Folder::new();
    let project = folder.path("app").display().to_string();
    assert!(run(&["new", &project]).success);
    let port = free_port();
    let command = postern(&["dev", &project, "--port", &port.to_string()]);
    let running = Running::start(command, port);
    running.wait_until_it_says("Ctrl-C stops");

    folder.write("try.mjs", &snippet(&running.said()));
    std::os::unix::fs::symlink(NODE_MODULES, folder.path("node_modules")).unwrap();
    let output = Command::new("node")
        .arg(folder.path("try.mjs"))
        .output()
        .unwrap();
    assert!(running.stop().success());

    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    assert!(out.contains("Hello from the seed"), "{out}{err}");
    assert!(!out.contains("A draft"), "{out}");
}

/// The lines that are indented as code.
fn snippet(banner: &str) -> String {
    let lines = banner.lines().filter_map(|line| line.strip_prefix("    "));
    lines.map(|line| format!("{line}\n")).collect()
}
