//! Who may say what the law is: approved and signed packs, and every way to be refused.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use ureq::Agent;

use crate::{
    cli::{program, run, text},
    helpers::TempDir,
    packs::{ASK, Service, approve, point, told, write},
};

fn path(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// Makes a key pair: the file of the private key, and the public key.
fn key(dir: &TempDir, name: &str) -> (PathBuf, String) {
    let file = dir.path().join(name);
    let output = run(&["policy", "keygen", "--key", path(&file)], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    (file, text(&output.stdout).trim().to_owned())
}

fn sign(folder: &Path, key: &Path) -> Output {
    run(&["policy", "sign", path(folder), "--key", path(key)], "")
}

/// An approved pack, signed.
fn signed(dir: &TempDir, name: &str, figure: u32, key: &Path) -> PathBuf {
    let folder = write(dir, name, figure);
    approve(&folder, "2026-01-03");
    let output = sign(&folder, key);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    folder
}

/// `evaluate` by a pack with some policy key: its status, and what it says.
fn evaluate(folder: &Path, keys: Option<&str>) -> (Option<i32>, String) {
    let mut command = program(&["evaluate", "--policy", path(folder)]);
    command.envs(keys.map(|keys| ("AN_SINH_POLICY_KEY", keys)));
    let mut child = command.spawn().expect("start the program");
    // A program that refuses its pack reads nothing.
    let _ = child.stdin.take().expect("its standard input").write_all(ASK.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
}

#[track_caller]
fn refused(folder: &Path, keys: &str, finding: &str) {
    let (status, said) = evaluate(folder, Some(keys));
    assert!(status == Some(2) && said.contains(finding), "{finding} in {status:?} {said}");
}

#[track_caller]
fn taken(folder: &Path, keys: Option<&str>) {
    let (status, said) = evaluate(folder, keys);
    assert!(status == Some(0) && said.contains("gift_vnd"), "{status:?} {said}");
}

#[test]
fn a_key_is_made_once_and_kept_from_others() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new();
    let (file, public) = key(&dir, "one.pem");
    assert_eq!(STANDARD.decode(&public).expect("base64").len(), 32);
    assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    let private = fs::read_to_string(&file).expect("the key");
    let again = run(&["policy", "keygen", "--key", path(&file)], "");
    assert_eq!((again.status.code(), again.stdout.len()), (Some(2), 0), "{again:?}");
    assert_eq!(fs::read_to_string(&file).expect("the key"), private);
    assert_ne!(key(&dir, "other.pem").1, public);
}

#[test]
fn only_an_approved_pack_that_passes_is_signed() {
    let dir = TempDir::new();
    let (private, public) = key(&dir, "key.pem");
    let folder = write(&dir, "pack", 100_000);
    let bare = sign(&folder, &private);
    assert_eq!(bare.status.code(), Some(1), "{bare:?}");
    assert!(text(&bare.stdout).starts_with("pack.toml:1:1: approval: "), "{bare:?}");
    approve(&folder, "2026-01-03");
    let decision = folder.join("entitlements/gift.toml");
    let good = fs::read_to_string(&decision).expect("the rules");
    fs::write(&decision, good.replace("poor\"", "por\"")).expect("break the pack");
    let broken = sign(&folder, &private);
    assert_eq!(broken.status.code(), Some(1), "{broken:?}");
    assert!(text(&broken.stdout).ends_with("finding(s)\n") && !folder.join("pack.sig").exists());
    fs::write(&decision, good).expect("mend the pack");
    for wrong in [dir.path().join("no-such.pem"), decision] {
        assert_eq!(sign(&folder, &wrong).status.code(), Some(2), "{wrong:?}");
    }
    let output = sign(&folder, &private);
    let signature = fs::read_to_string(folder.join("pack.sig")).expect("the signature");
    assert!(signature.starts_with(&format!("ed25519 {public} ")), "{signature}");
    let said = text(&output.stdout);
    assert!(said.contains("approved by Cơ quan mẫu on 2026-01-02, applies from 2026-01-03\n"), "{said}");
    assert!(said.ends_with(&signature), "{said}");

    // `policy check` tells what a service with these keys would say.
    let check = |key: &str| run(&["policy", "check", path(&folder), "--policy-key", key], "");
    assert_eq!(check(&public).status.code(), Some(0));
    let (_, other) = key(&dir, "other.pem");
    let found = check(&other);
    assert_eq!(found.status.code(), Some(1), "{found:?}");
    assert!(text(&found.stdout).starts_with("pack.sig:1:1: signature: "), "{found:?}");
}

#[test]
fn with_a_key_only_its_packs_answer() {
    let dir = TempDir::new();
    let ((private, public), (other_private, other)) = (key(&dir, "one.pem"), key(&dir, "other.pem"));
    let unsigned = write(&dir, "unsigned", 100_000);
    taken(&unsigned, None);
    refused(&unsigned, &public, "pack.sig:1:1: signature: the pack is not signed");
    let folder = signed(&dir, "signed", 100_000, &private);
    taken(&folder, Some(&public));
    taken(&folder, None);
    refused(&folder, &other, &format!("the pack is signed with the key {public}, which is not trusted here"));

    // Old and new key for a while: on one line, or in a file.
    taken(&folder, Some(&format!("{other},{public}")));
    let file = dir.path().join("keys");
    fs::write(&file, format!("# ward office\n{other}\n\n{public}\n")).expect("write the keys");
    taken(&folder, Some(path(&file)));
    sign(&folder, &other_private);
    taken(&folder, Some(path(&file)));
    sign(&folder, &private);

    // Keys that can't be read open nothing.
    refused(&folder, "", "neither a public key nor a file with some");
    refused(&folder, &public[1..], "neither a public key nor a file with some");
    fs::write(&file, format!("{public}\nnonsense\n")).expect("write the keys");
    refused(&folder, path(&file), "keys:2:1: policy key: no public key");
    fs::write(&file, "# none\n").expect("write the keys");
    refused(&folder, path(&file), "the file holds no key");

    // The pack in the program is trusted as the program is.
    let mut command = program(&["policy", "check"]);
    let output = command.env("AN_SINH_POLICY_KEY", &public).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_changed_pack_is_no_longer_signed() {
    let dir = TempDir::new();
    let (private, public) = key(&dir, "key.pem");
    let folder = signed(&dir, "pack", 100_000, &private);
    let other = signed(&dir, "other", 250_000, &private);
    let signature = fs::read_to_string(folder.join("pack.sig")).expect("the signature");
    let changed = "pack.sig:1:1: signature: the files are not those that were signed";
    for file in ["pack.toml", "sources.toml", "parameters/all.toml", "entitlements/gift.toml"] {
        let file = folder.join(file);
        let text = fs::read_to_string(&file).expect("a file");
        // A comment is enough.
        fs::write(&file, format!("{text}# \n")).expect("change it");
        refused(&folder, &public, changed);
        fs::write(&file, text).expect("put it back");
        taken(&folder, Some(&public));
    }
    let more = folder.join("parameters/more.toml");
    fs::write(&more, "").expect("add a file");
    refused(&folder, &public, changed);
    fs::remove_file(&more).expect("remove it");
    let sources = folder.join("sources.toml");
    fs::rename(&sources, folder.join("parameters/sources.toml")).expect("move a file");
    refused(&folder, &public, changed);
    fs::rename(folder.join("parameters/sources.toml"), &sources).expect("move it back");

    let with = |text: &[u8]| fs::write(folder.join("pack.sig"), text).expect("write a signature");
    let form = "pack.sig:1:1: signature: one line is expected";
    let (kind, rest) = signature.split_once(' ').expect("words");
    let cut = &signature[..signature.len() - 5];
    for wrong in ["", "x", kind, cut, &format!("rsa {rest}"), &format!("{signature}more")] {
        with(wrong.as_bytes());
        refused(&folder, &public, form);
    }
    with(b"\xff\xfe");
    refused(&folder, &public, form);
    with(&fs::read(other.join("pack.sig")).expect("a signature"));
    refused(&folder, &public, changed);
    with(signature.as_bytes());
    taken(&folder, Some(&public));
}

#[test]
fn a_service_takes_only_signed_packs_at_start_and_later() {
    let dir = TempDir::new();
    let ((private, public), (next_private, next)) = (key(&dir, "one.pem"), key(&dir, "next.pem"));
    let unsigned = write(&dir, "unsigned", 100_000);
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--policy", path(&unsigned)]);
    let output = command.env("AN_SINH_POLICY_KEY", &public).stdin(Stdio::null()).output().expect("it ends");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    assert!(text(&output.stderr).contains("the pack is not signed"), "{output:?}");

    let (current, keys) = (dir.path().join("current"), dir.path().join("keys"));
    point(&current, &signed(&dir, "one", 100_000, &private));
    fs::write(&keys, &public).expect("write the keys");
    let service = Service::start(|command| {
        command.arg("--policy").arg(&current).arg("--policy-key").arg(&keys);
    });
    let agent = Agent::new_with_defaults();
    let before = told(&service.ask(&agent));
    assert_eq!(before.1, 100_000);

    point(&current, &unsigned);
    assert!(service.hang_up("stays in force").contains("the pack is not signed"));
    let changed = signed(&dir, "changed", 250_000, &private);
    let parameters = changed.join("parameters/all.toml");
    let text = fs::read_to_string(&parameters).expect("the figure");
    fs::write(parameters, text.replace("250000", "900000")).expect("change the figure");
    point(&current, &changed);
    assert!(service.hang_up("stays in force").contains("the files are not those that were signed"));
    point(&current, &signed(&dir, "next", 250_000, &next_private));
    assert!(service.hang_up("stays in force").contains("which is not trusted here"));
    assert_eq!(told(&service.ask(&agent)), before);
    // The file of keys is read again too.
    fs::write(&keys, format!("{public}\n{next}\n")).expect("write the keys");
    service.hang_up("is in force");
    assert_eq!(told(&service.ask(&agent)).1, 250_000);
}

#[test]
fn a_pack_waits_for_its_day_and_tells_who_approved_it() {
    let dir = TempDir::new();
    let folder = write(&dir, "later", 250_000);
    approve(&folder, "2999-01-01");
    let finding = "pack.toml:9:1: approval: the pack applies from 2999-01-01; today is ";
    let (status, said) = evaluate(&folder, None);
    assert!(status == Some(2) && said.contains(finding), "{said}");
    // It can be made ready meanwhile.
    let checked = run(&["policy", "check", path(&folder)], "");
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");

    let (one, current) = (write(&dir, "one", 100_000), dir.path().join("current"));
    approve(&one, "2026-01-03");
    point(&current, &one);
    let service = Service::start(|command| {
        command.arg("--policy").arg(&current);
    });
    let (_, _, body) = service.get("/v1/policy", "");
    let wanted = serde_json::json!({
        "by": { "vi": "Cơ quan mẫu", "en": "Invented office" }, "on": "2026-01-02", "applies_from": "2026-01-03"
    });
    assert_eq!(body["approval"], wanted, "{body}");
    point(&current, &folder);
    assert!(service.hang_up("stays in force").contains(finding));

    let unapproved = write(&dir, "unapproved", 100_000);
    let bad = unapproved.join("pack.toml");
    let text = fs::read_to_string(&bad).expect("the pack");
    fs::write(bad, text + "[approval]\nby = \"x\"\n").expect("break the approval");
    assert_eq!(run(&["policy", "check", path(&unapproved)], "").status.code(), Some(1));
}
