//! The text of a predicate: read by sqlparser, under limits, with places kept.

use postern_base::limits::PREDICATE_DEPTH_MAX;
use sqlparser::ast::Expr as Tree;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, Whitespace};

use crate::report::{Report, Site, Spanned};

/// Longest predicate in bytes.
const BYTES_MAX: usize = 16 * 1024;
/// Most tokens of one predicate, white space apart: bounds the depth of operator chains.
const TOKENS_MAX: usize = 1_500;

/// A predicate's text and how to find a part of it in the file.
#[derive(Clone, Debug)]
pub(crate) struct Text<'a> {
    sql: &'a str,
    site: Site,
    /// Where the text begins in the file; none when TOML escapes moved things about.
    offset: Option<usize>,
}

impl<'a> Text<'a> {
    /// Wraps a string of a file.
    pub(crate) fn new(sql: &'a Spanned<String>, report: &Report<'_>) -> Self {
        let raw = report.text(sql.site.file).get(sql.site.span.clone());
        let offset = raw
            .and_then(|raw| raw.find(sql.value.as_str()))
            .map(|it| it + sql.site.span.start);
        Self {
            sql: &sql.value,
            site: sql.site.clone(),
            offset,
        }
    }

    /// The whole text's place.
    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// The place of a part of it.
    pub(crate) fn site_of(&self, span: Span) -> Site {
        let place = || {
            let offset = self.offset?;
            let start = self.byte(span.start)?;
            let end = self.byte(span.end)?.max(start);
            Some(offset + start..offset + end)
        };
        match place() {
            Some(span) => Site {
                file: self.site.file,
                span,
            },
            None => self.site.clone(),
        }
    }

    /// The place with the closing bracket of a call, which the parser leaves out.
    pub(crate) fn with_bracket(&self, mut site: Site) -> Site {
        let end = self.offset.and_then(|it| site.span.end.checked_sub(it));
        let rest = end.and_then(|it| self.sql.get(it..)).unwrap_or_default();
        let bracket = ["()", ")"].into_iter().find(|it| rest.starts_with(it));
        site.span.end += bracket.map_or(0, str::len);
        site
    }

    /// Reads the text as one expression.
    pub(crate) fn parse(&self, report: &mut Report<'_>) -> Option<Tree> {
        let tokens = self.tokens(report)?;
        let mut parser = Parser::new(&PostgreSqlDialect {})
            .with_recursion_limit(PREDICATE_DEPTH_MAX)
            .with_tokens_with_locations(tokens);
        let tree = match parser.parse_expr() {
            Ok(tree) => tree,
            Err(ParserError::RecursionLimitExceeded) => {
                too_deep(&self.site, report);
                return None;
            }
            Err(ParserError::TokenizerError(message) | ParserError::ParserError(message)) => {
                self.syntax(&self.site, &message, report);
                return None;
            }
        };
        let next = parser.peek_token();
        if next.token != Token::EOF {
            let site = self.site_of(next.span);
            let message = format!(
                "nothing may follow the condition, but `{}` does",
                next.token
            );
            self.syntax(&site, &message, report);
            return None;
        }
        Some(tree)
    }

    fn tokens(&self, report: &mut Report<'_>) -> Option<Vec<TokenWithSpan>> {
        if self.sql.len() > BYTES_MAX {
            let message = format!("the predicate is longer than {BYTES_MAX} bytes");
            report.error(&self.site, "predicate-limit", message, SPLIT);
            return None;
        }
        let tokens = match Tokenizer::new(&PostgreSqlDialect {}, self.sql).tokenize_with_location()
        {
            Ok(tokens) => tokens,
            Err(error) => {
                self.syntax(&self.site, &error.message, report);
                return None;
            }
        };
        let is_comment = |it: &&TokenWithSpan| {
            matches!(
                it.token,
                Token::Whitespace(
                    Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)
                )
            )
        };
        if let Some(comment) = tokens.iter().find(is_comment) {
            let help = "write it as a TOML comment, outside of the string";
            let site = self.site_of(comment.span);
            report.error(&site, "comment", "a predicate cannot hold a comment", help);
            return None;
        }
        let significant = tokens.iter().filter(|it| !is_space(&it.token)).count();
        if significant > TOKENS_MAX {
            let message = format!("the predicate has more than {TOKENS_MAX} tokens");
            report.error(&self.site, "predicate-limit", message, SPLIT);
            return None;
        }
        Some(tokens)
    }

    fn syntax(&self, site: &Site, message: &str, report: &mut Report<'_>) {
        // The parser counts from the predicate's start; the diagnostic has the file's own place.
        let message = message.split(" at Line:").next().unwrap_or(message);
        report.error(
            site,
            "predicate-syntax",
            format!("the predicate cannot be read: {}", lower_first(message)),
            "write one SQL condition, such as `user_id = auth.uid()`",
        );
    }

    fn byte(&self, location: Location) -> Option<usize> {
        let line_index = usize::try_from(location.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
        let line = self.sql.split_inclusive('\n').nth(line_index)?;
        let before: usize = self
            .sql
            .split_inclusive('\n')
            .take(line_index)
            .map(str::len)
            .sum();
        let within: usize = line.chars().take(column).map(char::len_utf8).sum();
        Some(before + within)
    }
}

const SPLIT: &str = "move the list of values into a table, and look it up with `IN (SELECT …)`";

/// Reports a predicate that is nested too deeply.
pub(crate) fn too_deep(site: &Site, report: &mut Report<'_>) {
    report.error(
        site,
        "predicate-limit",
        format!("the predicate is nested more than {PREDICATE_DEPTH_MAX} levels deep"),
        "flatten it, or split it into several rules",
    );
}

fn is_space(token: &Token) -> bool {
    matches!(token, Token::Whitespace(_))
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
