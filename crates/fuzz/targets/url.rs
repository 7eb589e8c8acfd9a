//! Any request: the grammar bounds it, the rewriter makes one statement of it that Postgres can
//! read, and no value that the client filters by changes that statement's text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_base::limits::{self, Limits};
use postern_fuzz::judge::judge;
use postern_fuzz::question::{Question, with_other_values};
use postern_query::request::{ApiRequest, Logic, Operation, SelectItem};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let question = Question::read(&text);
    let limits = Limits::default();
    let Ok(request) = question.parsed(&limits) else {
        return;
    };
    check_bounds(&request, &limits);
    let other = with_other_values(request.clone());
    let Ok(statement) = question.statement(request, &limits) else {
        return;
    };
    let sql = statement.sql();
    if let Err(why) = judge(sql, statement.params().len()) {
        panic!("{why}\n{text}\n{sql}");
    }
    if let Some(estimate) = statement.estimate()
        && let Err(why) = judge_estimate(estimate.sql(), estimate.params().len())
    {
        panic!("{why}\n{text}\n{}", estimate.sql());
    }
    if let Ok(other) = question.statement(other, &limits) {
        assert_eq!(sql, other.sql(), "a value is in the text\n{text}");
    }
});

/// The planner is asked about a statement that could be run.
fn judge_estimate(sql: &str, parameters: usize) -> Result<(), String> {
    let inside = sql.strip_prefix("EXPLAIN (FORMAT JSON) ");
    judge(inside.ok_or("it is no EXPLAIN")?, parameters)
}

fn check_bounds(request: &ApiRequest, limits: &Limits) {
    let query = &request.query;
    let filters: usize = query
        .scopes
        .iter()
        .flat_map(|(_, scope)| &scope.filters)
        .map(|it| count(it, 1))
        .sum();
    assert!(filters <= limits.filters_max, "{filters} filters");
    assert!(depth(&query.select) <= limits.embed_depth_max + 1);
    for (path, scope) in &query.scopes {
        assert!(path.len() <= limits.embed_depth_max, "{path:?}");
        assert!(scope.order.len() <= limits::ORDER_TERMS_MAX);
    }
}

/// Counts filters, and looks at how deep they stand.
fn count(logic: &Logic, depth: usize) -> usize {
    assert!(depth <= limits::LOGIC_DEPTH_MAX + 1, "{depth} levels");
    match logic {
        Logic::Tree { children, .. } => children.iter().map(|it| count(it, depth + 1)).sum(),
        Logic::Filter(filter) => {
            if let Operation::In(values) = &filter.operation {
                assert!(values.len() <= limits::IN_LIST_MAX);
            }
            1
        }
    }
}

fn depth(items: &[SelectItem]) -> usize {
    let inside = items.iter().map(|it| match it {
        SelectItem::Embed(embed) => depth(&embed.select),
        SelectItem::Star | SelectItem::Field(_) => 0,
    });
    1 + inside.max().unwrap_or_default()
}
