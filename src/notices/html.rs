//! A notice as a page for printing.

use maud::{DOCTYPE, Markup, html as markup};

use super::model::{Block, Notice, Span, Style};
use crate::web::assets;

/// The whole page. Its style sheet comes from this service; nothing is inline.
pub fn html(notice: &Notice) -> String {
    let head = &notice.head;
    let page = markup! {
        (DOCTYPE)
        html lang=(notice.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (head.about) }
                link rel="icon" type="image/svg+xml" href=(assets::address("icon.svg"));
                link rel="stylesheet" href=(assets::address("notice.css"));
            }
            body {
                main {
                    header {
                        div .issuer {
                            @for line in &head.body { p { (line) } }
                            hr;
                            p .number { (head.number) }
                        }
                        div .country {
                            p { (head.country) }
                            p .motto { (head.motto) }
                            hr;
                            p .place { (head.place_date) }
                        }
                    }
                    h1 { (head.kind) }
                    p .about { (head.about) }
                    hr;
                    @if let Some(translation) = &head.translation { p .translation { (translation) } }
                    (blocks(&notice.blocks))
                    div .foot {
                        div .recipients { @for line in &notice.recipients { p { (line) } } }
                        div .signature { @for line in &notice.signature { p { (line) } } }
                    }
                }
                footer { @for mark in &notice.marks { p { (mark) } } }
            }
        }
    };
    page.into_string()
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
