//! The answer to "why" for people and for programs.

use std::fmt::{self, Write as _};

use postern_policy::{RuleTruth, Side, Truths};
use serde_json::{Value, json};

use super::{RowVerdict, Why};
use crate::suites::verdict_text;

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "role      {}", self.role);
        if !self.granted {
            text.push_str("verdict   denied: no allow rule with columns is for this role");
            return formatter.write_str(&text);
        }
        if let Some((assurance, met)) = self.assurance {
            let met = if met {
                "met"
            } else {
                "not met, so everything is denied"
            };
            let _ = writeln!(text, "sign-in   {assurance}: {met}");
        }
        for row in &self.rows {
            row.tell(&mut text);
        }
        if self.rows.is_empty() {
            text.push_str("no such row, for anybody");
        }
        formatter.write_str(text.trim_end())
    }
}

impl RowVerdict {
    fn tell(&self, text: &mut String) {
        let what = match self.side {
            Side::Existing => "row     ",
            Side::New => "new row ",
        };
        let _ = writeln!(text, "{what}  {}", self.row);
        for truth in &self.truths {
            tell_rule(truth, text);
        }
        let _ = writeln!(text, "verdict   {}\n", verdict_text(self));
    }
}

fn tell_rule(truth: &RuleTruth, text: &mut String) {
    let rule = &truth.rule;
    let _ = writeln!(
        text,
        "  {:<5}  {} \"{}\"  {}:{}",
        word(truth.whole),
        rule.kind,
        rule.name,
        rule.file,
        rule.line
    );
    match truth.parts.as_slice() {
        [] | [_] => {
            let _ = writeln!(text, "           {}", truth.text);
        }
        parts => {
            for (part, is) in parts {
                let _ = writeln!(text, "    {:<5}  {part}", word(*is));
            }
        }
    }
}

fn word(truth: Truths) -> &'static str {
    match truth {
        Some(true) => "true",
        Some(false) => "false",
        None => "NULL",
    }
}

impl Why {
    /// The answer as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "role": self.role,
            "granted": self.granted,
            "sign_in": self.assurance.map(|(demand, met)| json!({
                "demand": demand.to_string(), "met": met,
            })),
            "rows": self.rows.iter().map(row_json).collect::<Vec<_>>(),
        })
    }
}

fn row_json(row: &RowVerdict) -> Value {
    let verdict = row.verdict();
    json!({
        "row": row.row,
        "stored": row.side == Side::Existing,
        "allowed": verdict.is_allowed(),
        "decided_by": verdict.rule().map(|it| json!({
            "kind": it.kind, "name": it.name, "file": it.file, "line": it.line,
        })),
        "rules": row.truths.iter().map(rule_json).collect::<Vec<_>>(),
    })
}

fn rule_json(truth: &RuleTruth) -> Value {
    let part = |(text, is): &(String, Truths)| json!({ "text": text, "is": is });
    json!({
        "kind": truth.rule.kind,
        "name": truth.rule.name,
        "file": truth.rule.file,
        "line": truth.rule.line,
        "text": truth.text,
        "is": truth.whole,
        "conditions": truth.parts.iter().map(part).collect::<Vec<_>>(),
    })
}
