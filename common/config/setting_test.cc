#include "common/config/setting.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace angophora::config {
namespace {

struct Config {
  std::string state_dir = "/var/lib/x";
  std::uint16_t port = 8775;
  std::chrono::seconds boot_timeout{300};
  bool plain = true;
  static std::vector<Setting<Config>> settings() {
    return {setting("state_dir", &Config::state_dir, "Folder."),
            setting("port", &Config::port, "Port."),
            setting("boot_timeout_s", &Config::boot_timeout, "Seconds.", {10, 3600}),
            setting("plain", &Config::plain, "Plain HTTP.")};
  }
};

// A settings file with `text`, removed at the end of the test.
class File {
 public:
  explicit File(const std::string& text) {
    char pattern[] = "/tmp/angophora-config-XXXXXX";
    const int fd = mkstemp(pattern);
    close(fd);
    path = pattern;
    std::ofstream(path) << text;
  }
  ~File() { unlink(path.c_str()); }
  std::string path;
};

TEST(Settings, ComeFromTheFileAndTheCommandLineWins) {
  File file("state_dir = \"/srv\"\nport = 1234\nplain = false\n");
  Config config;
  ASSERT_TRUE(load_entries(file.path, true, {{"port", "99"}}, entries_of(config)));
  EXPECT_EQ(config.state_dir, "/srv");
  EXPECT_EQ(config.port, 99);
  EXPECT_FALSE(config.plain);
  EXPECT_EQ(config.boot_timeout, std::chrono::seconds(300));
}

TEST(Settings, AnUnknownKeyNamesTheNearest) {
  File file("stat_dir = \"/srv\"\n");
  Config config;
  const auto loaded = load_entries(file.path, true, {}, entries_of(config));
  EXPECT_EQ(loaded.error().message,
            file.path + ": unknown setting \"stat_dir\"; did you mean \"state_dir\"?");
}

TEST(Settings, AWordOfANameIsNearAndNonsenseIsNot) {
  Config config;
  const auto entries = entries_of(config);
  EXPECT_EQ(load_entries("", false, {{"timout", "5"}}, entries).error().message,
            "unknown setting \"timout\"; did you mean \"boot_timeout_s\"?");
  EXPECT_EQ(load_entries("", false, {{"qqqqqqqq", "5"}}, entries).error().message,
            "unknown setting \"qqqqqqqq\"");
}

TEST(Settings, BoundsAndKindsAreChecked) {
  Config config;
  const auto entries = entries_of(config);
  EXPECT_FALSE(load_entries("", false, {{"boot_timeout_s", "5"}}, entries));
  EXPECT_FALSE(load_entries("", false, {{"port", "65536"}}, entries));
  EXPECT_FALSE(load_entries("", false, {{"port", "many"}}, entries));
  EXPECT_FALSE(load_entries("", false, {{"plain", "perhaps"}}, entries));
  EXPECT_TRUE(load_entries("", false, {{"boot_timeout_s", "3600"}}, entries));
}

TEST(Settings, ABrokenFileIsNamedWithItsLine) {
  File file("state_dir = \"/srv\"\nport = = 3\n");
  Config config;
  const auto loaded = load_entries(file.path, true, {}, entries_of(config));
  EXPECT_NE(loaded.error().message.find("line 2"), std::string::npos);
}

TEST(Settings, AFolderIsNoFile) {
  std::vector<Entry> none;
  const auto loaded = load_entries("/", true, {}, none);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("cannot be read"), std::string::npos);
  EXPECT_FALSE(load_entries("/proc/self/mem", true, {}, none));
}

TEST(Settings, AMissingFileIsAnErrorOnlyWhenItWasNamed) {
  Config config;
  EXPECT_TRUE(load_entries("/nonexistent.toml", false, {}, entries_of(config)));
  EXPECT_FALSE(load_entries("/nonexistent.toml", true, {}, entries_of(config)));
}

}  // namespace
}  // namespace angophora::config
