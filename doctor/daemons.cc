#include "doctor/daemons.h"

#include "cc/config.h"
#include "clc/config.h"
#include "common/base/text.h"
#include "nc/config.h"
#include "sc/config.h"
#include "walrus/config.h"

namespace angophora::doctor {
namespace {

template <class Config>
Result<Config> load(const std::string& file) {
  Config config;
  TRY_VOID(config::load_entries(file, true, {}, config::entries_of(config)));
  return config;
}

void add_names(LocalDaemon& daemon, const std::string& list) {
  std::string name;
  for (const char c : list + ",") {
    if (c != ',' && c != ' ') {
      name += c;
      continue;
    }
    // A wildcard stands for names that nobody can look up.
    if (!name.empty() && name.find('*') == name.npos) daemon.names.push_back(name);
    name.clear();
  }
}

void add_own(LocalDaemon& daemon, const clc::Config& config) {
  add_names(daemon, config.host);
  add_names(daemon, config.tls_names);
}
void add_own(LocalDaemon&, const cc::Config&) {}
void add_own(LocalDaemon& daemon, const nc::Config& config) {
  daemon.virtualization = config.virtualization;
  daemon.libvirt_socket = "/run/libvirt/libvirt-sock";
  const auto at = config.libvirt_uri.find("socket=");
  if (at != config.libvirt_uri.npos) {
    const auto text = config.libvirt_uri.substr(at + 7);
    daemon.libvirt_socket = text.substr(0, text.find('&'));
  }
}
void add_own(LocalDaemon& daemon, const walrus::Config& config) {
  add_names(daemon, config.tls_names);
  if (!config.objects_dir.empty()) daemon.folders.push_back(config.objects_dir);
}
void add_own(LocalDaemon& daemon, const sc::Config& config) {
  if (!config.volumes_dir.empty()) daemon.folders.push_back(config.volumes_dir);
}

template <class Config>
void find_one(Machine& machine, const std::string& settings_dir, const std::string& name,
              soap::Role role, std::vector<LocalDaemon>& daemons, Findings& findings) {
  LocalDaemon daemon;
  daemon.name = name;
  daemon.role = role;
  // As packages put it, and as packaging/quickstart does.
  for (const auto& file :
       {settings_dir + "/angophora-" + name + ".toml", settings_dir + "/" + name + ".toml"})
    if (daemon.settings_file.empty() && machine.file(file)) daemon.settings_file = file;
  if (daemon.settings_file.empty()) return;
  const auto config = load<Config>(daemon.settings_file);
  if (!config) {
    findings.push_back(failure(
        "settings", daemon.settings_file, config.error().message,
        "correct the file; angophora-" + name + " --print-settings lists what it may hold"));
    return;
  }
  findings.push_back(fine("settings", daemon.settings_file, "can be read"));
  daemon.state_dir = config.value().state_dir;
  daemon.admin_address = config.value().admin_address;
  daemon.admin_port = config.value().admin_port;
  daemon.folders.push_back(daemon.state_dir);
  add_own(daemon, config.value());
  daemons.push_back(std::move(daemon));
}

}  // namespace

std::vector<LocalDaemon> find_daemons(Machine& machine, const std::string& settings_dir,
                                      Findings& findings) {
  std::vector<LocalDaemon> daemons;
  const auto find = [&]<class Config>(const char* name, soap::Role role) {
    find_one<Config>(machine, settings_dir, name, role, daemons, findings);
  };
  find.template operator()<clc::Config>("clc", soap::Role::cloud);
  find.template operator()<walrus::Config>("walrus", soap::Role::walrus);
  find.template operator()<cc::Config>("cc", soap::Role::cluster);
  find.template operator()<sc::Config>("sc", soap::Role::storage);
  find.template operator()<nc::Config>("nc", soap::Role::node);
  return daemons;
}

}  // namespace angophora::doctor
