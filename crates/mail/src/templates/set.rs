//! Compiled templates of all locales: one layer of files over another.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Environment, Value};

use super::files::{EVERY_LOCALE, Files, SUFFIXES, Source};
use super::{DEFAULT_LOCALE, Rendered, TemplateError, environment, locale, sample};
use crate::{MailKind, Values, clean};

/// Longest subject in characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// Templates that extend and include each other.
pub(super) struct Set {
    environment: Environment<'static>,
    /// What is complete, by locale.
    kinds: BTreeSet<(String, MailKind)>,
    /// How messages call the file of a template.
    shown: BTreeMap<String, String>,
}

impl Set {
    /// Compiles `over` on top of `base`.
    pub(super) fn compile(base: &Files, over: &Files) -> Result<Self, TemplateError> {
        let mut set = Self {
            environment: environment::sandbox(),
            kinds: complete(base, over)?,
            shown: BTreeMap::new(),
        };
        let named = || base.names().chain(over.names());
        let locales: BTreeSet<&str> = named()
            .map(|it| it.0)
            .filter(|it| *it != EVERY_LOCALE)
            .collect();
        let parts: BTreeSet<&str> = named()
            .map(|it| it.1)
            .filter(|it| it.starts_with('_'))
            .collect();
        for locale in locales {
            for part in &parts {
                if let Some(source) = find_part(base, over, locale, part) {
                    set.add(locale, part, source)?;
                }
            }
        }
        for (locale, kind) in set.kinds.clone() {
            for suffix in SUFFIXES {
                let file = format!("{kind}{suffix}");
                if let Some(source) = over.get(&locale, &file).or(base.get(&locale, &file)) {
                    set.add(&locale, &file, source)?;
                }
            }
        }
        Ok(set)
    }

    fn add(&mut self, locale: &str, file: &str, source: &Source) -> Result<(), TemplateError> {
        let name = format!("{locale}/{file}");
        self.shown.insert(name.clone(), source.shown.clone());
        let added = self
            .environment
            .add_template_owned(name.clone(), source.text.clone());
        added.map_err(|error| TemplateError::of_engine(&error, &name, |it| self.shown(it)))
    }

    fn shown(&self, name: &str) -> String {
        self.shown
            .get(name)
            .cloned()
            .unwrap_or_else(|| name.to_owned())
    }

    /// The texts in the nearest locale that has this kind.
    pub(super) fn render(
        &self,
        kind: MailKind,
        wanted: &str,
        values: &Values,
    ) -> Result<Rendered, TemplateError> {
        let locale = self
            .find(kind, wanted)
            .unwrap_or_else(|| DEFAULT_LOCALE.to_owned());
        let context = values.context(&locale);
        let [subject, text, html] = SUFFIXES.map(|suffix| format!("{locale}/{kind}{suffix}"));
        let subject = self.text(&subject, &context)?;
        Ok(Rendered {
            subject: clean::one_line(subject.trim(), SUBJECT_CHARS_MAX),
            text: spaced(&self.text(&text, &context)?),
            html: self.text(&html, &context)?,
            locale,
            problem: None,
            kind,
            code: values.code.clone(),
            link: values.link.clone(),
        })
    }

    /// The nearest locale that has this kind, apart from the default that stands in for it.
    pub(super) fn find(&self, kind: MailKind, wanted: &str) -> Option<String> {
        locale::parents(wanted).find(|it| self.kinds.contains(&(it.clone(), kind)))
    }

    fn text(&self, name: &str, context: &Value) -> Result<String, TemplateError> {
        environment::render(&self.environment, name, context)
            .map_err(|error| TemplateError::of_engine(&error, name, |it| self.shown(it)))
    }

    /// Renders everything once, so that mistakes show before the first mail.
    pub(super) fn try_all(&self) -> Result<(), TemplateError> {
        for (locale, kind) in &self.kinds {
            let values = sample(*kind);
            let rendered = self.render(*kind, locale, &values)?;
            if !kind.asks() {
                continue;
            }
            for (suffix, text) in [(".txt", &rendered.text), (".html", &rendered.html)] {
                if !shows_a_way(text, &values) {
                    let file = self.shown(&format!("{locale}/{kind}{suffix}"));
                    return Err(TemplateError::NothingToDo { file });
                }
            }
        }
        Ok(())
    }

    pub(super) fn locales(&self) -> Vec<String> {
        let locales: BTreeSet<_> = self
            .kinds
            .iter()
            .map(|(locale, _)| locale.clone())
            .collect();
        locales.into_iter().collect()
    }
}

/// Which kinds have all of their files, by locale. A kind that was begun must be complete,
/// because half a mail in another language is worse than a whole one.
fn complete(base: &Files, over: &Files) -> Result<BTreeSet<(String, MailKind)>, TemplateError> {
    let mut kinds = BTreeSet::new();
    for (locale, file) in base.names().chain(over.names()) {
        let kind = MailKind::ALL.iter().find(|kind| {
            file.strip_prefix(kind.as_str())
                .is_some_and(|it| SUFFIXES.contains(&it))
        });
        let Some(kind) = kind else { continue };
        for suffix in SUFFIXES {
            let other = format!("{kind}{suffix}");
            if over
                .get(locale, &other)
                .or(base.get(locale, &other))
                .is_none()
            {
                let begun = over.get(locale, file).map_or(file, |it| it.shown.as_str());
                return Err(TemplateError::Incomplete {
                    missing: begun.replace(file, &other),
                    kind: kind.as_str(),
                });
            }
        }
        kinds.insert((locale.to_owned(), *kind));
    }
    Ok(kinds)
}

/// The nearest source of a part: the project's for this locale, the project's for every locale,
/// then the built-in ones in the same order, at last the default locale's.
fn find_part<'a>(base: &'a Files, over: &'a Files, locale: &str, part: &str) -> Option<&'a Source> {
    let chain: Vec<_> = locale::parents(locale).collect();
    let own = |files: &'a Files| chain.iter().find_map(|it| files.get(it, part));
    own(over)
        .or_else(|| over.get(EVERY_LOCALE, part))
        .or_else(|| own(base))
        .or_else(|| base.get(EVERY_LOCALE, part))
        .or_else(|| over.get(DEFAULT_LOCALE, part))
        .or_else(|| base.get(DEFAULT_LOCALE, part))
}

fn shows_a_way(text: &str, values: &Values) -> bool {
    let shows = |it: &postern_base::Secret<String>| {
        text.contains(it.expose()) || text.contains(&it.expose().replace('&', "&amp;"))
    };
    values.code.as_ref().is_some_and(shows) || values.link.as_ref().is_some_and(shows)
}

/// Plain text without empty lines in a row and without trailing spaces.
fn spaced(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.trim().lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_some_and(|it| it.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}
