//! What the form of "test as" asks for.

use postern_base::RelationName;
use postern_policy::Verb;

use crate::pages::policies::caller::{CallerForm, Who};
use crate::visit::Visit;

/// What the form asks for.
pub(crate) struct Form {
    pub(crate) caller: CallerForm,
    pub(crate) verb: Verb,
    pub(crate) table: String,
    pub(crate) key: String,
    pub(crate) values: String,
    pub(crate) request: String,
    pub(crate) tables: Vec<String>,
    /// Whether the request is one of the log, which keeps no bodies.
    pub(crate) is_logged: bool,
}

impl Form {
    /// Reads the form, or the address that leads to it.
    pub(crate) fn read(visit: &Visit, relation: Option<&RelationName>) -> Self {
        let text = |name| visit.given(name).trim().to_owned();
        let table = text("table");
        let own = relation.map(ToString::to_string).unwrap_or_default();
        let snapshot = visit.console.rest.snapshot();
        let mut tables: Vec<_> = snapshot
            .catalog
            .relations()
            .map(|it| it.name.to_string())
            .collect();
        tables.sort();
        Self {
            caller: CallerForm::read(visit),
            verb: Verb::parse(visit.given("verb")).unwrap_or(Verb::Select),
            table: if table.is_empty() { own } else { table },
            key: text("key"),
            values: text("values"),
            request: text("request"),
            tables,
            is_logged: false,
        }
    }

    /// The choices of a caller, and whether each is made.
    pub(crate) fn whos(&self) -> Vec<(Who, bool)> {
        Who::ALL.map(|it| (it, it == self.caller.who)).to_vec()
    }

    /// The verbs, and whether each is chosen.
    pub(crate) fn verbs(&self) -> Vec<(&'static str, bool)> {
        Verb::ALL.map(|it| (it.as_str(), it == self.verb)).to_vec()
    }
}
