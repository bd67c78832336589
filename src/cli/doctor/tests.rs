use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

/// A machine made of files: by default one on which everything is as it should be.
struct Machine {
    root: TempDir,
    offloads: fn(&str) -> Option<String>,
}

const QUIET: &str = "Features for c0:\ngeneric-receive-offload: off\nlarge-receive-offload: off [fixed]\n";
const NIC: &str = "/sys/bus/pci/devices/0000:03:00.0";
const CPU: &str = "/sys/devices/system/cpu";

impl Machine {
    fn good() -> Self {
        let machine = Self { root: TempDir::new().unwrap(), offloads: |_| Some(QUIET.to_owned()) };
        let files = [
            ("/proc/self/status", "Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"),
            ("/proc/self/limits", "Max open files            20000                20000                files\n"),
            ("/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:2 / /run rw - tmpfs tmpfs rw\n"),
            ("/proc/cmdline", "quiet iommu=pt rcu_nocbs=2,3 nohz_full=2-3 -- iommu=off"),
            ("/proc/net/protocols", "protocol size\nTCP 2304\nXDP 1088\n"),
            ("/proc/net/route", "Iface\tDestination\neth0\t00000000\n"),
            ("/proc/net/if_inet6", "fe8000000000000000fc00fffe000001 04 40 20 80 c0\n"),
            ("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never"),
            ("/sys/kernel/iommu_groups/0/type", "DMA"),
            ("/sys/bus/pci/drivers/vfio-pci/new_id", ""),
            ("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc"),
            ("/etc/sovereign/policy.toml", include_str!("../../../etc/policy.toml")),
            ("/var/lib/sovereign/audit/x", ""),
            ("/run/sovereign/x", ""),
        ];
        for (path, text) in files {
            machine.write(path, text);
        }
        for base in ["/sys/kernel/mm", "/sys/devices/system/node/node0"] {
            machine.write(&format!("{base}/hugepages/hugepages-2048kB/nr_hugepages"), "512");
            machine.write(&format!("{base}/hugepages/hugepages-2048kB/free_hugepages"), "512");
        }
        machine.write("/sys/devices/system/node/node0/cpulist", "0-3");
        for (name, list) in [("online", "0-3"), ("isolated", "2-3"), ("nohz_full", "2-3")] {
            machine.write(&format!("{CPU}/{name}"), list);
        }
        for cpu in 0..4 {
            machine.write(&format!("{CPU}/cpu{cpu}/cpufreq/scaling_governor"), "performance");
            machine.write(&format!("{CPU}/cpu{cpu}/topology/thread_siblings_list"), &cpu.to_string());
        }
        machine.write("/sys/class/net/c0/flags", "0x1003");
        machine.write("/sys/class/net/s0/flags", "0x1003");
        for (name, text) in [("class", "0x020000"), ("numa_node", "0"), ("current_link_width", "8")] {
            machine.write(&format!("{NIC}/{name}"), text);
        }
        for (name, text) in
            [("current_link_speed", "8.0 GT/s PCIe"), ("max_link_speed", "8.0 GT/s PCIe"), ("max_link_width", "8")]
        {
            machine.write(&format!("{NIC}/{name}"), text);
        }
        machine.link(&format!("{NIC}/driver"), "../../drivers/vfio-pci");
        machine
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        symlink(target, path).unwrap();
    }

    fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// What doctor finds with two ports, worker lcores 2 and 3, and small segments.
    fn examine(&self, inside: &str, outside: &str) -> Vec<Finding> {
        let config = format!(
            "[ports]\ninside = \"{inside}\"\noutside = \"{outside}\"\n[dataplane]\nlcores = [2, 3]\n[audit]\nsegment_bytes = 1048576\n"
        );
        self.examine_with(&config)
    }

    fn examine_with(&self, config: &str) -> Vec<Finding> {
        let path = self.root.path().join("sovereign.toml");
        fs::write(&path, config).unwrap();
        let findings = examine(&path, &System::below(self.root.path(), self.offloads));
        for finding in &findings {
            assert_eq!(finding.fix.is_none(), finding.outcome == Outcome::Pass, "{finding:?}");
        }
        findings
    }

