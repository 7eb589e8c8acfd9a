//! What an operator asks the server about itself.

use futures_util::future::LocalBoxFuture;

/// A section of the configuration.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name in `postern.toml`.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Its keys.
    pub settings: Vec<Setting>,
}

/// A key of the configuration.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key, with its section.
    pub key: String,
    /// The environment variable that sets it.
    pub variable: String,
    /// What it does.
    pub meaning: &'static str,
    /// The value; of a secret, only that it is there. None where nothing is set.
    pub value: Option<String>,
    /// Whether the value is a secret.
    pub is_secret: bool,
    /// Where the value came from.
    pub origin: String,
    /// Whether nobody said anything, so that the built-in value holds.
    pub is_default: bool,
}

/// How letters go out.
#[derive(Clone, Debug)]
pub struct Post {
    /// `smtp`, `dev mailbox` or `off`.
    pub transport: &'static str,
    /// Whether a letter could leave at all.
    pub is_on: bool,
    /// The mail server and what it is told: names and values, no secret.
    pub facts: Vec<(&'static str, String)>,
}

/// How many connections the server holds at most, by what they are for.
#[derive(Clone, Debug)]
pub struct Pool {
    /// What for, and how many.
    pub lanes: Vec<(&'static str, usize)>,
    /// How long statements may take, by caller, in milliseconds.
    pub timeouts: Vec<(&'static str, u64)>,
}

/// What the server knows of itself.
pub trait Operating {
    /// Forgets what was found, so that the next question looks again.
    fn look_again(&self) -> LocalBoxFuture<'_, ()>;
    /// The configuration in force.
    fn settings(&self) -> Vec<Section>;
    /// How the database is reached.
    fn pool(&self) -> Pool;
    /// How letters go out.
    fn post(&self) -> Post;
    /// Sends a letter now and tells what became of it; the error is what the mail server said.
    fn send_letter<'a>(
        &'a self,
        to: &'a str,
        subject: &'a str,
        text: &'a str,
    ) -> LocalBoxFuture<'a, Result<(), String>>;
    /// The version of the program.
    fn version(&self) -> &'static str;
    /// How long the server has run, in seconds.
    fn uptime_secs(&self) -> u64;
}
