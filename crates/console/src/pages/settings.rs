//! How the server is set up: values with where they came from, and where to change them.
//!
//! All of it is read when the server starts, so that nothing is changed here; what is shown says
//! which key to write. Of a secret it is told only whether there is one.

mod about;
mod database;
mod general;
mod mail;

pub(crate) use self::about::show as about;
pub(crate) use self::database::show as database;
pub(crate) use self::general::show as general;
pub(crate) use self::mail::{send, show as mail};
use crate::place::Place;
use crate::place::operate::Operate;

/// A page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    General,
    Database,
    Mail,
    Admins,
    About,
}

/// The pages beside each other, and which one this is.
fn tabs(current: Tab) -> Vec<(&'static str, Place, bool)> {
    let tabs = [
        (Tab::General, t!("settings.general"), Operate::Settings),
        (
            Tab::Database,
            t!("settings.database"),
            Operate::SettingsDatabase,
        ),
        (Tab::Mail, t!("settings.mail"), Operate::SettingsMail),
        (Tab::About, t!("settings.about"), Operate::SettingsAbout),
    ];
    let place = |(tab, label, place)| (label, Place::Operate(place), tab == current);
    let mut tabs: Vec<_> = tabs.into_iter().map(place).collect();
    let admins = (t!("rail.admins"), Place::Admins, current == Tab::Admins);
    tabs.insert(3, admins);
    tabs
}

/// Bytes as people read them.
fn bytes(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ if size < 10.0 => format!("{size:.1} {}", UNITS[unit]),
        _ => format!("{size:.0} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_short() {
        for (size, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (20 * 1024 * 1024, "20 MiB"),
        ] {
            assert_eq!(bytes(size), expected);
        }
    }
}
