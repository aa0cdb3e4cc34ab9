// The settings that all daemons have, declared once. A daemon's Config inherits them and adds its
// own:
//
//   struct Config : config::MemberSettings {
//     Config() : MemberSettings("cc", 8774, 9774) {}
//     std::string placement_policy = "ROUNDROBIN";
//
//     static std::vector<config::Setting<Config>> settings() {
//       using config::setting;
//       std::vector<config::Setting<Config>> own = {
//           setting("placement_policy", &Config::placement_policy, "GREEDY or ROUNDROBIN."),
//       };
//       return config::with_daemon_settings("the cloud controller", std::move(own));
//     }
//   };
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "common/config/setting.h"

namespace angophora::config {

struct DaemonSettings {
  DaemonSettings(std::string_view daemon, std::uint16_t port_of_it, std::uint16_t admin_port_of_it)
      : state_dir("/var/lib/angophora/" + std::string(daemon)),
        port(port_of_it),
        admin_port(admin_port_of_it) {}

  std::string state_dir;
  std::string listen_address = "0.0.0.0";
  std::uint16_t port;
  std::string admin_address = "127.0.0.1";
  std::uint16_t admin_port;
  std::string log_level = "info";
  std::chrono::seconds message_clock_skew_max = std::chrono::seconds(60);
};

// Those of a daemon that enrols with the cloud controller.
struct MemberSettings : DaemonSettings {
  using DaemonSettings::DaemonSettings;
  std::chrono::seconds registry_age_max = std::chrono::hours(24 * 7);
};

// Those of a daemon that keeps an audit log; its Config has them as one more base.
struct AuditSettings {
  std::uint32_t audit_file_mib = 64;
  std::uint32_t audit_total_mib = 1024;
};

// The settings above and after them `own`. `served` says who reaches `listen_address` and `port`.
template <std::derived_from<DaemonSettings> Config>
std::vector<Setting<Config>> with_daemon_settings(const std::string& served,
                                                  std::vector<Setting<Config>> own) {
  using Seconds = std::chrono::seconds;
  constexpr std::int64_t kPortMax = 65535, kDay = 86400;
  const auto text = [](const char* name, std::string Config::*member, std::string meaning) {
    return setting<Config>(name, member, std::move(meaning));
  };
  const auto port = [](const char* name, std::uint16_t Config::*member, std::string meaning) {
    return setting<Config>(name, member, std::move(meaning), Bounds{0, kPortMax});
  };
  const auto seconds = [](const char* name, Seconds Config::*member, std::string meaning,
                          Bounds bounds) {
    return setting<Config>(name, member, std::move(meaning), bounds);
  };
  std::vector<Setting<Config>> all = {
      text("state_dir", &Config::state_dir, "Folder of all that the daemon keeps."),
      text("listen_address", &Config::listen_address, "Address that serves " + served + "."),
      port("port", &Config::port, "Port that serves " + served + "; 0 lets the system choose."),
      text("admin_address", &Config::admin_address, "Address of /metrics, /healthz and /readyz."),
      port("admin_port", &Config::admin_port,
           "Port of /metrics, /healthz and /readyz; 0 lets the system choose."),
      text("log_level", &Config::log_level, "debug, info, warn or error."),
      seconds("message_clock_skew_max_s", &Config::message_clock_skew_max,
              "Seconds by which the clocks of two daemons may differ; messages between them are "
              "refused when it is more.",
              {1, 60})};
  if constexpr (std::derived_from<Config, MemberSettings>)
    all.push_back(seconds(
        "registry_age_max_s", &Config::registry_age_max,
        "Seconds for which this daemon trusts the others by the last registry that the cloud "
        "controller signed; after that it trusts the cloud controller alone, until it answers.",
        {kDay, 365 * kDay}));
  for (auto& one : own) all.push_back(std::move(one));
  if constexpr (std::derived_from<Config, AuditSettings>) {
    const auto mib = [](const char* name, std::uint32_t Config::*member, std::string meaning,
                        Bounds bounds) {
      return setting<Config>(name, member, std::move(meaning), bounds);
    };
    all.push_back(mib("audit_file_mib", &Config::audit_file_mib,
                      "Size in MiB at which a file of the audit log, STATE_DIR/audit, is followed "
                      "by the next.",
                      {1, 4096}));
    all.push_back(mib("audit_total_mib", &Config::audit_total_mib,
                      "Size in MiB of all files of the audit log, of which the oldest go; at least "
                      "that of two. 0 keeps no audit log.",
                      {0, 1 << 20}));
  }
  return all;
}

}  // namespace angophora::config
