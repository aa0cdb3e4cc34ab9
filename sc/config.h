// Every setting of the storage controller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/config/setting.h"

namespace angophora::sc {

struct Config {
  std::string state_dir = "/var/lib/angophora/sc";
  std::string listen_address = "0.0.0.0";
  std::uint16_t port = 8777;
  std::string admin_address = "127.0.0.1";
  std::uint16_t admin_port = 9777;
  std::string log_level = "info";
  std::chrono::seconds message_clock_skew_max = std::chrono::seconds(60);

  std::string volumes_dir;  // empty: below state_dir
  std::uint32_t pool_reserve_percent = 5;
  std::uint32_t pool_overcommit_percent = 1000;

  static std::vector<config::Setting<Config>> settings() {
    using config::setting;
    return {
        setting("state_dir", &Config::state_dir,
                "Folder of all that the daemon keeps: keys, registry, volumes."),
        setting("listen_address", &Config::listen_address,
                "Address on which the other daemons reach this one."),
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
        setting("volumes_dir", &Config::volumes_dir,
                "Folder of the volumes' files; empty means STATE_DIR/volumes."),
        setting("pool_reserve_percent", &Config::pool_reserve_percent,
                "Percent of the pool that stay free: with less left no volume is made.", {0, 90}),
        setting("pool_overcommit_percent", &Config::pool_overcommit_percent,
                "Sizes of all volumes together in percent of the pool; they take room only when "
                "they are written.",
                {1, 1'000'000}),
    };
  }

  std::string volumes_folder() const {
    return volumes_dir.empty() ? state_dir + "/volumes" : volumes_dir;
  }
};

}  // namespace angophora::sc
