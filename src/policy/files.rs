//! The files of a pack and their digest.

use std::{io, path::Path};

use sha2::{Digest, Sha256};

/// One file of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Path inside the pack, with `/`.
    pub name: String,
    /// Its content.
    pub text: String,
}

#[derive(rust_embed::RustEmbed)]
#[folder = "policy/hanoi"]
struct Embedded;

/// The files of the pack that is compiled into the binary, in name order.
pub fn embedded() -> Vec<SourceText> {
    let mut files: Vec<SourceText> = Embedded::iter()
        .filter(|name| name.ends_with(".toml"))
        .filter_map(|name| {
            let file = Embedded::get(&name)?;
            Some(SourceText {
                text: String::from_utf8_lossy(&file.data).into_owned(),
                name: name.into_owned(),
            })
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// The files of a pack in a folder, in name order. Only the places that the format names are read.
pub fn from_folder(folder: &Path) -> io::Result<Vec<SourceText>> {
    let mut files = Vec::new();
    for name in ["pack.toml", "sources.toml"] {
        let path = folder.join(name);
        if path.is_file() {
            files.push(SourceText { name: name.into(), text: std::fs::read_to_string(path)? });
        }
    }
    for place in ["categories", "entitlements", "parameters"] {
        let folder = folder.join(place);
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                let name = format!("{place}/{}", path.file_name().unwrap_or_default().to_string_lossy());
                files.push(SourceText { name, text: std::fs::read_to_string(&path)? });
            }
        }
    }
    if files.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("{}: no pack here (pack.toml is missing)", folder.display()),
        ));
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// `sha256:` over each file's name, length and content in name order; line endings as they stand.
pub fn digest(files: &[SourceText]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [file.name.as_bytes(), file.text.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
