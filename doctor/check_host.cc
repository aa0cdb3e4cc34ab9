#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

#include "doctor/checks.h"
#include "nc/network/foreign_rules.h"

namespace angophora::doctor {
namespace {

struct Need {
  soap::Role role;
  const char* program;
  const char* package;  // Debian's
};

constexpr Need kNeeds[] = {
    {soap::Role::node, "qemu-system-x86_64", "qemu-system-x86"},
    {soap::Role::node, "qemu-img", "qemu-utils"},
    {soap::Role::node, "qemu-storage-daemon", "qemu-system-common"},
    {soap::Role::node, "nft", "nftables"},
    {soap::Role::node, "ip", "iproute2"},
    {soap::Role::node, "conntrack", "conntrack"},
    {soap::Role::node, "dnsmasq", "dnsmasq-base"},
    {soap::Role::storage, "nbdkit", "nbdkit"},
};

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

void check_programs(Machine& machine, const std::vector<LocalDaemon>& daemons, Findings& findings) {
  std::set<soap::Role> roles;
  for (const auto& daemon : daemons) roles.insert(daemon.role);
  for (const auto& need : kNeeds) {
    if (!roles.contains(need.role)) continue;
    if (machine.has_program(need.program))
      findings.push_back(fine("programs", need.program, "is there"));
    else
      findings.push_back(failure("programs", need.program, "is missing",
                                 std::string("apt-get install ") + need.package));
  }
}

void check_virtualization(Machine& machine, const LocalDaemon& node, Findings& findings) {
  const auto reached = machine.connect_local(node.libvirt_socket);
  if (reached)
    findings.push_back(fine("virtualization", node.libvirt_socket, "libvirt listens"));
  else
    findings.push_back(failure("virtualization", node.libvirt_socket, reached.error().message,
                               "systemctl start libvirtd (apt-get install libvirt-daemon-system)"));
  const auto said = machine.run({"qemu-system-x86_64", "--version"});
  if (said)
    findings.push_back(fine("virtualization", "qemu-system-x86_64",
                            trimmed(said.value().substr(0, said.value().find('\n')))));
  else
    findings.push_back(failure("virtualization", "qemu-system-x86_64", said.error().message,
                               "apt-get install qemu-system-x86"));
  if (node.virtualization != "auto") {
    findings.push_back(fine("virtualization", "/dev/kvm",
                            "not used by itself: virtualization is " + node.virtualization));
    return;
  }
  // Two lines that the node controller keeps: of what, and how the trial went.
  const auto memory = machine.read(node.state_dir + "/virtualization");
  std::istringstream lines(memory ? memory.value() : std::string());
  std::string of_what, answer;
  std::getline(lines, of_what);
  std::getline(lines, answer);
  if (answer == "kvm")
    findings.push_back(fine("virtualization", "/dev/kvm", "a trial guest ran under KVM"));
  else if (answer == "qemu")
    findings.push_back(warning("virtualization", "/dev/kvm",
                               machine.file("/dev/kvm")
                                   ? "is there, but a trial guest did not run under KVM"
                                   : "is not there: guests are emulated, which is slow",
                               "switch virtualization on in the firmware (or nested, in the outer "
                               "host), load kvm_intel or "
                               "kvm_amd, remove " +
                                   node.state_dir + "/virtualization and restart angophora-nc"));
  else
    findings.push_back(warning("virtualization", "/dev/kvm", "has not been tried yet",
                               "start angophora-nc: it tries KVM once"));
}

void check_forwarding(Machine& machine, Findings& findings) {
  const std::string path = "/proc/sys/net/ipv4/ip_forward";
  const auto text = machine.read(path);
  if (text && trimmed(text.value()) == "1")
    findings.push_back(fine("forwarding", path, "is on"));
  else
    findings.push_back(failure("forwarding", path, "is off: guests reach nobody",
                               "sysctl -w net.ipv4.ip_forward=1; angophora-nc sets it at its "
                               "start, so something has switched it off since"));
}

void check_firewall(Machine& machine, Findings& findings) {
  const auto listed = machine.run({"nft", "-j", "list", "ruleset"});
  const auto found = listed ? nc::foreign_forward_drops(listed.value())
                            : Result<std::vector<std::string>>(listed.error());
  if (!found) {
    findings.push_back(failure("firewall", "nft", found.error().message,
                               "run this as root, with nftables installed"));
    return;
  }
  auto drops = found.value();
  // What the old iptables has is not seen by nft.
  const auto tables = machine.read("/proc/net/ip_tables_names");
  if (tables && tables.value().find("filter") != std::string::npos) {
    const auto legacy = machine.run({"iptables-legacy", "-S", "FORWARD"});
    if (legacy && legacy.value().starts_with("-P FORWARD DROP"))
      drops.emplace_back("the old iptables' chain FORWARD has the policy DROP");
  }
  for (const auto& drop : drops)
    findings.push_back(failure("firewall", "forwarded traffic",
                               drop + ": guests' packets die there",
                               "let it accept what comes from and goes to the guests' network "
                               "(docker: iptables -I DOCKER-USER -j ACCEPT; firewalld: a zone)"));
  if (drops.empty())
    findings.push_back(fine("firewall", "forwarded traffic", "no foreign chain drops it"));
}

}  // namespace angophora::doctor
