//! `Preference-Applied`: what of `Prefer` had an effect, in the dialect's order.

use postern_query::request::{Count, Resolution, Return, Tx};
use postern_query::{AnswerKind, AnswerShape};

/// The header's value; none when nothing was applied.
pub(super) fn applied(shape: &AnswerShape) -> Option<String> {
    let preferences = &shape.preferences;
    let kind = shape.kind;
    let writes = !matches!(
        kind,
        AnswerKind::Read | AnswerKind::RpcRows | AnswerKind::RpcValue | AnswerKind::RpcVoid
    );
    let inserts = matches!(kind, AnswerKind::Insert | AnswerKind::Upsert);
    let mut list = List::default();
    if kind == AnswerKind::Upsert {
        list.push(preferences.resolution.map(resolution));
    }
    if inserts || kind == AnswerKind::Update {
        list.push(preferences.missing_default.map(missing));
    }
    if writes {
        list.push(preferences.representation.map(returned));
    }
    if shape.counted {
        list.push(preferences.count.map(counted));
    }
    list.push(preferences.tx.map(ending));
    list.push(preferences.strict.map(handling));
    let zone = preferences.timezone.as_ref();
    list.push(zone.map(|it| format!("timezone={it}")).as_deref());
    let is_limited = matches!(
        kind,
        AnswerKind::Update | AnswerKind::Delete | AnswerKind::RpcRows
    );
    if is_limited
        && preferences.strict == Some(true)
        && let Some(rows) = preferences.max_affected
    {
        list.push(Some(&format!("max-affected={rows}")));
    }
    list.0
}

/// A comma list that exists once something is in it.
#[derive(Default)]
struct List(Option<String>);

impl List {
    fn push(&mut self, item: Option<&str>) {
        let Some(item) = item else { return };
        match &mut self.0 {
            Some(list) => {
                list.push_str(", ");
                list.push_str(item);
            }
            None => self.0 = Some(item.to_owned()),
        }
    }
}

fn resolution(it: Resolution) -> &'static str {
    match it {
        Resolution::MergeDuplicates => "resolution=merge-duplicates",
        Resolution::IgnoreDuplicates => "resolution=ignore-duplicates",
    }
}

fn missing(default: bool) -> &'static str {
    if default {
        "missing=default"
    } else {
        "missing=null"
    }
}

fn returned(it: Return) -> &'static str {
    match it {
        Return::Representation => "return=representation",
        Return::Minimal => "return=minimal",
        Return::HeadersOnly => "return=headers-only",
    }
}

fn counted(it: Count) -> &'static str {
    match it {
        Count::Exact => "count=exact",
        Count::Planned => "count=planned",
        Count::Estimated => "count=estimated",
    }
}

fn ending(it: Tx) -> &'static str {
    match it {
        Tx::Commit => "tx=commit",
        Tx::Rollback => "tx=rollback",
    }
}

fn handling(strict: bool) -> &'static str {
    if strict {
        "handling=strict"
    } else {
        "handling=lenient"
    }
}

#[cfg(test)]
mod tests {
    use postern_query::request::{Format, Preferences};

    use super::*;

    fn shape(kind: AnswerKind) -> AnswerShape {
        AnswerShape {
            kind,
            format: Format::Json,
            strip_nulls: false,
            explain: None,
            media: None,
            offset: 0,
            counted: true,
            returns_rows: true,
            location: None,
            preferences: Preferences {
                resolution: Some(Resolution::MergeDuplicates),
                missing_default: Some(true),
                representation: Some(Return::Representation),
                count: Some(Count::Exact),
                strict: Some(true),
                max_affected: Some(10),
                tx: Some(Tx::Rollback),
                timezone: Some("UTC".into()),
                ..Preferences::default()
            },
            schema: "public".into(),
        }
    }

    #[test]
    fn what_was_applied_is_listed_in_order() {
        assert_eq!(
            applied(&shape(AnswerKind::Upsert)).as_deref(),
            Some(
                "resolution=merge-duplicates, missing=default, return=representation, \
                 count=exact, tx=rollback, handling=strict, timezone=UTC"
            )
        );
        assert_eq!(
            applied(&shape(AnswerKind::Update)).as_deref(),
            Some(
                "missing=default, return=representation, count=exact, tx=rollback, \
                 handling=strict, timezone=UTC, max-affected=10"
            )
        );
        assert_eq!(
            applied(&shape(AnswerKind::Read)).as_deref(),
            Some("count=exact, tx=rollback, handling=strict, timezone=UTC")
        );
    }

    #[test]
    fn nothing_applied_is_no_header() {
        let mut shape = shape(AnswerKind::Insert);
        shape.preferences = Preferences::default();

        assert_eq!(applied(&shape), None);
    }
}