    fn vdevs(&self) -> Vec<Finding> {
        self.examine("net_af_xdp0,iface=c0", "net_af_xdp1,iface=s0")
    }

    fn nics(&self) -> Vec<Finding> {
        self.examine("0000:03:00.0", "net_null0")
    }
}

/// The worst finding of a check.
fn of<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    let badness = |finding: &&Finding| finding.outcome as u8;
    findings
        .iter()
        .filter(|finding| finding.check == check)
        .max_by_key(badness)
        .unwrap_or_else(|| panic!("no {check}: {findings:#?}"))
}

#[track_caller]
fn assert_finds(findings: &[Finding], check: &str, outcome: Outcome, detail: &str, fix: &str) {
    let finding = of(findings, check);
    assert_eq!(finding.outcome, outcome, "{finding:?}");
    assert!(finding.detail.contains(detail), "{finding:?}");
    assert!(finding.fix.as_deref().unwrap_or_default().contains(fix), "{finding:?}");
}

#[test]
fn a_machine_that_is_as_it_should_be_passes_everything() {
    let machine = Machine::good();
    for findings in [machine.vdevs(), machine.nics()] {
        let bad: Vec<_> = findings.iter().filter(|finding| finding.outcome != Outcome::Pass).collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }
}

#[test]
fn an_empty_machine_is_examined_to_the_end() {
    let machine = Machine { root: TempDir::new().unwrap(), offloads: |_| None };
    for (inside, outside) in [("0000:03:00.0", "net_af_xdp0,iface=c0"), ("", "")] {
        let findings = machine.examine(inside, outside);
        assert!(findings.len() > 15, "{findings:#?}");
    }
}

#[test]
fn an_unusable_configuration_is_a_finding_and_the_rest_is_examined() {
    let findings = Machine::good().examine_with("[ports]\nfront = 1\n");
    assert_finds(&findings, "configuration", Outcome::Fail, "sovereign.toml:2:1", "sovereign config show");
    assert!(findings.len() > 15);
    let missing = examine(Path::new("/nonexistent/x.toml"), &System::below(Path::new("/nonexistent"), |_| None));
    assert_finds(&missing, "configuration", Outcome::Fail, "cannot read", "sovereign config show");
}

