//! What stands where on which page. Lengths are in points (1/72 inch), from the upper left corner.

use super::{
    fonts::Opened,
    lines::{Line, Setting, letters, lines, width},
};
use crate::notices::model::{Block, Foot, Head, Leaf, Letter, Notice, Part as LeafPart, Span, Style};

/// A4.
pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;

/// Margins as Decree 30/2020/NĐ-CP bounds them: top and bottom 20–25 mm, left 30–35 mm, right 15–20 mm.
const TOP: f32 = 20.0 * MM;
const BOTTOM: f32 = 25.0 * MM;
const LEFT: f32 = 30.0 * MM;
const RIGHT: f32 = 20.0 * MM;
const MM: f32 = 72.0 / 25.4;
const ROOM: f32 = WIDTH - LEFT - RIGHT;

/// Size of the body and of what is smaller or larger.
const SIZE: f32 = 13.0;
const SMALL: f32 = 12.0;
const LIST: f32 = 11.0;
const LARGE: f32 = 14.0;
const MARKS: f32 = 9.0;
/// From one base line to the next, in sizes.
const LEADING: f32 = 1.15;
/// How far the first line of a paragraph, and a list, is set in.
const INDENT: f32 = 10.0 * MM;
/// Space behind a paragraph, behind an item, before a heading.
const AFTER: f32 = 6.0;
const AFTER_ITEM: f32 = 2.0;
const BEFORE_HEADING: f32 = 4.0;
/// Room for signature and seal; the lower margin is theirs too, where the marks stand below the annex.
const SIGNATURE: f32 = 66.0;

/// What a line is part of, in the order of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The kind of document: the title.
    Title(String),
    /// The title of a benefit.
    Heading(String),
    /// A paragraph.
    Paragraph,
    /// An item of a list.
    Item,
}

/// Something on a page.
#[derive(Debug, Clone)]
pub enum Placed {
    /// A line of text; `part` counts parts, `None` is no part of the document's text (page numbers, marks).
    Text { x: f32, y: f32, size: f32, line: Line, part: Option<usize> },
    /// A stroke.
    Rule { from: f32, to: f32, y: f32 },
}

/// All pages.
#[derive(Debug, Default)]
pub struct Layout {
    /// Pages in their order.
    pub pages: Vec<Vec<Placed>>,
    /// Parts in the order of reading.
    pub parts: Vec<Part>,
}

/// Lays a notice out.
pub fn layout(faces: &[Opened; 4], notice: &Notice) -> Layout {
    let mut paper = Paper { faces, y: TOP, out: Layout { pages: vec![Vec::new()], parts: Vec::new() } };
    let mut number = 0;
    for (at, leaf) in notice.leaves.iter().enumerate() {
        if at > 0 {
            paper.turn();
        }
        let first = paper.out.pages.len() - 1;
        paper.leaf(leaf);
        // An annex is counted on with what it belongs to.
        number = if leaf.part == LeafPart::Annex { number } else { 0 };
        for page in first..paper.out.pages.len() {
            number += 1;
            if number > 1 {
                paper.number(page, number);
            }
        }
        paper.marks(leaf);
    }
    paper.out
}

/// Paragraphs at the end of a notice that stay on the page of the signature.
const CLOSING: usize = 3;

struct Paper<'f> {
    faces: &'f [Opened; 4],
    /// The upper edge of what comes next.
    y: f32,
    out: Layout,
}

