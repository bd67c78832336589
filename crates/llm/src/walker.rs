//! Where in a JSON text its reader is, as far as that means something in a model call.

use crate::UsageField;
use crate::key::{KEY_BYTES_MAX, Key, text_bit};
use crate::place::{Place, Step};
use arrayvec::ArrayVec;

/// Containers whose keys are remembered: as many as a JSON text may nest. What is nested deeper would be read like
/// everything else and have no meaning here.
const DEPTH_MAX: usize = 128;
const _: () = assert!(DEPTH_MAX <= u8::MAX as usize, "a byte says a container's place");

/// What kind of text is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A request.
    Request,
    /// A whole answer.
    Answer,
    /// One event of a streamed answer.
    StreamEvent,
}

/// A reading in which texts that stand apart are joined: the parts of one message, those of a part of it, and so on,
/// or the deltas of one streamed answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Join {
    place: u8,
    /// What is joined are parts that somebody wrote, not pieces that a stream was cut in.
    are_parts: bool,
}

impl Join {
    /// How many joined readings one message may have at a time.
    pub const COUNT: usize = 5;

    /// The reading's place, below [`Join::COUNT`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.place as usize
    }

    /// True if what is joined are parts that somebody wrote, and which a model may read as lines.
    #[must_use]
    pub const fn are_parts(self) -> bool {
        self.are_parts
    }

    /// All of them.
    pub const ALL: [Self; Self::COUNT] =
        [Self::TEXT, Self::ARGUMENTS, Self::REASONING, Self::OTHER_CHOICE, Self::TOKENS];

    /// The text of the first answer of a stream.
    pub const TEXT: Self = Self::of_stream(0);
    const ARGUMENTS: Self = Self::of_stream(1);
    const REASONING: Self = Self::of_stream(2);
    const OTHER_CHOICE: Self = Self::of_stream(3);
    const TOKENS: Self = Self::of_stream(4);

    const fn of_stream(place: u8) -> Self {
        Self { place, are_parts: false }
    }

    /// The reading of the parts that stand in so many arrays of parts. Those of more share the last one.
    fn of_parts(level: usize) -> Self {
        let place = u8::try_from(level.min(Self::COUNT - 1)).unwrap_or(0);
        Self { place, are_parts: true }
    }
}

/// What a value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing that is known here.
    Plain,
    /// The name of the model.
    Model,
    /// Whether the answer is to be streamed.
    Stream,
    /// A token count.
    Usage(UsageField),
    /// What the format defines as a number of any size.
    Setting,
    /// The number of a token of a prompt, if it is an integer.
    Token,
    /// A count or an index, which is none if it is larger than [`COUNT_MAX`].
    Count,
}

/// The largest number that is taken for a count of tokens or an index: identifiers have more digits.
pub const COUNT_MAX: u64 = 99_999_999;

#[derive(Clone, Copy, Debug)]
struct Container {
    /// What it is, on the way to token counts.
    place: Place,
    /// The key under which the container stands; an array's elements inherit it.
    under: Key,
    /// The key of the value that comes next, in an object.
    key: Key,
}

/// Follows the structure of one JSON text.
#[derive(Debug)]
pub struct Walker {
    form: Form,
    containers: ArrayVec<Container, DEPTH_MAX>,
    /// Where the last key leads, on the way to token counts.
    step: Step,
    /// Containers open beyond those remembered.
    beyond: u16,
    name: ArrayVec<u8, KEY_BYTES_MAX>,
    name_overflows: bool,
    choice: u32,
    is_model_call: bool,
    is_ambiguous: bool,
    /// A key at the top named a model.
    has_model: bool,
    /// A key at the top said that this is a line of a file of requests.
    is_of_batch: bool,
    /// The places of the arrays whose texts are being joined, each inside of the one before.
    joined: ArrayVec<u8, { Join::COUNT }>,
    /// The names of texts that the last element of each of them has had, a bit each.
    texts: [u8; Join::COUNT],
    /// The bit of the last key among them, if it names a text.
    text: u8,
    /// Where a seed was, a bit for each place.
    seeds: u8,
}

