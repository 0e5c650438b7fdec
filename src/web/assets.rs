//! Style sheets, pictures and fonts, compiled into the program.

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, EntityTag, HeaderValue},
    web,
};
use rust_embed::RustEmbed;

use crate::api::{Problem, etag};

#[derive(RustEmbed)]
#[folder = "src/web/static"]
struct Assets;

/// The address of a file, with its digest, so that browsers may keep it for good and still see a new release at once.
pub fn address(name: &str) -> Cow<'static, str> {
    match Assets::get(name) {
        Some(file) => Cow::Owned(format!("/static/{name}?v={}", digest(&file))),
        None => Cow::Owned(format!("/static/{name}")),
    }
}

fn digest(file: &rust_embed::EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Serves one file. The tag is the digest of its bytes.
#[get("/static/{name}")]
pub async fn asset(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let file = Assets::get(&name).ok_or_else(Problem::not_found)?;
    let digest = digest(&file);
    let pinned = request.query_string() == format!("v={digest}");
    let tag = EntityTag::new_strong(digest);
    let media_type = file.metadata.mimetype();
    let media_type = if media_type.starts_with("text/") {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    };
    let mut response = etag::bytes(&request, &tag, &media_type, file.data.into_owned());
    if pinned {
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(CACHE_CONTROL, forever);
    }
    Ok(response)
}
