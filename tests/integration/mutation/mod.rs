//! The mutation test: faults put into the text of the shipped pack, and who notices them.
//!
//! A fault is *caught by proof* when the pack is refused before its tests run, *caught only by test* when a `[[test]]` or a
//! golden case fails, *harmless* when the slow evaluator finds nobody near the changed place who is answered differently,
//! and it *survives* when somebody is and nothing noticed. Which faults are tried hangs on the digest of the pack: every
//! change of the law, and of the tests beside it, draws others, so no test can be written for the draw that it is held
//! against. `AN_SINH_SEED` sets one, to look at the same faults again. See `docs/adr/0011-proofs-with-witnesses.md`.

mod blocks;
mod faults;

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use an_sinh::{
    decide,
    policy::{Policy, SourceText},
};

use crate::{
    golden,
    oracle::{self, Near, Pack, Random},
};
use faults::{Fault, Operator, faults};

/// How many faults, and how many people look at each that nothing caught.
fn size() -> (usize, usize) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (faults, people) =
        if std::env::var_os("AN_SINH_FULL").is_some() { (300, 5_000) } else { (18, 1_000) };
    (number("AN_SINH_FAULTS").unwrap_or(faults), people)
}

/// Who noticed a fault.
#[derive(Debug, Clone)]
enum Notice {
    Proof(String),
    Test(String),
    Harmless,
    /// An example of who is answered differently.
    Survives(String),
}

/// The draw: as asked for, else by the digest of the pack.
fn seed(policy: &Policy) -> u64 {
    let asked = std::env::var("AN_SINH_SEED").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or_else(|| {
        policy.digest().bytes().fold(0, |seed: u64, byte| seed.rotate_left(5) ^ u64::from(byte))
    })
}

#[test]
fn faults_in_the_law_are_noticed() {
    let policy = Policy::embedded().expect("the embedded pack");
    let (how_many, people) = size();
    let seed = seed(&policy);
    let chosen = choose(faults(policy.files()), how_many, seed);
    assert!(chosen.len() >= how_many.min(300), "{} faults", chosen.len());
    let next = Mutex::new(chosen.iter().enumerate());
    let noticed: Mutex<Vec<(usize, Notice)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(8) {
            scope.spawn(|| {
                let original = oracle::shipped();
                while let Some((at, fault)) = { next.lock().expect("the list").next() } {
                    let notice = notice(&policy, &original, fault, people, at);
                    noticed.lock().expect("the list").push((at, notice));
                }
            });
        }
    });
    let mut noticed = noticed.into_inner().expect("the list");
    noticed.sort_by_key(|(at, _)| *at);
    let all: Vec<(&Fault, Notice)> = noticed.into_iter().map(|(at, notice)| (&chosen[at], notice)).collect();
    let report = Report { seed, all: &all };
    #[expect(clippy::print_stderr, reason = "the two figures are what the test is run for")]
    {
        eprintln!("{report}");
    }
    let survivors = all.iter().filter(|(_, notice)| matches!(notice, Notice::Survives(_))).count();
    assert!(survivors * 100 <= all.len(), "more than one fault in a hundred went unnoticed\n{report}");
}

/// The same number of each operator, as far as there are so many. A fault is chosen by what it changes, so that an edit
/// elsewhere in the pack leaves the others chosen as they were.
fn choose(all: Vec<Fault>, how_many: usize, seed: u64) -> Vec<Fault> {
    let lot = |fault: &Fault| {
        let seed = fault.key.bytes().fold(seed ^ 0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Random::new(seed).below(usize::MAX)
    };
    let mut queues: Vec<Vec<Fault>> = Operator::ALL
        .iter()
        .map(|operator| all.iter().filter(|fault| fault.operator == *operator).cloned().collect())
        .collect();
    // The last of each is taken first.
    queues.iter_mut().for_each(|queue| queue.sort_by_key(|fault| std::cmp::Reverse(lot(fault))));
    let mut chosen = Vec::new();
    while chosen.len() < how_many && queues.iter().any(|queue| !queue.is_empty()) {
        chosen.extend(queues.iter_mut().filter_map(Vec::pop));
    }
    chosen.truncate(how_many);
    chosen
}

fn notice(policy: &Policy, original: &Pack, fault: &Fault, people: usize, number: usize) -> Notice {
    let files = fault.in_files(policy.files());
    let first = |findings: Vec<an_sinh::policy::Finding>| {
        findings.first().map(ToString::to_string).unwrap_or_default()
    };
    let mutant = match Policy::read(files.clone()) {
        Ok(mutant) => mutant,
        Err(findings) => return Notice::Proof(first(findings)),
    };
    // A fault in the file of one entitlement needs the proofs and tests of that one only.
    let file = fault.file(policy.files());
    let touched = |id: &str| !file.starts_with("entitlements/") || file == format!("entitlements/{id}.toml");
    if let Err(findings) = mutant.prove_some(|decision| touched(&decision.id)) {
        return Notice::Proof(first(findings));
    }
    if let Some(finding) = decide::failing_tests(&mutant).find(|_| true) {
        return Notice::Test(finding.to_string());
    }
    if let Some(case) = golden::failing(&mutant).into_iter().next() {
        return Notice::Test(case);
    }
    let folder = Folder::new(&files, number);
    let other = Pack::read(&folder.0).unwrap_or_else(|error| panic!("{}: {error}", fault.told));
    match Near::new(original, &other).difference(people, number as u64) {
        Some(example) => Notice::Survives(example),
        None => Notice::Harmless,
    }
}

/// A pack on disk, gone when it is no longer used.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[SourceText], number: usize) -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fault-{}-{number}", std::process::id()));
        for file in files {
            let path = folder.join(&file.name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
            fs::write(path, &file.text).expect("the file is written");
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Report<'a> {
    seed: u64,
    all: &'a [(&'a Fault, Notice)],
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts: BTreeMap<Operator, [usize; 4]> = BTreeMap::new();
        for (fault, notice) in self.all {
            let at = match notice {
                Notice::Proof(_) => 0,
                Notice::Test(_) => 1,
                Notice::Harmless => 2,
                Notice::Survives(_) => 3,
            };
            counts.entry(fault.operator).or_default()[at] += 1;
        }
        let sum = |at: usize| counts.values().map(|counts| counts[at]).sum::<usize>();
        writeln!(
            out,
            "{} faults of seed {}: {} caught by proof, {} caught only by test, {} harmless, {} survive",
            self.all.len(),
            self.seed,
            sum(0),
            sum(1),
            sum(2),
            sum(3)
        )?;
        for (operator, [proof, test, harmless, survive]) in &counts {
            writeln!(
                out,
                "  {operator:?}: {proof} proof, {test} test, {harmless} harmless, {survive} survive"
            )?;
        }
        for (fault, notice) in self.all {
            match notice {
                Notice::Survives(example) => writeln!(out, "survives: {}\n    {example}", fault.told)?,
                Notice::Harmless => writeln!(out, "harmless: {}", fault.told)?,
                Notice::Proof(how) | Notice::Test(how) if std::env::var_os("AN_SINH_SHOW").is_some() => {
                    writeln!(out, "caught: {}\n    {how}", fault.told)?;
                }
                Notice::Proof(_) | Notice::Test(_) => {}
            }
        }
        Ok(())
    }
}
