/// One of the appliance's two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The port toward the users.
    Inside,
    /// The port toward the providers.
    Outside,
}

impl Side {
    /// Both ports, in the order in which a worker serves them.
    pub const BOTH: [Self; 2] = [Self::Inside, Self::Outside];

    /// The other port: where a frame that came in here goes out.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Inside => Self::Outside,
            Self::Outside => Self::Inside,
        }
    }

    /// The direction of a frame that came in on this port.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Inside => Direction::Upstream,
            Self::Outside => Direction::Downstream,
        }
    }

    /// 0 for inside, 1 for outside.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Inside => 0,
            Self::Outside => 1,
        }
    }
}

/// Which way bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the users toward the providers.
    Upstream,
    /// From the providers toward the users.
    Downstream,
}

impl Direction {
    /// Both directions.
    pub const BOTH: [Self; 2] = [Self::Upstream, Self::Downstream];

    /// The other direction.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Upstream => Self::Downstream,
            Self::Downstream => Self::Upstream,
        }
    }

    /// The port on which bytes of this direction come in.
    #[must_use]
    pub const fn ingress(self) -> Side {
        match self {
            Self::Upstream => Side::Inside,
            Self::Downstream => Side::Outside,
        }
    }

    /// 0 for upstream, 1 for downstream.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Upstream => 0,
            Self::Downstream => 1,
        }
    }
}
