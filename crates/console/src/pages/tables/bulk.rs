//! What is done to several rows at once: deleted, or one column set.

use postern_catalog::Relation;
use postern_query::request::Method;
use serde_json::{Value, json};

use super::ask::{self, Ask};
use super::key;
use super::row::{body, note};
use super::table::Table;
use crate::answer::{Answer, see_other};
use crate::failure::Failure;
use crate::place::{Place, TablePage};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Most rows at once: a page of the largest size.
const ROWS_MAX: usize = 500;
/// Most columns of keys in one request, below the API's own limit on filters.
const TERMS_MAX: usize = 80;
/// Most keys that an entry of the audit log names.
const KEYS_NOTED_MAX: usize = 100;

/// `POST /console/tables/{schema}.{table}/bulk/delete`
pub(crate) async fn delete(visit: &Visit) -> Answer {
    let bulk = Bulk::of(visit)?;
    if !bulk.table.relation()?.deletable {
        return Err(Failure::Missing);
    }
    let done = bulk.each(visit, Method::Delete, None).await;
    bulk.finish(visit, done, ("rows_deleted", None)).await
}

/// `POST /console/tables/{schema}.{table}/bulk/set`
pub(crate) async fn set(visit: &Visit) -> Answer {
    let bulk = Bulk::of(visit)?;
    let relation = bulk.table.relation()?;
    let column = relation.column(visit.form.text("column"));
    let column = column
        .filter(|_| relation.updatable)
        .ok_or(Failure::Missing)?;
    let value = match visit.form.has("null") {
        true => None,
        false => Some(visit.form.text("value").replace("\r\n", "\n")),
    };
    let body = body(&[(column.clone(), value)]).map_err(Failure::Data)?;
    let done = bulk.each(visit, Method::Patch, Some(&body)).await;
    bulk.finish(visit, done, ("rows_updated", Some(&column.name)))
        .await
}

/// The rows of a form.
struct Bulk {
    table: Table,
    keys: Vec<Vec<String>>,
}

impl Bulk {
    fn of(visit: &Visit) -> Result<Self, Failure> {
        let table = Table::of(visit)?;
        let length = table.relation()?.primary_key.len();
        let texts = visit.form.texts("key").take(ROWS_MAX);
        let keys: Option<Vec<_>> = texts.map(|it| key::taken_apart(it, length)).collect();
        let keys = keys.filter(|_| length > 0).ok_or(Failure::Missing)?;
        Ok(Self { table, keys })
    }

    /// Does it, some rows a request; says how many rows were touched even where it fails.
    async fn each(
        &self,
        visit: &Visit,
        method: Method,
        body: Option<&str>,
    ) -> (u64, Option<Box<Refusal>>) {
        let Ok(relation) = self.table.relation() else {
            return (0, Some(Box::new(Refusal::gone())));
        };
        let length = relation.primary_key.len();
        let at_once = match length {
            1 => ROWS_MAX,
            length => (TERMS_MAX / length.max(1)).max(1),
        };
        let mut touched = 0;
        for keys in self.keys.chunks(at_once) {
            let mut ask = these(Ask::new(method, &relation.name), relation, keys);
            if let Some(body) = body {
                ask = ask.with_body(body.to_owned());
            }
            match ask.send(visit).await {
                Ok(found) => touched += found.touched,
                Err(refusal) => return (touched, Some(refusal)),
            }
        }
        (touched, None)
    }

    async fn finish(
        &self,
        visit: &Visit,
        (touched, refusal): (u64, Option<Box<Refusal>>),
        (action, column): (&str, Option<&str>),
    ) -> Answer {
        if touched > 0 {
            let keys = self.keys.iter().take(KEYS_NOTED_MAX);
            let keys: Vec<_> = keys
                .map(|it| key::joined(it.iter().map(String::as_str)))
                .collect();
            let traits = json!({ "table": self.table.name().to_string(), "keys": keys,
                "rows": touched, "columns": column.map_or(Value::Null, |it| json!([it])) });
            note(visit, action, traits).await?;
        }
        if let Some(refusal) = refusal {
            return Err(Failure::Data(refusal));
        }
        let usual = Place::Table(self.table.name().clone(), TablePage::Rows).to_string();
        let back = match visit.page_of_form() {
            here if here.starts_with(&usual) => here,
            _ => usual,
        };
        Ok(see_other(&back))
    }
}

/// Only the rows with these keys.
fn these(ask: Ask, relation: &Relation, keys: &[Vec<String>]) -> Ask {
    let names = &relation.primary_key;
    if let [name] = names.as_slice() {
        let values = keys.iter().flatten().map(|it| ask::quoted(it));
        let values: Vec<_> = values.collect();
        return ask.filtered(name, &format!("in.({})", values.join(",")));
    }
    let row = |key: &Vec<String>| {
        let tests = names.iter().zip(key);
        let tests = tests.map(|(name, it)| format!("{}.eq.{}", ask::name(name), ask::quoted(it)));
        format!("and({})", tests.collect::<Vec<_>>().join(","))
    };
    let rows: Vec<_> = keys.iter().map(row).collect();
    ask.with("or", &format!("({})", rows.join(",")))
}
