//! Every row about one person, in whatever table.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{
    AnyConn, CitizenId, StoreError,
    audit_rows::Table,
    schema::{
        appeal_outcomes, appeals, card_steps, cards, citizen_merges, citizen_versions, citizen_words,
        citizens, decisions, evidence, evidence_ends, former_numbers, households, memberships, supersessions,
    },
};

/// The rows about a person that the audit log commits to, by their ids. Words and former numbers, which it does not, go
/// with the records.
#[derive(Debug, Clone, Default)]
pub struct PersonRows(BTreeMap<Table, Vec<String>>);

/// The ids of the rows of a table in which a column holds one of some values.
macro_rules! ids {
    ($conn:ident, $table:ident.$id:ident where $column:ident in $values:expr) => {
        $table::table.filter($table::$column.eq_any($values)).select($table::$id).load::<String>($conn)?
    };
}

impl PersonRows {
    /// Of a person whose records these are. Their household is among the rows when nobody else ever lived there.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(conn: &mut AnyConn, records: &[CitizenId]) -> Result<Self, StoreError> {
        let own: Vec<String> = records.iter().map(ToString::to_string).collect();
        let papers = ids!(conn, evidence.id where citizen_id in &own);
        let decided = ids!(conn, decisions.id where citizen_id in &own);
        let appealed = ids!(conn, appeals.id where decision_id in &decided);
        let issued = ids!(conn, cards.id where citizen_id in &own);
        let rows = [
            (Table::Versions, ids!(conn, citizen_versions.id where citizen_id in &own)),
            (Table::Memberships, ids!(conn, memberships.id where citizen_id in &own)),
            (Table::Merges, ids!(conn, citizen_merges.duplicate_id where kept_id in &own)),
            (Table::EvidenceEnds, ids!(conn, evidence_ends.evidence_id where evidence_id in &papers)),
            (Table::Evidence, papers),
            (Table::Supersessions, ids!(conn, supersessions.superseded_id where decision_id in &decided)),
            (Table::AppealOutcomes, ids!(conn, appeal_outcomes.appeal_id where appeal_id in &appealed)),
            (Table::Appeals, appealed),
            (Table::CardSteps, ids!(conn, card_steps.id where card_id in &issued)),
            (Table::Cards, issued),
            (Table::Decisions, decided),
            (Table::Households, homes_of_nobody_else(conn, &own)?),
            (Table::Citizens, own),
        ];
        Ok(Self(rows.into_iter().collect()))
    }

    /// The ids of their rows of a table.
    pub fn of_table(&self, table: Table) -> &[String] {
        self.0.get(&table).map_or(&[], Vec::as_slice)
    }

    /// All rows.
    pub fn all(&self) -> impl Iterator<Item = (Table, &str)> {
        self.0.iter().flat_map(|(table, ids)| ids.iter().map(|id| (*table, id.as_str())))
    }

    /// The ids under which acts and events about them stand.
    pub fn subjects(&self) -> Vec<String> {
        use Table::{Appeals, Cards, Citizens, Decisions, Evidence, Households};
        let named = [Citizens, Evidence, Decisions, Appeals, Cards, Households];
        named.iter().flat_map(|table| self.of_table(*table)).cloned().collect()
    }

    /// Removes all of them, and by what they are found.
    ///
    /// # Errors
    /// When the store fails, or another row still rests on one of them.
    pub fn remove(&self, conn: &mut AnyConn) -> Result<(), StoreError> {
        let own = self.of_table(Table::Citizens);
        macro_rules! remove {
            ($($table:ident.$column:ident in $values:expr;)*) => {$(
                diesel::delete($table::table.filter($table::$column.eq_any($values))).execute(conn)?;
            )*};
        }
        // What rests on others goes before them.
        remove! {
            citizen_words.citizen_id in own;
            former_numbers.citizen_id in own;
            citizen_versions.citizen_id in own;
            memberships.citizen_id in own;
            citizen_merges.duplicate_id in self.of_table(Table::Merges);
            evidence_ends.evidence_id in self.of_table(Table::Evidence);
            evidence.citizen_id in own;
            card_steps.card_id in self.of_table(Table::Cards);
            cards.citizen_id in own;
            appeal_outcomes.appeal_id in self.of_table(Table::Appeals);
            appeals.id in self.of_table(Table::Appeals);
            supersessions.decision_id in self.of_table(Table::Decisions);
            decisions.citizen_id in own;
            citizens.id in own;
            households.id in self.of_table(Table::Households);
        }
        Ok(())
    }
}

/// Households in which only these ever lived.
fn homes_of_nobody_else(conn: &mut AnyConn, own: &[String]) -> Result<Vec<String>, StoreError> {
    let mut homes: BTreeSet<String> =
        ids!(conn, memberships.household_id where citizen_id in own).into_iter().collect();
    homes.extend(ids!(conn, citizens.household_id where id in own));
    homes.extend(ids!(conn, citizen_versions.household_id where citizen_id in own));
    let homes: Vec<String> = homes.into_iter().collect();
    let lived: Vec<(String, String)> = memberships::table
        .filter(memberships::household_id.eq_any(&homes))
        .select((memberships::household_id, memberships::citizen_id))
        .load(conn)?;
    let live: Vec<(String, String)> = citizens::table
        .filter(citizens::household_id.eq_any(&homes))
        .select((citizens::household_id, citizens::id))
        .load(conn)?;
    let shared: BTreeSet<String> = lived
        .into_iter()
        .chain(live)
        .filter(|(_, citizen)| !own.contains(citizen))
        .map(|(home, _)| home)
        .collect();
    Ok(homes.into_iter().filter(|home| !shared.contains(home)).collect())
}
