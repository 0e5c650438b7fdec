//! `an-sinh retention`: what is past its time goes, by times that are told and by no other.

use std::process::Command;

use diesel::RunQueryDsl;
use serde_json::json;

use super::{Life, days_later, made, now, step};
use crate::{
    audit::assert_whole,
    helpers::{Database, TempDir, TestApp},
    people::text,
};

crate::on_each_database![
    without_a_time_told_only_what_has_ended_by_itself_goes,
    what_is_past_the_time_told_goes_and_the_log_verifies,
    versions_and_papers_within_their_time_stay,
    who_is_erased_later_leaves_nothing_behind,
];

/// Runs it: exit status, standard output and standard error.
fn run(dir: &TempDir, lang: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_an-sinh"));
    command.args(["--lang", lang, "retention", "--database-url", &dir.url()]).args(arguments);
    if let Some(key) = dir.key_file() {
        command.env("AN_SINH_DATA_KEY_FILE", key);
    }
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("it ends"), text(output.stdout), text(output.stderr))
}

/// What a run of all kinds that may be told is told.
const ALL: [&str; 8] = [
    "--keep-readings",
    "30d",
    "--keep-versions",
    "12m",
    "--keep-ended-evidence",
    "2y",
    "--keep-ended-cards",
    "1y",
];

fn execute(app: &TestApp, sql: &str) -> usize {
    let store = &app.state.records.store;
    let done = store.write(|conn| Ok::<_, an_sinh::store::StoreError>(diesel::sql_query(sql).execute(conn)?));
    done.expect("executed")
}

/// Makes rows of today old: the service's own clock cannot be set. Whoever does so without us is found by the log, so the
/// rows are entered anew.
fn age(app: &TestApp, table: &str, columns: &[&str], to: &str) {
    let set: Vec<String> = columns.iter().map(|column| format!("{column} = '{to}'")).collect();
    execute(app, &format!("UPDATE {table} SET {}", set.join(", ")));
}

/// Enters all rows of these tables in the log as they are.
fn commit_to(app: &TestApp, tables: &[an_sinh::audit::Table]) {
    use an_sinh::audit::{Entry, append};
    let store = &app.state.records.store;
    let entered = store.write(|conn| {
        for table in tables {
            let ids = table.ids(conn, "", 10_000)?;
            let rows: Vec<_> = ids.iter().map(|id| (*table, id.as_str())).collect();
            let act = Entry { actor: "test", action: "test.aged", subject: table.as_str(), receipt: None };
            append(conn, act.touching(&rows), chrono::Utc::now())?;
        }
        Ok::<_, an_sinh::store::StoreError>(())
    });
    entered.expect("entered");
}

const OLD: &str = "2020-01-02 03:04:05";

fn without_a_time_told_only_what_has_ended_by_itself_goes(on: Database) {
    let app = now(on);
    let official = app.official();
    let companion = official.citizen("Phạm Văn Khác", "001080000077", "1980");
    Life::lived(&app, &official, companion);
    age(&app, "refresh_tokens", &["family_ends_at"], OLD);
    age(&app, "idempotency_keys", &["created_at"], OLD);
    age(&app, "outbox_events", &["delivered_at"], OLD);
    let fresh = app.session(an_sinh::access::AccountKind::Official, "official");
    made(&fresh, "/v1/citizens", &json!({ "name": "Lê Văn Mẫu" }));
    // The sign-in and the request themselves sweep: put the old ones back.
    age(&app, "idempotency_keys", &["created_at"], OLD);
    let (answers, versions) = (app.dir.count("idempotency_keys"), app.dir.count("citizen_versions"));
    let dir = app.dir.clone();

    let (status, told, error) = run(&dir, "en", &["--dry-run"]);
    assert_eq!(status, 0, "{error}");
    assert!(
        told.contains(&format!("Answers kept for repeated requests: {answers} past their time")),
        "{told}"
    );
    assert!(told.contains("Earlier versions of records: kept, how long is not set (AN_SINH_KEEP_VERSIONS)"));
    assert!(
        told.contains("(AN_SINH_KEEP_READINGS)") && told.contains("(AN_SINH_KEEP_ENDED_CARDS)"),
        "{told}"
    );
    assert_eq!(app.dir.count("idempotency_keys"), answers, "it only counted");

    // Beside the running service.
    let (status, told, error) = run(&dir, "vi", &[]);
    assert_eq!(status, 0, "{error}");
    assert!(told.contains(&format!("Câu trả lời giữ để chống trùng: đã xóa {answers}")), "{told}");
    assert!(told.contains("Giấy tờ đã thay thế hoặc rút lại: giữ lại, chưa thiết lập"), "{told}");
    assert_eq!(app.dir.count("idempotency_keys"), 0);
    assert_eq!(app.dir.count("refresh_tokens"), 1, "the session that goes on");
    assert_eq!(app.dir.count("outbox_events"), 1, "the last, so that no place is given twice");
    assert_eq!(app.dir.count("citizen_versions"), versions);
    assert_eq!(app.dir.count("audit_entries WHERE action = 'retention.applied' AND actor = 'system:cli'"), 2);
    let (_, told, _) = run(&dir, "en", &["--dry-run"]);
    assert!(told.contains("Sign-ins that ended: 0 past their time"), "{told}");
    assert_whole(&app.state.records.store);
}

