//! From [`EalConfig`] to the argument vector of `rte_eal_init`.

use super::PROGRAM;
use super::config::{EalConfig, Hugepages};
use super::error::EalError;
use super::hugepages::Free;
use crate::device_name::DeviceName;
use rustix::thread::{CpuSet, sched_getaffinity};

/// What a setting is about: an operator's argument replaces all of ours about the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Lcores,
    Memory,
    Pages,
    PciBus,
    Log,
    Telemetry,
}

/// EAL's options by topic. Short options may have their value attached (`-l0,1`).
const TOPICS: &[(Topic, &[&str])] = &[
    (Topic::Lcores, &["-c", "-l", "-s", "-S", "--lcores", "--main-lcore"]),
    (Topic::Memory, &["-m", "--socket-mem"]),
    (
        Topic::Pages,
        &["--no-huge", "--in-memory", "--huge-dir", "--huge-unlink", "--legacy-mem", "--file-prefix", "--proc-type"],
    ),
    (Topic::PciBus, &["-a", "-b", "--allow", "--block", "--no-pci"]),
    (Topic::Log, &["--log-level"]),
    (Topic::Telemetry, &["--telemetry", "--no-telemetry"]),
];

/// What this machine has, apart from the configuration so that the rest is a function of values.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// CPUs that this process may run on, ascending.
    pub(super) cpus: Vec<u32>,
    /// Hugepages to be had.
    pub(super) free: Free,
}

impl Machine {
    fn read() -> Self {
        let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
        let cpus = (0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).filter_map(|cpu| u32::try_from(cpu).ok());
        Self { cpus: cpus.collect(), free: Free::read() }
    }
}

impl EalConfig {
    /// The argument vector, program name first.
    pub(super) fn arguments(&self) -> Result<Vec<String>, EalError> {
        self.arguments_on(&Machine::read())
    }

    fn arguments_on(&self, machine: &Machine) -> Result<Vec<String>, EalError> {
        self.check_devices()?;
        let mut arguments = vec![PROGRAM.to_owned()];
        if !self.overrides(Topic::Lcores) {
            arguments.extend(self.lcore_arguments(machine)?);
        }
        if !self.overrides(Topic::Pages) {
            arguments.extend(self.page_arguments(machine.free)?);
        }
        if let Some(megabytes) = self.memory_mb.filter(|_| !self.overrides(Topic::Memory)) {
            arguments.extend(["-m".to_owned(), megabytes.to_string()]);
        }
        arguments.extend(self.device_arguments());
        if !self.overrides(Topic::Log) {
            arguments.push(format!("--log-level={}", self.log_level.as_str()));
        }
        if !self.overrides(Topic::Telemetry) {
            arguments.push("--no-telemetry".to_owned());
        }
        arguments.extend(self.extra_args.iter().cloned());
        if arguments.iter().any(|argument| argument.contains('\0')) {
            return Err(EalError::ArgumentWithNul);
        }
        Ok(arguments)
    }

    fn check_devices(&self) -> Result<(), EalError> {
        for (place, device) in self.devices.iter().enumerate() {
            if self.devices.iter().skip(place + 1).any(|other| other.name() == device.name()) {
                return Err(EalError::DuplicateDevice { device: device.clone() });
            }
        }
        Ok(())
    }

    /// `--lcores=1@1,0@0 --main-lcore=0`.
    fn lcore_arguments(&self, machine: &Machine) -> Result<[String; 2], EalError> {
        let wanted = self.worker_lcores.iter().chain(&self.main_lcore);
        for &cpu in wanted {
            if !machine.cpus.contains(&cpu) {
                return Err(EalError::CpuNotAvailable { cpu });
            }
        }
        let (main, main_cpu) = self.main_lcore_and_cpu(machine)?;
        let mut lcores = format!("{main}@{main_cpu}");
        for (place, worker) in self.worker_lcores.iter().enumerate() {
            if *worker >= dpdk_sys::RTE_MAX_LCORE || self.worker_lcores.iter().skip(place + 1).any(|id| id == worker) {
                return Err(EalError::WorkerLcores { cpu: *worker, most: dpdk_sys::RTE_MAX_LCORE - 1 });
            }
            lcores.push_str(&format!(",{worker}@{worker}"));
        }
        Ok([format!("--lcores={lcores}"), format!("--main-lcore={main}")])
    }

    /// The main lcore's number and its CPU; they differ where it shares the CPU of a worker.
    fn main_lcore_and_cpu(&self, machine: &Machine) -> Result<(u32, u32), EalError> {
        let taken = |id: &u32| self.worker_lcores.contains(id);
        let spare = || machine.cpus.iter().copied().find(|cpu| !taken(cpu));
        let cpu = self
            .main_lcore
            .or_else(spare)
            .or_else(|| machine.cpus.first().copied())
            .ok_or(EalError::CpuNotAvailable { cpu: 0 })?;
        if !taken(&cpu) && cpu < dpdk_sys::RTE_MAX_LCORE {
            return Ok((cpu, cpu));
        }
        let free = (0..dpdk_sys::RTE_MAX_LCORE).find(|id| !taken(id));
        free.map(|id| (id, cpu)).ok_or(EalError::WorkerLcores { cpu, most: dpdk_sys::RTE_MAX_LCORE - 1 })
    }

