//! docs/mail-templates.md names every mail and every value.

use postern_mail::MailKind;

const GUIDE: &str = include_str!("../../../docs/mail-templates.md");
const VALUES: &str = include_str!("../src/values.rs");

#[test]
fn the_guide_names_every_mail() {
    for kind in MailKind::ALL {
        assert!(GUIDE.contains(&format!("`{kind}`")), "{kind}");
    }
}

#[test]
fn the_guide_names_every_value() {
    let fields = VALUES
        .lines()
        .filter_map(|it| it.trim().strip_prefix("pub "));
    let names = fields.filter_map(|it| Some(it.split_once(": ")?.0));
    let names: Vec<_> = names.filter(|it| !it.contains(['(', ' '])).collect();
    assert!(names.len() > 10, "{names:?}");

    for name in names {
        assert!(GUIDE.contains(&format!("`{name}`")), "{name}");
    }
}
