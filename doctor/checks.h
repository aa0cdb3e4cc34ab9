// The doctor's checks, each by itself. Every one adds at least one finding, also when all is well,
// so that it can be seen that it was made.
#pragma once

#include <optional>
#include <vector>

#include "common/soap/contracts.h"
#include "doctor/daemons.h"
#include "doctor/finding.h"
#include "doctor/machine.h"

namespace angophora::doctor {

// What a daemon was last told of the cloud.
struct Membership {
  std::string name;  // its own, in the registry
  t__registry registry;

  const t__serviceInfo* find(const std::string& service) const;
};

// --- this daemon ---
Task<> check_running(Machine& machine, const LocalDaemon& daemon, Findings& findings);
void check_disk(Machine& machine, const LocalDaemon& daemon, Findings& findings);
// Present, closed to others, whole, in time, belonging together.
void check_keys(Machine& machine, const LocalDaemon& daemon, Findings& findings);
// Enrolled, and with a registry that is not too old. Nothing when it is not; of the cloud
// controller, which has no copy of the registry, nothing at all.
std::optional<Membership> check_enrolment(Machine& machine, const LocalDaemon& daemon,
                                          Findings& findings);
// Its own certificates are those of the registry, and all of the registry's are in time.
void check_certificates(Machine& machine, const LocalDaemon& daemon, const Membership& membership,
                        Findings& findings);
void check_version(Machine& machine, const LocalDaemon& daemon, const std::string& version,
                   Findings& findings);

// --- what it should reach ---
Task<> check_names(Machine& machine, const std::vector<std::string>& names, Findings& findings);
// Those it talks to answer, with the certificate of the registry, and the cloud controller's clock
// is like ours.
Task<> check_peers(Machine& machine, const LocalDaemon& daemon, const Membership& membership,
                   Findings& findings);

// --- the machine ---
void check_programs(Machine& machine, const std::vector<LocalDaemon>& daemons, Findings& findings);
void check_virtualization(Machine& machine, const LocalDaemon& node, Findings& findings);
void check_forwarding(Machine& machine, Findings& findings);
void check_firewall(Machine& machine, Findings& findings);

}  // namespace angophora::doctor