    fn page_arguments(&self, free: Free) -> Result<Vec<String>, EalError> {
        let enough = match self.hugepages {
            // EAL refuses `--in-memory` here; `--no-shconf` is what it would have implied.
            Hugepages::None => return Ok(vec!["--no-huge".to_owned(), "--no-shconf".to_owned()]),
            Hugepages::Auto => free.gigabyte > 0 || free.two_megabyte > 0,
            Hugepages::OneGigabyte => free.gigabyte > 0,
            Hugepages::TwoMegabyte => free.two_megabyte > 0,
        };
        if enough { Ok(vec!["--in-memory".to_owned()]) } else { Err(EalError::NoHugepages { wanted: self.hugepages }) }
    }

    fn device_arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let (pci, virtual_devices): (Vec<_>, Vec<_>) = self.devices.iter().partition(|device| device.is_pci());
        if pci.is_empty() && !self.overrides(Topic::PciBus) {
            arguments.push("--no-pci".to_owned());
        }
        for device in pci {
            arguments.extend(["-a".to_owned(), device.to_string()]);
        }
        arguments.extend(virtual_devices.into_iter().map(|device: &DeviceName| format!("--vdev={device}")));
        arguments
    }

    /// True if EAL is asked to print something and end the process.
    pub(super) fn asks_for_help(&self) -> bool {
        self.extra_args.iter().any(|argument| ["-h", "--help", "-v", "--version"].contains(&argument.as_str()))
    }

    /// True if the operator's own arguments say something about `topic`.
    fn overrides(&self, topic: Topic) -> bool {
        self.extra_args.iter().any(|argument| topic_of(argument) == Some(topic))
    }
}

fn topic_of(argument: &str) -> Option<Topic> {
    let is = |option: &&str| {
        if option.starts_with("--") {
            argument.split('=').next() == Some(*option)
        } else {
            argument.starts_with(*option) && !argument.starts_with("--")
        }
    };
    TOPICS.iter().find(|(_, options)| options.iter().any(is)).map(|(topic, _)| *topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_CPUS_NO_PAGES: fn() -> Machine = || Machine { cpus: vec![0, 1], free: Free::default() };

    fn config(workers: &[u32], devices: &[&str], extra: &[&str]) -> EalConfig {
        EalConfig {
            worker_lcores: workers.to_vec(),
            hugepages: Hugepages::None,
            devices: devices.iter().map(|name| name.parse().unwrap()).collect(),
            extra_args: extra.iter().map(|&argument| argument.to_owned()).collect(),
            ..EalConfig::default()
        }
    }

    fn line(config: &EalConfig) -> String {
        config.arguments_on(&TWO_CPUS_NO_PAGES()).unwrap().join(" ")
    }

    #[test]
    fn a_laptop_runs_virtual_devices_without_pci_and_hugepages() {
        let config = EalConfig { memory_mb: Some(256), ..config(&[1], &["net_null0", "net_null1,size=9000"], &[]) };
        assert_eq!(
            line(&config),
            "sovereign --lcores=0@0,1@1 --main-lcore=0 --no-huge --no-shconf -m 256 --no-pci --vdev=net_null0 \
             --vdev=net_null1,size=9000 --log-level=error --no-telemetry"
        );
    }

    #[test]
    fn pci_addresses_are_allowed_one_by_one() {
        let line = line(&config(&[1], &["03:00.0", "net_null0"], &[]));
        assert!(line.contains(" -a 0000:03:00.0 --vdev=net_null0 "), "{line}");
        assert!(!line.contains("--no-pci"));
    }

    #[test]
    fn the_main_lcore_shares_a_cpu_where_workers_have_them_all() {
        assert!(line(&config(&[0, 1], &[], &[])).contains("--lcores=2@0,0@0,1@1 --main-lcore=2"));
        let chosen = EalConfig { main_lcore: Some(1), ..config(&[1], &[], &[]) };
        assert!(line(&chosen).contains("--lcores=0@1,1@1 --main-lcore=0"));
    }

    #[test]
    fn what_the_operator_says_replaces_what_the_configuration_says() {
        let extra = ["-l0,1", "--huge-dir=/mnt/huge", "--log-level=debug", "--telemetry"];
        assert_eq!(
            line(&config(&[1], &["net_null0"], &extra)),
            "sovereign --no-pci --vdev=net_null0 -l0,1 --huge-dir=/mnt/huge --log-level=debug --telemetry"
        );
    }

    #[test]
    fn missing_hugepages_are_an_error_that_names_the_command() {
        let config = EalConfig { hugepages: Hugepages::Auto, ..config(&[1], &[], &[]) };
        let error = config.arguments_on(&TWO_CPUS_NO_PAGES()).unwrap_err();
        assert!(error.to_string().contains("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"), "{error}");
        let machine = Machine { free: Free { gigabyte: 0, two_megabyte: 8 }, ..TWO_CPUS_NO_PAGES() };
        assert!(config.arguments_on(&machine).is_ok());
        let config = EalConfig { hugepages: Hugepages::OneGigabyte, ..config };
        let error = config.arguments_on(&machine).unwrap_err();
        assert!(error.to_string().contains("hugepages-1048576kB/nr_hugepages"), "{error}");
    }

    #[test]
    fn what_cannot_work_is_refused_before_eal_sees_it() {
        let refuse = |config: EalConfig| config.arguments_on(&TWO_CPUS_NO_PAGES()).unwrap_err();
        assert!(matches!(refuse(config(&[7], &[], &[])), EalError::CpuNotAvailable { cpu: 7 }));
        assert!(matches!(refuse(config(&[1, 1], &[], &[])), EalError::WorkerLcores { cpu: 1, .. }));
        assert!(matches!(refuse(config(&[1], &["net_null0", "net_null0"], &[])), EalError::DuplicateDevice { .. }));
        assert!(matches!(refuse(config(&[1], &[], &["a\0b"])), EalError::ArgumentWithNul));
    }
}
