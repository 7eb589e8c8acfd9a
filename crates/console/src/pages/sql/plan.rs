//! A plan as a tree that can be read: what each step does, how many rows it gives, and which one
//! takes the most.

use askama::Template;
use serde_json::Value;

/// Deepest step that is drawn further to the right than the one above it.
const DEPTH_MAX: usize = 16;
/// Most of a condition that is shown.
const CHARS_MAX: usize = 160;
/// What says more about a step, in the order in which it is shown.
const SAID: [&str; 9] = [
    "Index Cond",
    "Recheck Cond",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Filter",
    "Sort Key",
    "Group Key",
    "Sort Method",
];

/// A plan, as a part of a page.
#[derive(Template)]
#[template(path = "sql_plan.html")]
pub(crate) struct Plan {
    steps: Vec<Step>,
    /// Whether it ran, so that times and rows are real.
    is_measured: bool,
    /// Milliseconds of planning and running.
    times: Option<(String, String)>,
    raw: String,
}

/// A step.
#[derive(Debug, Default)]
struct Step {
    depth: usize,
    name: String,
    said: Vec<(String, String)>,
    planned_rows: String,
    real_rows: Option<String>,
    /// Its time in milliseconds, or its cost, with all steps below it.
    total: String,
    /// Its own part of the whole, without the steps below it.
    own: f64,
    percent: u64,
    is_worst: bool,
}

impl Plan {
    /// Reads what `EXPLAIN (FORMAT JSON)` answers.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let top = json.get(0)?;
        let root = top.get("Plan")?;
        let is_measured = root.get("Actual Total Time").is_some();
        let mut steps = Vec::new();
        add(&mut steps, root, 0, is_measured);
        let sum: f64 = steps.iter().map(|it| it.own).sum();
        let worst = steps.iter().map(|it| it.own).fold(0.0, f64::max);
        let count = steps.len();
        for step in &mut steps {
            step.percent = percent(step.own, sum);
            step.is_worst = count > 1 && worst > 0.0 && step.own >= worst;
        }
        let time = |name| top.get(name).and_then(Value::as_f64).map(decimal);
        Some(Self {
            steps,
            is_measured,
            times: time("Planning Time").zip(time("Execution Time")),
            raw: serde_json::to_string_pretty(&json).unwrap_or_default(),
        })
    }
}

/// Adds a step and those below it.
fn add(steps: &mut Vec<Step>, node: &Value, depth: usize, is_measured: bool) {
    let below = node.get("Plans").and_then(Value::as_array);
    let below = below.map(Vec::as_slice).unwrap_or_default();
    let total = weight(node, is_measured);
    let parts: f64 = below.iter().map(|it| weight(it, is_measured)).sum();
    let number = |name| node.get(name).and_then(Value::as_f64);
    let loops = number("Actual Loops").unwrap_or(1.0);
    steps.push(Step {
        depth: depth.min(DEPTH_MAX),
        name: name(node),
        said: said(node),
        planned_rows: whole(number("Plan Rows").unwrap_or_default()),
        real_rows: number("Actual Rows").map(|it| whole(it * loops)),
        total: decimal(total),
        // A step that stops early costs less than what stands below it.
        own: (total - parts).max(0.0),
        ..Step::default()
    });
    for node in below {
        add(steps, node, depth + 1, is_measured);
    }
}

/// The time of a step with all below it, or its cost.
fn weight(node: &Value, is_measured: bool) -> f64 {
    let number = |name| node.get(name).and_then(Value::as_f64).unwrap_or_default();
    match is_measured {
        true => number("Actual Total Time") * number("Actual Loops"),
        false => number("Total Cost"),
    }
}

/// What a step is and what it works on.
fn name(node: &Value) -> String {
    let text = |name| node.get(name).and_then(Value::as_str);
    let mut words = vec![text("Node Type").unwrap_or("Step").to_owned()];
    if let Some(join) = text("Join Type").filter(|it| *it != "Inner") {
        words.push(format!("({})", join.to_lowercase()));
    }
    if let Some(index) = text("Index Name") {
        words.push(format!("by {index}"));
    }
    if let Some(relation) = text("Relation Name") {
        words.push(format!("on {relation}"));
    } else if let Some(other) = text("CTE Name").or_else(|| text("Function Name")) {
        words.push(format!("on {other}"));
    }
    words.join(" ")
}

fn said(node: &Value) -> Vec<(String, String)> {
    let mut said: Vec<_> = SAID
        .iter()
        .filter_map(|label| Some(((*label).to_owned(), spoken(node.get(*label)?))))
        .collect();
    let removed = node.get("Rows Removed by Filter").and_then(Value::as_f64);
    if let Some(removed) = removed.filter(|it| *it > 0.0) {
        said.push(("Removed by filter".into(), whole(removed)));
    }
    said
}

fn spoken(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(spoken).collect();
            items.join(", ")
        }
        other => other.to_string(),
    };
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A share of the whole, from 0 to 100.
fn percent(part: f64, sum: f64) -> u64 {
    let share = if sum > 0.0 { part / sum * 100.0 } else { 0.0 };
    // A printed number between the bounds reads back as itself.
    format!("{:.0}", share.clamp(0.0, 100.0))
        .parse()
        .unwrap_or(0)
}

fn whole(number: f64) -> String {
    let text = format!("{number:.0}");
    text.parse::<i64>().map_or(text, crate::bits::number)
}

fn decimal(number: f64) -> String {
    format!("{number:.2}")
}

#[cfg(test)]
mod tests {
    use super::Plan;

    const MEASURED: &str = r#"[{"Plan": {"Node Type": "Limit", "Total Cost": 1.5, "Plan Rows": 10,
        "Actual Total Time": 5.0, "Actual Rows": 10, "Actual Loops": 1, "Plans": [
        {"Node Type": "Index Scan", "Relation Name": "notes", "Index Name": "notes_pkey",
         "Total Cost": 90.0, "Plan Rows": 2400, "Actual Total Time": 2.0, "Actual Rows": 5,
         "Actual Loops": 2, "Filter": "(id > 3)", "Rows Removed by Filter": 3}]},
        "Planning Time": 0.1, "Execution Time": 5.25}]"#;

    #[test]
    fn each_step_has_its_own_part_of_the_time() {
        let plan = Plan::read(MEASURED).expect("a plan");

        let [limit, scan] = plan.steps.as_slice() else {
            panic!("two steps: {:?}", plan.steps);
        };
        assert!(plan.is_measured);
        assert_eq!((limit.percent, scan.percent), (20, 80));
        assert_eq!((limit.is_worst, scan.is_worst), (false, true));
        assert_eq!(scan.name, "Index Scan by notes_pkey on notes");
        assert_eq!(scan.real_rows.as_deref(), Some("10"));
        assert_eq!(scan.said[0], ("Filter".into(), "(id > 3)".into()));
        assert_eq!(plan.times, Some(("0.10".into(), "5.25".into())));
    }

    #[test]
    fn what_is_no_plan_is_none() {
        for text in ["", "[]", "{}", "[{}]", "[1]"] {
            assert!(Plan::read(text).is_none(), "{text}");
        }
        let odd = Plan::read(r#"[{"Plan": {}}]"#).expect("a plan of nothing");
        assert_eq!(odd.steps.len(), 1);
    }
}
