//! The files of a pack and their digest.

use std::{fmt::Write, io, path::Path};

use sha2::{Digest, Sha256};

/// Name of the file with the signature of a pack.
pub const SIGNATURE: &str = "pack.sig";

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
                // A line end in a name would make one file look like two in the manifest.
                if name.contains(char::is_control) {
                    let wrong = format!("{name:?}: no name for a file of a pack");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, wrong));
                }
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

/// The signature in a folder, if there is one.
pub fn signature(folder: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(folder.join(SIGNATURE)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // What is no text is no signature; the one who checks says so.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(error) => Err(error),
    }
}

/// What the pack consists of: a line a file in name order, SHA-256 of its content (line endings as they stand), two
/// spaces, its name; as `sha256sum` prints it.
pub fn manifest(files: &[SourceText]) -> String {
    let mut files: Vec<&SourceText> = files.iter().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files.into_iter().map(|file| format!("{}  {}\n", sha256(&file.text), file.name)).collect()
}

/// `sha256:` over the manifest.
pub fn digest(files: &[SourceText]) -> String {
    format!("sha256:{}", sha256(&manifest(files)))
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_what_sha256sum_prints() {
        let file = |name: &str, text: &str| SourceText { name: name.into(), text: text.into() };
        let files = [file("sources.toml", ""), file("pack.toml", "abc")];
        let manifest = manifest(&files);
        assert_eq!(
            manifest,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  pack.toml\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  sources.toml\n"
        );
        assert_eq!(digest(&files), format!("sha256:{}", sha256(&manifest)));
    }
}
