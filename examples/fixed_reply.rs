//! The service with one route more, which takes a request as `POST /v1/evaluations` does and sends a fixed answer: what an evaluation is
//! measured beside. `scripts/bench http` starts it; it is no part of the program (docs/adr/0013).
//!
//! `fixed_reply ANSWER DATABASE`: the bytes of the file ANSWER are sent, DATABASE is a file that may not be there yet. Prints its address.

use std::{
    error::Error,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
};

use actix_web::{HttpResponse, HttpServer, http::header::ContentType, post, rt, web};
use an_sinh::{
    access::Evaluate,
    api::{AppState, Config, app, json::JsonBytes, principal::Public},
    cli::logging,
    policy::Policy,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Who may ask is looked at and the whole body read, as for an evaluation. The answer is not even copied.
#[post("/fixed")]
async fn fixed(_: Public<Evaluate>, answer: web::Data<web::Bytes>, _body: JsonBytes) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(web::Bytes::clone(&answer))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [answer, database] = arguments.as_slice() else { return Err("fixed_reply ANSWER DATABASE".into()) };
    logging::init();
    let answer = web::Data::new(web::Bytes::from(std::fs::read(answer)?));
    let config = Config {
        database_url: format!("sqlite://{database}").into(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        anonymous_per_minute: 0,
        ..Config::default()
    };
    let listen = config.listen;
    let state = web::Data::new(AppState::new(config, Policy::embedded().map_err(|_| "the embedded pack")?)?);
    rt::System::new().block_on(async move {
        let server = HttpServer::new(move || app::app(state.clone()).app_data(answer.clone()).service(fixed))
            .bind(listen)?;
        for address in server.addrs() {
            writeln!(io::stdout(), "http://{address}")?;
        }
        Ok(server.run().await?)
    })
}
