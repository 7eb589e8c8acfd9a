//! The comment at the head of a saved query: what it is for, who may ask it, its parameters.

use postern_base::RoleName;
use sqlparser::tokenizer::{Location, Span};

use super::{Refusal, SavedParam};
use crate::predicate::TypeName;

/// Most parameters of one query.
const PARAMS_MAX: usize = 64;

/// What the head says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) description: String,
    pub(super) roles: Vec<RoleName>,
    pub(super) params: Vec<SavedParam>,
    /// Where the roles are named.
    pub(super) roles_at: Span,
    /// Where each parameter is described.
    pub(super) params_at: Vec<Span>,
}

/// Reads the comment lines before the query.
pub(super) fn read(text: &str) -> Result<Header, Refusal> {
    let mut header = Header {
        description: String::new(),
        roles: Vec::new(),
        params: Vec::new(),
        roles_at: place(0),
        params_at: Vec::new(),
    };
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        let Some(comment) = trimmed.strip_prefix("--") else {
            break;
        };
        header.line(comment.trim(), place(index))?;
    }
    if header.roles.is_empty() {
        let help = "write a line `-- roles: authenticated` at the top of the file";
        return Err(Refusal::new(
            place(0),
            "the query does not say who may ask it",
            help,
        ));
    }
    Ok(header)
}

impl Header {
    fn line(&mut self, comment: &str, place: Span) -> Result<(), Refusal> {
        if let Some(roles) = comment.strip_prefix("roles:") {
            let names = roles.split(',').map(str::trim).filter(|it| !it.is_empty());
            self.roles.extend(names.map(RoleName::new));
            self.roles_at = place;
        } else if let Some(param) = comment.strip_prefix("param ") {
            self.param(param, place)?;
        } else if !comment.is_empty() {
            if !self.description.is_empty() {
                self.description.push(' ');
            }
            self.description.push_str(comment);
        }
        Ok(())
    }

    /// `name: type` or `name: type = default`.
    fn param(&mut self, text: &str, place: Span) -> Result<(), Refusal> {
        let wrong = |message: String| {
            let help = "write `-- param name: int8`, or `-- param name: int8 = 10`";
            Refusal::new(place, message, help)
        };
        let (name, rest) = text
            .split_once(':')
            .ok_or_else(|| wrong("the parameter has no type".into()))?;
        let (ty, default) = match rest.split_once('=') {
            Some((ty, default)) => (ty.trim(), Some(default.trim().to_owned())),
            None => (rest.trim(), None),
        };
        let name = name.trim();
        let is_name = name.starts_with(|it: char| it.is_ascii_lowercase())
            && name
                .chars()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
        if !is_name {
            return Err(wrong(format!("`{name}` is no name of a parameter")));
        }
        let ty =
            TypeName::parse(ty).ok_or_else(|| wrong(format!("there is no type `{ty}` here")))?;
        if self.params.iter().any(|it| it.name == name) {
            return Err(wrong(format!("parameter `{name}` is described twice")));
        }
        if self.params.len() == PARAMS_MAX {
            return Err(wrong(format!(
                "there are more than {PARAMS_MAX} parameters"
            )));
        }
        self.params.push(SavedParam {
            name: name.to_owned(),
            ty: ty.sql(),
            default,
        });
        self.params_at.push(place);
        Ok(())
    }
}

fn place(index: usize) -> Span {
    let line = u64::try_from(index + 1).unwrap_or(1);
    let location = Location::new(line, 1);
    Span::new(location, location)
}
