//! The law as data.

/// A compiled, immutable pack of law.
#[derive(Debug)]
pub struct Policy {
    id: String,
    version: String,
    digest: String,
}

impl Policy {
    /// The pack that is compiled into the binary.
    pub fn embedded() -> Self {
        Self { id: "hanoi".into(), version: "0".into(), digest: "sha256:0".into() }
    }
    /// The pack's id, such as `hanoi`.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The pack's version.
    pub fn version(&self) -> &str {
        &self.version
    }
    /// `sha256:` and 64 hex digits over the pack's files.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}
