//! Prints parsed requests; every name and value stands in quotes, so that nothing hides.

use crate::request::*;

pub(super) fn select(items: &[SelectItem]) -> String {
    joined(items, ", ", item)
}

fn item(item: &SelectItem) -> String {
    match item {
        SelectItem::Star => "*".into(),
        SelectItem::Field(it) => {
            let alias = it
                .alias
                .as_ref()
                .map_or(String::new(), |it| format!("{it:?} = "));
            let field = it.field.as_ref().map_or("()".into(), field);
            let cast = it
                .cast
                .as_ref()
                .map_or(String::new(), |it| format!("::{it:?}"));
            let aggregate = it.aggregate.map_or(String::new(), |it| format!(" {it:?}"));
            let after = it
                .aggregate_cast
                .as_ref()
                .map_or(String::new(), |it| format!("::{it:?}"));
            format!("{alias}{field}{cast}{aggregate}{after}")
        }
        SelectItem::Embed(it) => {
            let alias = it
                .alias
                .as_ref()
                .map_or(String::new(), |it| format!("{it:?} = "));
            let spread = if it.spread { "..." } else { "" };
            let hint = it
                .hint
                .as_ref()
                .map_or(String::new(), |it| format!(" hint {it:?}"));
            let join = it.join.map_or(String::new(), |it| format!(" {it:?}"));
            format!(
                "{alias}{spread}{:?}{hint}{join} ({})",
                it.target,
                select(&it.select)
            )
        }
    }
}

fn field(field: &Field) -> String {
    let steps = joined(&field.path, "", |it| {
        let arrow = if it.as_text { "->>" } else { "->" };
        match &it.operand {
            JsonOperand::Key(key) => format!("{arrow}{key:?}"),
            JsonOperand::Index(index) => format!("{arrow}{index}"),
        }
    });
    format!("{:?}{steps}", field.name)
}

pub(super) fn logic(tree: &Logic) -> String {
    match tree {
        Logic::Filter(it) => {
            let not = if it.negated { "not " } else { "" };
            format!("{} {not}{}", field(&it.field), operation(&it.operation))
        }
        Logic::Tree {
            negated,
            any,
            children,
        } => {
            let not = if *negated { "not " } else { "" };
            let operator = if *any { " or " } else { " and " };
            match children.as_slice() {
                [only] => format!("{not}{}({})", operator.trim(), logic(only)),
                all => format!("{not}({})", joined(all, operator, logic)),
            }
        }
    }
}

fn operation(operation: &Operation) -> String {
    match operation {
        Operation::Compare { operator, value } => format!("{operator:?} {value:?}"),
        Operation::Quantified {
            operator,
            all,
            value,
        } => {
            format!(
                "{operator:?} {} {value:?}",
                if *all { "all" } else { "any" }
            )
        }
        Operation::In(values) => format!("In {values:?}"),
        Operation::Is(value) => format!("Is {value:?}"),
        Operation::IsDistinct(value) => format!("IsDistinct {value:?}"),
        Operation::FullText {
            kind,
            config,
            value,
        } => match config {
            Some(config) => format!("FullText {kind:?} {config:?} {value:?}"),
            None => format!("FullText {kind:?} {value:?}"),
        },
    }
}

pub(super) fn order(terms: &[OrderTerm]) -> String {
    joined(terms, ", ", |it| {
        let relation = it
            .relation
            .as_ref()
            .map_or(String::new(), |it| format!("{it:?} "));
        let direction = it
            .descending
            .map_or("", |it| if it { " desc" } else { " asc" });
        let nulls = it
            .nulls_first
            .map_or("", |it| if it { " first" } else { " last" });
        format!("{relation}{}{direction}{nulls}", field(&it.field))
    })
}

pub(super) fn window(window: Window) -> String {
    match window.limit {
        Some(limit) => format!("{}+{limit}", window.offset),
        None => format!("{}..", window.offset),
    }
}

/// All scopes, without the empty root.
pub(super) fn scopes(query: &QueryString) -> String {
    let said: Vec<_> = query
        .scopes
        .iter()
        .filter(|(path, scope)| !path.is_empty() || *scope != Scope::default())
        .collect();
    joined(&said, "; ", |(path, scope)| {
        let mut parts = vec![format!("/{}", path.join("/"))];
        parts.extend(scope.filters.iter().map(logic));
        if !scope.order.is_empty() {
            parts.push(format!("order {}", order(&scope.order)));
        }
        if scope.window != Window::default() {
            parts.push(format!("rows {}", window(scope.window)));
        }
        parts.join(" ")
    })
}

/// The whole query string.
pub(super) fn query(query: &QueryString) -> String {
    let mut parts = vec![format!("select {}", select(&query.select)), scopes(query)];
    if let Some(columns) = &query.columns {
        parts.push(format!("columns {columns:?}"));
    }
    if let Some(columns) = &query.on_conflict {
        parts.push(format!("on conflict {columns:?}"));
    }
    if !query.arguments.is_empty() {
        parts.push(format!("arguments {:?}", query.arguments));
    }
    parts.retain(|it| !it.is_empty());
    parts.join("; ")
}

fn joined<T>(items: &[T], between: &str, print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(between)
}
