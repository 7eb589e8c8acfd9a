//! The role that the gateway signs in as.

use super::{Finding, Gravity, Subject, sql_name, sql_relation};

/// Most tables that one finding names.
const NAMED_MAX: usize = 20;

/// Looks at it.
pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let login = &subject.survey.login;
    let name = sql_name(&login.name);
    if login.superuser {
        findings.push(Finding {
            gravity: Gravity::Grave,
            code: "login-superuser",
            what: format!("the gateway signs in as `{}`, a superuser", login.name),
            why: "whoever finds a way around the gateway owns the whole server: files, programs \
                  and every other database on it",
            fix: "create role postern_gateway login noinherit password '…'; \
                  grant anon, authenticated, service_role to postern_gateway; \
                  -- and name it in `database.url`"
                .into(),
        });
        // A superuser bypasses and owns everything; saying so again helps nobody.
        return;
    }
    if login.bypass_rls {
        findings.push(Finding {
            gravity: relied_on(subject),
            code: "login-bypasses-rls",
            what: format!("row-level security does not apply to `{}`", login.name),
            why: "what runs with the gateway's own rights sees every row, whatever the database's \
                  policies say",
            fix: format!("alter role {name} nobypassrls;"),
        });
    }
    let owned = subject.survey.relations.iter();
    let owned: Vec<_> = owned.filter(|it| it.owned_by_login).collect();
    if owned.is_empty() {
        return;
    }
    let listed = owned.iter().take(NAMED_MAX);
    let alter = listed.map(|it| {
        let kind = if it.is_view { "view" } else { "table" };
        format!("alter {kind} {} owner to OWNER;", sql_relation(&it.name))
    });
    findings.push(Finding {
        gravity: relied_on(subject),
        code: "login-owns-tables",
        what: format!(
            "`{}` has the rights of the owner of {} relations that it serves",
            login.name,
            owned.len()
        ),
        why: "an owner passes row-level security that is not forced, and can alter and drop what \
              it owns",
        fix: alter.collect::<Vec<_>>().join(" "),
    });
}

/// How bad it is that row-level security does not hold the login back.
fn relied_on(subject: &Subject<'_>) -> Gravity {
    if subject.is_native() {
        Gravity::Grave
    } else {
        Gravity::Warning
    }
}
