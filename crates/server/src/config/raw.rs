//! The layers of the configuration, before its values mean anything.
//!
//! Default, then generated (the keys of a development project), file, environment, flags: each
//! layer overrides the one before, and every value remembers where it came from.

use std::collections::BTreeMap;
use std::fmt;

use postern_base::Secret;

use super::error::{Problem, Problems};
use super::key::{Default, KEYS, Key, Kind};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The built-in value.
    Default,
    /// Made at the first start of `postern dev`, kept in `.postern/`.
    Generated,
    /// A line of the configuration file.
    File {
        /// The file as the user would name it.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// A setting of the database's login, such as `pgrst.db_schemas`.
    Login(String),
    /// A flag of the command line, such as `--port`.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Generated => formatter.write_str("generated"),
            Self::File { path, line } => write!(formatter, "{path}:{line}"),
            Self::Variable(name) => write!(formatter, "environment {name}"),
            Self::Login(name) => write!(formatter, "setting {name} of the database's login"),
            Self::Flag(name) => write!(formatter, "flag {name}"),
        }
    }
}

/// A value of the type that its key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Unset,
    /// A text or choice.
    Text(String),
    /// A secret.
    Secret(Secret<String>),
    /// A list.
    List(Vec<String>),
    /// A list of secrets.
    SecretList(Vec<Secret<String>>),
    /// A number.
    Number(u64),
    /// A switch.
    Switch(bool),
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// All keys with their values, layered but not yet checked against each other.
#[derive(Clone, Debug)]
pub struct RawConfig {
    settings: BTreeMap<String, Setting>,
    problems: Problems,
}

impl RawConfig {
    /// The built-in values.
    pub fn defaults() -> Self {
        let settings = KEYS.iter().map(|key| {
            let setting = Setting {
                value: default_value(key),
                origin: Origin::Default,
            };
            (key.path(), setting)
        });
        Self {
            settings: settings.collect(),
            problems: Problems::default(),
        }
    }

    /// Sets a value that a program made, of the right type by construction.
    pub fn set(&mut self, path: &str, value: Value, origin: Origin) {
        debug_assert!(self.settings.contains_key(path), "no key `{path}`");
        self.settings.insert(path.into(), Setting { value, origin });
    }

    /// Sets a value from text, as environment variables and flags hold it.
    pub fn set_text(&mut self, key: &Key, text: &str, origin: Origin) {
        match parse_text(key.kind, text) {
            Some(value) => self.set(&key.path(), value, origin),
            None => self.problem(Problem::WrongType {
                place: origin,
                key: key.path(),
                expected: key.kind.expected(),
                found: if key.is_secret() {
                    "this".into()
                } else {
                    format!("`{text}`")
                },
            }),
        }
    }

    /// Notes a problem; [`RawConfig::finish`] reports them together.
    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.0.push(problem);
    }

    /// The layers, unless one of them is wrong.
    ///
    /// # Errors
    /// Returns everything that is wrong in any layer.
    pub fn finish(self) -> Result<Self, Problems> {
        self.problems.clone().into_result()?;
        Ok(self)
    }

    /// The setting of a key.
    pub fn setting(&self, path: &str) -> &Setting {
        self.settings
            .get(path)
            .expect("INVARIANT: only keys of the table are asked for; a test asks for all")
    }

    pub(super) fn text(&self, path: &str) -> Option<String> {
        match &self.setting(path).value {
            Value::Text(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn secret(&self, path: &str) -> Option<Secret<String>> {
        match &self.setting(path).value {
            Value::Secret(secret) if !secret.expose().is_empty() => Some(secret.clone()),
            _ => None,
        }
    }

    pub(super) fn list(&self, path: &str) -> Vec<String> {
        match &self.setting(path).value {
            Value::List(list) => list.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn secrets(&self, path: &str) -> Vec<Secret<String>> {
        match &self.setting(path).value {
            Value::SecretList(list) => list.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn number(&self, path: &str) -> u64 {
        match self.setting(path).value {
            Value::Number(number) => number,
            _ => 0,
        }
    }

    /// A number in the type of its field; the table's bounds make it fit.
    pub(super) fn size<T: TryFrom<u64> + std::default::Default>(&self, path: &str) -> T {
        T::try_from(self.number(path)).unwrap_or_default()
    }

    pub(super) fn switch(&self, path: &str) -> bool {
        self.setting(path).value == Value::Switch(true)
    }
}

fn default_value(key: &Key) -> Value {
    let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    match (key.default, key.kind) {
        (Default::Unset, _) => Value::Unset,
        (Default::Text(text), _) => Value::Text(text.into()),
        (Default::Number(number), _) => Value::Number(number),
        (Default::Switch(switch), _) => Value::Switch(switch),
        (Default::List(list), Kind::SecretList) => {
            Value::SecretList(texts(list).into_iter().map(Secret::new).collect())
        }
        (Default::List(list), _) => Value::List(texts(list)),
    }
}

/// Reads a value from an environment variable or flag; lists are separated by commas.
fn parse_text(kind: Kind, text: &str) -> Option<Value> {
    let items = || {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(String::from)
    };
    Some(match kind {
        Kind::Text => Value::Text(text.into()),
        Kind::Secret => Value::Secret(Secret::new(text.into())),
        Kind::TextList => Value::List(items().collect()),
        Kind::SecretList => Value::SecretList(items().map(Secret::new).collect()),
        Kind::Number { min, max } => {
            let number = text.trim().parse().ok()?;
            return (min..=max)
                .contains(&number)
                .then_some(Value::Number(number));
        }
        Kind::Switch => Value::Switch(text.trim().parse().ok()?),
        Kind::Choice(choices) => {
            let choice = choices.iter().find(|choice| **choice == text.trim())?;
            Value::Text((*choice).into())
        }
    })
}
