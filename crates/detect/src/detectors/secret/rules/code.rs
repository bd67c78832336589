//! Keys of source code hosts, builds and package registries.

use super::{at_least, parts, searched_at};
use crate::detectors::secret::Rule;
use crate::text::Class;

use Class::Alphanumeric as ALNUM;
use Class::Hex as HEX;
use Class::Token as TOKEN;
use Class::Upper as UPPER;
use Class::Word as WORD;

pub(super) const RULES: [Rule; 50] = [
    at_least("github-personal-token", "github", "ghp_", ALNUM, 36),
    at_least("github-oauth-token", "github", "gho_", ALNUM, 36),
    at_least("github-user-token", "github", "ghu_", ALNUM, 36),
    at_least("github-server-token", "github", "ghs_", ALNUM, 36),
    at_least("github-refresh-token", "github", "ghr_", ALNUM, 36),
    at_least("github-fine-grained-token", "github", "github_pat_", WORD, 60),
    parts("gitlab-personal-token", "gitlab", "glpat-", TOKEN, 20),
    parts("gitlab-deploy-token", "gitlab", "gldt-", TOKEN, 20),
    parts("gitlab-runner-token", "gitlab", "glrt-", TOKEN, 20),
    parts("gitlab-trigger-token", "gitlab", "glptt-", TOKEN, 40),
    at_least("gitlab-feed-token", "gitlab", "glft-", TOKEN, 20),
    at_least("gitlab-mail-token", "gitlab", "glimt-", TOKEN, 25),
    parts("gitlab-agent-token", "gitlab", "glagent-", TOKEN, 50),
    at_least("gitlab-application-secret", "gitlab", "gloas-", TOKEN, 64),
    at_least("gitlab-scim-token", "gitlab", "glsoat-", TOKEN, 20),
    parts("gitlab-job-token", "gitlab", "glcbt-", TOKEN, 20),
    at_least("gitlab-runner-registration-token", "gitlab", "GR1348941", TOKEN, 20),
    at_least("atlassian-api-token", "atlassian", "ATATT3", TOKEN, 80),
    at_least("bitbucket-app-password", "atlassian", "ATBB", ALNUM, 28),
    at_least("npm-token", "npm", "npm_", ALNUM, 36),
    at_least("pypi-token", "pypi", "pypi-AgE", TOKEN, 50),
    at_least("rubygems-key", "rubygems", "rubygems_", HEX, 48),
    at_least("clojars-token", "clojars", "CLOJARS_", ALNUM, 60),
    at_least("docker-token", "docker", "dckr_pat_", TOKEN, 27),
    at_least("docker-organization-token", "docker", "dckr_oat_", TOKEN, 27),
    at_least("circleci-token", "circleci", "CCIPAT_", WORD, 40),
    at_least("buildkite-token", "buildkite", "bkua_", HEX, 40),
    at_least("sonar-user-token", "sonar", "squ_", HEX, 40),
    at_least("sonar-project-token", "sonar", "sqp_", HEX, 40),
    at_least("sonar-analysis-token", "sonar", "sqa_", HEX, 40),
    at_least("jfrog-api-key", "jfrog", "AKCp", ALNUM, 60),
    searched_at(3, at_least("openshift-token", "openshift", "sha256~", TOKEN, 43)),
    at_least("gitlab-feature-flag-token", "gitlab", "glffct-", TOKEN, 20),
    at_least("gitlab-registration-token", "gitlab", "glrtr-", TOKEN, 20),
    at_least("gitlab-workspace-token", "gitlab", "glwt-", TOKEN, 20),
    at_least("bitbucket-access-token", "atlassian", "ATCTT3", TOKEN, 80),
    at_least("atlassian-service-token", "atlassian", "ATSTT3", TOKEN, 80),
    at_least("circleci-project-token", "circleci", "CCIPRJ_", WORD, 40),
    at_least("buildkite-agent-token", "buildkite", "bkct_", ALNUM, 40),
    at_least("buildkite-portal-token", "buildkite", "bkpt_", ALNUM, 30),
    at_least("sourcegraph-token", "sourcegraph", "sgp_", WORD, 40),
    at_least("sourcegraph-dotcom-token", "sourcegraph", "slk_", HEX, 64),
    at_least("octopus-api-key", "octopus", "API-", UPPER, 25),
    at_least("packagist-token", "packagist", "packagist_", WORD, 40),
    at_least("socket-token", "socket", "sktsec_", WORD, 40),
    at_least("snyk-token", "snyk", "snyk_", TOKEN, 40),
    at_least("infracost-token", "infracost", "ico-", ALNUM, 32),
    at_least("val-town-token", "valtown", "vtwn_", ALNUM, 24),
    at_least("jsr-token", "deno", "jsrp_", ALNUM, 30),
    at_least("thunderstore-token", "thunderstore", "tss_", ALNUM, 40),
];
