use super::Error;

macro_rules! methods {
    ($($variant:ident = $name:literal,)*) => {
        /// A request method: one of the IANA method registry, or `PURGE`, which caches know.
        ///
        /// What is not here is refused, as is a known name in other case: a receiver that folds
        /// case would read the message (its tunnel, its answer's body) differently.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Method {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Method {
            /// All methods, in alphabetical order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The method as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

methods! {
    Acl = "ACL",
    BaselineControl = "BASELINE-CONTROL",
    Bind = "BIND",
    Checkin = "CHECKIN",
    Checkout = "CHECKOUT",
    Connect = "CONNECT",
    Copy = "COPY",
    Delete = "DELETE",
    Get = "GET",
    Head = "HEAD",
    Label = "LABEL",
    Link = "LINK",
    Lock = "LOCK",
    Merge = "MERGE",
    Mkactivity = "MKACTIVITY",
    Mkcalendar = "MKCALENDAR",
    Mkcol = "MKCOL",
    Mkredirectref = "MKREDIRECTREF",
    Mkworkspace = "MKWORKSPACE",
    Move = "MOVE",
    Options = "OPTIONS",
    Orderpatch = "ORDERPATCH",
    Patch = "PATCH",
    Post = "POST",
    Propfind = "PROPFIND",
    Proppatch = "PROPPATCH",
    Purge = "PURGE",
    Put = "PUT",
    Query = "QUERY",
    Rebind = "REBIND",
    Report = "REPORT",
    Search = "SEARCH",
    Trace = "TRACE",
    Unbind = "UNBIND",
    Uncheckout = "UNCHECKOUT",
    Unlink = "UNLINK",
    Unlock = "UNLOCK",
    Update = "UPDATE",
    Updateredirectref = "UPDATEREDIRECTREF",
    VersionControl = "VERSION-CONTROL",
}

impl Method {
    /// The length of the longest name, in bytes.
    pub(super) const BYTES_MAX: usize = "UPDATEREDIRECTREF".len();

    /// The method of this name.
    ///
    /// # Errors
    /// [`Error::MethodUnknown`] for any other name, [`Error::MethodCase`] for a known one in other
    /// case.
    pub(super) fn parse(name: &[u8]) -> Result<Self, Error> {
        // Nearly every request is one of these two.
        match name {
            b"POST" => return Ok(Self::Post),
            b"GET" => return Ok(Self::Get),
            _ => {}
        }
        let alike = |method: &&Self| method.as_str().as_bytes().eq_ignore_ascii_case(name);
        match Self::ALL.iter().find(alike) {
            Some(method) if method.as_str().as_bytes() == name => Ok(*method),
            Some(_) => Err(Error::MethodCase),
            None => Err(Error::MethodUnknown),
        }
    }

    /// True if some method's name begins with `prefix`.
    pub(super) fn begins_with(prefix: &[u8]) -> bool {
        Self::ALL.iter().any(|method| method.as_str().as_bytes().starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_known_by_its_name_and_by_no_other_case() {
        for method in Method::ALL {
            let name = method.as_str();
            assert_eq!(Method::parse(name.as_bytes()), Ok(*method));
            assert_eq!(Method::parse(name.to_ascii_lowercase().as_bytes()), Err(Error::MethodCase));
            assert!(name.len() <= Method::BYTES_MAX);
        }
        assert_eq!(Method::parse(b"Post"), Err(Error::MethodCase));
        assert_eq!(Method::parse(b"PRI"), Err(Error::MethodUnknown));
        assert_eq!(Method::parse(b""), Err(Error::MethodUnknown));
    }

    #[test]
    fn the_names_are_sorted_and_distinct() {
        assert!(Method::ALL.is_sorted_by(|left, right| left.as_str() < right.as_str()));
    }
}