fn what_is_past_the_time_told_goes_and_the_log_verifies(on: Database) {
    use an_sinh::audit::Table;
    let app = now(on);
    let official = app.official();
    let companion = official.citizen("Phạm Văn Khác", "001080000077", "1980");
    let other = official.citizen("Trần Văn Mẫu", "001080000078", "1980");
    let headers = [("if-match", "\"1\"")];
    let change = json!({ "name": "Trần Văn Mẫu Mới" });
    assert_eq!(official.send("PATCH", &format!("/v1/citizens/{other}"), &headers, Some(&change)).status, 200);
    let life = Life::lived(&app, &official, companion);
    age(&app, "citizen_versions", &["recorded_at"], OLD);
    age(&app, "evidence_ends", &["ended_at"], OLD);
    age(&app, "card_steps", &["taken_at"], OLD);
    commit_to(&app, &[Table::Versions, Table::EvidenceEnds, Table::CardSteps]);
    assert_whole(&app.state.records.store);
    let (versions, papers) = (app.dir.count("citizen_versions"), app.dir.count("evidence"));

    let (status, told, error) = run(&app.dir, "en", &[&ALL[..], &["--dry-run"]].concat());
    assert_eq!(status, 0, "{error}");
    let expected = [
        "Earlier versions of records: 1 past",
        "Documents replaced or withdrawn: 2 past",
        "Cards revoked or run out: 1 past",
        "What readings were about: 0 past",
    ];
    for line in expected {
        assert!(told.contains(line), "no {line} in {told}");
    }
    let (status, told, error) = run(&app.dir, "en", &ALL);
    assert_eq!(status, 0, "{error}");
    assert!(told.contains("Documents replaced or withdrawn: 2 removed"), "{told}");
    assert_eq!(app.dir.count("citizen_versions"), versions - 1, "those that alone tell a former number stay");
    assert_eq!(app.dir.count("evidence"), papers - 2);
    assert_eq!(app.dir.count("cards") + app.dir.count("card_steps") + app.dir.count("evidence_ends"), 0);
    assert_whole(&app.state.records.store);
    assert_eq!(official.get(&format!("/v1/citizens/{}/export", life.citizen)).status, 200);

    // Readings: those before today, once the clock of the log is that of last year's.
    execute(
        &app,
        "UPDATE audit_entries SET recorded_at = '2020-01-02 03:04:05' WHERE action = 'record.read'",
    );
    let readings = app.dir.count("audit_entries WHERE action = 'record.read'");
    let telling = app.dir.count("audit_entries WHERE action = 'record.read' AND salt IS NOT NULL");
    assert_eq!(telling, readings - 1, "that of the card went with the card");
    let (_, told, _) = run(&app.dir, "en", &ALL);
    assert!(told.contains(&format!("What readings were about: {telling} removed")), "{told}");
    assert_eq!(app.dir.count("audit_entries WHERE action = 'record.read' AND subject IS NOT NULL"), 0);
    assert_eq!(app.dir.count("audit_entries WHERE action = 'record.read'"), readings, "who read when stays");
}

fn versions_and_papers_within_their_time_stay(on: Database) {
    let app = now(on);
    let official = app.official();
    let companion = official.citizen("Phạm Văn Khác", "001080000077", "1980");
    Life::lived(&app, &official, companion);
    let tables = ["citizen_versions", "evidence", "evidence_ends", "cards", "card_steps"];
    let before = tables.map(|table| app.dir.count(table));
    let subjects = "audit_entries WHERE subject IS NOT NULL";
    let told_of = app.dir.count(subjects);
    assert_eq!(run(&app.dir, "en", &ALL).0, 0);
    assert_eq!(tables.map(|table| app.dir.count(table)), before);
    assert!(app.dir.count(subjects) >= told_of);
    assert_whole(&app.state.records.store);
    for wrong in [["--keep-readings", "0d"], ["--keep-versions", "forever"], ["--keep-ended-cards", "1w"]] {
        let (status, _, told) = run(&app.dir, "en", &wrong);
        assert_eq!(status, 2, "{told}");
    }
}

/// Rows that went before their person are named by entries that others share.
fn who_is_erased_later_leaves_nothing_behind(on: Database) {
    use an_sinh::audit::Table;
    let app = now(on);
    let official = app.official();
    let people: Vec<String> = (1..=3)
        .map(|n| {
            let citizen = official.citizen(&format!("Trần Văn Mẫu {n}"), &format!("00108000007{n}"), "1980");
            let change = json!({ "born_on": "1980-05-02" });
            let path = format!("/v1/citizens/{citizen}");
            assert_eq!(official.send("PATCH", &path, &[("if-match", "\"1\"")], Some(&change)).status, 200);
            citizen
        })
        .collect();
    age(&app, "citizen_versions", &["recorded_at"], OLD);
    commit_to(&app, &[Table::Versions]);
    let (status, told, error) = run(&app.dir, "en", &["--keep-versions", "1y", "--compact"]);
    assert_eq!(status, 0, "{error}");
    assert!(told.contains("Earlier versions of records: 3 removed"), "{told}");
    assert_whole(&app.state.records.store);
    let app = days_later(app, 2);
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    let request = json!({ "ground": "storage_period_over", "reason": "Hết thời hạn lưu" });
    let reply = step(&official, &people[1], "erasure", &request);
    assert_eq!(reply.status, 201, "{reply:?}");
    assert!(text(&reply.json(), "id").len() == 36);
    let kept = app.dir.all_that_is_kept();
    assert_eq!(super::place_of(&kept, people[1].as_bytes()), None);
    assert!(super::place_of(&kept, people[0].as_bytes()).is_some());
    assert_whole(&app.state.records.store);
}
