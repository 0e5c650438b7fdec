//! 1,000 random changes to a real database, each made by statements behind the service's back: all are found.
//!
//! Each is made in a transaction that is checked inside and then undone, so that all start from the same database, on
//! SQLite as on PostgreSQL.

use std::collections::{BTreeMap, HashSet};

use an_sinh::{
    audit::{self, Given, Kind, Open, note::Note},
    decisions,
    store::{AnyConn, Store, StoreError},
};
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Text};
use proptest::{
    prelude::Rng,
    test_runner::{RngAlgorithm, TestRng},
};

use super::{
    busy_ward, execute,
    tables::{
        Committed, Holds,
        Holds::{Bytes, Day, Instant, Number, Word},
        TABLES,
    },
};
use crate::helpers::{Database, TestApp};

crate::on_each_database![a_thousand_tamperings_are_all_found];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Somebody who can write to the database, and throws dice.
struct Intruder<'c> {
    conn: &'c mut AnyConn,
    dice: &'c mut TestRng,
}

impl Intruder<'_> {
    fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.dice.next_u64() % sides as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    fn texts(&mut self, sql: &str) -> Vec<String> {
        let found: Vec<Found> = match self.conn {
            AnyConn::Sqlite(conn) => diesel::sql_query(sql).load(conn).unwrap(),
            AnyConn::Postgres(conn) => diesel::sql_query(sql).load(conn).unwrap(),
        };
        found.into_iter().map(|found| found.text).collect()
    }

    /// Conditions that name each row of a table.
    fn rows(&mut self, table: &Committed) -> Vec<String> {
        self.texts(&format!("SELECT {} AS text FROM {}", table.row, table.name))
    }

    fn row(&mut self, table: &Committed) -> String {
        let rows = self.rows(table);
        let at = self.roll(rows.len());
        rows[at].clone()
    }

    fn bytes(&mut self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.conn {
            AnyConn::Sqlite(_) => format!("x'{hex}'"),
            AnyConn::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// The bytes that stand in a column, if any do.
    fn kept(&mut self, table: &str, column: &str, row: &str) -> Vec<u8> {
        let hex = match self.conn {
            AnyConn::Sqlite(_) => format!("lower(hex({column}))"),
            AnyConn::Postgres(_) => format!("encode({column}, 'hex')"),
        };
        let found = self.texts(&format!("SELECT coalesce({hex}, '') AS text FROM {table} WHERE {row}"));
        let hex = found.first().map_or("", String::as_str);
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// A value that is not the one that stands there.
    fn another(&mut self, table: &str, (column, holds): (&str, Holds), row: &str) -> String {
        let (minute, second) = (self.roll(60), self.roll(60));
        match holds {
            Holds::Text => self.pick(&[
                "coalesce(COLUMN, '') || 'x'",
                "'x' || coalesce(COLUMN, '')",
                "coalesce(COLUMN, '') || ' '",
            ]),
            Number => self.pick(&["COLUMN + 1", "COLUMN - 1", "COLUMN + 1000", "-COLUMN"]),
            Day => self.pick(&["'2019-02-03'", "'2027-12-30'"]),
            Instant => return format!("'2026-01-14 03:{minute:02}:{second:02}.000001'"),
            Word(words) => {
                let now = self.texts(&format!("SELECT {column} AS text FROM {table} WHERE {row}"));
                let others: Vec<_> = words.iter().filter(|word| now[0] != **word).collect();
                return format!("'{}'", self.pick(&others));
            }
            Bytes => {
                let mut kept = self.kept(table, column, row);
                match self.roll(4) {
                    0 => kept.push(0),
                    1 if kept.len() > 1 => drop(kept.pop()),
                    _ if kept.is_empty() => kept.push(7),
                    _ => {
                        let (at, bit) = (self.roll(kept.len()), self.roll(8));
                        kept[at] ^= 1 << bit;
                    }
                }
                return self.bytes(&kept);
            }
        }
        .replace("COLUMN", column)
    }

    /// One change; what was done, or none where the database refused it or nothing would differ.
    fn tamper(&mut self) -> Option<(&'static str, String)> {
        let table = &TABLES[self.roll(TABLES.len())];
        let name = table.name;
        let (what, statements) = match self.roll(10) {
            0 => ("delete", vec![format!("DELETE FROM {name} WHERE {}", self.row(table))]),
            1 => ("insert", vec![self.copy_of(table)]),
            2 => ("swap", self.swap(table)?),
            3 => ("reorder", self.reorder()),
            4 => ("back-date", vec![self.back_date(table)?]),
            5 => ("cut the end", self.cut_the_end()),
            6 => ("replace a node", vec![self.replace_a_node()]),
            7 => ("hide as erased", self.hide()?),
            _ => {
                let (row, column) = (self.row(table), self.pick(table.columns));
                let value = self.another(name, column, &row);
                ("edit", vec![format!("UPDATE {name} SET {} = {value} WHERE {row}", column.0)])
            }
        };
        let mut changed = 0;
        for statement in &statements {
            changed += execute(self.conn, statement).ok()?;
        }
        (changed > 0).then(|| (what, statements.join("; ")))
    }

    fn copy_of(&mut self, table: &Committed) -> String {
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        let values: Vec<_> = names
            .iter()
            .map(|name| table.fresh.iter().find(|(fresh, _)| fresh == name).map_or(*name, |(_, sql)| sql))
            .collect();
        let (row, table) = (self.row(table), table.name);
        format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {row}",
            names.join(", "),
            values.join(", ")
        )
    }

    /// Two rows exchange what stands in one column.
    fn swap(&mut self, table: &Committed) -> Option<Vec<String>> {
        let (a, b, (column, holds)) = (self.row(table), self.row(table), self.pick(table.columns));
        let name = table.name;
        let cast = |row: &str| {
            format!("SELECT coalesce(CAST({column} AS TEXT), '') AS text FROM {name} WHERE {row}")
        };
        let differ = match holds {
            Bytes => self.kept(name, column, &a) != self.kept(name, column, &b),
            _ => self.texts(&cast(&a)) != self.texts(&cast(&b)),
        };
        // What names the row is exchanged by `reorder`.
        if !differ
            || column == "id"
            || name.starts_with("audit_") && matches!(column, "seq" | "row_id" | "table_name")
        {
            return None;
        }
        let take = |of: &str| format!("(SELECT {column} FROM {name} WHERE {of})");
        Some(vec![format!(
            "UPDATE {name} SET {column} = CASE WHEN {a} THEN {} ELSE {} END WHERE {a} OR {b}",
            take(&b),
            take(&a)
        )])
    }

    /// Two entries exchange their places, with all that stands there.
    fn reorder(&mut self) -> Vec<String> {
        let size = self.size();
        let a = 1 + self.roll(size);
        let b = 1 + (a + self.roll(size - 1)) % size;
        ["audit_rows", "audit_entries"]
            .iter()
            .flat_map(|table| {
                [(a, 1_000_000), (b, a), (1_000_000, b)]
                    .map(|(from, to)| format!("UPDATE {table} SET seq = {to} WHERE seq = {from}"))
            })
            .collect()
    }

    fn size(&mut self) -> usize {
        self.texts("SELECT CAST(max(seq) AS TEXT) AS text FROM audit_entries")[0].parse().unwrap()
    }

    fn back_date(&mut self, table: &Committed) -> Option<String> {
        let instants: Vec<_> = table.columns.iter().filter(|(_, holds)| *holds == Instant).collect();
        if instants.is_empty() {
            return None;
        }
        let (column, row) = (self.pick(&instants).0, self.row(table));
        let day = 1 + self.roll(28);
        Some(format!("UPDATE {} SET {column} = '2026-02-{day:02} 01:02:03' WHERE {row}", table.name))
    }

    /// As thoroughly as can be: what the lost entries wrote goes with them. The last entry tells of the checkpoint itself;
    /// cutting off that one alone takes back nothing that a checkpoint covers.
    fn cut_the_end(&mut self) -> Vec<String> {
        let keep = self.size() - 2 - self.roll(12);
        let mut gone = Vec::new();
        for table in TABLES.iter().map(|table| table.name) {
            if !matches!(table, "audit_entries" | "audit_rows") {
                gone.push(format!(
                    "DELETE FROM {table} WHERE id IN (SELECT row_id FROM audit_rows WHERE table_name = '{table}' \
                     GROUP BY row_id HAVING min(seq) > {keep})"
                ));
            }
        }
        gone.push(format!("DELETE FROM audit_rows WHERE seq > {keep}"));
        gone.push(format!("DELETE FROM audit_entries WHERE seq > {keep}"));
        gone
    }

    /// Of an entry that completes more than its leaf.
    fn replace_a_node(&mut self) -> String {
        let pairs = self.size() / 2;
        let seq = 2 * (1 + self.roll(pairs - 1));
        let row = format!("seq = {seq}");
        let mut hashes = self.kept("audit_entries", "hashes", &row);
        let node = 1 + self.roll(hashes.len() / 32 - 1);
        let mut hash = [0; 32];
        self.dice.fill_bytes(&mut hash);
        hashes[node * 32..(node + 1) * 32].copy_from_slice(&hash);
        format!("UPDATE audit_entries SET hashes = {} WHERE {row}", self.bytes(&hashes))
    }

    /// An entry and the rows it wrote go, as if they had been erased.
    fn hide(&mut self) -> Option<Vec<String>> {
        let size = self.size();
        let seq = 1 + self.roll(size);
        let mut statements: Vec<_> = ["evidence", "decisions", "card_steps"]
            .iter()
            .map(|table| {
                format!(
                    "DELETE FROM {table} WHERE id IN (SELECT row_id FROM audit_rows WHERE seq = {seq} AND table_name = '{table}')"
                )
            })
            .collect();
        let subject =
            self.texts(&format!("SELECT coalesce(subject, '') AS text FROM audit_entries WHERE seq = {seq}"));
        if subject.first().is_none_or(String::is_empty) {
            return None;
        }
        statements.push(format!("DELETE FROM audit_rows WHERE seq = {seq}"));
        statements.push(format!(
            "UPDATE audit_entries SET subject = NULL, receipt = NULL, purpose = NULL, salt = NULL WHERE seq = {seq}"
        ));
        Some(statements)
    }
}

/// So that statements are refused by nothing but unique keys.
fn lower_the_guard(conn: &mut AnyConn) {
    match conn {
        AnyConn::Sqlite(conn) => conn.batch_execute("PRAGMA defer_foreign_keys = ON").unwrap(),
        AnyConn::Postgres(conn) => {
            conn.batch_execute("SET LOCAL session_replication_role = replica").unwrap()
        }
    }
}

/// What became of one change.
struct Attempt {
    what: &'static str,
    statements: String,
    /// What was found; none when the database did not even read as what it should be.
    found: Option<Vec<Kind>>,
}

/// Makes one change, checks, and undoes it. None when nothing was changed.
fn attempt(store: &Store, given: &[Given], dice: &mut TestRng) -> Option<Attempt> {
    let mut outcome = None;
    // Undone by the error at the end.
    let _: Result<(), StoreError> = store.write(|conn| {
        lower_the_guard(conn);
        let with_key = dice.next_u32().is_multiple_of(2);
        if let Some((what, statements)) = (Intruder { conn, dice }).tamper() {
            let open = Open { vault: store.vault(), receipt: decisions::receipt };
            let report = audit::verify(conn, given, &[], with_key.then_some(open), |_, _| {});
            let found = match report {
                Ok(report) => Some(super::kinds(&report)),
                Err(StoreError::Database(_)) => None,
                Err(error) => panic!("{error} after {statements}"),
            };
            outcome = Some(Attempt { what, statements, found });
        }
        Err(StoreError::Busy)
    });
    outcome
}

fn a_thousand_tamperings_are_all_found(on: Database) {
    const WANTED: usize = 1_000;
    let app = TestApp::on(on);
    busy_ward(&app);
    let store = &app.state.records.store;
    let note = app.state.records.checkpoint().expect("a checkpoint");
    let given = [Given { name: "outside".into(), note: Note::parse(&note).expect("a note") }];
    let check = || {
        let clean = store.read(|conn| audit::verify(conn, &given, &[], None, |_, _| {})).expect("read");
        assert!(clean.is_clean(), "untouched: {:#?}", clean.findings);
    };
    check();
    let mut dice = TestRng::from_seed(RngAlgorithm::ChaCha, &[14; 32]);
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kinds: HashSet<Kind> = HashSet::new();
    let (mut missed, mut unreadable) = (Vec::new(), 0);
    for _ in 0..WANTED * 10 {
        let Some(Attempt { what, statements, found }) = attempt(store, &given, &mut dice) else { continue };
        *done.entry(what).or_default() += 1;
        match found {
            None => unreadable += 1,
            Some(found) if found.is_empty() => missed.push(format!("{what}: {statements}")),
            Some(found) => kinds.extend(found),
        }
        if done.values().sum::<usize>() == WANTED {
            break;
        }
    }
    check();
    assert!(missed.is_empty(), "{} missed of {WANTED}:\n{}", missed.len(), missed.join("\n"));
    assert_eq!(done.values().sum::<usize>(), WANTED, "{done:?}");
    assert!(done.len() == 9 && done.values().all(|count| *count >= 20), "{done:?}");
    // Findings, not failures of the check.
    assert!(unreadable < 20, "{unreadable}");
    for kind in [
        Kind::EntryMissing,
        Kind::EntryChanged,
        Kind::NodeChanged,
        Kind::Unexplained,
        Kind::StrayMention,
        Kind::RowChanged,
        Kind::RowMissing,
        Kind::RowUnknown,
        Kind::NoteUnsigned,
        Kind::NoteAhead,
        Kind::NoteUnreadable,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} was never found: {kinds:?}");
    }
}
