//! Names as they are written in policy texts and in the SQL that is made of them.

/// The words of Postgres's grammar that do not stand for a name everywhere, those of its coming
/// versions included: a column of such a name, unquoted, would be read as something else (`null`,
/// `user`, `current_date`) or not at all (`order`).
const WORDS: &str = "\
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit \
    boolean both case cast char character check coalesce collate collation column concurrently \
    constraint create cross current_catalog current_date current_role current_schema \
    current_time current_timestamp current_user dec decimal default deferrable desc distinct do \
    else end except exists extract false fetch float for foreign freeze from full grant \
    greatest group grouping having ilike in initially inner inout int integer intersect \
    interval into is isnull join json json_array json_arrayagg json_exists json_object \
    json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading \
    least left like limit localtime localtimestamp merge_action national natural nchar none \
    normalize not notnull null nullif numeric offset on only or order out outer overlaps \
    overlay placing position precision primary real references returning right row select \
    session_user setof similar smallint some substring symmetric system_user table tablesample \
    then time timestamp to trailing treat trim true union unique user using values varchar \
    variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists \
    xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable";

/// A name as it can be written in a policy: quoted unless it is plain.
pub fn identifier(name: &str) -> String {
    let plain = name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_')
        && name
            .chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    let is_word = || WORDS.split_ascii_whitespace().any(|it| it == name);
    if plain && !is_word() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn plain_names_stand_as_they_are() {
        for name in ["id", "user_id", "_x1", "name", "title", "type", "pol_1"] {
            assert_eq!(identifier(name), name);
        }
    }

    #[test]
    fn a_name_that_is_a_word_of_the_grammar_is_quoted() {
        for name in ["null", "user", "order", "current_date", "true", "xmltable"] {
            assert_eq!(identifier(name), format!("\"{name}\""));
        }
    }

    #[test]
    fn a_name_that_would_fold_or_end_early_is_quoted() {
        assert_eq!(identifier("Id"), "\"Id\"");
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(identifier(""), "\"\"");
        assert_eq!(identifier("1a"), "\"1a\"");
    }
}
