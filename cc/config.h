// Every setting of the cluster controller.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/config/daemon_settings.h"

namespace angophora::cc {

struct Config : config::MemberSettings {
  Config() : MemberSettings("cc", 8774, 9774) {}

  std::string placement_policy = "ROUNDROBIN";
  std::uint32_t cpu_overcommit_percent = 400;
  std::chrono::seconds reservation_life = std::chrono::seconds(60);
  std::chrono::seconds node_silence_max = std::chrono::seconds(3);

  static std::vector<config::Setting<Config>> settings() {
    using config::setting;
    std::vector<config::Setting<Config>> own = {
        setting("placement_policy", &Config::placement_policy,
                "GREEDY fills one node before the next, ROUNDROBIN spreads instances over all."),
        setting("cpu_overcommit_percent", &Config::cpu_overcommit_percent,
                "Processors that instances may be given, in percent of those a node has. Memory "
                "and disk are never given twice.",
                {10, 10'000}),
        setting("reservation_life_s", &Config::reservation_life,
                "Seconds for which room on a node is held for an instance that has not arrived.",
                {5, 3600}),
        setting("node_silence_max_s", &Config::node_silence_max,
                "Seconds without an answer after which a node counts as unreachable.", {2, 600}),
    };
    return config::with_daemon_settings("the cloud controller", std::move(own));
  }
};

}  // namespace angophora::cc
