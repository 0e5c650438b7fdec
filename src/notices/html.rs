//! A notice as a page for printing.

use maud::{DOCTYPE, Markup, html as markup};

use super::model::{Block, Leaf, Letter, Notice, Part, Span, Style};
use crate::web::assets;

/// The whole page. Its style sheet comes from this service; nothing is inline.
pub fn html(notice: &Notice) -> String {
    let page = markup! {
        (DOCTYPE)
        html lang=(notice.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (notice.about) }
                link rel="icon" type="image/svg+xml" href=(assets::address("icon.svg"));
                link rel="stylesheet" href=(assets::address("notice.css"));
            }
            body { main { @for part in &notice.leaves { (leaf(part)) } } }
        }
    };
    page.into_string()
}

fn leaf(leaf: &Leaf) -> Markup {
    let part = match leaf.part {
        Part::Sheet => "sheet",
        Part::Notice => "notice",
        Part::Annex => "annex",
    };
    markup! {
        section .leaf.(part) {
            @if let Some(letter) = &leaf.head.letter { (head(letter)) }
            h1 { (leaf.head.kind) }
            p .about { (leaf.head.about) }
            hr;
            @for remark in &leaf.head.remarks { p .remark { (remark) } }
            (blocks(&leaf.blocks))
            @if let Some(foot) = &leaf.foot {
                div .foot {
                    div .recipients { @for line in &foot.recipients { p { (line) } } }
                    div .signature { @for line in &foot.signature { p { (line) } } }
                }
            }
            @if !leaf.marks.is_empty() { footer { @for mark in &leaf.marks { p { (mark) } } } }
        }
    }
}

fn head(letter: &Letter) -> Markup {
    markup! {
        header {
            div .issuer {
                @for line in &letter.body { p { (line) } }
                hr;
                p .number { (letter.number) }
            }
            div .country {
                p { (letter.country) }
                p .motto { (letter.motto) }
                hr;
                p .place { (letter.place_date) }
            }
        }
    }
}

/// Items that follow each other become one list.
fn blocks(all: &[Block]) -> Markup {
    let is_item = |block: &Block| matches!(block, Block::Item(_));
    markup! {
        @for run in all.chunk_by(|one, next| is_item(one) && is_item(next)) {
            @if is_item(&run[0]) {
                ul { @for block in run { (block_markup(block)) } }
            } @else {
                @for block in run { (block_markup(block)) }
            }
        }
    }
}

fn block_markup(block: &Block) -> Markup {
    markup! {
        @match block {
            Block::Heading(text) => h2 { (text) },
            Block::Paragraph(spans) => p { (line(spans)) },
            Block::Item(spans) => li { (line(spans)) },
        }
    }
}

fn line(spans: &[Span]) -> Markup {
    markup! {
        @for span in spans {
            @match span.style {
                Style::Plain => (span.text),
                Style::Bold => b { (span.text) },
                Style::Italic => i { (span.text) },
                Style::BoldItalic => b { i { (span.text) } },
                Style::Name => bdi { (span.text) },
            }
        }
    }
}
