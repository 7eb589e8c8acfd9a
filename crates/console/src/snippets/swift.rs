//! Swift, by supabase-swift.

use super::literal::{Escape, Texts, Words, indented};
use super::{Field, ROWS, Site, Step, Subject, name};

const TEXTS: Texts = Texts {
    quote: '"',
    special: "",
    escape: Escape::Braces,
};
const WORDS: Words = Words {
    texts: TEXTS,
    constants: ["nil", "true", "false"],
    braces: ['[', ']'],
};

/// The lines that come first.
pub(super) fn connect(site: &Site) -> String {
    let (address, key) = (TEXTS.of(&site.address), TEXTS.of(&site.key));
    format!(
        "import Foundation\nimport Supabase\n\n\
         let supabase = SupabaseClient(\n  supabaseURL: URL(string: {address})!,\n  \
         supabaseKey: {key}\n)\n"
    )
}

/// The lines of a step.
pub(super) fn write(step: Step, subject: &Subject) -> String {
    let mut calls = Vec::new();
    if let Some(schema) = &subject.schema {
        calls.push(format!(".schema({})", TEXTS.of(schema)));
    }
    calls.push(format!(".from({})", TEXTS.of(&subject.table)));
    let select = |step| format!(".select({})", TEXTS.of(&subject.reading(step, ", ")));
    let key = subject.key.iter().map(equals);
    let mut row = String::new();
    match step {
        Step::List | Step::Embed => {
            calls.push(select(step));
            let order = subject.order.iter().map(|it| TEXTS.of(&name::column(it)));
            calls.extend(order.map(|it| format!(".order({it}, ascending: true)")));
            calls.push(format!(".range(from: 0, to: {})", ROWS - 1));
        }
        Step::One => {
            calls.push(select(step));
            calls.extend(key);
        }
        Step::Insert => {
            row = variable(subject.insert.as_deref().unwrap_or_default());
            calls.push(".insert(row)".to_owned());
        }
        Step::Update => {
            row = variable(&subject.update.iter().cloned().collect::<Vec<_>>());
            calls.push(".update(row)".to_owned());
            calls.extend(key);
        }
        Step::Delete => {
            calls.push(".delete()".to_owned());
            calls.extend(key);
        }
    }
    let is_write = matches!(step, Step::Insert | Step::Update | Step::Delete);
    if is_write && subject.columns.is_empty() {
        calls.push(".execute()".to_owned());
        return format!("{row}try await supabase\n{}\n", indented(&calls, "  "));
    }
    if is_write {
        calls.push(select(step));
    }
    calls.extend([".execute()", ".value"].map(ToOwned::to_owned));
    let calls = indented(&calls, "  ");
    format!("{row}let data: [[String: AnyJSON]] = try await supabase\n{calls}\n\nprint(data)\n")
}

fn equals(field: &Field) -> String {
    let column = TEXTS.of(&name::column(&field.name));
    format!(".eq({column}, value: {})", WORDS.of(&field.value))
}

fn variable(row: &[Field]) -> String {
    let field = |it: &Field| format!("  {}: {},\n", TEXTS.of(&it.name), WORDS.of(&it.value));
    let fields = match row {
        [] => "[:]".to_owned(),
        row => format!("[\n{}]", row.iter().map(field).collect::<String>()),
    };
    format!("let row: [String: AnyJSON] = {fields}\n\n")
}
