//! Builds the targets, instrumented, with what their C and C++ parts need.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::folder;
use crate::test::run::run_to_end;
use crate::test::tools;
use crate::workspace;

/// The targets' own workspace.
pub(super) const MANIFEST: &str = "crates/fuzz/Cargo.toml";

/// What `cargo fuzz --sanitizer none` asks the compiler for.
const FLAGS: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Cllvm-args=-sanitizer-coverage-stack-depth",
    "--cfg fuzzing",
];

/// Folders in which libclang lies; the build of the oracle's bindings loads it.
const CLANG_PARENTS: [&str; 5] = [
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
];

/// The built programs.
pub(super) struct Targets {
    folder: PathBuf,
}

impl Targets {
    /// The program of a target.
    pub(super) fn program(&self, target: &str) -> PathBuf {
        self.folder.join(target)
    }
}

/// Installs what is missing; the error says why this machine cannot fuzz.
pub(super) fn prepare() -> std::result::Result<(), String> {
    let is_known =
        cfg!(target_os = "linux") && cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    if !is_known {
        return Err("coverage by LLVM's pass is known to work on 64-bit Linux only".into());
    }
    if !tools::starts("c++") {
        tools::apt_install(&["g++"])?;
    }
    if !has_libclang() {
        tools::apt_install(&["libclang1"])?;
    }
    match has_libclang() {
        true => Ok(()),
        false => Err("libclang could not be installed".into()),
    }
}

/// Builds all targets.
pub(super) fn build() -> Result<Targets> {
    let (folder, host) = (folder()?, host()?);
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--release", "--bins", "--manifest-path", MANIFEST])
        // With a target named, the flags are not for build scripts and macros.
        .args(["--target", &host, "--target-dir"])
        .arg(&folder)
        .env("RUSTFLAGS", FLAGS.join(" "))
        .env_remove("CARGO_TARGET_DIR");
    if let Some(include) = compiler_headers() {
        // libclang alone comes without the headers that every C compiler has of its own.
        cargo.env("BINDGEN_EXTRA_CLANG_ARGS", format!("-I{include}"));
    }
    run_to_end(&mut cargo)?;
    Ok(Targets {
        folder: folder.join(host).join("release"),
    })
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|it| it.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

fn compiler_headers() -> Option<String> {
    let output = Command::new("cc")
        .arg("-print-file-name=include")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Path::new(&path).is_dir().then_some(path)
}

fn has_libclang() -> bool {
    let named = std::env::var_os("LIBCLANG_PATH").map(PathBuf::from);
    let versioned = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let versioned = versioned
        .filter(|it| it.file_name().to_string_lossy().starts_with("llvm"))
        .map(|it| it.path().join("lib"));
    CLANG_PARENTS
        .into_iter()
        .map(PathBuf::from)
        .chain(named)
        .chain(versioned)
        .any(|it| holds_libclang(&it))
}

fn holds_libclang(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|it| it.file_name()).any(|it| {
        let name = it.to_string_lossy();
        // Not `libclang-cpp`, which is another library.
        ["libclang.so", "libclang-1", "libclang-2", "libclang.dylib"]
            .iter()
            .any(|start| name.starts_with(start))
    })
}
