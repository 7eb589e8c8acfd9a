//! What the planner expects of a request's statement, and through which indexes it goes.

use postern_db::{Caller, RequestSettings, Trial};
use postern_query::{Rewritten, View};
use serde_json::Value;

use crate::{Error, Pasted};

/// Deepest plan that is looked through.
const DEPTH_MAX: usize = 64;

/// What the planner expects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// The total cost, in the planner's own units.
    pub total: f64,
    /// The tables that are read from one end to the other.
    pub read_whole: Vec<String>,
    /// The tables that are read through an index.
    pub by_index: Vec<String>,
}

impl Cost {
    /// The tables that another plan reads through an index, and this one from end to end.
    pub fn lost<'c>(&'c self, before: &'c Self) -> impl Iterator<Item = &'c str> {
        let is_lost = |it: &&String| before.by_index.contains(it) && !self.by_index.contains(it);
        self.read_whole.iter().filter(is_lost).map(String::as_str)
    }

    /// Reads `[{"Plan": {"Total Cost": …, "Plans": […]}}]`.
    fn read(text: &str) -> Option<Self> {
        let plan: Value = serde_json::from_str(text).ok()?;
        let root = plan.get(0)?.get("Plan")?;
        let mut cost = Self {
            total: root.get("Total Cost")?.as_f64()?,
            ..Self::default()
        };
        cost.look(root, 0);
        Some(cost)
    }

    fn look(&mut self, node: &Value, depth: usize) {
        if let Some(table) = node["Relation Name"].as_str() {
            let kind = node["Node Type"].as_str().unwrap_or_default();
            let tables = match kind {
                "Seq Scan" => Some(&mut self.read_whole),
                _ if kind.contains("Index") || kind == "Bitmap Heap Scan" => {
                    Some(&mut self.by_index)
                }
                _ => None,
            };
            if let Some(tables) = tables.filter(|it| !it.iter().any(|it| it == table)) {
                tables.push(table.to_owned());
            }
        }
        let inner = node["Plans"].as_array().map(Vec::as_slice);
        for plan in inner
            .unwrap_or_default()
            .iter()
            .take_while(|_| depth < DEPTH_MAX)
        {
            self.look(plan, depth + 1);
        }
    }
}

/// Asks the planner about a request's statement; nothing is run.
///
/// # Errors
/// When the database refuses to plan it, or takes too long.
pub async fn cost(
    trial: &Trial,
    view: &View<'_>,
    (request, rewritten): (&Pasted, &Rewritten),
) -> Result<Cost, Error> {
    let settings = RequestSettings {
        method: format!("{:?}", request.method).to_uppercase(),
        path: format!("/{}", request.relation),
        headers_json: "{}".into(),
        cookies_json: "{}".into(),
    };
    let caller = Caller {
        identity: view.identity(),
        role: view.role_name(),
        request: &settings,
    };
    let plan = trial.explain(rewritten, &caller).await?;
    let unread = || Error::Question("the plan was not understood".into());
    Cost::read(&plan).ok_or_else(unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_its_cost_and_the_way_to_each_table() {
        let before = r#"[{"Plan": {"Node Type": "Aggregate", "Total Cost": 8.5, "Plans": [
            {"Node Type": "Bitmap Heap Scan", "Relation Name": "notes", "Plans": [
                {"Node Type": "Bitmap Index Scan", "Index Name": "notes_owner"}]},
            {"Node Type": "Seq Scan", "Relation Name": "members"}]}}]"#;
        let after = r#"[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "notes",
            "Total Cost": 100.0}}]"#;
        let (before, after) = (Cost::read(before), Cost::read(after));
        let (before, after) = (before.expect("a plan"), after.expect("a plan"));

        assert_eq!(before.by_index, ["notes"]);
        assert_eq!(before.read_whole, ["members"]);
        assert_eq!(after.lost(&before).collect::<Vec<_>>(), ["notes"]);
        assert_eq!(before.lost(&after).count(), 0);
        assert_eq!(Cost::read("[]"), None);
    }
}
