//! What refers to a row: tables with a foreign key to it, and how many of their rows do.

use futures_util::future;
use postern_catalog::ForeignKey;
use postern_query::request::Method;

use crate::failure::Failure;
use crate::form::address;
use crate::pages::tables::ask::{self, Ask};
use crate::pages::tables::table::Table;
use crate::place::{Place, TablePage};
use crate::visit::Visit;

/// Most tables that are asked.
const TABLES_MAX: usize = 12;

/// Rows of another table that refer to this one.
pub(crate) struct Reference {
    pub(crate) table: String,
    pub(crate) columns: String,
    pub(crate) address: String,
    pub(crate) rows: u64,
    /// Whether the planner says so.
    pub(crate) is_estimate: bool,
}

/// The rows that refer to one; `value` says what its columns hold.
pub(super) async fn referring(
    visit: &Visit,
    table: &Table,
    value: impl Fn(&str) -> Option<String>,
) -> Result<Vec<Reference>, Failure> {
    let name = &table.relation()?.name;
    let mut asked = Vec::new();
    for other in table.snapshot().catalog.relations() {
        let Some(far) = table.beside(&other.name, visit) else {
            continue;
        };
        for key in other.foreign_keys.iter().filter(|it| it.target == *name) {
            let values: Option<Vec<String>> =
                key.target_columns.iter().map(|it| value(it)).collect();
            if let Some(values) = values.filter(|_| asked.len() < TABLES_MAX) {
                asked.push(count(visit, far.name().clone(), key, values));
            }
        }
    }
    Ok(future::join_all(asked)
        .await
        .into_iter()
        .flatten()
        .collect())
}

/// Counts the rows of one key; none where they cannot be counted, which costs the list an entry
/// and not the page.
async fn count(
    visit: &Visit,
    far: postern_base::RelationName,
    key: &ForeignKey,
    values: Vec<String>,
) -> Option<Reference> {
    let pairs = || key.columns.iter().zip(&values);
    let ask = Ask::new(Method::Head, &far)
        .with("select", &ask::name(key.columns.first()?))
        .with("limit", "0")
        .preferring("count=estimated");
    let ask = pairs().fold(ask, |ask, (name, it)| {
        ask.filtered(name, &format!("eq.{it}"))
    });
    let rows = ask.send(visit).await.ok()?.total?;
    let filters: Vec<String> = pairs()
        .map(|(name, it)| format!("{name}.eq.{it}"))
        .collect();
    let parameters: Vec<(&str, &str)> = filters.iter().map(|it| ("where", it.as_str())).collect();
    let place = Place::Table(far.clone(), TablePage::Rows).to_string();
    Some(Reference {
        table: far.name,
        columns: key.columns.join(", "),
        address: address(&place, &parameters),
        is_estimate: rows > visit.console.rest.settings().limits.rows_max,
        rows,
    })
}
