//! `an-sinh openapi`

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Args;

use crate::{api::openapi::document_text, cli::Failure};

/// Print the OpenAPI document, as committed in openapi/an-sinh.json.
#[derive(Debug, Args)]
pub struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let text = document_text().map_err(|error| Failure::Message(error.to_string()))?;
        io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::io("stdout"))?;
        Ok(ExitCode::SUCCESS)
    }
}
