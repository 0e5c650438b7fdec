//! The language of texts that are given in one language only: problem bodies and pages.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

use crate::facts::Text;

/// Vietnamese, unless the client prefers English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Vietnamese, the default.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Reads `Accept-Language` (RFC 9110 §12.5.4). The highest weight wins, the earlier of equals; what can't be
    /// read counts for nothing, so a broken header gives Vietnamese.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (0, Self::default());
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(Some(1000), parse_weight)
                .unwrap_or_default();
            let primary = tag.split('-').next().unwrap_or_default();
            let lang = if primary.eq_ignore_ascii_case("vi") {
                Self::Vi
            } else if primary.eq_ignore_ascii_case("en") {
                Self::En
            } else {
                continue;
            };
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }

    /// The value of `Content-Language` and of the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The half of a text in this language.
    pub fn pick(self, text: &Text) -> &str {
        match self {
            Self::Vi => &text.vi,
            Self::En => &text.en,
        }
    }
}

/// `0.85` → 850. A qvalue has at most three decimals.
fn parse_weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn highest_weight_wins_and_vietnamese_is_the_default() {
        for (header, want) in [
            ("", Lang::Vi),
            ("en", Lang::En),
            ("en-US,en;q=0.9", Lang::En),
            ("vi-VN, en;q=0.8", Lang::Vi),
            ("vi;q=0.2, en;q=0.85", Lang::En),
            ("en, vi", Lang::En),
            ("fr", Lang::Vi),
            ("*", Lang::Vi),
            ("en;q=0", Lang::Vi),
            ("en;q=abc, vi", Lang::Vi),
            ("fr, EN;q=0.1", Lang::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(Lang::from_headers(&headers), want, "{header}");
        }
    }
}
