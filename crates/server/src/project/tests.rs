//! Scaffolding, keys and tokens on real folders.

use std::path::PathBuf;

use postern_base::Secret;

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!(
            "postern-project-{}",
            postern_http::generate_publishable_key()
        ));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_new_project_opens_with_a_valid_configuration() {
    let folder = Folder::new();
    let root = folder.0.join("notes-app");

    create(&root).unwrap();

    let project = Project::open(&root).unwrap();
    assert!(project.root().join("policies/public.notes.toml").is_file());
    assert!(project.seed_file().is_some());
    let mut sources = project.sources().unwrap();
    sources.variables.clear();
    let config = Config::load(project.root(), sources).unwrap();
    assert_eq!(config.api.port, 54_321);
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.starts_with("# notes-app\n"));
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("mine.txt"), "mine").unwrap();

    assert!(matches!(create(&folder.0), Err(ProjectError::NotEmpty(_))));
    assert!(matches!(
        Project::open(&folder.0),
        Err(ProjectError::NoProject(_))
    ));
}

#[test]
fn keys_are_made_once_and_are_private() {
    let folder = Folder::new();
    create(&folder.0.join("app")).unwrap();
    let project = Project::open(&folder.0.join("app")).unwrap();

    let first = project.keys_or_new().unwrap();
    let second = project.keys_or_new().unwrap();

    assert!(first.publishable.starts_with("sb_publishable_"));
    assert!(first.secret.expose().starts_with("sb_secret_"));
    assert_eq!(first.secret, second.secret);
    assert_eq!(first.legacy_anon().unwrap(), second.legacy_anon().unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(project.state_dir().join("keys.json")), 0o600);
        assert_eq!(
            mode(project.state_dir()) & 0o066,
            0,
            "nobody else reads or writes"
        );
    }
}

#[test]
fn generated_keys_reach_the_configuration_and_give_way_to_the_file() {
    let folder = Folder::new();
    create(&folder.0.join("app")).unwrap();
    let project = Project::open(&folder.0.join("app")).unwrap();
    let keys = project.keys_or_new().unwrap();
    let mut sources = project.sources().unwrap();
    sources.variables.clear();

    let generated = Config::load(project.root(), sources.clone()).unwrap();
    sources.file = Some((
        "f".into(),
        "[keys]\npublishable = [\"sb_publishable_x\"]".into(),
    ));
    let own = Config::load(project.root(), sources).unwrap();

    assert_eq!(generated.keys.publishable, [keys.publishable]);
    assert_eq!(own.keys.publishable, ["sb_publishable_x"]);
    assert_eq!(own.keys.secret, [keys.secret]);
}

#[test]
fn token_requests_become_claims() {
    let request = TokenRequest {
        sub: "u1".into(),
        role: "authenticated".into(),
        email: Some("a@example.org".into()),
        claims: vec![
            "app_metadata={\"role\":\"admin\"}".into(),
            "team=red".into(),
        ],
        expires: "2h".into(),
        audience: None,
    };

    let claims = request.claims().unwrap();

    assert_eq!(claims["aud"], "authenticated");
    assert_eq!(claims["app_metadata"]["role"], "admin");
    assert_eq!(claims["team"], "red");
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 7200);
    let token = sign(&claims, &Secret::new("s".repeat(40))).unwrap();
    assert_eq!(token.split('.').count(), 3);
}

#[test]
fn bad_durations_and_claims_are_named() {
    let request = |expires: &str, claim: &str| TokenRequest {
        sub: "u".into(),
        role: "authenticated".into(),
        email: None,
        claims: vec![claim.into()],
        expires: expires.into(),
        audience: None,
    };

    let duration = request("soon", "a=1").claims().unwrap_err().to_string();
    let claim = request("1h", "nothing").claims().unwrap_err().to_string();

    assert!(duration.contains("`soon` is no duration"), "{duration}");
    assert!(claim.contains("`nothing` is no claim"), "{claim}");
    assert!(request("-1h", "a=1").claims().is_err());
}
