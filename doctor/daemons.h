// The cloud's daemons that live on this machine, by their settings files.
#pragma once

#include <string>
#include <vector>

#include "common/soap/peers.h"
#include "doctor/finding.h"
#include "doctor/machine.h"

namespace angophora::doctor {

struct LocalDaemon {
  std::string name;  // clc, cc, nc, walrus, sc
  soap::Role role = soap::Role::cloud;
  std::string settings_file;
  std::string state_dir;
  std::string admin_address;
  std::uint16_t admin_port = 0;
  std::vector<std::string> names;    // host names of its settings that must resolve
  std::vector<std::string> folders;  // where it keeps much: their disks need room
  std::string virtualization;        // of a node: the setting
  std::string libvirt_socket;        // of a node
};

// Those with a settings file in `settings_dir` (angophora-NAME.toml or NAME.toml). A file that
// cannot be used becomes a finding.
std::vector<LocalDaemon> find_daemons(Machine& machine, const std::string& settings_dir,
                                      Findings& findings);

}  // namespace angophora::doctor
