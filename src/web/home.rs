//! The first page.

use actix_web::{HttpRequest, HttpResponse, get};
use maud::html;

use crate::web::layout::{language, page, t};

/// Says what the service is and where to go.
#[get("/")]
pub async fn home(request: HttpRequest) -> HttpResponse {
    let lang = language(&request);
    let title = t(lang, "Quyền lợi an sinh tại Hà Nội", "Social benefits in Hanoi");
    let main = html! {
        section .hero {
            h1 { (title) }
            p .lead {
                (t(
                    lang,
                    "Người dân được hưởng quyền lợi nào, bao nhiêu, theo điều khoản nào và vì sao; nếu không thì \
                     điều gì sẽ thay đổi kết quả.",
                    "What a resident is entitled to, how much, under which clause and why; and if not, what would \
                     change that.",
                ))
            }
            p { a .button href="/docs" { (t(lang, "Xem và thử API", "Browse and try the API")) } }
        }
    };
    page(&request, title, &main)
}
