//! Huge pages, transparent ones, and what they are compared with.

use super::finding::{Finding, boot_line};
use super::{Case, System};
use crate::config::{Config, Hugepages};
use crate::memory::needed_bytes;

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    vec![hugepages(case), transparent(case.system)]
}

/// Pages of one size, over all nodes.
#[derive(Debug, Default)]
struct Pages {
    reserved: u64,
    free: u64,
    /// Free pages of each NUMA node.
    nodes: Vec<(u32, u64, u64)>,
}

/// A page size: its name to the scripts, and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Mega,
    Giga,
}

impl Size {
    const fn name(self) -> &'static str {
        match self {
            Self::Mega => "2M",
            Self::Giga => "1G",
        }
    }

    const fn bytes(self) -> u64 {
        match self {
            Self::Mega => 2 << 20,
            Self::Giga => 1 << 30,
        }
    }

    fn pages(self, system: &System) -> Pages {
        let kilobytes = self.bytes() >> 10;
        let read = |base: &str| {
            let number = |name: &str| {
                let path = format!("{base}/hugepages/hugepages-{kilobytes}kB/{name}");
                system.number(path).and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
            };
            (number("nr_hugepages"), number("free_hugepages"))
        };
        let (reserved, free) = read("/sys/kernel/mm");
        let nodes = system.nodes().into_iter().map(|node| {
            let (reserved, free) = read(&format!("/sys/devices/system/node/node{node}"));
            (node, reserved, free)
        });
        Pages { reserved, free, nodes: nodes.collect() }
    }
}

/// Pages that the configured buffers take.
fn needed(config: &Config, size: Size) -> u64 {
    needed_bytes(config).div_ceil(size.bytes())
}

fn hugepages(case: &Case<'_>) -> Finding {
    const CHECK: &str = "hugepages";
    let (mega, giga) = (Size::Mega.pages(case.system), Size::Giga.pages(case.system));
    let seen = format!("2M: {}; 1G: {}", describe(&mega), describe(&giga));
    let size = match case.config.dataplane.hugepages {
        Hugepages::None => return Finding::pass(CHECK, format!("not used (hugepages = \"none\"); {seen}")),
        Hugepages::Giga => Size::Giga,
        Hugepages::Auto if giga.reserved > 0 => Size::Giga,
        Hugepages::Mega | Hugepages::Auto => Size::Mega,
    };
    let (pages, need, name) = (if size == Size::Giga { &giga } else { &mega }, needed(&case.config, size), size.name());
    let reserve = |count: u64| format!("sudo {}/hugepages {name} {count}", case.system.scripts);
    if pages.reserved < need {
        let fix = match size {
            Size::Giga if pages.reserved == 0 => boot_line(&format!("hugepagesz=1G hugepages={need}")),
            Size::Giga | Size::Mega => reserve(need),
        };
        return Finding::fail(CHECK, format!("{need} pages of {name} are needed; {seen}"), fix);
    }
    if pages.free < need {
        let detail = format!(
            "{need} pages of {name} are needed, fewer are free: a running gateway has them, or another program; {seen}"
        );
        return Finding::warn(CHECK, detail, reserve(pages.reserved - pages.free + need));
    }
    match empty_worker_node(case, pages) {
        Some(node) => {
            let detail = format!("none of {name} on NUMA node {node}, where workers run; {seen}");
            Finding::warn(CHECK, detail, format!("{} --node {node}", reserve(need)))
        }
        None => Finding::pass(CHECK, format!("{need} pages of {name} are needed; {seen}")),
    }
}

/// A node on which a worker runs and no page is reserved.
fn empty_worker_node(case: &Case<'_>, pages: &Pages) -> Option<u32> {
    let without = pages.nodes.iter().filter(|(_, reserved, _)| *reserved == 0).map(|(node, ..)| *node);
    without.into_iter().find(|node| {
        let cpus = case.system.cpus(format!("/sys/devices/system/node/node{node}/cpulist")).unwrap_or_default();
        case.config.dataplane.lcores.iter().any(|lcore| cpus.contains(lcore))
    })
}

fn describe(pages: &Pages) -> String {
    let nodes = pages.nodes.iter().map(|(node, reserved, free)| format!("node {node}: {free}/{reserved}"));
    let nodes: Vec<String> = nodes.collect();
    let Pages { reserved, free, .. } = pages;
    if nodes.is_empty() {
        format!("{free} of {reserved} free")
    } else {
        format!("{free} of {reserved} free ({})", nodes.join(", "))
    }
}

fn transparent(system: &System) -> Finding {
    const CHECK: &str = "transparent-hugepages";
    const FILE: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
    match system.text(FILE) {
        None => Finding::pass(CHECK, "the kernel has none"),
        Some(modes) if modes.contains("[always]") => {
            let detail = "always: the kernel moves memory about under running workers";
            Finding::warn(CHECK, detail, format!("echo madvise | sudo tee {FILE}"))
        }
        Some(modes) => Finding::pass(CHECK, modes),
    }
}
