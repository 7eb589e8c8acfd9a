//! One request as it is remembered.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The parts of a request's work in their order, as `Server-Timing` names them.
pub const STAGES: [&str; 5] = ["jwt", "parse", "plan", "transaction", "response"];

/// Which service answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The data API.
    Data,
    /// The auth service.
    Auth,
    /// The admin console.
    Console,
    /// None of them.
    Other,
}

impl Service {
    /// Those that people choose from.
    pub const ALL: [Self; 4] = [Self::Data, Self::Auth, Self::Console, Self::Other];

    /// As addresses spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Auth => "auth",
            Self::Console => "console",
            Self::Other => "other",
        }
    }

    /// The service of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// Who asked, as far as it was found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Nobody looked, or the key or token was refused.
    #[default]
    Unknown,
    /// Somebody without a user token.
    Anonymous,
    /// A user, by the token's subject.
    User(Box<str>),
    /// An admin who acts for a user: the user's id, the admin's address.
    Acting(Box<str>, Box<str>),
    /// The holder of the secret key.
    Secret,
    /// An admin, by the address.
    Admin(Box<str>),
}

impl Caller {
    /// The user's id or the admin's address.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Acting(name, _) | Self::Admin(name) => name,
            Self::Unknown | Self::Anonymous | Self::Secret => "",
        }
    }
}

/// Why a caller was denied something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The table is there, and no rule gives it to the role: it looked as if it were missing.
    Hidden,
    /// The role may not do this to the table or column at all.
    NotGranted,
    /// The new row is not one that the rules let the caller write.
    Check,
    /// The sign-in is not sure or not recent enough.
    SignIn,
    /// The database's own grants or row-level security refused.
    Database,
}

impl Reason {
    /// As addresses spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::NotGranted => "not granted",
            Self::Check => "check",
            Self::SignIn => "sign-in",
            Self::Database => "database",
        }
    }
}

/// A refusal by policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub reason: Reason,
    /// The names of the rules that were asked, if any.
    pub rules: Box<str>,
}

/// A statement's text, shared with whoever keeps it for the next request of its shape.
#[derive(Clone)]
pub struct Statement(pub Arc<dyn AsRef<str> + Send + Sync>);

impl fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str((*self.0).as_ref())
    }
}

/// What a service tells of a request that it worked on; it lays this into the request, and the
/// log takes it out when the answer is there.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Who asked.
    pub caller: Caller,
    /// The role that decided.
    pub role: Box<str>,
    /// The table or function, with its schema.
    pub relation: Option<Box<str>>,
    /// The verb of the policies, or `call`.
    pub verb: &'static str,
    /// The rows of the answer.
    pub rows: Option<i64>,
    /// How long each of [`STAGES`] took.
    pub stages: [Duration; STAGES.len()],
    /// The statement that ran, without values.
    pub statement: Option<Statement>,
    /// The refusal, where policies refused.
    pub denial: Option<Denial>,
    /// Which policies were in force: the beginning of their hash.
    pub policies: u64,
}

/// One request.
#[derive(Debug)]
pub struct Record {
    /// Given by the log; later requests have higher numbers.
    pub number: u64,
    /// When it was answered, in seconds since the epoch.
    pub at: i64,
    /// The id that its answer carries.
    pub id: Box<str>,
    /// The verb.
    pub method: Box<str>,
    /// Path and query, without secrets.
    pub address: Box<str>,
    /// Who answered.
    pub service: Service,
    /// The answer's status.
    pub status: u16,
    /// The code of the refusal.
    pub code: Option<Box<str>>,
    /// What the refusal said, without secrets.
    pub message: Option<Box<str>>,
    /// From the last byte of the head to the first of the answer.
    pub duration: Duration,
    /// Where it came from.
    pub client: Option<IpAddr>,
    /// The body that came, in bytes.
    pub received: Option<u64>,
    /// The body that went, in bytes; none where it went out as it was read.
    pub sent: Option<u64>,
    /// What the service told.
    pub told: Option<Told>,
}

impl Record {
    /// Whether somebody was told that they may not.
    pub fn is_denied(&self) -> bool {
        let is_told = self.told.as_ref().is_some_and(|it| it.denial.is_some());
        is_told || matches!(self.status, 401 | 403)
    }

    /// Whether a read went well and yielded no row to somebody whom rules speak of.
    pub fn is_empty_read(&self) -> bool {
        let Some(told) = &self.told else {
            return false;
        };
        let is_judged = matches!(told.caller, Caller::Anonymous | Caller::User(_));
        is_judged && told.verb != "insert" && told.rows == Some(0) && self.status < 300
    }

    /// About how many bytes it takes; a shared statement counts in full, as if nobody shared it.
    pub(super) fn weight(&self) -> usize {
        let text = |it: &Option<Box<str>>| it.as_ref().map_or(0, |it| it.len());
        let told = self.told.as_ref().map_or(0, |it| {
            let statement = it.statement.as_ref().map_or(0, |it| (*it.0).as_ref().len());
            let rules = it.denial.as_ref().map_or(0, |it| it.rules.len());
            it.caller.name().len() + it.role.len() + text(&it.relation) + statement + rules
        });
        let own = self.id.len() + self.method.len() + self.address.len();
        size_of::<Self>() + own + text(&self.code) + text(&self.message) + told
    }
}
