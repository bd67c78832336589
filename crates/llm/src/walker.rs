//! Where in a JSON text its reader is, as far as that means something in a model call.

use crate::UsageField;
use crate::key::{KEY_BYTES_MAX, Key};
use arrayvec::ArrayVec;

/// Containers whose keys are remembered. What is nested deeper is read like everything else and
/// has no meaning here.
const DEPTH_MAX: usize = 16;

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

/// A reading in which texts that stand apart are joined: the parts of one message, or the deltas of
/// one streamed answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Join(u8);

impl Join {
    /// How many joined readings one message may have at a time.
    pub const COUNT: usize = 4;

    /// The reading's place, below [`Join::COUNT`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [Self::PARTS, Self::ARGUMENTS, Self::REASONING, Self::OTHER_CHOICE];

    const PARTS: Self = Self(0);
    const ARGUMENTS: Self = Self(1);
    const REASONING: Self = Self(2);
    const OTHER_CHOICE: Self = Self(3);
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
    /// A setting that the format defines as a plain number.
    Setting,
}

#[derive(Clone, Copy, Debug)]
struct Container {
    is_array: bool,
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
    /// Containers open beyond those remembered.
    beyond: usize,
    name: ArrayVec<u8, KEY_BYTES_MAX>,
    name_overflows: bool,
    choice: u64,
    is_model_call: bool,
    /// The place of the array whose texts are being joined.
    joined: Option<usize>,
}

impl Walker {
    /// A walker at the start of a text.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self {
            form,
            containers: ArrayVec::new(),
            beyond: 0,
            name: ArrayVec::new(),
            name_overflows: false,
            choice: 0,
            is_model_call: false,
            joined: None,
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

    /// An object or array begins.
    pub fn open(&mut self, is_array: bool) {
        let under = self.current_key();
        let container = Container { is_array, under, key: Key::Other };
        if self.beyond > 0 || self.containers.try_push(container).is_err() {
            self.beyond += 1;
        }
    }

