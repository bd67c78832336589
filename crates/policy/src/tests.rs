mod file;
mod routes;
mod rules;
mod tls;
