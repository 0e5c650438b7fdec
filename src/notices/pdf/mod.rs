//! A notice as a PDF file: A4, fonts inside, tagged for screen readers (PDF/A-2a and PDF/UA-1 as far as krilla checks
//! them).

mod fonts;
mod layout;
mod lines;

use std::num::NonZeroU16;

use chrono::{DateTime, Datelike, Timelike, Utc};
use krilla::{
    Document, SerializeSettings,
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point},
    metadata::{DateTime as PdfDateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Stroke,
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, Tag, TagGroup, TagTree,
    },
    text::KrillaGlyph,
};

use self::{
    fonts::{Face, Letter, Opened},
    layout::{HEIGHT, Layout, Part, Placed, WIDTH},
    lines::Line,
};
use super::model::Notice;

/// Why no file was made: a fault of this program, whatever the decision says.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The fonts in the program could not be read.
    #[error("the fonts of the notice cannot be read")]
    Fonts,
    /// The page or the kind of file is none.
    #[error("the page of the notice has no size or kind")]
    Page,
    /// The file breaks a rule of its kind.
    #[error("the notice is no sound PDF: {0}")]
    Rules(String),
}

/// Writes the file. The only date in it is that of the decision, so that the same notice gives the same bytes.
///
/// # Errors
/// When the program is at fault.
pub fn pdf(notice: &Notice) -> Result<Vec<u8>, PdfError> {
    let faces = fonts::faces().ok_or(PdfError::Fonts)?;
    let layout = layout::layout(faces, notice);
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| PdfError::Page)?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, enable_tagging: true, ..Default::default() });
    let mut told: Vec<Vec<Identifier>> = vec![Vec::new(); layout.parts.len()];
    for placed in &layout.pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(PdfError::Page)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for placed in placed {
            draw(&mut surface, faces, placed, &mut told);
        }
        surface.finish();
        page.finish();
    }
    document.set_metadata(
        Metadata::new()
            .title(notice.about.clone())
            .language(notice.lang.tag().to_owned())
            .creator("An Sinh".to_owned())
            .document_id(notice.id.clone())
            .creation_date(date(notice.decided_at)),
    );
    document.set_outline(outline(&layout));
    document.set_tag_tree(tags(&layout, told));
    document.finish().map_err(|error| PdfError::Rules(format!("{error:?}")))
}

fn date(at: DateTime<Utc>) -> PdfDateTime {
    // All of these fit: a year of a record has four digits, and the rest is less than a hundred.
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    PdfDateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn draw(surface: &mut Surface<'_>, faces: &[Opened; 4], placed: &Placed, told: &mut [Vec<Identifier>]) {
    match placed {
        Placed::Text { x, y, size, line, part } => {
            let tag = match part {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
            };
            let id = surface.start_tagged(tag);
            text(surface, faces, Point::from_xy(*x, *y), *size, line);
            surface.end_tagged();
            if let Some(ids) = part.and_then(|part| told.get_mut(part)) {
                ids.push(id);
            }
        }
        Placed::Rule { from, to, y } => {
            let mut path = PathBuilder::new();
            path.move_to(*from, *y);
            path.line_to(*to, *y);
            let Some(path) = path.finish() else { return };
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            surface.set_stroke(Some(Stroke { width: 0.6, ..Default::default() }));
            surface.draw_path(&path);
            surface.set_stroke(None);
            surface.end_tagged();
        }
    }
}

/// Draws a line, a run of letters of the same face at a time.
fn text(surface: &mut Surface<'_>, faces: &[Opened; 4], mut at: Point, size: f32, line: &Line) {
    for run in line.letters.chunk_by(|one, next| one.face == next.face) {
        let face: Face = run[0].face;
        let mut text = String::new();
        let mut glyphs = Vec::with_capacity(run.len());
        for letter in run {
            let start = text.len();
            text.push(letter.c);
            let width = advance(letter, size, line);
            glyphs.push(KrillaGlyph {
                glyph_id: letter.glyph,
                text_range: start..text.len(),
                x_advance: width / size,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            });
        }
        surface.draw_glyphs(at, &glyphs, faces[face as usize].font.clone(), &text, size, false);
        let width: f32 = run.iter().map(|letter| advance(letter, size, line)).sum();
        at = Point::from_xy(at.x + width, at.y);
    }
}

/// How far the next letter stands from this one, in points.
fn advance(letter: &Letter, size: f32, line: &Line) -> f32 {
    letter.width * size + if letter.c == ' ' { line.stretch } else { 0.0 }
}

/// Title and benefits, to jump to.
fn outline(layout: &Layout) -> Outline {
    let mut outline = Outline::new();
    for (at, part) in layout.parts.iter().enumerate() {
        let (Part::Title(text) | Part::Heading(text)) = part else { continue };
        let first = layout.pages.iter().enumerate().find_map(|(page, placed)| {
            placed.iter().find_map(|placed| match placed {
                Placed::Text { y, size, part: Some(part), .. } if *part == at => Some((page, y - size)),
                _ => None,
            })
        });
        if let Some((page, y)) = first {
            let there = XyzDestination::new(page, Point::from_xy(0.0, y));
            outline.push_child(OutlineNode::new(text.clone(), there));
        }
    }
    outline
}

/// The parts in the order of reading, with what of the pages belongs to each.
fn tags(layout: &Layout, told: Vec<Vec<Identifier>>) -> TagTree {
    let mut tree = TagTree::new();
    let mut list: Option<TagGroup> = None;
    for (part, ids) in layout.parts.iter().zip(told) {
        let children = ids.into_iter().map(Into::into).collect();
        let group = match part {
            Part::Item => {
                let item = TagGroup::with_children(
                    Tag::LI,
                    vec![TagGroup::with_children(Tag::LBody, children).into()],
                );
                list.get_or_insert_with(|| TagGroup::new(Tag::L(ListNumbering::None))).push(item);
                continue;
            }
            Part::Title(text) => {
                TagGroup::with_children(Tag::Hn(NonZeroU16::MIN, Some(text.clone())), children)
            }
            Part::Heading(text) => {
                let level = NonZeroU16::MIN.saturating_add(1);
                TagGroup::with_children(Tag::Hn(level, Some(text.clone())), children)
            }
            Part::Paragraph => TagGroup::with_children(Tag::P, children),
        };
        if let Some(list) = list.take() {
            tree.push(list);
        }
        tree.push(group);
    }
    if let Some(list) = list {
        tree.push(list);
    }
    tree
}
