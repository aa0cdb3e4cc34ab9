// Every setting of the storage controller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/config/daemon_settings.h"

namespace angophora::sc {

struct Config : config::MemberSettings {
  Config() : MemberSettings("sc", 8777, 9777) {}

  std::string volumes_dir;  // empty: below state_dir
  std::uint32_t pool_reserve_percent = 5;
  std::uint32_t pool_overcommit_percent = 1000;

  std::string export_address;  // empty: the address the cloud knows this component by
  std::uint16_t export_port_first = 10809;
  std::uint16_t export_port_last = 12856;
  std::string export_plugin;  // empty: ../lib/angophora beside the program's folder

  static std::vector<config::Setting<Config>> settings() {
    using config::setting;
    std::vector<config::Setting<Config>> own = {
        setting("volumes_dir", &Config::volumes_dir,
                "Folder of the volumes' files; empty means STATE_DIR/volumes."),
        setting("pool_reserve_percent", &Config::pool_reserve_percent,
                "Percent of the pool that stay free: with less left no volume is made.", {0, 90}),
        setting("pool_overcommit_percent", &Config::pool_overcommit_percent,
                "Sizes of all volumes together in percent of the pool; they take room only when "
                "they are written.",
                {1, 1'000'000}),
        setting("export_address", &Config::export_address,
                "Address of the storage network, at which nodes reach volumes; empty means the "
                "address under which this component is registered."),
        setting("export_port_first", &Config::export_port_first,
                "First port for exported volumes, one each; 0 lets the system choose."),
        setting("export_port_last", &Config::export_port_last, "Last port for exported volumes."),
        setting("export_plugin", &Config::export_plugin,
                "Path of the export server's plug-in; empty means the one that was installed with "
                "this program."),
    };
    return config::with_daemon_settings("the other daemons", std::move(own));
  }

  std::string volumes_folder() const {
    return volumes_dir.empty() ? state_dir + "/volumes" : volumes_dir;
  }
};

}  // namespace angophora::sc
