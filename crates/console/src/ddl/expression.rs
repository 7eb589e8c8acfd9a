//! What somebody typed as a default or a check: a value, or SQL that stays in its brackets.

use super::name::literal;

/// Why a default cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultError {
    /// There is nothing behind the equals sign.
    Empty,
    /// A quote or a bracket is not closed, or one is closed that was not opened.
    Open,
    /// It holds what could end the clause: a semicolon, a comment, a dollar, a backslash.
    Forbidden,
}

/// The SQL of a default: `=now()` is an expression, all else is a value. None where the field is
/// empty.
///
/// # Errors
/// When it is no closed expression.
pub(crate) fn default_sql(text: &str) -> Result<Option<String>, DefaultError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let Some(expression) = text.strip_prefix('=') else {
        return Ok(Some(value(text)));
    };
    let expression = closed(expression)?;
    Ok(Some(match is_simple(expression) {
        true => expression.to_owned(),
        false => format!("({expression})"),
    }))
}

/// An expression that can stand in brackets and cannot leave them.
///
/// # Errors
/// When it is none.
pub(crate) fn closed(expression: &str) -> Result<&str, DefaultError> {
    let expression = expression.trim();
    check(expression)?;
    Ok(expression)
}

/// A value as SQL: numbers and truth values as they are, all else in quotes, which fits any type.
fn value(text: &str) -> String {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.starts_with(|it: char| it.is_ascii_digit())
        && digits.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        && digits.matches('.').count() <= 1
        && !digits.ends_with('.');
    match text {
        "true" | "false" => text.to_owned(),
        _ if is_number => text.to_owned(),
        _ => literal(text),
    }
}

/// Whether an expression needs no brackets: a word, or a call without arguments.
fn is_simple(expression: &str) -> bool {
    let name = expression.strip_suffix("()").unwrap_or(expression);
    let is_word = |it: &str| {
        it.starts_with(|it: char| it.is_ascii_lowercase() || it == '_')
            && it
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
    };
    let is_call = name.len() < expression.len() && name.split('.').all(is_word);
    is_call
        || matches!(
            expression,
            "current_date" | "current_timestamp" | "current_user"
        )
}

/// Whether an expression is closed, so that brackets around it hold it.
fn check(expression: &str) -> Result<(), DefaultError> {
    if expression.is_empty() {
        return Err(DefaultError::Empty);
    }
    let mut open = Vec::new();
    let mut quote = None;
    let mut before = ' ';
    for letter in expression.chars() {
        if let Some(closing) = quote {
            if letter == closing {
                quote = None;
            } else if letter == '\\' {
                return Err(DefaultError::Forbidden);
            }
            before = ' ';
            continue;
        }
        match letter {
            '\'' | '"' => quote = Some(letter),
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.pop() != Some(letter) => return Err(DefaultError::Open),
            ';' | '$' | '\\' => return Err(DefaultError::Forbidden),
            '-' if before == '-' => return Err(DefaultError::Forbidden),
            '*' if before == '/' => return Err(DefaultError::Forbidden),
            it if it.is_control() => return Err(DefaultError::Forbidden),
            _ => {}
        }
        before = letter;
    }
    match (open.is_empty(), quote) {
        (true, None) => Ok(()),
        _ => Err(DefaultError::Open),
    }
}
