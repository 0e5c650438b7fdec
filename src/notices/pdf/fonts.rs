//! The four faces of the notice and what each letter needs of them.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId};
use skrifa::{
    FontRef, MetadataProvider,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

use crate::notices::model::Style;

/// Where a face stands among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Regular,
    Bold,
    Italic,
    BoldItalic,
}

impl Face {
    /// The face of a style.
    pub fn of(style: Style) -> Self {
        match style {
            Style::Plain => Self::Regular,
            Style::Bold | Style::Name => Self::Bold,
            Style::Italic => Self::Italic,
            Style::BoldItalic => Self::BoldItalic,
        }
    }
}

/// The files, in the order of [`Face`].
const FILES: [&[u8]; 4] = [
    include_bytes!("../fonts/Tinos-Regular.ttf"),
    include_bytes!("../fonts/Tinos-Bold.ttf"),
    include_bytes!("../fonts/Tinos-Italic.ttf"),
    include_bytes!("../fonts/Tinos-BoldItalic.ttf"),
];

/// What stands for a letter of a script that the faces do not have.
const STAND_IN: char = '□';

/// One face, opened.
pub struct Opened {
    /// For the writer of the file.
    pub font: Font,
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units_per_em: f32,
}

/// All faces; opened once. `None` only if the files in the program were no fonts, which every test would show.
pub fn faces() -> Option<&'static [Opened; 4]> {
    static FACES: LazyLock<Option<[Opened; 4]>> = LazyLock::new(|| {
        let [a, b, c, d] = FILES.map(open);
        Some([a?, b?, c?, d?])
    });
    FACES.as_ref()
}

fn open(bytes: &'static [u8]) -> Option<Opened> {
    let face = FontRef::new(bytes).ok()?;
    let font = Font::new(bytes.into(), 0)?;
    Some(Opened {
        units_per_em: font.units_per_em(),
        font,
        letters: face.charmap(),
        widths: face.glyph_metrics(Size::unscaled(), LocationRef::default()),
    })
}

/// A letter as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letter {
    /// The letter, or what stands for it.
    pub c: char,
    /// Its glyph.
    pub glyph: GlyphId,
    /// Its width in ems.
    pub width: f32,
    /// Its face.
    pub face: Face,
}

impl Opened {
    /// The letter in this face.
    pub fn letter(&self, c: char, face: Face) -> Letter {
        let known = self.letters.map(c).map(|glyph| (c, glyph));
        let (c, glyph) = known
            .or_else(|| Some((STAND_IN, self.letters.map(STAND_IN)?)))
            .unwrap_or((c, skrifa::GlyphId::NOTDEF));
        let width = self.widths.advance_width(glyph).unwrap_or_default() / self.units_per_em;
        Letter { c, glyph: GlyphId::new(glyph.to_u32()), width, face }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All letters of Vietnamese, both cases, all tones; figures and the signs of the texts.
    #[test]
    fn every_face_has_every_letter_of_vietnamese() {
        let mut needed = String::from("0123456789 .,;:?!()[]/-–…“”‘’%&*<>=·'\"□đĐ₫");
        for base in "aăâeêioôơuưy".chars() {
            for tone in ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"] {
                let letter: String =
                    unicode_normalization::UnicodeNormalization::nfc(format!("{base}{tone}").as_str())
                        .collect();
                assert_eq!(letter.chars().count(), 1);
                needed += &letter;
                needed += &letter.to_uppercase();
            }
        }
        needed.extend(('a'..='z').chain('A'..='Z'));
        let faces = faces().expect("the faces");
        for (face, which) in faces.iter().zip([Face::Regular, Face::Bold, Face::Italic, Face::BoldItalic]) {
            for c in needed.chars() {
                let letter = face.letter(c, which);
                assert!(letter.c == c && letter.glyph != GlyphId::new(0), "{which:?} lacks {c}");
                assert!(letter.width > 0.0, "{which:?} {c}");
            }
            assert_eq!(face.letter('漢', which).c, STAND_IN);
        }
        let total: usize = FILES.iter().map(|file| file.len()).sum();
        assert!(total < 400 * 1024, "{total} bytes of fonts");
    }
}
