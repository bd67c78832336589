//! The file form of a policy, and its way to the checked form.
//!
//! The document is walked by hand rather than deserialised: an operator who mistyped five keys
//! wants five lines, not five attempts.

mod flow;
mod section;

use crate::files::{FINGERPRINT_BYTES_MAX, FINGERPRINT_SET_COUNT_MAX, Files};
use crate::name::is_host_pattern;
use crate::problem::Collector;
use crate::rule::{Asked, Selector};
use crate::{Action, Essentials, FlowRule, Keys, Limits, Masking, Mode, Named, Policy, Problems, Rule, Scope, Verdict};
use core::ops::Range;
use detect::{
    CANARY_LETTERS_MAX, CANARY_LETTERS_MIN, Confidence, DetectorSet, EntityType, FingerprintSet, KEYWORD_COUNT_MAX,
    VIEW_HOLD_BYTES,
};
use section::{Section, tables};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Bytes of a policy's version: an audit record has room for so many.
const VERSION_BYTES_MAX: usize = 48;

struct Loader<'t> {
    problems: Collector<'t>,
    /// What is no mistake and still may surprise.
    notes: Collector<'t>,
    keywords: Vec<(String, Vec<String>)>,
    canaries: Vec<(String, Vec<String>)>,
    /// Each set that the file names; `None` if it could not be loaded.
    fingerprints: Vec<(String, Option<FingerprintSet>)>,
    /// Names given so far, by the kind of table that bears them.
    names: HashSet<(&'static str, String)>,
}

pub(crate) fn parse(text: &str, limits: &Limits, files: &dyn Files) -> Result<Policy, Problems> {
    let mut problems = Collector::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        problems.add_syntax(error.span().unwrap_or(0..0), error.message());
    }
    let mut loader = Loader {
        problems,
        notes: Collector::new(text),
        keywords: Vec::new(),
        canaries: Vec::new(),
        fingerprints: Vec::new(),
        names: HashSet::new(),
    };
    let policy = loader.policy(&document, limits, files);
    loader.problems.finish()?;
    let notes = loader.notes.list();
    policy.map(|policy| Policy { notes, ..policy }).ok_or_else(Problems::default)
}

