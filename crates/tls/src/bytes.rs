//! Messages as TLS writes them: numbers and vectors (RFC 8446 section 3).

/// Bytes not yet read.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

/// There are fewer bytes than a length says, or more.
pub(crate) struct Short;

impl<'a> Bytes<'a> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) const fn end(&self) -> Result<(), Short> {
        if self.is_empty() { Ok(()) } else { Err(Short) }
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<Self, Short> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Short)?;
        self.0 = rest;
        Ok(Self(taken))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Short> {
        let (&byte, rest) = self.0.split_first().ok_or(Short)?;
        self.0 = rest;
        Ok(byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Short> {
        Ok(u16::from_be_bytes([self.u8()?, self.u8()?]))
    }

    /// What stands behind a length of one byte.
    pub(crate) fn vector8(&mut self) -> Result<Self, Short> {
        let len = usize::from(self.u8()?);
        self.take(len)
    }

    /// What stands behind a length of two bytes.
    pub(crate) fn vector16(&mut self) -> Result<Self, Short> {
        let len = usize::from(self.u16()?);
        self.take(len)
    }
}
