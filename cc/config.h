// Every setting of the cluster controller.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/config/setting.h"

namespace angophora::cc {

struct Config {
  std::string state_dir = "/var/lib/angophora/cc";
  std::string listen_address = "0.0.0.0";
  std::uint16_t port = 8774;
  std::string admin_address = "127.0.0.1";
  std::uint16_t admin_port = 9774;
  std::string log_level = "info";
  std::chrono::seconds message_clock_skew_max = std::chrono::seconds(60);

  std::string placement_policy = "ROUNDROBIN";
  std::uint32_t cpu_overcommit_percent = 400;
  std::chrono::seconds reservation_life = std::chrono::seconds(60);
  std::chrono::seconds node_silence_max = std::chrono::seconds(3);

  static std::vector<config::Setting<Config>> settings() {
    using config::setting;
    return {
        setting("state_dir", &Config::state_dir,
                "Folder of the daemon's keys and its copy of the registry."),
        setting("listen_address", &Config::listen_address,
                "Address on which the cloud controller reaches this daemon."),
        setting("port", &Config::port,
                "Port of the internal SOAP listener; 0 lets the system choose."),
        setting("admin_address", &Config::admin_address, "Address of the administration listener."),
        setting("admin_port", &Config::admin_port,
                "Port of the administration listener; 0 lets the system choose."),
        setting("log_level", &Config::log_level, "debug, info, warn or error."),
        setting("message_clock_skew_max_s", &Config::message_clock_skew_max,
                "Seconds by which the clocks of two daemons may differ; messages between them are "
                "refused when it is more.",
                {1, 60}),
        setting("placement_policy", &Config::placement_policy,
                "GREEDY fills one node before the next, ROUNDROBIN spreads instances over all."),
        setting(
            "cpu_overcommit_percent", &Config::cpu_overcommit_percent,
            "Processors that instances may be given, in percent of those a node has. Memory and "
            "disk are never given twice.",
            {10, 10'000}),
        setting("reservation_life_s", &Config::reservation_life,
                "Seconds for which room on a node is held for an instance that has not arrived.",
                {5, 3600}),
        setting("node_silence_max_s", &Config::node_silence_max,
                "Seconds without an answer after which a node counts as unreachable.", {2, 600}),
    };
  }
};

}  // namespace angophora::cc