impl Paper<'_> {
    fn put(&mut self, placed: Placed) {
        if let Some(page) = self.out.pages.last_mut() {
            page.push(placed);
        }
    }

    fn part(&mut self, part: Part) -> usize {
        self.out.parts.push(part);
        self.out.parts.len() - 1
    }

    /// Text centred in a column; returns the lower edge.
    fn centred(
        &mut self,
        column: (f32, f32),
        y: f32,
        text: &str,
        style: Style,
        size: f32,
        part: Part,
    ) -> f32 {
        let (left, right) = column;
        let letters = letters(self.faces, &[Span { text: text.to_owned(), style }]);
        let setting = Setting { size, width: right - left, indent: 0.0, justify: false };
        let part = self.part(part);
        let mut y = y;
        for line in lines(&letters, setting) {
            let x = left + (right - left - line.width) / 2.0;
            y += size * LEADING;
            self.put(Placed::Text { x, y: y - size * (LEADING - 1.0), size, line, part: Some(part) });
        }
        y
    }

    /// A stroke in the middle of a column.
    fn rule(&mut self, column: (f32, f32), length: f32, y: f32) {
        let middle = (column.0 + column.1) / 2.0;
        self.put(Placed::Rule { from: middle - length / 2.0, to: middle + length / 2.0, y });
    }

    fn width_of(&self, text: &str, style: Style, size: f32) -> f32 {
        width(&letters(self.faces, &[Span { text: text.to_owned(), style }]), size)
    }

    fn leaf(&mut self, leaf: &Leaf) {
        self.head(&leaf.head);
        let closing = leaf.blocks.len().saturating_sub(CLOSING);
        for (at, block) in leaf.blocks.iter().enumerate() {
            if leaf.foot.is_some() && at == closing {
                self.keep_with_signature(&leaf.blocks[at..]);
            }
            self.block(block, leaf.blocks.get(at + 1));
        }
        if let Some(foot) = &leaf.foot {
            self.foot(foot);
        }
    }

    /// Kind, subject and remarks, in the middle; above them the head of a letter.
    fn head(&mut self, head: &Head) {
        let whole = (LEFT, LEFT + ROOM);
        let mut y = head.letter.as_ref().map_or(TOP, |letter| self.letter(letter));
        y = self.centred(whole, y, &head.kind, Style::Bold, LARGE, Part::Title(head.kind.clone()));
        y = self.centred(whole, y, &head.about, Style::Bold, SIZE, Part::Paragraph);
        self.rule(whole, (self.width_of(&head.about, Style::Bold, SIZE) * 0.4).min(ROOM * 0.4), y + 4.0);
        y += 8.0;
        for remark in &head.remarks {
            y = self.centred(whole, y, remark, Style::Italic, SMALL, Part::Paragraph);
        }
        self.y = y + 10.0;
    }

    /// Issuer and number at the left, country and date at the right; returns where the title begins.
    fn letter(&mut self, head: &Letter) -> f32 {
        let (left, right) = ((LEFT, LEFT + ROOM * 0.4), (LEFT + ROOM * 0.4, LEFT + ROOM));
        let (mut issuer, mut country) = (TOP, TOP);
        for line in &head.body {
            issuer = self.centred(left, issuer, line, Style::Bold, SMALL, Part::Paragraph);
        }
        self.rule(left, self.width_of(&head.body[1], Style::Bold, SMALL).min(150.0) * 0.45, issuer + 4.0);
        issuer = self.centred(left, issuer + 10.0, &head.number, Style::Plain, SIZE, Part::Paragraph);
        country = self.centred(right, country, &head.country, Style::Bold, SMALL, Part::Paragraph);
        country = self.centred(right, country, &head.motto, Style::Bold, SIZE, Part::Paragraph);
        self.rule(right, self.width_of(&head.motto, Style::Bold, SIZE), country + 4.0);
        country = self.centred(right, country + 10.0, &head.place_date, Style::Italic, SIZE, Part::Paragraph);
        issuer.max(country) + 14.0
    }

    fn block(&mut self, block: &Block, next: Option<&Block>) {
        let justified = |indent, width| Setting { size: SIZE, width, indent, justify: true };
        match block {
            Block::Heading(text) => {
                self.y += BEFORE_HEADING;
                let setting = Setting { justify: false, ..justified(0.0, ROOM) };
                let all = lines(&letters(self.faces, &[Span::bold(text)]), setting);
                // A heading, and two lines of what it is over, stay together.
                self.need(all.len() as f32 + 2.0);
                self.flow(all, LEFT, AFTER_ITEM, Part::Heading(text.clone()));
            }
            Block::Paragraph(spans) => {
                let all = lines(&letters(self.faces, spans), justified(INDENT, ROOM));
                let opens_list = matches!(next, Some(Block::Item(_)));
                if opens_list {
                    self.need(all.len() as f32 + 2.0);
                }
                self.flow(all, LEFT, if opens_list { AFTER_ITEM } else { AFTER }, Part::Paragraph);
            }
            Block::Item(spans) => {
                let mut marked = vec![Span::plain("- ")];
                marked.extend(spans.iter().cloned());
                let all = lines(&letters(self.faces, &marked), justified(0.0, ROOM - INDENT));
                let last = !matches!(next, Some(Block::Item(_)));
                self.flow(all, LEFT + INDENT, if last { AFTER } else { AFTER_ITEM }, Part::Item);
            }
        }
    }

    /// Begins a page unless so many lines still have room.
    fn need(&mut self, count: f32) {
        if self.y + count * SIZE * LEADING > HEIGHT - BOTTOM {
            self.turn();
        }
    }

    /// A signature never stands alone on a page: what closes the notice goes with it.
    fn keep_with_signature(&mut self, closing: &[Block]) {
        let setting = Setting { size: SIZE, width: ROOM, indent: INDENT, justify: true };
        let count: usize = closing
            .iter()
            .map(|block| match block {
                Block::Paragraph(spans) | Block::Item(spans) => {
                    lines(&letters(self.faces, spans), setting).len()
                }
                Block::Heading(_) => 1,
            })
            .sum();
        let between = (closing.len() as f32 + 1.0) * AFTER;
        self.need(count as f32 + (between + SIGNATURE) / (SIZE * LEADING));
    }

    fn turn(&mut self) {
        self.out.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Puts lines down, over as many pages as they need; no page gets a single line of several at its end or start.
    fn flow(&mut self, all: Vec<Line>, x: f32, after: f32, part: Part) {
        let part = self.part(part);
        let step = SIZE * LEADING;
        let mut rest = all.into_iter();
        loop {
            let left = rest.len();
            // A whole number of lines: half a point is lost nowhere.
            let mut fits = (((HEIGHT - BOTTOM - self.y) / step).max(0.0) as usize).min(left);
            let fresh = self.y <= TOP;
            if fits < left && !fresh {
                if left - fits == 1 {
                    fits = fits.saturating_sub(1);
                }
                if fits == 1 {
                    fits = 0;
                }
            }
            for line in rest.by_ref().take(fits) {
                self.y += step;
                let y = self.y - SIZE * (LEADING - 1.0);
                self.put(Placed::Text { x: x + line.indent, y, size: SIZE, line, part: Some(part) });
            }
            if rest.len() == 0 {
                break;
            }
            self.turn();
        }
        self.y += after;
    }

    /// Who signs at the right, who gets it at the left; both stay whole.
    fn foot(&mut self, foot: &Foot) {
        self.y += AFTER;
        if self.y + SIGNATURE > HEIGHT - BOTTOM {
            self.turn();
        }
        let (top, middle) = (self.y, LEFT + ROOM / 2.0);
        let right = (middle, LEFT + ROOM);
        let [by, here] = &foot.signature;
        let y = self.centred(right, top, by, Style::Bold, SIZE, Part::Paragraph);
        self.centred(right, y, here, Style::Italic, SIZE, Part::Paragraph);
        let mut y = top;
        for (at, text) in foot.recipients.iter().enumerate() {
            let (style, size) = if at == 0 { (Style::BoldItalic, SMALL) } else { (Style::Plain, LIST) };
            let letters = letters(self.faces, &[Span { text: text.clone(), style }]);
            let part = self.part(Part::Paragraph);
            let setting = Setting { size, width: ROOM / 2.0, indent: 0.0, justify: false };
            for line in lines(&letters, setting) {
                y += size * LEADING;
                self.put(Placed::Text {
                    x: LEFT,
                    y: y - size * (LEADING - 1.0),
                    size,
                    line,
                    part: Some(part),
                });
            }
        }
    }

    /// The number of a page, above.
    fn number(&mut self, page: usize, number: usize) {
        for line in self.set(&number.to_string(), SIZE) {
            let x = LEFT + (ROOM - line.width) / 2.0;
            self.out.pages[page].push(Placed::Text { x, y: TOP - 12.0, size: SIZE, line, part: None });
        }
    }

    /// What a leaf is looked up by, below its last page.
    fn marks(&mut self, leaf: &Leaf) {
        if leaf.marks.is_empty() {
            return;
        }
        let mut y = HEIGHT - BOTTOM + 14.0;
        self.put(Placed::Rule { from: LEFT, to: LEFT + ROOM, y });
        for mark in &leaf.marks {
            for line in self.set(mark, MARKS) {
                y += MARKS * LEADING;
                self.put(Placed::Text { x: LEFT, y, size: MARKS, line, part: None });
            }
        }
    }

    fn set(&self, text: &str, size: f32) -> Vec<Line> {
        let letters = letters(self.faces, &[Span::plain(text)]);
        lines(&letters, Setting { size, width: ROOM, indent: 0.0, justify: false })
    }
}
