//! The outside issuer whose tokens `serve` accepts beside its own.

use clap::Args;

use crate::access::{JwksSource, TrustedIssuer};

/// All three of issuer, keys and audience, or none.
#[derive(Debug, Clone, Args)]
pub struct Issuer {
    /// Accept the tokens of this outside issuer too: its `iss`, letter for letter.
    #[arg(long, value_name = "ISS", env = "AN_SINH_TRUSTED_ISSUER", requires_all = ["trusted_jwks", "trusted_audience"])]
    trusted_issuer: Option<String>,
    /// Its public keys (JWK Set): a file, read again every while, or an http:// address on this machine.
    #[arg(long, value_name = "FILE|URL", env = "AN_SINH_TRUSTED_JWKS", value_parser = JwksSource::parse, requires = "trusted_issuer")]
    trusted_jwks: Option<JwksSource>,
    /// The `aud` by which its tokens mean this service.
    #[arg(long, value_name = "AUD", env = "AN_SINH_TRUSTED_AUDIENCE", requires = "trusted_issuer")]
    trusted_audience: Option<String>,
    /// Take its tokens over citizens that have no `unit` as good for the whole city, instead of refusing them.
    #[arg(long, env = "AN_SINH_TRUSTED_CITY_WIDE", requires = "trusted_issuer")]
    trusted_city_wide: bool,
}

impl Issuer {
    pub(super) fn trusted(&self) -> Option<TrustedIssuer> {
        let (issuer, jwks) = (self.trusted_issuer.clone()?, self.trusted_jwks.clone()?);
        let (audience, city_wide) = (self.trusted_audience.clone()?, self.trusted_city_wide);
        Some(TrustedIssuer { issuer, audience, jwks, city_wide })
    }
}
