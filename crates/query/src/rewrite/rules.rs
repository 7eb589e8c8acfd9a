//! The protections of the rewriter by name, so that a test can take one out and must then fail.

/// Which protections are in force; outside of tests it is always [`Rules::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Rows that the select policy hides are not read.
    pub read_filter: bool,
    /// Rows that the select policy hides are not counted.
    pub count_filter: bool,
    /// Rows of embedded relations are filtered by their own policy.
    pub embed_filter: bool,
    /// Rows of a many-to-many relationship's junction are filtered by its policy.
    pub junction_filter: bool,
    /// Columns that are masked show their mask.
    pub masks: bool,
    /// Filters that are not leakproof meet visible rows only.
    pub leak_guard: bool,
    /// Inserted rows pass the insert check.
    pub insert_check: bool,
    /// The check of a row that leaves columns out sees their defaults.
    pub insert_defaults: bool,
    /// Inserted rows that are read back pass the select policy.
    pub insert_select_check: bool,
    /// Updated rows pass the update policy before the change.
    pub update_filter: bool,
    /// Updated rows pass the update check after the change.
    pub update_check: bool,
    /// Rows that an update or delete reads pass the select policy.
    pub write_select_filter: bool,
    /// Updated rows that are read pass the select policy after the change.
    pub update_select_check: bool,
    /// Deleted rows pass the delete policy.
    pub delete_filter: bool,
    /// The row that an upsert meets passes the update and select policies.
    pub upsert_old_row: bool,
    /// The row that an upsert proposes passes the insert check behind triggers, too.
    pub upsert_proposed_row: bool,
    /// The row that an upsert merges passes the update check.
    pub upsert_check: bool,
    /// The row that an upsert merges passes the select policy.
    pub upsert_select_check: bool,
    /// Checks are made on the stored row where the database may change it.
    pub post_check: bool,
    /// Referred rows are visible where the policy asks for it.
    pub references: bool,
    /// Rows that a function returns pass the select policy of the table that they are of.
    pub call_filter: bool,
    /// Subqueries of rules that see as the caller sees are filtered by the caller's own rules.
    pub caller_scope: bool,
}

impl Rules {
    /// Every protection.
    pub const ALL: Self = Self {
        read_filter: true,
        count_filter: true,
        embed_filter: true,
        junction_filter: true,
        masks: true,
        leak_guard: true,
        insert_check: true,
        insert_defaults: true,
        insert_select_check: true,
        update_filter: true,
        update_check: true,
        write_select_filter: true,
        update_select_check: true,
        delete_filter: true,
        upsert_old_row: true,
        upsert_proposed_row: true,
        upsert_check: true,
        upsert_select_check: true,
        post_check: true,
        references: true,
        call_filter: true,
        caller_scope: true,
    };
}