#[test]
fn too_few_huge_pages_fail_with_the_command_that_reserves_them() {
    let machine = Machine::good();
    machine.write("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8");
    // 32768 buffers of 2560 bytes, 1023 of 10240, and 64 MiB.
    assert_finds(
        &machine.vdevs(),
        "hugepages",
        Outcome::Fail,
        "77 pages of 2M are needed",
        "sudo ./scripts/hugepages 2M 77",
    );
    machine.write("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "512");
    machine.write("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "10");
    assert_finds(&machine.vdevs(), "hugepages", Outcome::Warn, "fewer are free", "hugepages 2M 579");
    machine.write("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1");
    machine.write("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "1");
    machine.write("/sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages", "1");
    assert_finds(&machine.vdevs(), "hugepages", Outcome::Pass, "1 pages of 1G", "");
    let findings = machine.examine_with("[dataplane]\nhugepages = \"none\"\n");
    assert_finds(&findings, "hugepages", Outcome::Pass, "not used", "");
}

#[test]
fn a_worker_node_without_huge_pages_is_named() {
    let machine = Machine::good();
    machine.write("/sys/devices/system/node/node0/cpulist", "0-1");
    machine.write("/sys/devices/system/node/node1/cpulist", "2-3");
    assert_finds(&machine.vdevs(), "hugepages", Outcome::Warn, "NUMA node 1", "2M 77 --node 1");
}

#[test]
fn the_iommu_is_needed_for_bound_nics_only() {
    let machine = Machine::good();
    machine.remove("/sys/kernel/iommu_groups");
    machine.remove("/sys/bus/pci/drivers/vfio-pci");
    assert_finds(&machine.nics(), "iommu", Outcome::Fail, "off", "intel_iommu=on iommu=pt");
    assert_finds(&machine.nics(), "vfio-pci", Outcome::Fail, "not loaded", "sudo modprobe vfio-pci");
    assert_finds(&machine.vdevs(), "iommu", Outcome::Pass, "not needed", "");
    machine.write("/proc/cpuinfo", "vendor_id\t: AuthenticAMD\n");
    assert_finds(&machine.nics(), "iommu", Outcome::Fail, "AMD-Vi in the firmware", "--firmware-setup");
    machine.write("/proc/cmdline", "quiet amd_iommu=off");
    assert_finds(&machine.nics(), "iommu", Outcome::Fail, "amd_iommu=off", "amd_iommu=off");
    machine.write("/proc/cpuinfo", "vendor_id\t: GenuineIntel\n");
    machine.write("/proc/cmdline", "intel_iommu=on");
    assert_finds(&machine.nics(), "iommu", Outcome::Fail, "VT-d in the firmware", "--firmware-setup");
    machine.link(&format!("{NIC}/driver"), "../../drivers/mlx5_core");
    let findings = machine.nics();
    assert_finds(&findings, "iommu", Outcome::Pass, "not needed", "");
    assert_finds(&findings, "nic", Outcome::Pass, "no binding needed", "");
}

#[test]
fn a_nic_that_is_missing_foreign_or_still_the_kernels_fails() {
    let machine = Machine::good();
    let findings = machine.examine("0000:09:00.0", "net_null0");
    assert_finds(&findings, "nic", Outcome::Fail, "no such PCI device", "./scripts/bind-nic");
    machine.link(&format!("{NIC}/driver"), "../../drivers/i40e");
    machine.write(&format!("{NIC}/net/eth7/flags"), "");
    assert_finds(&machine.nics(), "nic", Outcome::Fail, "i40e as eth7", "sudo ./scripts/bind-nic 0000:03:00.0");
    machine.link(&format!("{NIC}/driver"), "../../drivers/uio_pci_generic");
    assert_finds(&machine.nics(), "nic", Outcome::Warn, "no IOMMU", "bind-nic");
    machine.remove(&format!("{NIC}/driver"));
    assert_finds(&machine.nics(), "nic", Outcome::Fail, "no driver", "bind-nic");
    machine.write(&format!("{NIC}/class"), "0x010000");
    assert_finds(&machine.nics(), "nic", Outcome::Fail, "not a network device", "bind-nic");
}

#[test]
fn a_nic_far_from_its_workers_or_in_a_slow_slot_is_a_warning() {
    let machine = Machine::good();
    machine.write(&format!("{NIC}/numa_node"), "1");
    machine.write("/sys/devices/system/node/node1/cpulist", "4-7");
    assert_finds(&machine.nics(), "nic-numa", Outcome::Warn, "lcores 2,3", "lcores = [4,5]");
    machine.write(&format!("{NIC}/current_link_width"), "4");
    assert_finds(&machine.nics(), "nic-pci-link", Outcome::Warn, "x4, the card can 8.0 GT/s PCIe x8", "lspci");
}

#[test]
fn an_interface_that_the_kernel_uses_fails() {
    let machine = Machine::good();
    let findings = machine.examine("net_af_packet0,iface=none0", "net_null0");
    assert_finds(&findings, "interface", Outcome::Fail, "no such interface", "ip");
    machine.write("/proc/net/route", "Iface\tDestination\nc0\t000200C0\n");
    assert_finds(&machine.vdevs(), "interface", Outcome::Fail, "IPv4", "sudo ip addr flush dev c0");
    machine.write("/proc/net/route", "Iface\n");
    machine.write("/proc/net/if_inet6", "fd000000000000000000000000000002 04 40 00 82 c0\n");
    assert_finds(&machine.vdevs(), "interface", Outcome::Fail, "fd00::2", "flush dev c0");
    machine.link("/sys/class/net/c0/upper_c0.7", "../c0.7");
    assert_finds(&machine.vdevs(), "interface", Outcome::Fail, "c0.7 is stacked", "ip link del c0.7");
    machine.link("/sys/class/net/c0/master", "../br0");
    assert_finds(&machine.vdevs(), "interface", Outcome::Fail, "member of br0", "ip link set c0 nomaster");
}

#[test]
fn offloads_that_merge_frames_and_offloads_that_cannot_be_seen_are_warnings() {
    let mut machine = Machine::good();
    machine.offloads =
        |_| Some("\tgeneric-receive-offload: on\nlarge-receive-offload: on [fixed]\nrx-gro-hw: on\n".to_owned());
    assert_finds(&machine.vdevs(), "interface-offloads", Outcome::Warn, "gro", "ethtool -K s0 gro off rx-gro-hw off");
    machine.offloads = |_| None;
    assert_finds(&machine.vdevs(), "interface-offloads", Outcome::Warn, "cannot look", "ethtool");
}

#[test]
fn a_name_in_the_configuration_is_no_shell_and_no_path() {
    let mut machine = Machine::good();
    let findings = machine.examine("net_af_packet0,iface=../../../etc", "net_af_packet1,iface=$(reboot)");
    assert_finds(&findings, "interface", Outcome::Fail, "no such interface", "ip -brief link");
    machine.write("/sys/class/net/$(x)/flags", "");
    machine.offloads = |_| None;
    let findings = machine.examine("net_af_packet0,iface=$(x)", "net_null0");
    assert!(of(&findings, "interface-offloads").fix.as_deref().unwrap().ends_with("ethtool -k '$(x)'"));
    assert_eq!(quote("it's"), r"'it'\''s'");
}

#[test]
fn cores_that_others_may_use_are_warnings() {
    let machine = Machine::good();
    machine.write(&format!("{CPU}/isolated"), "");
    machine.write(&format!("{CPU}/nohz_full"), "(null)");
    machine.write("/proc/cmdline", "quiet rcu_nocbs=2");
    let findings = machine.vdevs();
    let boot = "isolcpus=managed_irq,domain,2,3 nohz_full=2,3 rcu_nocbs=2,3";
    assert_finds(&findings, "isolcpus", Outcome::Warn, "lcores 2,3", boot);
    assert_finds(&findings, "nohz_full", Outcome::Warn, "lcores 2,3", boot);
    assert_finds(&findings, "rcu_nocbs", Outcome::Warn, "lcores 3:", boot);
}

#[test]
fn an_lcore_that_is_not_there_fails() {
    let machine = Machine::good();
    machine.write(&format!("{CPU}/online"), "0-2");
    assert_finds(&machine.vdevs(), "lcores", Outcome::Fail, "3 not online", "lcores = [1,2]");
}

#[test]
fn slow_governors_shared_cores_and_slow_clocks_are_warnings() {
    let machine = Machine::good();
    machine.write(&format!("{CPU}/cpu3/cpufreq/scaling_governor"), "powersave");
    machine.write("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet");
    machine.write("/sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet");
    machine.write("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
    machine.write(&format!("{CPU}/cpu2/topology/thread_siblings_list"), "1-2");
    let findings = machine.vdevs();
    assert_finds(&findings, "governor", Outcome::Warn, "lcore 3: powersave", "echo performance | sudo tee");
    assert_finds(&findings, "clock-source", Outcome::Warn, "hpet", "echo tsc | sudo tee");
    assert_finds(&findings, "transparent-hugepages", Outcome::Warn, "always", "echo madvise | sudo tee");
    assert_finds(&findings, "smt-siblings", Outcome::Warn, "lcore 2 shares its core with CPU 1", "cpu1/online");
    machine.write(&format!("{CPU}/cpu2/topology/thread_siblings_list"), "2-3");
    machine.write(&format!("{CPU}/cpu3/topology/thread_siblings_list"), "2-3");
    assert_finds(&machine.vdevs(), "smt-siblings", Outcome::Warn, "threads of one core", "lcores = [1,2]");
    machine.write(&format!("{CPU}/online"), "0,2-3");
    assert_finds(&machine.vdevs(), "smt-siblings", Outcome::Warn, "threads of one core", "smt/control");
}

#[test]
fn without_root_it_says_what_it_could_not_look_at() {
    let machine = Machine::good();
    machine.write("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n");
    let limits = "Max open files            1024                 1048576              files\nMax locked memory         8388608              8388608              bytes\n";
    machine.write("/proc/self/limits", limits);
    let findings = machine.vdevs();
    assert_finds(&findings, "privileges", Outcome::Warn, "not looked at", "sudo sovereign doctor");
    assert_finds(&findings, "limit-memlock", Outcome::Warn, "8388608 bytes", "ulimit -l unlimited");
    assert_finds(&findings, "limit-nofile", Outcome::Warn, "1024 open files", "ulimit -n 4096");
}

#[test]
fn a_kernel_without_af_xdp_fails_where_a_port_needs_it() {
    let machine = Machine::good();
    machine.write("/proc/net/protocols", "protocol size\nTCP 2304\n");
    assert_finds(&machine.vdevs(), "af-xdp", Outcome::Fail, "CONFIG_XDP_SOCKETS", "net_af_packet");
    assert_finds(&machine.nics(), "af-xdp", Outcome::Pass, "not needed", "");
}

#[test]
fn the_audit_log_needs_a_directory_with_room_that_outlives_a_power_cut() {
    let machine = Machine::good();
    machine.remove("/var/lib/sovereign/audit");
    assert_finds(
        &machine.vdevs(),
        "audit-dir",
        Outcome::Warn,
        "does not exist",
        "install -d -m 0750 /var/lib/sovereign/audit",
    );
    machine.write("/var/lib/sovereign/audit", "a file");
    assert_finds(&machine.vdevs(), "audit-dir", Outcome::Fail, "not a directory", "sed");
    let config = "[audit]\ndir = \"/run/a b\"\nsegment_bytes = 9000000000000000000\n";
    let findings = machine.examine_with(config);
    assert_finds(&findings, "audit-space", Outcome::Fail, "room for 0 segments", "df -h '/run/a b'");
    assert_finds(&findings, "audit-file-system", Outcome::Warn, "tmpfs at /run", "sed");
}

#[test]
fn a_policy_that_does_not_load_fails_and_one_that_lets_all_pass_is_a_warning() {
    let machine = Machine::good();
    machine.remove("/etc/sovereign/policy.toml");
    let install = "sudo install -D -m 0640 ./etc/policy.toml /etc/sovereign/policy.toml";
    assert_finds(&machine.vdevs(), "policy", Outcome::Fail, "does not exist", install);
    machine.write("/etc/sovereign/policy.toml", "version = 1\n");
    assert_finds(
        &machine.vdevs(),
        "policy",
        Outcome::Fail,
        "policy.toml:1:",
        "sovereign policy check /etc/sovereign/policy.toml",
    );
    machine.write("/etc/sovereign/policy.toml", "version = \"x\"\n[default]\nmode = \"forward\"\n");
    assert_finds(&machine.vdevs(), "policy", Outcome::Warn, "passes", "mode = \"block\"");
}

#[test]
fn a_key_of_the_configuration_is_changed_or_added_where_it_belongs() {
    let machine = Machine::good();
    machine.write(&format!("{CPU}/online"), "0");
    let fix = |config| of(&machine.examine_with(config), "lcores").fix.clone().unwrap();
    let path = machine.root.path().join("sovereign.toml");
    for config in ["[dataplane]\nlcores = [2]\n", "[dataplane]\nflow_count_max = 64\n", "[gateway]\nid = \"a\"\n"] {
        let command = fix(config).replace("sudo ", "");
        assert!(
            std::process::Command::new("sh").args(["-c", &command]).output().unwrap().status.success(),
            "{command}"
        );
        assert_eq!(Config::read(&path).unwrap().dataplane.lcores, [0], "{command}");
    }
}