impl Walker {
    /// A walker at the start of a text.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self {
            form,
            containers: ArrayVec::new(),
            step: Step::Other,
            beyond: 0,
            name: ArrayVec::new(),
            name_overflows: false,
            choice: 0,
            is_model_call: false,
            is_ambiguous: false,
            has_model: false,
            is_of_batch: false,
            joined: ArrayVec::new(),
            texts: [0; Join::COUNT],
            text: 0,
            seeds: 0,
        }
    }

    /// Starts over with another text.
    pub fn reset(&mut self, form: Form) {
        *self = Self::new(form);
    }

    /// True once a key at the top said that this is a model call.
    #[must_use]
    pub const fn is_model_call(&self) -> bool {
        self.is_model_call
    }

    /// True once a key said that this is a line of a file of requests, as batches have them.
    #[must_use]
    pub const fn is_of_batch(&self) -> bool {
        self.is_of_batch
    }

    /// True within an object or an array.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.beyond > 0 || !self.containers.is_empty()
    }

    /// True once a part of a message had its text twice under one name: readers take the one or the other.
    #[must_use]
    pub const fn is_ambiguous(&self) -> bool {
        self.is_ambiguous
    }

    /// An object or array begins. An answer that is an array of objects is a stream of them, as Gemini has it where nobody
    /// asks for events.
    pub fn open(&mut self, is_array: bool) {
        if !is_array && self.form == Form::Answer && self.depth() == 1 && self.is_array() {
            self.form = Form::StreamEvent;
        }
        let under = self.current_key();
        let step = core::mem::replace(&mut self.step, Step::Other);
        let place = self.containers.last().map_or(Place::root(is_array), |around| around.place.below(step, is_array));
        if let Some(level) = self.joined.iter().position(|joined| usize::from(*joined) + 1 == self.containers.len()) {
            self.texts.iter_mut().skip(level).for_each(|texts| *texts = 0);
        }
        let container = Container { place, under, key: Key::Other };
        if self.beyond > 0 || self.containers.try_push(container).is_err() {
            self.beyond = self.beyond.saturating_add(1);
        }
    }

    /// An object or array ends; returns the joined reading that ends with it.
    pub fn close(&mut self) -> Option<Join> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return None;
        }
        self.containers.pop()?;
        if self.containers.len() == 1 && self.is_array() {
            // The next element says anew whose it is.
            self.choice = 0;
        }
        let is_joined = self.joined.last().is_some_and(|joined| usize::from(*joined) == self.containers.len());
        is_joined.then(|| {
            self.joined.pop();
            self.join_of_parts(self.joined.len())
        })
    }

    /// A key that is here whole.
    pub fn key(&mut self, name: &[u8]) {
        let key = self.key_of(name);
        self.text = text_bit(name);
        self.set_key(key, Step::of(name));
    }

    fn key_of(&self, name: &[u8]) -> Key {
        if self.form == Form::Request { Key::of_any_case(name, self.has_model) } else { Key::of(name) }
    }

    /// A key begins.
    pub fn key_start(&mut self) {
        self.name.clear();
        self.name_overflows = false;
    }

    /// More of a key, unescaped.
    pub fn key_bytes(&mut self, bytes: &[u8]) {
        self.name_overflows |= self.name.try_extend_from_slice(bytes).is_err();
    }

    /// A key ends.
    pub fn key_end(&mut self) {
        let (key, step) = match self.name_overflows {
            false => (self.key_of(&self.name), Step::of(&self.name)),
            true => (Key::Other, Step::Other),
        };
        self.set_key(key, step);
        self.text = if self.name_overflows { 0 } else { text_bit(&self.name) };
    }

    fn set_key(&mut self, key: Key, step: Step) {
        let at_top = self.beyond == 0 && self.containers.len() == 1;
        self.is_model_call |= at_top && matches!(key, Key::Prompt | Key::Items);
        self.has_model |= at_top && key == Key::Model;
        self.is_of_batch |= at_top && key == Key::Batch;
        if self.beyond == 0
            && let Some(container) = self.containers.last_mut()
        {
            (container.key, self.step) = (key, step);
        }
    }

    /// What the string that begins now means, and the joined reading it belongs to.
    #[must_use]
    pub fn string(&mut self) -> (Role, Option<Join>) {
        let key = self.current_key();
        // Answers have it in a message of their own, too; what else a request has is its user's.
        let depth_max = if self.form == Form::Request { 1 } else { 2 };
        let role = if key == Key::Model && self.depth() <= depth_max { Role::Model } else { Role::Plain };
        (role, self.join(key))
    }

    /// What the number that begins now means. Nobody draws two seeds for one answer.
    #[must_use]
    pub fn number(&mut self) -> Role {
        let (field, place) = match self.current_key() {
            Key::TokensIn => (UsageField::Input, Place::Usage),
            Key::EvaluatedIn => (UsageField::Input, Place::Top),
            Key::CacheWritten => (UsageField::CacheWritten, Place::Usage),
            Key::CacheRead => (UsageField::CacheRead, Place::Usage),
            Key::ToolTokens => (UsageField::Tools, Place::Usage),
            Key::TokensOut => (UsageField::Output, Place::Usage),
            Key::EvaluatedOut => (UsageField::Output, Place::Top),
            Key::Thoughts => (UsageField::Thoughts, Place::Usage),
            Key::Count | Key::Index => return Role::Count,
            Key::Prompt | Key::Items | Key::TokenIds if self.is_element() && self.form == Form::Request => {
                return Role::Token;
            }
            Key::Context if self.is_element() && self.form == Form::Request && self.depth() == 2 => return Role::Token,
            Key::Seed => return self.seed(),
            Key::Time if self.form != Form::Request => return self.setting(&[Place::Top, Place::Wrapper]),
            Key::Time
            | Key::Model
            | Key::Stream
            | Key::Prompt
            | Key::Items
            | Key::Around
            | Key::TokenIds
            | Key::Context
            | Key::Text
            | Key::Reply
            | Key::Parts
            | Key::Arguments
            | Key::Reasoning
            | Key::Token
            | Key::Kind
            | Key::Batch
            | Key::Place
            | Key::Other => {
                return Role::Plain;
            }
        };
        if self.form != Form::Request && self.is_at(place) { Role::Usage(field) } else { Role::Count }
    }

    /// The joined reading to which a number belongs that is an element of an array, or of an object that stands for one.
    pub fn element(&mut self) -> Option<Join> {
        let is_placed = || self.beyond == 0 && self.current_key() == Key::Place;
        (self.is_element() || is_placed()).then(|| self.join_in(self.containers.len() - 1))
    }

    /// True if the value that comes next is an element of an array.
    fn is_element(&self) -> bool {
        self.beyond == 0 && self.containers.last().is_some_and(|container| container.place.is_array())
    }

    /// A seed is a setting once in each place that has one.
    fn seed(&mut self) -> Role {
        let place = [Place::Top, Place::Settings].iter().position(|place| self.is_at(*place));
        let bit = place.map_or(0, |place| 1 << place);
        let is_first = bit & !self.seeds != 0;
        self.seeds |= bit;
        if is_first { Role::Setting } else { Role::Plain }
    }

    /// A number of any size, where a format has it.
    fn setting(&self, places: &[Place]) -> Role {
        if places.iter().any(|place| self.is_at(*place)) { Role::Setting } else { Role::Plain }
    }

    fn is_at(&self, place: Place) -> bool {
        self.beyond == 0 && self.containers.last().is_some_and(|container| container.place == place)
    }

    /// A number ended; an index tells which of several answers the event belongs to, or which part of one.
    pub fn number_end(&mut self, value: Option<u64>) {
        if self.form == Form::StreamEvent && self.current_key() == Key::Index {
            let index = value.and_then(|value| u32::try_from(value).ok()).unwrap_or(u32::MAX);
            self.choice = self.choice.max(index);
        }
    }

    /// What `true` or `false` means here.
    #[must_use]
    pub fn flag(&self) -> Role {
        if self.current_key() == Key::Stream && self.depth() == 1 { Role::Stream } else { Role::Plain }
    }

    /// True if the text is an array.
    fn is_array(&self) -> bool {
        self.containers.first().is_some_and(|container| container.place.is_array())
    }

    fn depth(&self) -> usize {
        self.containers.len() + usize::from(self.beyond)
    }

    /// The key of the value that comes next; elements of an array stand under the array's key.
    fn current_key(&self) -> Key {
        if self.beyond > 0 {
            return Key::Other;
        }
        self.containers
            .last()
            .map_or(Key::Other, |container| if container.place.is_array() { container.under } else { container.key })
    }

    /// True for a token of an answer; what it could have been instead stands in arrays of another name.
    fn is_token(&self, key: Key) -> bool {
        let around = self.containers.len().checked_sub(2).and_then(|at| self.containers.get(at));
        let is_answer = self.form != Form::Request && self.beyond == 0;
        is_answer && key == Key::Token && around.is_some_and(|array| array.place.is_array() && array.under.is_text())
    }

    fn join(&mut self, key: Key) -> Option<Join> {
        if self.form == Form::StreamEvent {
            if !self.is_open() {
                return Some(Join::TEXT);
            }
            if self.is_token(key) {
                return Some(Join::TOKENS);
            }
            let other_choice = (self.choice != 0).then_some(Join::OTHER_CHOICE);
            let of_key = [
                (Key::Text, Join::TEXT),
                (Key::Reply, Join::TEXT),
                (Key::Arguments, Join::ARGUMENTS),
                (Key::Reasoning, Join::REASONING),
            ];
            let of_stream =
                of_key.iter().find(|(known, _)| *known == key).map(|(_, join)| other_choice.unwrap_or(*join));
            // What else an element holds is read as that of an answer is.
            if of_stream.is_some() || !self.is_array() {
                return of_stream;
            }
        }
        if self.beyond > 0 {
            return None;
        }
        let array_at = |back: usize| {
            let at = self.containers.len().checked_sub(back)?;
            self.containers.get(at).filter(|container| container.place.is_array()).map(|array| (at, array))
        };
        // Strings in one array, or the texts of objects in one, also as `"text": {"value": ...}`: but messages are not
        // parts of one.
        let is_value = key != Key::Kind && self.containers.last().is_some_and(|object| object.under.is_text());
        let of_objects = || if key.is_text() || self.is_token(key) { array_at(2) } else { None };
        let around = self.containers.len().checked_sub(2).and_then(|at| self.containers.get(at));
        let is_around = around.is_some_and(|object| object.under == Key::Around);
        let of_values = || if is_value { array_at(if is_around { 4 } else { 3 }) } else { None };
        // A message has content, a part has a text.
        let is_part = self.text == text_bit(b"text");
        let is_message = |array: &Container| array.under == Key::Prompt || array.under == Key::Items && !is_part;
        let of_element = array_at(1).map(|(at, _)| at);
        let of_part = || of_objects().or_else(of_values).filter(|(_, array)| !is_message(array));
        let Some(at) = of_element else {
            let (at, array) = of_part()?;
            let is_content = self.is_content(at, array.under);
            let is_object = of_objects().is_some();
            let join = self.join_in(at);
            if self.form == Form::Request && (is_object || is_content) {
                self.note_text(at, is_content);
            }
            return Some(join);
        };
        Some(self.join_in(at))
    }

    /// True if the array at this place, under this key, is the content of a message, or the one for the system.
    fn is_content(&self, at: usize, under: Key) -> bool {
        let messages = at.checked_sub(2).and_then(|at| self.containers.get(at));
        let of_message = messages
            .is_some_and(|messages| messages.place.is_array() && matches!(messages.under, Key::Prompt | Key::Items));
        matches!(under, Key::Text | Key::Parts) && of_message || at == 1 && under == Key::Parts
    }

    /// Notes a text of an object in the array at this place. A part of a message's content has one text, of whatever name:
    /// some readers take the one and some the other. What else is in an array may be a row of a table.
    fn note_text(&mut self, array: usize, is_content: bool) {
        let level = self.joined.iter().position(|joined| usize::from(*joined) == array);
        let Some(texts) = level.and_then(|level| self.texts.get_mut(level)) else { return };
        let is_other = is_content && *texts != 0 && self.text != 0;
        self.is_ambiguous |= *texts & self.text != 0 || is_other;
        *texts |= self.text;
    }

    /// The joined reading of what the array at this place holds.
    fn join_in(&mut self, at: usize) -> Join {
        let level = self.joined.iter().position(|joined| usize::from(*joined) == at).unwrap_or_else(|| {
            // Without room for one more level its parts are of the last one.
            let _full = self.joined.try_push(u8::try_from(at).unwrap_or(u8::MAX));
            let level = self.joined.len() - 1;
            self.texts.iter_mut().skip(level).for_each(|texts| *texts = 0);
            level
        });
        self.join_of_parts(level)
    }

    /// The reading of parts at a level; in a stream they share the one of its tokens, so that they part nothing else.
    fn join_of_parts(&self, level: usize) -> Join {
        let level = if self.form == Form::StreamEvent { Join::COUNT } else { level };
        Join::of_parts(level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(walker: &mut Walker, name: &str) {
        walker.key_start();
        walker.key_bytes(name.as_bytes());
        walker.key_end();
    }

    #[test]
    fn the_parts_of_one_message_are_joined_and_end_with_their_array() {
        let mut walker = Walker::new(Form::Request);
        walker.open(false);
        key(&mut walker, "messages");
        assert!(walker.is_model_call());
        walker.open(true);
        walker.open(false);
        key(&mut walker, "role");
        assert_eq!(walker.string(), (Role::Plain, None));
        key(&mut walker, "content");
        walker.open(true);
        for _ in 0..2 {
            walker.open(false);
            key(&mut walker, "text");
            assert_eq!(walker.string().1, Some(Join::of_parts(0)));
            assert_eq!(walker.close(), None);
        }
        assert_eq!(walker.close(), Some(Join::of_parts(0)));
    }

    #[test]
    fn an_array_inside_a_part_is_joined_by_itself_and_does_not_end_the_message() {
        let mut walker = Walker::new(Form::Request);
        walker.open(false);
        key(&mut walker, "content");
        walker.open(true);
        for _ in 0..2 {
            walker.open(false);
            key(&mut walker, "text");
            assert_eq!(walker.string().1, Some(Join::of_parts(0)));
            key(&mut walker, "annotations");
            walker.open(true);
            assert_eq!(walker.string().1.map(Join::index), Some(1));
            assert_eq!(walker.close().map(Join::index), Some(1));
            assert_eq!(walker.close(), None);
        }
        assert_eq!(walker.close(), Some(Join::of_parts(0)));
    }

    #[test]
    fn parts_of_more_levels_than_there_are_readings_share_the_last() {
        let mut walker = Walker::new(Form::Request);
        for level in 0..9 {
            walker.open(true);
            assert_eq!(walker.string().1.map(Join::index), Some(level.min(Join::COUNT - 1)));
        }
        for level in (0..9).rev() {
            assert_eq!(walker.string().1.map(Join::index), Some(level.min(Join::COUNT - 1)));
            assert_eq!(walker.close().map(Join::index), (level < Join::COUNT).then_some(level));
        }
    }

    #[test]
    fn a_request_is_read_in_any_case() {
        let mut walker = Walker::new(Form::Request);
        walker.open(false);
        walker.key(b"Context");
        walker.open(true);
        assert_eq!(walker.number(), Role::Plain);
        walker.close();
        key(&mut walker, "MODEL");
        assert_eq!(walker.string().0, Role::Model);
        walker.key(b"Context");
        walker.open(true);
        assert_eq!(walker.number(), Role::Token);
        walker.open(false);
        walker.key(b"Text");
        assert!(walker.string().1.is_some());
        walker.key(b"Seed");
        assert_eq!(walker.number(), Role::Plain);
    }

    #[test]
    fn a_part_with_two_texts_is_ambiguous() {
        let walk = |path: &[&str], names: &[&str]| {
            let mut walker = Walker::new(Form::Request);
            for name in path {
                walker.open(false);
                walker.key(name.as_bytes());
                walker.open(true);
            }
            walker.open(false);
            for name in names {
                key(&mut walker, name);
                let _ = walker.string();
            }
            walker.is_ambiguous()
        };
        for names in [&["text", "text"][..], &["type", "text", "Text"], &["content", "text", "content"]] {
            assert!(walk(&["messages", "content"], names), "{names:?}");
            assert!(!walk(&["messages"], names), "a message has no parts beside it: {names:?}");
        }
        assert!(walk(&["messages", "content"], &["type", "text", "content", "type"]), "two names");
        assert!(!walk(&["messages", "content"], &["type", "text", "value", "type", "cache"]));
        for rows in ["documents", "response", "delta", "items"] {
            assert!(!walk(&[rows], &["type", "title", "text", "content"]), "a row of {rows}");
        }
        assert!(!walk(&["rows", "cells"], &["prompt", "response", "refusal"]), "names that begin alike");
    }

    #[test]
    fn usage_is_read_from_answers_only() {
        for (form, role) in [(Form::Answer, Role::Usage(UsageField::Input)), (Form::Request, Role::Count)] {
            let mut walker = Walker::new(form);
            walker.open(false);
            key(&mut walker, "usage");
            walker.open(false);
            key(&mut walker, "prompt_tokens");
            assert_eq!(walker.number(), role);
        }
    }

    #[test]
    fn a_number_of_any_size_is_a_setting_only_where_a_format_has_it() {
        let number_at = |form: Form, path: &[&str]| {
            let mut walker = Walker::new(form);
            for name in path {
                walker.open(false);
                key(&mut walker, name);
            }
            walker.number()
        };
        for path in [&["seed"][..], &["options", "seed"], &["generationConfig", "seed"]] {
            assert_eq!(number_at(Form::Request, path), Role::Setting, "{path:?}");
        }
        for path in [&["messages", "seed"][..], &["a", "options", "seed"], &["created"], &["total_duration"]] {
            assert_eq!(number_at(Form::Request, path), Role::Plain, "{path:?}");
        }
        for path in [&["created"][..], &["response", "created_at"], &["total_duration"]] {
            assert_eq!(number_at(Form::StreamEvent, path), Role::Setting, "{path:?}");
        }
        assert_eq!(number_at(Form::Answer, &["choices", "created"]), Role::Plain);
        for path in [&["index"][..], &["a", "max_tokens"], &["prompt_tokens"], &["options", "num_ctx"]] {
            assert_eq!(number_at(Form::Request, path), Role::Count, "{path:?}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_plain_and_the_way_back_is_found() {
        let mut walker = Walker::new(Form::Request);
        walker.open(false);
        for _ in 0..200 {
            key(&mut walker, "model");
            walker.open(false);
        }
        key(&mut walker, "model");
        assert_eq!(walker.string(), (Role::Plain, None));
        for _ in 0..200 {
            walker.close();
        }
        key(&mut walker, "model");
        assert_eq!(walker.string().0, Role::Model);
    }
}
