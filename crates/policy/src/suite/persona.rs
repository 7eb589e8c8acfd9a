//! Personas: names for callers, with ids that are the same in every run.

use std::fmt::Write as _;

use indexmap::IndexMap;
use postern_base::RoleName;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::Persona;
use super::value::json;
use crate::file::{Content, Node, Reader};
use crate::report::Report;

const KEYS: &[&str] = &["role", "sub", "claims"];

/// The personas of a file.
#[derive(Debug, Default)]
pub(super) struct Personas {
    described: IndexMap<String, Persona>,
}

impl Personas {
    /// Reads `[personas]`.
    pub(super) fn read(file: &Reader<'_>, report: &mut Report<'_>) -> Self {
        let mut personas = Self::default();
        let Some(node) = file.get("personas") else {
            return personas;
        };
        let Some(reader) = Reader::open(node, "personas", report) else {
            return personas;
        };
        for entry in reader.entries() {
            let mut persona = Persona {
                sub: Some(id_of(&entry.key)),
                ..signed_in(&entry.key)
            };
            personas.fill(&mut persona, &entry.node, report);
            personas.described.insert(entry.key.clone(), persona);
        }
        personas
    }

    /// The persona of this name; one that is not described is a signed-in user.
    pub(super) fn named(&self, name: &str) -> Persona {
        match name {
            RoleName::ANON | RoleName::SERVICE => Persona {
                role: name.to_owned(),
                sub: None,
                ..signed_in(name)
            },
            _ => {
                let known = self.described.get(name);
                known.cloned().unwrap_or_else(|| signed_in(name))
            }
        }
    }

    /// Reads `as`.
    pub(super) fn caller(&self, node: &Node, report: &mut Report<'_>) -> Persona {
        if let Content::Text(name) = &node.content {
            return self.named(name.strip_prefix('$').unwrap_or(name));
        }
        let mut persona = Persona {
            sub: None,
            ..signed_in("as")
        };
        self.fill(&mut persona, node, report);
        persona.name = match &persona.sub {
            Some(sub) => self.name_of(sub).unwrap_or_else(|| persona.role.clone()),
            None => persona.role.clone(),
        };
        persona
    }

    fn fill(&self, persona: &mut Persona, node: &Node, report: &mut Report<'_>) {
        let Some(reader) = Reader::new(node, "persona", KEYS, report) else {
            return;
        };
        if let Some(role) = reader.text("role", report) {
            persona.role = role.value;
        }
        if let Some(sub) = reader.text("sub", report) {
            persona.sub = Some(self.substituted(&sub.value));
        }
        if let Some(node) = reader.get("claims")
            && let Some(claims) = self.object(node, "claims", report)
        {
            persona.claims = claims;
        }
    }

    fn name_of(&self, sub: &str) -> Option<String> {
        let described = self.described.values();
        let mut found = described.filter(|it| it.sub.as_deref() == Some(sub));
        found.next().map(|it| it.name.clone())
    }

    /// A table of values as a JSON object.
    pub(super) fn object(
        &self,
        node: &Node,
        what: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Map<String, Value>> {
        Reader::open(node, what, report)?;
        match json(node, self) {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The text with every `$NAME` replaced by that persona's `sub`.
    pub(super) fn substituted(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('$') {
            let (before, after) = rest.split_at(start);
            out.push_str(before);
            let name: String = after
                .chars()
                .skip(1)
                .take_while(|it| it.is_ascii_alphanumeric() || *it == '_')
                .collect();
            let is_name = name.starts_with(|it: char| it.is_ascii_lowercase());
            match is_name.then(|| self.named(&name).sub).flatten() {
                Some(sub) => out.push_str(&sub),
                None => out.push_str(&after[..=name.len()]),
            }
            rest = &after[1 + name.len()..];
        }
        out.push_str(rest);
        out
    }
}

fn signed_in(name: &str) -> Persona {
    Persona {
        name: name.to_owned(),
        role: RoleName::AUTHENTICATED.to_owned(),
        sub: Some(id_of(name)),
        claims: Map::new(),
    }
}

/// An id made of the name: a UUID of version 8, which is for ids of one's own making.
fn id_of(name: &str) -> String {
    let digest = Sha256::digest(format!("postern persona {name}"));
    let mut hex = String::new();
    for (index, byte) in digest.iter().take(16).enumerate() {
        let byte = match index {
            6 => (byte & 0x0f) | 0x80,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(index, 4 | 6 | 8 | 10) {
            hex.push('-');
        }
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
