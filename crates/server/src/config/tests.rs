//! Layering, complaints and hiding, through the public functions.

use super::key::{Default as KeyDefault, KEYS, Kind};
use super::*;

fn sources(file: &str, variables: &[(&str, &str)]) -> Sources {
    Sources {
        file: (!file.is_empty()).then(|| ("postern.toml".into(), file.into())),
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        ..Sources::default()
    }
}

fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    Config::load(Path::new("/project"), sources(file, variables)).map_err(|it| it.to_string())
}

#[track_caller]
fn refused(file: &str, variables: &[(&str, &str)], expected: &[&str]) {
    let message = load(file, variables).expect_err("the configuration is wrong");
    for part in expected {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
}

#[test]
fn later_layers_override_earlier_ones() {
    let file = "[api]\nport = 1000\nhost = \"0.0.0.0\"\n[limits]\nrows_max = 5\n";
    let mut layers = sources(file, &[("POSTERN_API_PORT", "2000")]);

    let from_variable = Config::load(Path::new("."), layers.clone()).unwrap();
    layers.flags.push(("api.port", "3000".into(), "--port"));
    let from_flag = Config::load(Path::new("."), layers).unwrap();

    assert_eq!(from_variable.api.port, 2000);
    assert_eq!(from_flag.api.port, 3000);
    assert_eq!(from_flag.api.host, "0.0.0.0");
    assert_eq!(from_flag.limits.rows_max, 5);
    assert_eq!(from_flag.database.read_connections, 4);
}

#[test]
fn a_shadow_needs_policies_that_decide() {
    let file = "[policies]\nshadow = \"next\"\n[api]\nenforce = \"native\"\n";

    refused(
        file,
        &[],
        &["policies.shadow", "no policy file is in force"],
    );
    let both = load(&file.replace("native", "both"), &[]).unwrap();
    assert_eq!(both.policies.shadow, Some("/project/next".into()));
}

#[test]
fn unknown_keys_name_the_nearest_one() {
    refused(
        "[api]\n# a comment\nprot = 1\n",
        &[],
        &["postern.toml:3: unknown key `api.prot`; did you mean `api.port`?"],
    );
    refused(
        "[api]\nrows_max = 1\n",
        &[],
        &["postern.toml:2: unknown key `api.rows_max`; did you mean `limits.rows_max`?"],
    );
    refused(
        "[databse]\nurl = \"\"\n",
        &[],
        &["postern.toml:1: unknown section `databse`; did you mean `database`?"],
    );
    refused(
        "",
        &[("POSTERN_API_PROT", "1")],
        &["unknown environment variable `POSTERN_API_PROT`; did you mean `POSTERN_API_PORT`?"],
    );
}

#[test]
fn variables_of_scripts_are_left_alone() {
    let variables = [
        ("POSTERN_BIN", "/bin/postern"),
        ("POSTERN_TEST_DATABASE_URL", "postgres://x"),
    ];

    assert!(load("", &variables).is_ok());
}

#[test]
fn wrong_types_name_file_line_key_and_expectation() {
    refused(
        "[api]\nport = \"high\"\n\n[log]\nformat = \"xml\"\n",
        &[],
        &[
            "postern.toml:2: `api.port` is a whole number from 0 to 65535, not the string `\"high\"`",
            "postern.toml:5: `log.format` is one of \"text\", \"json\", not the string `\"xml\"`",
        ],
    );
    refused(
        "[api]\nport = 70000\n",
        &[],
        &["postern.toml:2: `api.port`"],
    );
    refused(
        "",
        &[("POSTERN_API_REQUIRE_APIKEY", "yes")],
        &[
            "environment POSTERN_API_REQUIRE_APIKEY: `api.require_apikey` is true or false, not `yes`",
        ],
    );
    refused("[api\n", &[], &["postern.toml:1: "]);
}

#[test]
fn complaints_do_not_show_secrets() {
    let message = load(
        "[database]\nurl = [\"hunter2\"]\n[keys]\nsecret = \"hunter2\"\n",
        &[],
    )
    .expect_err("wrong types");

    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn database_url_is_taken_unless_a_narrower_name_is_set() {
    let both = [
        ("POSTERN_DATABASE_URL", "postgres://narrow"),
        ("DATABASE_URL", "postgres://wide"),
    ];

    let url = |variables: &[(&str, &str)]| load("", variables).unwrap().database.url.unwrap();

    assert_eq!(url(&both[1..]).expose(), "postgres://wide");
    assert_eq!(url(&both).expose(), "postgres://narrow");
}

#[test]
fn keys_in_the_wrong_place_are_refused() {
    refused(
        "[keys]\npublishable = [\"sb_secret_x\"]\n",
        &[],
        &["`keys.publishable` holds a key that starts with `sb_secret_`"],
    );
}

#[test]
fn a_key_set_may_be_inline_a_file_or_an_address() {
    let jwks = |text: &str| load("", &[("POSTERN_AUTH_JWKS", text)]).map(|it| it.auth.jwks);

    assert_eq!(
        jwks(r#"{"keys":[]}"#),
        Ok(Some(Jwks::Inline(r#"{"keys":[]}"#.into())))
    );
    assert_eq!(
        jwks("https://id.example/jwks.json"),
        Ok(Some(Jwks::Url("https://id.example/jwks.json".into())))
    );
    assert_eq!(
        jwks("jwks.json"),
        Ok(Some(Jwks::File("/project/jwks.json".into())))
    );
}

#[test]
fn printing_hides_secrets_and_tells_origins() {
    let variables = [
        ("DATABASE_URL", "postgres://u:hunter2@h/d"),
        ("POSTERN_KEYS_SECRET", "sb_secret_hunter2"),
    ];
    let raw = layer(sources("[api]\nport = 1\n", &variables)).unwrap();

    let text = raw.to_text();

    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("# environment DATABASE_URL"), "{text}");
    assert!(text.contains("# postern.toml:2"), "{text}");
    assert!(
        Config::load(
            Path::new("."),
            sources(&text.replace("(hidden)", "sb_secret_x"), &[])
        )
        .is_ok(),
        "what is printed can be read again:\n{text}"
    );
}

#[test]
fn every_default_is_of_its_keys_kind() {
    for key in KEYS.iter() {
        let fits = match (key.default, key.kind) {
            (KeyDefault::Unset, Kind::Text | Kind::Secret) | (KeyDefault::Text(_), Kind::Text) => {
                true
            }
            (KeyDefault::Text(text), Kind::Choice(choices)) => choices.contains(&text),
            (KeyDefault::Number(number), Kind::Number { min, max }) => {
                (min..=max).contains(&number)
            }
            (KeyDefault::Switch(_), Kind::Switch)
            | (KeyDefault::List(_), Kind::TextList | Kind::SecretList) => true,
            _ => false,
        };
        assert!(fits, "{}", key.path());
    }
}