impl Loader<'_> {
    fn policy(&mut self, document: &Spanned<DeTable<'_>>, limits: &Limits, files: &dyn Files) -> Option<Policy> {
        let mut top = Section::new("the policy", document.get_ref(), 0..0);
        let version = top.text("version", &mut self.problems);
        if let Some((version, span)) = &version
            && (version.len() > VERSION_BYTES_MAX || version.chars().any(char::is_control))
        {
            let message = format!("the version has to be a text of at most {VERSION_BYTES_MAX} bytes on one line");
            self.problems.add(span.clone(), message);
        }
        if version.is_none() && !top.has("version") {
            self.problems
                .add(0..0, "version is missing: name this state of the policy, for example version = \"2026-1\"");
        }
        let default =
            top.table("default", &mut self.problems).map_or(Mode::Block, |section| self.default_mode(section));
        let essentials = top.table("essentials", &mut self.problems);
        let essentials = essentials.map_or_else(Essentials::default, |section| self.essentials(section));
        if let Some(section) = top.table("keywords", &mut self.problems) {
            self.keyword_lists(section);
        }
        if let Some(section) = top.table("canaries", &mut self.problems) {
            self.canary_lists(section);
        }
        if let Some(section) = top.table("fingerprints", &mut self.problems) {
            self.fingerprint_sets(section, files);
        }
        let providers =
            top.table("providers", &mut self.problems).map_or_else(Vec::new, |section| self.providers(section));
        let flows = tables(top.take("flow"), "[[flow]]", &mut self.problems);
        let flows: Vec<(FlowRule, Range<usize>)> = flows.into_iter().filter_map(|section| self.flow(section)).collect();
        self.note_unreachable(&flows);
        self.note_essentials(&flows, &essentials);
        let flows: Vec<FlowRule> = flows.into_iter().map(|(flow, _)| flow).collect();
        let rules = tables(top.take("rule"), "[[rule]]", &mut self.problems);
        let rules: Vec<(Rule, Range<usize>)> = rules.into_iter().filter_map(|section| self.rule(section)).collect();
        let (flow_span, rule_span) = (top.span_of("flow"), top.span_of("rule"));
        top.finish(&mut self.problems);
        let detectors = self.detectors(&rules)?;
        self.check_inspectable(&flows, &rules, &detectors, limits);
        self.note_quic(flow_span.clone(), &flows, default);
        let reads = flows.iter().any(FlowRule::reads);
        if reads && rules.is_empty() {
            self.notes.add(flow_span, "there is no [[rule]]: flows are read, and whatever is found in them passes");
        }
        if !reads && !rules.is_empty() {
            self.notes.add(rule_span, "no [[flow]] is inspected or terminated: no [[rule]] is ever asked");
        }
        let rules: Vec<Rule> = rules.into_iter().map(|(rule, _)| rule).collect();
        let actions = actions(&detectors, &rules);
        let version = version.map(|(version, _)| version)?;
        let reads_responses = actions.iter().any(|[_, response]| !response.is_empty());
        let detectors = Arc::new(detectors);
        Some(Policy {
            version,
            default,
            essentials,
            flows,
            rules,
            providers,
            detectors,
            actions,
            reads_responses,
            notes: Vec::new(),
        })
    }

    fn default_mode(&mut self, mut section: Section<'_>) -> Mode {
        let mode = section.word("mode", &[("block", Mode::Block), ("forward", Mode::Forward)], &mut self.problems);
        section.finish(&mut self.problems);
        mode.unwrap_or(Mode::Block)
    }

    fn essentials(&mut self, mut section: Section<'_>) -> Essentials {
        let mut essentials = Essentials::default();
        let switches = [
            ("arp", &mut essentials.arp),
            ("nd", &mut essentials.nd),
            ("icmp", &mut essentials.icmp),
            ("dhcp", &mut essentials.dhcp),
            ("dns", &mut essentials.dns),
            ("ntp", &mut essentials.ntp),
            ("lldp", &mut essentials.lldp),
            ("stp", &mut essentials.stp),
            ("lacp", &mut essentials.lacp),
        ];
        for (key, switch) in switches {
            *switch = section.flag(key, &mut self.problems).unwrap_or(*switch);
        }
        if let Some((bytes, _)) = section.integer("icmp_bytes_max", 28..=9000, &mut self.problems) {
            essentials.icmp_bytes_max = u16::try_from(bytes).unwrap_or(essentials.icmp_bytes_max);
        }
        section.finish(&mut self.problems);
        essentials
    }

    fn keyword_lists(&mut self, mut section: Section<'_>) {
        let mut count = 0;
        for name in section.keys() {
            let terms = section.texts(&name, &mut self.problems);
            for (term, span) in &terms {
                let len = term.trim().len();
                if !(2..=256).contains(&len) {
                    self.problems.add(span.clone(), format!("a keyword has 2 to 256 bytes, this one has {len}"));
                }
            }
            if section.peek(&name).and_then(DeValue::as_array).is_some_and(|terms| terms.is_empty()) {
                self.problems.add(section.span_of(&name), format!("the keyword list \"{name}\" is empty"));
            }
            count += terms.len();
            if count > KEYWORD_COUNT_MAX {
                self.problems
                    .add(section.span_of(&name), format!("more than {KEYWORD_COUNT_MAX} keywords in all lists"));
                return;
            }
            self.keywords.push((name, terms.into_iter().map(|(term, _)| term).collect()));
        }
    }

    fn canary_lists(&mut self, mut section: Section<'_>) {
        for name in section.keys() {
            let canaries = section.texts(&name, &mut self.problems);
            for (canary, span) in &canaries {
                let letters = canary.bytes().filter(u8::is_ascii_alphanumeric).count();
                if !(CANARY_LETTERS_MIN..=CANARY_LETTERS_MAX).contains(&letters) {
                    let message = format!(
                        "a canary has {CANARY_LETTERS_MIN} to {CANARY_LETTERS_MAX} letters and digits, this one has {letters}"
                    );
                    self.problems.add(span.clone(), message);
                }
            }
            if section.peek(&name).and_then(DeValue::as_array).is_some_and(|list| list.is_empty()) {
                self.problems.add(section.span_of(&name), format!("the list of canaries \"{name}\" is empty"));
            }
            self.canaries.push((name, canaries.into_iter().map(|(canary, _)| canary).collect()));
        }
    }

    /// Loads every set, so that each that cannot be is told of, whether a rule asks for it or not.
    fn fingerprint_sets(&mut self, mut section: Section<'_>, files: &dyn Files) {
        let names = section.keys();
        if names.len() > FINGERPRINT_SET_COUNT_MAX {
            let message =
                format!("{} sets of fingerprints; at most {FINGERPRINT_SET_COUNT_MAX} are possible", names.len());
            self.problems.add(section.span(), message);
        }
        let mut bytes_max = FINGERPRINT_BYTES_MAX;
        for (place, name) in names.into_iter().enumerate() {
            let path = section.text(&name, &mut self.problems).filter(|_| place < FINGERPRINT_SET_COUNT_MAX);
            let set = path.and_then(|(path, span)| self.fingerprint_set(&path, span, &mut bytes_max, files));
            self.fingerprints.push((name, set));
        }
    }

    /// Loads one set and takes its bytes from those that are left.
    fn fingerprint_set(
        &mut self,
        path: &str,
        span: Range<usize>,
        bytes_max: &mut u64,
        files: &dyn Files,
    ) -> Option<FingerprintSet> {
        let bytes = match files.read(path, *bytes_max) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problems.add(span, format!("the file \"{path}\" {error}"));
                return None;
            }
        };
        *bytes_max = bytes_max.saturating_sub(bytes.len() as u64);
        match FingerprintSet::from_bytes(&bytes) {
            Ok(set) => Some(set),
            Err(error) => {
                let advice = "name one that `sovereign fingerprint build` wrote";
                self.problems.add(span, format!("the file \"{path}\": {error}; {advice}"));
                None
            }
        }
    }

    fn providers(&mut self, mut section: Section<'_>) -> Vec<Named> {
        let mut seen: HashMap<String, String> = HashMap::new();
        let names = section.keys();
        names
            .into_iter()
            .map(|label| {
                let hosts = section.texts(&label, &mut self.problems);
                if section.peek(&label).and_then(DeValue::as_array).is_some_and(|hosts| hosts.is_empty()) {
                    self.problems.add(section.span_of(&label), format!("the provider \"{label}\" has no host"));
                }
                for (host, span) in &hosts {
                    if !is_host_pattern(host) {
                        let message = format!(
                            "\"{host}\" is no host; write it as llm.example.org or *.example.org, without scheme, port or path"
                        );
                        self.problems.add(span.clone(), message);
                    }
                    let other = seen.entry(host.to_ascii_lowercase()).or_insert_with(|| label.clone());
                    if *other != label {
                        let message = format!("\"{host}\" is a host of two providers, \"{other}\" and \"{label}\"");
                        self.problems.add(span.clone(), message);
                    }
                }
                let hosts = hosts.into_iter().map(|(host, _)| host).collect();
                Named { keys: Keys::of(&label), label, hosts }
            })
            .collect()
    }

    fn rule(&mut self, mut section: Section<'_>) -> Option<(Rule, Range<usize>)> {
        let name = self.unique_name(&mut section, "[[rule]]");
        let selectors = section.texts("detect", &mut self.problems);
        let detect_span = section.span_of("detect");
        let advice = "name at least one type, for example detect = [\"SECRET\"]";
        if !section.has("detect") {
            self.problems.add(section.span(), format!("detect is missing: {advice}"));
        } else if section.peek("detect").and_then(DeValue::as_array).is_some_and(|list| list.is_empty()) {
            self.problems.add(detect_span.clone(), format!("detect is empty: {advice}"));
        }
        let detect = selectors.into_iter().filter_map(|(selector, span)| self.selector(&selector, span)).collect();
        let scopes = [("request", Scope::Request), ("response", Scope::Response), ("both", Scope::Both)];
        let scope = section.word("direction", &scopes, &mut self.problems).unwrap_or(Scope::Request);
        let verdicts = Verdict::ALL.map(|verdict| (verdict.name(), verdict));
        let verdict = section.required_word("action", &verdicts, &mut self.problems);
        let maskings = [("label", Masking::Label), ("type", Masking::Type), ("mask", Masking::Mask)];
        let masking = section.word("redact", &maskings, &mut self.problems);
        if masking.is_some() && verdict.is_some_and(|verdict| verdict != Verdict::Redact) {
            self.problems
                .add(section.span_of("redact"), "redact says how to mask and goes with action = \"redact\" only");
        }
        let confidence_min = Confidence::new(section.share("confidence_min", &mut self.problems).unwrap_or(0));
        section.finish(&mut self.problems);
        let action = Action { verdict: verdict?, masking: masking.unwrap_or(Masking::Label) };
        Some((Rule { name: name?, detect, scope, confidence_min, action }, detect_span))
    }

    fn selector(&mut self, selector: &str, span: Range<usize>) -> Option<Selector> {
        if let Some(list) = selector.strip_prefix("KEYWORD:") {
            if self.keywords.iter().any(|(name, _)| name == list) {
                return Some(Selector::Keywords(list.to_owned()));
            }
            self.problems.add(span, format!("there is no keyword list \"{list}\" under [keywords]"));
            return None;
        }
        if let Some(set) = selector.strip_prefix("FINGERPRINT:") {
            if self.fingerprints.iter().any(|(name, _)| name == set) {
                return Some(Selector::Fingerprints(set.to_owned()));
            }
            self.problems.add(span, format!("there is no set \"{set}\" under [fingerprints]"));
            return None;
        }
        let known = EntityType::ALL.iter().find(|entity| entity.name() == selector && **entity != EntityType::Keyword);
        if known.is_none() {
            let names: Vec<&str> =
                EntityType::ALL.iter().map(|entity| entity.name()).filter(|name| *name != "KEYWORD").collect();
            let message = format!(
                "\"{selector}\" is no type; known are {}, KEYWORD:<list> and FINGERPRINT:<set>",
                names.join(", ")
            );
            self.problems.add(span.clone(), message);
        }
        if known == Some(&EntityType::Canary) && self.canaries.is_empty() {
            self.problems.add(span, "CANARY needs a list under [canaries], for example planted = [\"7f3a-90c2-e41b\"]");
            return None;
        }
        if known == Some(&EntityType::Fingerprint) && self.fingerprints.is_empty() {
            let advice = "for example engine = \"engine.fp\", a file that `sovereign fingerprint build` wrote";
            self.problems.add(span, format!("FINGERPRINT needs a set under [fingerprints], {advice}"));
            return None;
        }
        known.copied().map(Selector::Entity)
    }

    fn detectors(&mut self, rules: &[(Rule, Range<usize>)]) -> Option<DetectorSet> {
        let mut builder = DetectorSet::builder();
        for selector in rules.iter().flat_map(|(rule, _)| &rule.detect) {
            if let Selector::Entity(entity) = selector {
                builder = builder.enable(*entity);
            }
        }
        for (name, terms) in &self.keywords {
            let is_used = |rule: &Rule| rule.detect.contains(&Selector::Keywords(name.clone()));
            if rules.iter().any(|(rule, _)| is_used(rule)) {
                builder = builder.keywords(name, terms);
            }
        }
        if rules.iter().any(|(rule, _)| rule.detect.contains(&Selector::Entity(EntityType::Canary))) {
            builder = self.canaries.iter().fold(builder, |builder, (name, list)| builder.canaries(name, list));
        }
        let selects = |selector: &Selector, set: &str| match selector {
            Selector::Fingerprints(name) => name == set,
            Selector::Entity(entity) => *entity == EntityType::Fingerprint,
            Selector::Keywords(_) => false,
        };
        for (name, set) in core::mem::take(&mut self.fingerprints) {
            let is_used = rules.iter().any(|(rule, _)| rule.detect.iter().any(|selector| selects(selector, &name)));
            if let Some(set) = set.filter(|_| is_used) {
                builder = builder.fingerprints(&name, set);
            }
        }
        match builder.build() {
            Ok(detectors) => Some(detectors),
            Err(error) => {
                // What they were to be built of may have been told of, with its place.
                if self.problems.is_empty() {
                    self.problems.add(0..0, format!("the detectors cannot be built: {error}"));
                }
                None
            }
        }
    }

    /// Inspect mode may hold only so much: a detector that has to see more is refused here.
    fn check_inspectable(
        &mut self,
        flows: &[FlowRule],
        rules: &[(Rule, Range<usize>)],
        detectors: &DetectorSet,
        limits: &Limits,
    ) {
        let needed = detectors.match_bytes_max() + detectors.lookahead_bytes() + VIEW_HOLD_BYTES;
        if flows.iter().any(|flow| flow.mode == Mode::Inspect) && needed > limits.hold_bytes_max {
            let span = rules.first().map_or(0..0, |(_, span)| span.clone());
            let held = limits.hold_bytes_max;
            let message = format!(
                "the detectors have to see {needed} bytes at once and inspect may hold {held}: this needs mode = terminate"
            );
            self.problems.add(span, message);
        }
    }

    /// The name of a rule, which no other of its kind bears.
    fn unique_name(&mut self, section: &mut Section<'_>, what: &'static str) -> Option<String> {
        let (name, span) = section.required_text("name", &mut self.problems)?;
        if !self.names.insert((what, name.clone())) {
            self.problems.add(span, format!("two {what} are named \"{name}\""));
        }
        Some(name)
    }
}

/// What rules ask for, per detector and direction.
fn actions(detectors: &DetectorSet, rules: &[Rule]) -> Vec<[Asked; 2]> {
    let names = |selector: &Selector, id| match selector {
        Selector::Entity(entity) => detectors.entity(id) == Some(*entity),
        Selector::Keywords(list) => detectors.keyword_list(list) == Some(id),
        Selector::Fingerprints(set) => {
            detectors.entity(id) == Some(EntityType::Fingerprint) && detectors.rule(id) == Some(set)
        }
    };
    let asked = |id, covers: fn(Scope) -> bool| {
        let matching =
            rules.iter().filter(|rule| covers(rule.scope) && rule.detect.iter().any(|selector| names(selector, id)));
        matching.map(|rule| (rule.confidence_min, rule.action)).collect()
    };
    detectors.ids().map(|id| [asked(id, Scope::covers_requests), asked(id, Scope::covers_responses)]).collect()
}
