#include "doctor/doctor.h"

#include "doctor/checks.h"

namespace angophora::doctor {

using common::Errc;
using common::Error;

Task<Findings> examine(Machine& machine, Options options) {
  Findings findings;
  const auto daemons = find_daemons(machine, options.settings_dir, findings);
  if (daemons.empty() && findings.empty())
    co_return Error(Errc::not_found, "no daemon of the cloud has its settings in " +
                                         options.settings_dir + " (--settings-dir)");
  check_programs(machine, daemons, findings);
  for (const auto& daemon : daemons) {
    check_version(machine, daemon, options.version, findings);
    CO_TRY_VOID(co_await check_running(machine, daemon, findings));
    check_disk(machine, daemon, findings);
    check_keys(machine, daemon, findings);
    CO_TRY_VOID(co_await check_names(machine, daemon.names, findings));
    const auto membership = check_enrolment(machine, daemon, findings);
    if (membership) {
      check_certificates(machine, daemon, *membership, findings);
      CO_TRY_VOID(co_await check_peers(machine, daemon, *membership, findings));
    }
    if (daemon.role != soap::Role::node) continue;
    check_virtualization(machine, daemon, findings);
    check_forwarding(machine, findings);
    check_firewall(machine, findings);
  }
  co_return findings;
}

}  // namespace angophora::doctor
