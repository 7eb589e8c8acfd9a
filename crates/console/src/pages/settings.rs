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
