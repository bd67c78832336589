mod file;
mod fingerprints;
mod routes;
mod rules;
mod tls;
