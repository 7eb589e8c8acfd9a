//! `select=`: columns, aggregates and embedded resources.
//!
//! ```text
//! select    = [ item *( ws "," ws item ) ]
//! item      = ws "..." name *2param embedded ws
//!           | ws [ alias ] name *2param embedded ws             ; the name is not "count"
//!           | ws ( "*" | [ alias ] "count()" [ cast ] | [ alias ] column ) ws
//! embedded  = "(" select ")"
//! param     = "!" ( "inner" | "left" | name )                   ; one join and one hint at most
//! column    = field [ cast ] [ "." aggregate "()" [ cast ] ]
//! aggregate = "sum" | "avg" | "count" | "max" | "min"
//! alias     = name ":"                                          ; no second ":" after it
//! cast      = "::" identifier
//! ```

use super::budget::Budget;
use super::cursor::{Cursor, Parsed, Stop, parse_whole};
use super::field::field;
use super::name::{comma, identifier, name};
use super::{Aggregate, Join, SelectEmbed, SelectField, SelectItem};
use crate::Error;

/// Parses the parameter's text.
pub(super) fn parse(text: &str, budget: &mut Budget<'_>) -> Result<Vec<SelectItem>, Error> {
    parse_whole("select parameter", text, text, |cursor| {
        let items = list(cursor, budget, 0)?;
        // COMPAT(postgrest 14): stray parentheses and quotes after the list are passed over.
        cursor.take_while(&[], |it| matches!(it, ')' | '\''));
        Ok(items)
    })
}

fn list(cursor: &mut Cursor<'_>, budget: &mut Budget<'_>, depth: usize) -> Parsed<Vec<SelectItem>> {
    let start = cursor.at();
    let mut items = match item(cursor, budget, depth) {
        Ok(first) => vec![first],
        Err(Stop::Mismatch) if cursor.at() == start => return Ok(Vec::new()),
        Err(stop) => return Err(stop),
    };
    while comma(cursor)? {
        items.push(item(cursor, budget, depth)?);
        Budget::select_items(items.len())?;
    }
    Ok(items)
}

fn item(cursor: &mut Cursor<'_>, budget: &mut Budget<'_>, depth: usize) -> Parsed<SelectItem> {
    let mut head = cursor.attempt(spread_head)?;
    if head.is_none() {
        head = cursor.attempt(embed_head)?;
    }
    match head {
        Some(embed) => embedded(cursor, budget, depth + 1, embed),
        None => column(cursor),
    }
}

fn embedded(
    cursor: &mut Cursor<'_>,
    budget: &mut Budget<'_>,
    depth: usize,
    mut embed: SelectEmbed,
) -> Parsed<SelectItem> {
    budget.embed(depth)?;
    cursor.text("(")?;
    embed.select = list(cursor, budget, depth)?;
    cursor.text(")")?;
    cursor.whitespace();
    Ok(SelectItem::Embed(embed))
}

fn spread_head(cursor: &mut Cursor<'_>) -> Parsed<SelectEmbed> {
    cursor.whitespace();
    cursor.text("...")?;
    let mut embed = relation(cursor)?;
    embed.spread = true;
    Ok(embed)
}

fn embed_head(cursor: &mut Cursor<'_>) -> Parsed<SelectEmbed> {
    cursor.whitespace();
    let alias = cursor.attempt(alias)?;
    let mut embed = relation(cursor)?;
    // `count()` is the aggregate, never a relation of that name.
    if embed.target == "count" {
        return Err(Stop::Mismatch);
    }
    embed.alias = alias;
    Ok(embed)
}

fn relation(cursor: &mut Cursor<'_>) -> Parsed<SelectEmbed> {
    let mut embed = SelectEmbed {
        target: name(cursor)?,
        hint: None,
        join: None,
        alias: None,
        spread: false,
        select: Vec::new(),
    };
    while cursor.attempt(|cursor| cursor.text("!"))?.is_some() {
        let parameter = name(cursor)?;
        let join = match parameter.as_str() {
            "inner" => Some(Join::Inner),
            "left" => Some(Join::Left),
            _ => None,
        };
        match join {
            Some(join) if embed.join.is_none() => embed.join = Some(join),
            None if embed.hint.is_none() => embed.hint = Some(parameter),
            _ => return cursor.mismatch(),
        }
    }
    if cursor.looking_at("(") {
        Ok(embed)
    } else {
        Err(Stop::Mismatch)
    }
}

fn column(cursor: &mut Cursor<'_>) -> Parsed<SelectItem> {
    cursor.whitespace();
    let mut item = cursor.attempt(star)?;
    if item.is_none() {
        item = cursor.attempt(count)?;
    }
    let item = match item {
        Some(item) => item,
        None => column_or_aggregate(cursor)?,
    };
    Ok(item)
}

fn star(cursor: &mut Cursor<'_>) -> Parsed<SelectItem> {
    cursor.text("*")?;
    cursor.whitespace();
    item_end(cursor)?;
    Ok(SelectItem::Star)
}

fn count(cursor: &mut Cursor<'_>) -> Parsed<SelectItem> {
    let alias = cursor.attempt(alias)?;
    cursor.text("count()")?;
    let aggregate_cast = cast(cursor)?;
    cursor.whitespace();
    item_end(cursor)?;
    Ok(SelectItem::Field(SelectField {
        field: None,
        cast: None,
        aggregate: Some(Aggregate::Count),
        aggregate_cast,
        alias,
    }))
}

fn column_or_aggregate(cursor: &mut Cursor<'_>) -> Parsed<SelectItem> {
    let alias = cursor.attempt(alias)?;
    let field = field(cursor)?;
    let before = cast(cursor)?;
    let aggregate = cursor.attempt(aggregate)?;
    let aggregate_cast = match aggregate {
        Some(_) => cast(cursor)?,
        None => None,
    };
    cursor.whitespace();
    item_end(cursor)?;
    Ok(SelectItem::Field(SelectField {
        field: Some(field),
        cast: before,
        aggregate,
        aggregate_cast,
        alias,
    }))
}

fn alias(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let alias = name(cursor)?;
    cursor.text(":")?;
    cursor.not_followed_by(':')?;
    Ok(alias)
}

fn cast(cursor: &mut Cursor<'_>) -> Parsed<Option<String>> {
    if cursor.attempt(|cursor| cursor.text("::"))?.is_none() {
        return Ok(None);
    }
    let target = identifier(cursor)?;
    Ok(Some(target.to_owned()))
}

fn aggregate(cursor: &mut Cursor<'_>) -> Parsed<Aggregate> {
    const NAMES: [(&str, Aggregate); 5] = [
        ("sum", Aggregate::Sum),
        ("avg", Aggregate::Avg),
        ("count", Aggregate::Count),
        ("max", Aggregate::Max),
        ("min", Aggregate::Min),
    ];
    cursor.text(".")?;
    for (name, aggregate) in NAMES {
        if cursor.attempt(|cursor| cursor.text(name))?.is_some() {
            cursor.text("()")?;
            return Ok(aggregate);
        }
    }
    Err(Stop::Mismatch)
}

fn item_end(cursor: &mut Cursor<'_>) -> Parsed<()> {
    if cursor.looking_at(")") || cursor.looking_at(",") {
        return Ok(());
    }
    cursor.end()
}
