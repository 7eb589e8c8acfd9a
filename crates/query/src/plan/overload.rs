//! Which function a call means, among those that exist for the caller.
//!
//! COMPAT(postgrest 14): a function whose arguments have exactly the names that were sent, those
//! with defaults left out or not; failing that, one with a single unnamed argument of the type
//! that goes with the body.

use postern_base::{FunctionName, codes};
use postern_catalog::{Function, OTHER_LIKENESS, likest};

use super::Planner;
use super::arguments::{Arguments, Given};
use crate::Error;
use crate::request::{ApiRequest, Whole, WholeMedia};

impl<'a> Planner<'_, 'a> {
    pub(super) fn overload(
        &self,
        name: &FunctionName,
        request: &ApiRequest,
    ) -> Result<(&'a Function, Arguments), Error> {
        let given = Given::of(request);
        let all = self.view.catalog().overloads(name).iter();
        let visible: Vec<_> = all.filter(|it| self.view.function(it).is_some()).collect();
        let names = given.named.as_ref().map(Arguments::names);
        let names = names.unwrap_or_default();
        let fitting = names_fit(&visible, &given, &names);
        match fitting.as_slice() {
            [one] => return given.named.map(|arguments| (*one, arguments)),
            [] => {}
            several => return Err(ambiguous(several)),
        }
        let fallback: Vec<_> = visible
            .iter()
            .filter(|it| given.whole.as_ref().is_some_and(|body| takes(it, body)))
            .copied()
            .collect();
        match (fallback.as_slice(), &given.whole) {
            ([one], Some(body)) => Ok((one, Arguments::Whole(body.text.clone()))),
            ([], body) => {
                given.named?;
                Err(self.no_function(name, &names, body.as_ref()))
            }
            (several, _) => Err(ambiguous(several)),
        }
    }

    fn no_function(&self, name: &FunctionName, given: &[String], body: Option<&Whole>) -> Error {
        let with = match given {
            [] => "without parameters".to_owned(),
            [one] => format!("with parameter {one}"),
            several => format!("with parameters {}", several.join(", ")),
        };
        let media = body.map(|it| it.media);
        let unnamed = match media {
            Some(WholeMedia::Text) => Some("text"),
            Some(WholeMedia::Xml) => Some("xml"),
            Some(WholeMedia::Bytes) => Some("bytea"),
            Some(WholeMedia::Json) | None => None,
        };
        let shown = match (unnamed, given) {
            (Some(_), _) => name.to_string(),
            (None, []) => format!("{name} {with}"),
            (None, _) => format!("{name}({})", given.join(", ")),
        };
        let message = format!("Could not find the function {shown} in the schema cache");
        let searched = match (unnamed, media) {
            (Some(ty), _) => format!("with a single unnamed {ty} parameter"),
            (None, Some(_)) => format!("{with} or with a single unnamed json/jsonb parameter"),
            (None, None) => with,
        };
        let details = format!(
            "Searched for the function {name} {searched}, but no matches were found in the \
             schema cache."
        );
        let error = Error::new(&codes::NO_FUNCTION, message).with_details(details);
        match self.nearest_function(name, given) {
            Some(meant) => {
                error.with_hint(format!("Perhaps you meant to call the function {meant}"))
            }
            None => error,
        }
    }

    /// COMPAT(postgrest 14): where there are overloads of the name, the one whose arguments look
    /// most like the given ones; else the name that looks most like this one.
    fn nearest_function(&self, name: &FunctionName, given: &[String]) -> Option<String> {
        let visible: Vec<_> = self
            .view
            .catalog()
            .functions()
            .filter(|it| it.name.schema == name.schema && self.view.function(it).is_some())
            .collect();
        let overloads: Vec<_> = visible.iter().filter(|it| it.name == *name).collect();
        if overloads.is_empty() {
            let names = visible.iter().map(|it| it.name.name.as_str());
            let meant = likest(&name.name, names, OTHER_LIKENESS)?;
            return Some(format!("{}.{meant}", name.schema));
        }
        let lists: Vec<_> = overloads
            .iter()
            .map(|it| listed(it.arguments.iter().map(|it| it.name.as_str())))
            .collect();
        let given = listed(given.iter().map(String::as_str));
        let meant = likest(&given, lists.iter().map(String::as_str), OTHER_LIKENESS)?;
        Some(format!("{name}{meant}"))
    }
}

/// `(a, b)`, in the order of the names.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    format!("({})", names.join(", "))
}

/// The functions whose named arguments are the given ones.
fn names_fit<'a>(visible: &[&'a Function], given: &Given, names: &[String]) -> Vec<&'a Function> {
    let fits = |it: &&&'a Function| {
        // A body that is one value names nothing, and is not thrown away for want of arguments.
        let ignores_body = given.is_one_value() && it.arguments.is_empty();
        given.named.is_ok() && !ignores_body && takes_names(it, names)
    };
    visible.iter().filter(fits).copied().collect()
}

fn takes_names(function: &Function, given: &[String]) -> bool {
    let known = |name: &String| function.arguments.iter().any(|it| it.name == *name);
    let mut needed = function.arguments.iter().filter(|it| !it.has_default);
    given.iter().all(known) && needed.all(|it| given.contains(&it.name))
}

/// Whether the function's only argument has no name and is what the body is.
fn takes(function: &Function, body: &Whole) -> bool {
    let [argument] = function.arguments.as_slice() else {
        return false;
    };
    let types: &[&str] = match body.media {
        WholeMedia::Json => &["json", "jsonb"],
        WholeMedia::Text => &["text"],
        WholeMedia::Xml => &["xml"],
        WholeMedia::Bytes => &["bytea"],
    };
    argument.name.is_empty() && types.contains(&argument.ty.name.as_str())
}

fn ambiguous(several: &[&Function]) -> Error {
    let shown: Vec<_> = several.iter().map(|it| shown_signature(it)).collect();
    let message = format!(
        "Could not choose the best candidate function between: {}",
        shown.join(", ")
    );
    Error::new(&codes::AMBIGUOUS_FUNCTION, message).with_hint(
        "Try renaming the parameters or the function itself in the database so function \
         overloading can be resolved",
    )
}

fn shown_signature(function: &Function) -> String {
    let arguments: Vec<_> = function
        .arguments
        .iter()
        .map(|it| format!("{} => {}", it.name, it.ty.sql))
        .collect();
    format!("{}({})", function.name, arguments.join(", "))
}