    /// An object or array ends; returns the joined reading that ends with it.
    pub fn close(&mut self) -> Option<Join> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return None;
        }
        self.containers.pop()?;
        self.joined.take_if(|joined| *joined == self.containers.len()).map(|_| Join::PARTS)
    }

    /// A key that is here whole.
    pub fn key(&mut self, name: &[u8]) {
        self.set_key(Key::of(name));
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
        self.set_key(if self.name_overflows { Key::Other } else { Key::of(&self.name) });
    }

    fn set_key(&mut self, key: Key) {
        let at_top = self.beyond == 0 && self.containers.len() == 1;
        if at_top && key == Key::Prompt {
            self.is_model_call = true;
        }
        if self.beyond == 0
            && let Some(container) = self.containers.last_mut()
        {
            container.key = key;
        }
    }

    /// What the string that begins now means, and the joined reading it belongs to.
    #[must_use]
    pub fn string(&mut self) -> (Role, Option<Join>) {
        let key = self.current_key();
        let role = if key == Key::Model && self.depth() <= 2 { Role::Model } else { Role::Plain };
        (role, self.join(key))
    }

    /// What the number that begins now means.
    #[must_use]
    pub fn number(&self) -> Role {
        let in_usage = self.containers.iter().rev().take(2).any(|container| container.under == Key::Usage);
        let counts = self.form != Form::Request && (in_usage || self.depth() == 1);
        let field = match self.current_key() {
            Key::TokensIn => UsageField::Input,
            Key::CacheWritten => UsageField::CacheWritten,
            Key::CacheRead => UsageField::CacheRead,
            Key::TokensOut => UsageField::Output,
            Key::Thoughts => UsageField::Thoughts,
            Key::Setting | Key::Index => return Role::Setting,
            Key::Model
            | Key::Stream
            | Key::Prompt
            | Key::Text
            | Key::Parts
            | Key::Arguments
            | Key::Reasoning
            | Key::Usage
            | Key::Other => {
                return Role::Plain;
            }
        };
        if counts { Role::Usage(field) } else { Role::Setting }
    }

    /// A number ended; an index tells which of several answers the event belongs to.
    pub fn number_end(&mut self, value: Option<u64>) {
        if self.form == Form::StreamEvent && self.current_key() == Key::Index {
            self.choice = value.unwrap_or(u64::MAX);
        }
    }

    /// What `true` or `false` means here.
    #[must_use]
    pub fn flag(&self) -> Role {
        if self.current_key() == Key::Stream && self.depth() == 1 { Role::Stream } else { Role::Plain }
    }

    fn depth(&self) -> usize {
        self.containers.len() + self.beyond
    }

    /// The key of the value that comes next; elements of an array stand under the array's key.
    fn current_key(&self) -> Key {
        if self.beyond > 0 {
            return Key::Other;
        }
        self.containers.last().map_or(
            Key::Other,
            |container| {
                if container.is_array { container.under } else { container.key }
            },
        )
    }

    fn join(&mut self, key: Key) -> Option<Join> {
        if self.form == Form::StreamEvent {
            let other_choice = (self.choice != 0).then_some(Join::OTHER_CHOICE);
            let of_key =
                [(Key::Text, Join::PARTS), (Key::Arguments, Join::ARGUMENTS), (Key::Reasoning, Join::REASONING)];
            return of_key.iter().find(|(known, _)| *known == key).map(|(_, join)| other_choice.unwrap_or(*join));
        }
        if self.beyond > 0 {
            return None;
        }
        let array_at = |back: usize| {
            let at = self.containers.len().checked_sub(back)?;
            self.containers.get(at).filter(|container| container.is_array).map(|array| (at, array))
        };
        // Strings in one array, or the texts of objects in one: but messages are not parts of one.
        let of_objects = || array_at(2).filter(|(_, array)| key == Key::Text && array.under != Key::Prompt);
        let (at, _) = array_at(1).or_else(of_objects)?;
        // What stands in an array inside of it is no part.
        (*self.joined.get_or_insert(at) == at).then_some(Join::PARTS)
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
            assert_eq!(walker.string().1, Some(Join::PARTS));
            assert_eq!(walker.close(), None);
        }
        assert_eq!(walker.close(), Some(Join::PARTS));
    }

    #[test]
    fn an_array_inside_a_part_neither_ends_the_message_nor_belongs_to_it() {
        let mut walker = Walker::new(Form::Request);
        walker.open(false);
        key(&mut walker, "content");
        walker.open(true);
        for _ in 0..2 {
            walker.open(false);
            key(&mut walker, "text");
            assert_eq!(walker.string().1, Some(Join::PARTS));
            key(&mut walker, "annotations");
            walker.open(true);
            assert_eq!(walker.string().1, None);
            assert_eq!(walker.close(), None);
            assert_eq!(walker.close(), None);
        }
        assert_eq!(walker.close(), Some(Join::PARTS));
    }

    #[test]
    fn usage_is_read_from_answers_only() {
        for (form, role) in [(Form::Answer, Role::Usage(UsageField::Input)), (Form::Request, Role::Setting)] {
            let mut walker = Walker::new(form);
            walker.open(false);
            key(&mut walker, "usage");
            walker.open(false);
            key(&mut walker, "prompt_tokens");
            assert_eq!(walker.number(), role);
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_plain_and_the_way_back_is_found() {
        let mut walker = Walker::new(Form::Request);
        walker.open(false);
        for _ in 0..100 {
            key(&mut walker, "model");
            walker.open(false);
        }
        key(&mut walker, "model");
        assert_eq!(walker.string(), (Role::Plain, None));
        for _ in 0..100 {
            walker.close();
        }
        key(&mut walker, "model");
        assert_eq!(walker.string().0, Role::Model);
    }
}
