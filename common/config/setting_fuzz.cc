// A settings file, from its bytes to the settings.
#include <sys/mman.h>
#include <unistd.h>

#include "common/config/daemon_settings.h"
#include "tests/fuzz/fuzz.h"

namespace {

struct Config : angophora::config::DaemonSettings {
  Config() : DaemonSettings("fuzz", 1, 2) {}
  bool allow = false;
  std::uint32_t count = 0;

  static std::vector<angophora::config::Setting<Config>> settings() {
    using angophora::config::setting;
    std::vector<angophora::config::Setting<Config>> own = {
        setting("allow", &Config::allow, "Yes or no."),
        setting("count", &Config::count, "A number.", {1, 9}),
    };
    return angophora::config::with_daemon_settings("nobody", std::move(own));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora;
  static const int file = memfd_create("settings", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  fuzz::require(ftruncate(file, 0) == 0);
  fuzz::require(pwrite(file, data, size, 0) == static_cast<ssize_t>(size));
  Config config;
  const auto loaded = config::load_entries(path, true, {}, config::entries_of(config));
  fuzz::require(loaded || !loaded.error().message.empty());
  fuzz::require(config.count <= 9 && config.message_clock_skew_max.count() <= 60);
  return 0;
}
