mod file;
mod routes;
mod rules;
