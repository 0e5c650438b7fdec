//! The one application, built the same way for the server and for the tests.

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};
use utoipa_actix_web::AppExt;

use crate::{
    api::{AppState, ErrorCode, Problem, middleware, openapi, routes},
    web as pages,
};

/// Routes, middleware and error handling around one state.
pub fn app(
    state: web::Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(state)
        .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found().into()))
        .app_data(
            web::QueryConfig::default().error_handler(|_, _| Problem::new(ErrorCode::BadRequest).into()),
        )
        .wrap(from_fn(middleware::conventions))
        .into_utoipa_app()
        .configure(routes)
        .map(|app| app.configure(openapi::pages).configure(pages::routes))
        .default_service(web::to(openapi::no_route))
        .into_app()
}
