//! Arrows between crates point strictly down.
//!
//! Each `Cargo.toml` says `[package.metadata.postern] floor = n, pure = true|false`. Normal and
//! build dependencies are held to the floors; dev-dependencies are free, because a test may stand
//! on the whole house.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;

/// Crates on this floor and above serve development and ship in nothing.
const DEV_FLOOR: u64 = 10;

/// What a crate without I/O may not pull in.
const IMPURE: [&str; 8] = [
    "tokio",
    "actix-web",
    "actix-rt",
    "tokio-postgres",
    "deadpool-postgres",
    "reqwest",
    "hyper",
    "rand",
];

/// A crate of the workspace, as far as the floors care.
pub(super) struct Package {
    name: String,
    manifest: String,
    /// `None` when the manifest does not say.
    floor: Option<u64>,
    pure: bool,
    /// Names of its normal and build dependencies.
    dependencies: Vec<String>,
}

/// Reads the packages out of the answer of `cargo metadata`.
pub(super) fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let list = metadata["packages"]
        .as_array()
        .context("`cargo metadata` lists no packages")?;
    Ok(list.iter().map(package).collect())
}

fn package(value: &Value) -> Package {
    let name = value["name"].as_str().unwrap_or_default().to_owned();
    let folder = name.strip_prefix("postern-").unwrap_or(&name);
    let ours = &value["metadata"]["postern"];
    Package {
        manifest: format!("crates/{folder}/Cargo.toml"),
        floor: ours["floor"].as_u64(),
        pure: ours["pure"].as_bool().unwrap_or(false),
        dependencies: value["dependencies"]
            .as_array()
            .map_or_else(Vec::new, |list| {
                list.iter()
                    .filter(|it| it["kind"].as_str() != Some("dev"))
                    .filter_map(|it| it["name"].as_str().map(str::to_owned))
                    .collect()
            }),
        name,
    }
}

/// Every arrow that points up or sideways, and every impure dependency of a pure crate.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    packages
        .iter()
        .flat_map(|package| check_package(package, packages))
        .collect()
}

fn check_package(package: &Package, all: &[Package]) -> Vec<Finding> {
    let say = |message: String| Finding::failure(&package.manifest, 0, message);
    let Some(floor) = package.floor else {
        return vec![say(
            "says no floor; add `[package.metadata.postern] floor = n`".into(),
        )];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let sibling = all.iter().find(|it| &it.name == dependency);
        match sibling {
            Some(below) => {
                if let Some(message) = broken_arrow(package, floor, below) {
                    findings.push(say(message));
                }
            }
            None if package.pure && IMPURE.contains(&dependency.as_str()) => findings.push(say(
                format!("is pure and depends on `{dependency}`; move the I/O to a floor above"),
            )),
            None => {}
        }
    }
    findings
}

fn broken_arrow(package: &Package, floor: u64, below: &Package) -> Option<String> {
    let (name, target) = (&package.name, &below.name);
    let target_floor = below.floor?;
    if target_floor >= DEV_FLOOR {
        return Some(format!(
            "`{target}` is for development; make it a dev-dependency, or start it as a program"
        ));
    }
    if target_floor >= floor {
        return Some(format!(
            "`{name}` (floor {floor}) imports `{target}` (floor {target_floor}); arrows point \
             down: put a trait in `postern-base` and wire it in `postern-server`"
        ));
    }
    (package.pure && !below.pure)
        .then(|| format!("is pure and depends on `{target}`, which is not; depend on data instead"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_json(packages: &Value) -> Vec<String> {
        let packages = super::packages(&json!({ "packages": packages })).unwrap();
        check(&packages)
            .into_iter()
            .map(|it| it.to_string())
            .collect()
    }

    fn crate_on(name: &str, floor: u64, pure: bool, dependencies: &Value) -> Value {
        json!({
            "name": name,
            "metadata": { "postern": { "floor": floor, "pure": pure } },
            "dependencies": dependencies,
        })
    }

    #[test]
    fn an_arrow_that_points_down_is_fine() {
        let found = check_json(&json!([
            crate_on("postern-base", 0, true, &json!([])),
            crate_on(
                "postern-db",
                4,
                false,
                &json!([{ "name": "postern-base", "kind": null }])
            ),
        ]));

        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_points_sideways_names_the_way_out() {
        let found = check_json(&json!([
            crate_on("postern-rest", 6, false, &json!([])),
            crate_on(
                "postern-auth",
                6,
                false,
                &json!([{ "name": "postern-rest", "kind": null }])
            ),
        ]));

        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("put a trait in `postern-base`"),
            "{found:?}"
        );
    }

    #[test]
    fn a_test_may_stand_on_the_whole_house() {
        let found = check_json(&json!([
            crate_on("postern-testkit", 10, false, &json!([])),
            crate_on(
                "postern-db",
                4,
                false,
                &json!([{ "name": "postern-testkit", "kind": "dev" }])
            ),
        ]));

        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_development_crate_is_never_a_normal_dependency() {
        let found = check_json(&json!([
            crate_on("postern-testkit", 10, false, &json!([])),
            crate_on(
                "postern-cli",
                9,
                false,
                &json!([{ "name": "postern-testkit", "kind": null }])
            ),
        ]));

        assert_eq!(found.len(), 1);
        assert!(found[0].contains("make it a dev-dependency"), "{found:?}");
    }

    #[test]
    fn a_pure_crate_has_no_runtime() {
        let found = check_json(&json!([crate_on(
            "postern-policy",
            2,
            true,
            &json!([{ "name": "tokio", "kind": null }]),
        )]));

        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("is pure and depends on `tokio`"),
            "{found:?}"
        );
    }

    #[test]
    fn a_crate_that_says_no_floor_is_told_how() {
        let found = check_json(&json!([{ "name": "postern-new", "metadata": null }]));

        assert_eq!(found.len(), 1);
        assert!(found[0].contains("[package.metadata.postern]"), "{found:?}");
    }
}
