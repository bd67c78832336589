//! The cores that workers run on, left alone by everything else, and the clock they read.

use super::finding::{Finding, boot_line};
use super::system::{cpu_list, cpu_text};
use super::{Case, System};

const CPUS: &str = "/sys/devices/system/cpu";

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = vec![online(case)];
    findings.extend(isolation(case));
    findings.extend([governor(case), siblings(case), clock(case.system)]);
    findings
}

fn online(case: &Case<'_>) -> Finding {
    const CHECK: &str = "lcores";
    let lcores = &case.config.dataplane.lcores;
    let Some(online) = case.system.cpus(format!("{CPUS}/online")) else {
        return Finding::warn(CHECK, "cannot look: the kernel lists no CPUs", "nproc --all");
    };
    let missing: Vec<u32> = lcores.iter().copied().filter(|lcore| !online.contains(lcore)).collect();
    if missing.is_empty() {
        let note = if lcores.contains(&0) { "; CPU 0 also serves the kernel's own work" } else { "" };
        return Finding::pass(CHECK, format!("{} of {} CPUs{note}", cpu_text(lcores), online.len()));
    }
    let better: Vec<u32> =
        online.iter().copied().filter(|cpu| *cpu != 0 || online.len() == 1).take(lcores.len()).collect();
    let detail = format!("{} not online; {} CPUs are", cpu_text(&missing), online.len());
    Finding::fail(CHECK, detail, case.set("dataplane", "lcores", &format!("[{}]", cpu_text(&better))))
}

/// Whether the scheduler, the tick and RCU leave the workers' cores alone.
fn isolation(case: &Case<'_>) -> Vec<Finding> {
    let system = case.system;
    let lcores = &case.config.dataplane.lcores;
    let file = |name: &str| system.cpus(format!("{CPUS}/{name}")).unwrap_or_default();
    let boot = |name: &str| cpu_list(&system.boot_parameter(name).unwrap_or_default());
    let nohz_full = file("nohz_full");
    // The kernel takes RCU callbacks off the cores of nohz_full by itself.
    let rcu_nocbs = [boot("rcu_nocbs"), nohz_full.clone()].concat();
    let list = cpu_text(lcores);
    let parameters = format!("isolcpus=managed_irq,domain,{list} nohz_full={list} rcu_nocbs={list}");
    let checks = [
        ("isolcpus", file("isolated"), "other processes run there"),
        ("nohz_full", nohz_full, "the timer tick interrupts there"),
        ("rcu_nocbs", rcu_nocbs, "RCU callbacks run there"),
    ];
    let findings = checks.map(|(check, covered, effect)| {
        let open: Vec<u32> = lcores.iter().copied().filter(|lcore| !covered.contains(lcore)).collect();
        if open.is_empty() {
            return Finding::pass(check, format!("covers lcores {list}"));
        }
        Finding::warn(check, format!("does not cover lcores {}: {effect}", cpu_text(&open)), boot_line(&parameters))
    });
    findings.into()
}

fn governor(case: &Case<'_>) -> Finding {
    const CHECK: &str = "governor";
    let file = |lcore: u32| format!("{CPUS}/cpu{lcore}/cpufreq/scaling_governor");
    let governors =
        case.config.dataplane.lcores.iter().filter_map(|&lcore| Some((lcore, case.system.text(file(lcore))?)));
    let governors: Vec<(u32, String)> = governors.collect();
    let slow: Vec<&(u32, String)> = governors.iter().filter(|(_, governor)| governor != "performance").collect();
    match slow.first() {
        None if governors.is_empty() => Finding::pass(CHECK, "the kernel does not change the workers' frequency"),
        None => Finding::pass(CHECK, "performance"),
        Some((lcore, governor)) => {
            let files: Vec<String> = slow.iter().map(|(lcore, _)| file(*lcore)).collect();
            let fix = format!("echo performance | sudo tee {}", files.join(" "));
            Finding::warn(CHECK, format!("lcore {lcore}: {governor}, which slows down and wakes late"), fix)
        }
    }
}

/// Whether a worker shares its core with a hardware thread that is in use.
fn siblings(case: &Case<'_>) -> Finding {
    const CHECK: &str = "smt-siblings";
    let lcores = &case.config.dataplane.lcores;
    let online = case.system.cpus(format!("{CPUS}/online")).unwrap_or_default();
    let shared = lcores.iter().find_map(|&lcore| {
        let siblings = case.system.cpus(format!("{CPUS}/cpu{lcore}/topology/thread_siblings_list"))?;
        siblings
            .into_iter()
            .find(|sibling| *sibling != lcore && online.contains(sibling))
            .map(|sibling| (lcore, sibling))
    });
    let Some((lcore, sibling)) = shared else {
        return Finding::pass(CHECK, "no worker shares its core");
    };
    // Whichever of the two may be switched off: CPU 0 may not, a worker should not.
    if sibling == 0 || lcores.contains(&sibling) {
        let free: Vec<u32> =
            first_threads(case.system, &online).into_iter().filter(|cpu| *cpu != 0).take(lcores.len()).collect();
        let detail = format!("lcores {lcore} and CPU {sibling} are threads of one core");
        let fix = if free.len() < lcores.len() {
            format!("echo off | sudo tee {CPUS}/smt/control")
        } else {
            case.set("dataplane", "lcores", &format!("[{}]", cpu_text(&free)))
        };
        return Finding::warn(CHECK, detail, fix);
    }
    let detail = format!("lcore {lcore} shares its core with CPU {sibling}");
    Finding::warn(CHECK, detail, format!("echo 0 | sudo tee {CPUS}/cpu{sibling}/online"))
}

/// One CPU of each core, none of them on the core of CPU 0 unless it is CPU 0.
fn first_threads(system: &System, online: &[u32]) -> Vec<u32> {
    let is_first = |cpu: &u32| {
        let siblings = system.cpus(format!("{CPUS}/cpu{cpu}/topology/thread_siblings_list")).unwrap_or_default();
        siblings.first().is_none_or(|first| first == cpu)
    };
    online.iter().copied().filter(is_first).collect()
}

fn clock(system: &System) -> Finding {
    const CHECK: &str = "clock-source";
    const DIRECTORY: &str = "/sys/devices/system/clocksource/clocksource0";
    let current = system.text(format!("{DIRECTORY}/current_clocksource")).unwrap_or_default();
    let available = system.text(format!("{DIRECTORY}/available_clocksource")).unwrap_or_default();
    if ["tsc", "arch_sys_counter"].contains(&current.as_str()) {
        return Finding::pass(CHECK, current);
    }
    let shown = if current.is_empty() { "unknown" } else { &current };
    let detail = format!("{shown}: reading the time costs a system call, and it need not agree between cores");
    let is_offered = available.split_whitespace().any(|name| name == "tsc");
    let switch = format!("echo tsc | sudo tee {DIRECTORY}/current_clocksource");
    Finding::warn(CHECK, detail, if is_offered { switch } else { boot_line("clocksource=tsc tsc=reliable") })
}
