//! PostgREST's configuration as its login keeps it in the database:
//! `ALTER ROLE authenticator SET pgrst.db_schemas = 'api'`.
//!
//! It counts where the database decides anyway (`api.enforce = "native"` or `"both"`), and less
//! than everything that is written here. What tokens are believed is never taken from it.

use super::Config;
use super::error::Problems;
use super::key;
use super::raw::{Origin, RawConfig};

/// What came of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The setting and what it means here, as a sentence.
    pub(crate) text: String,
    /// Whether it has no effect.
    pub(crate) is_ignored: bool,
}

/// What a setting of PostgREST's is here.
#[derive(Clone, Copy)]
enum Meaning {
    /// A key with the same values.
    Key(&'static str),
    /// A key with other words.
    Words(&'static str, &'static [(&'static str, &'static str)]),
    /// Nothing that the database says; where it is said instead.
    Elsewhere(&'static str),
}

const TOKENS: Meaning = Meaning::Elsewhere("which tokens are believed stands in [auth]");

const SETTINGS: &[(&str, Meaning)] = &[
    ("db_schemas", Meaning::Key("api.schemas")),
    ("db_anon_role", Meaning::Key("api.anon_role")),
    (
        "db_extra_search_path",
        Meaning::Key("api.extra_search_path"),
    ),
    ("db_max_rows", Meaning::Key("limits.rows_max")),
    ("db_pre_request", Meaning::Key("api.pre_request")),
    ("db_root_spec", Meaning::Key("openapi.root_function")),
    ("db_tx_end", Meaning::Key("api.tx_end")),
    (
        "db_plan_enabled",
        Meaning::Words("api.plans", &[("true", "everybody"), ("false", "off")]),
    ),
    (
        "db_aggregates_enabled",
        Meaning::Elsewhere("roles may aggregate what they may read"),
    ),
    (
        "openapi_mode",
        Meaning::Words(
            "openapi.mode",
            &[
                ("follow-privileges", "follow-policies"),
                ("ignore-privileges", "ignore-policies"),
                ("disabled", "disabled"),
            ],
        ),
    ),
    ("openapi_security_active", Meaning::Key("openapi.security")),
    ("openapi_server_proxy_uri", Meaning::Key("api.external_url")),
    ("server_timing_enabled", Meaning::Key("api.server_timing")),
    ("jwt_aud", TOKENS),
    ("jwt_role_claim_key", TOKENS),
    ("jwt_secret", TOKENS),
    ("jwt_secret_is_base64", TOKENS),
];

impl Config {
    /// Takes over what the login sets, where nothing here says otherwise.
    ///
    /// # Errors
    /// A value that its key cannot have.
    pub(crate) fn take_login_settings(
        &mut self,
        settings: &[(String, String)],
    ) -> Result<Vec<Remark>, Problems> {
        let mut raw = self.raw.clone();
        let remarks = settings
            .iter()
            .map(|(name, value)| take(&mut raw, name, value))
            .collect();
        let raw = raw.finish()?;
        let taken = Self::check(&self.folder, &raw)?;
        // What a start has decided already, such as the port, stays.
        self.api.schemas = taken.api.schemas;
        self.api.anon_role = taken.api.anon_role;
        self.limits = taken.limits;
        self.dialect = taken.dialect;
        self.raw = raw;
        Ok(remarks)
    }
}

fn take(raw: &mut RawConfig, name: &str, value: &str) -> Remark {
    let found = SETTINGS.iter().find(|(known, _)| *known == name);
    let (path, text) = match found.map(|(_, meaning)| *meaning) {
        None => return ignored(name, "it means nothing here"),
        Some(Meaning::Elsewhere(reason)) => return ignored(name, reason),
        Some(Meaning::Key(path)) => (path, value),
        Some(Meaning::Words(path, words)) => {
            let ours = words.iter().find(|(theirs, _)| *theirs == value.trim());
            (path, ours.map_or(value, |(_, ours)| *ours))
        }
    };
    let origin = &raw.setting(path).origin;
    if !matches!(origin, Origin::Default | Origin::Generated) {
        return ignored(name, &format!("`{path}` is set ({origin})"));
    }
    let key =
        key::find(path).expect("INVARIANT: the table names keys that there are; see the test");
    raw.set_text(key, text, Origin::Login(format!("pgrst.{name}")));
    Remark {
        text: format!("`{path}` is `{text}`: setting pgrst.{name} of the database's login"),
        is_ignored: false,
    }
}

fn ignored(name: &str, reason: &str) -> Remark {
    Remark {
        text: format!("setting pgrst.{name} of the database's login is not used: {reason}"),
        is_ignored: true,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Sources;

    fn config(file: &str) -> Config {
        let sources = Sources {
            file: Some(("postern.toml".into(), file.into())),
            ..Sources::default()
        };
        Config::load(Path::new("."), sources).expect("a configuration")
    }

    fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
        let settings = settings.iter();
        settings
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn every_setting_names_a_key_that_there_is() {
        for (name, meaning) in SETTINGS {
            if let Meaning::Key(path) | Meaning::Words(path, _) = meaning {
                assert!(key::find(path).is_some(), "{name}: {path}");
            }
        }
    }

    #[test]
    fn settings_are_taken_over_in_our_words() {
        let mut config = config("");

        let remarks = config.take_login_settings(&owned(&[
            ("db_schemas", "api, more"),
            ("db_anon_role", "web_anon"),
            ("db_max_rows", "7"),
            ("openapi_mode", "disabled"),
            ("db_pre_request", "check_it"),
        ]));

        assert!(remarks.expect("taken").iter().all(|it| !it.is_ignored));
        assert_eq!(config.api.schemas, ["api", "more"]);
        assert_eq!(config.api.anon_role, "web_anon");
        assert_eq!(config.limits.rows_max, 7);
        assert_eq!(config.dialect.openapi, postern_rest::OpenApi::Disabled);
        let before = config.dialect.pre_request.expect("a function");
        assert_eq!(before, ("api".to_owned(), "check_it".to_owned()));
    }

    #[test]
    fn what_is_written_here_counts_more_and_secrets_are_left_alone() {
        let mut config = config("[limits]\nrows_max = 5\n");
        let secrets = config.auth.jwt_secrets.len();

        let remarks = config
            .take_login_settings(&owned(&[
                ("db_max_rows", "7"),
                ("jwt_secret", "a-secret-of-the-database-that-is-long"),
                ("db_pool", "3"),
            ]))
            .expect("taken");

        assert_eq!(config.limits.rows_max, 5);
        assert_eq!(config.auth.jwt_secrets.len(), secrets);
        let texts: Vec<_> = remarks.iter().map(|it| it.text.as_str()).collect();
        assert!(remarks.iter().all(|it| it.is_ignored), "{texts:?}");
        assert!(texts[0].contains("postern.toml:2"), "{texts:?}");
        assert!(texts[1].contains("[auth]"), "{texts:?}");
        assert!(!texts[1].contains("a-secret"), "{texts:?}");
    }

    #[test]
    fn a_value_that_cannot_be_is_an_error() {
        for (name, value) in [
            ("db_max_rows", "many"),
            ("db_schemas", ""),
            ("db_anon_role", "none"),
            ("openapi_mode", "open"),
        ] {
            let refused = config("").take_login_settings(&owned(&[(name, value)]));
            let error = refused.expect_err(name).to_string();
            assert!(error.contains(&format!("pgrst.{name}")), "{error}");
        }
    }
}
