#include "clc/cli/backup_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace angophora::clc::cli {
namespace {

using common::Errc;
namespace fs = std::filesystem;

class BackupFile : public ::testing::Test {
 protected:
  BackupFile() {
    char name[] = "/tmp/backup-test-XXXXXX";
    folder = mkdtemp(name);
    put("database", std::string(3 << 20, 'd') + "end");  // more than one piece
    put("key", "a secret key");
    put("empty", "");
    sources = {{"clc.sqlite", folder + "/database"},
               {"keys/image.key", folder + "/key"},
               {"keys/empty", folder + "/empty"}};
  }
  ~BackupFile() override { fs::remove_all(folder); }

  void put(const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
  }
  static std::string get(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  common::Result<Backup> write(const std::string& passphrase = {}) {
    BackupCover cover;
    cover.made_at = common::SysTime(std::chrono::milliseconds(1'700'000'000'123));
    cover.version = "1.2.3";
    return write_backup(file, sources, cover, passphrase, [this](std::size_t count) {
      return std::string(count, static_cast<char>(++random));
    });
  }
  // What reading says after one byte was changed.
  common::Result<Backup> read_spoilt(std::size_t at, const std::string& passphrase = {}) {
    auto bytes = get(file);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    put("spoilt", bytes);
    return read_backup(folder + "/spoilt", passphrase);
  }

  std::string folder;
  std::string file = {};
  std::vector<BackupSource> sources;
  int random = 0;

  void SetUp() override { file = folder + "/cloud.backup"; }
};

TEST_F(BackupFile, ComesBackAsItWas) {
  for (const std::string passphrase : {"", "open sesame"}) {
    fs::remove(file);
    ASSERT_TRUE(write(passphrase));
    const auto into = folder + "/out" + passphrase;
    const auto read = read_backup(file, passphrase, into);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read.value().cover.version, "1.2.3");
    EXPECT_EQ(read.value().cover.encrypted, !passphrase.empty());
    EXPECT_EQ(read.value().cover.made_at.time_since_epoch().count(), 1'700'000'000'123);
    EXPECT_EQ(get(into + "/clc.sqlite"), get(folder + "/database"));
    EXPECT_EQ(get(into + "/keys/image.key"), "a secret key");
    EXPECT_EQ(get(into + "/keys/empty"), "");
    struct stat found {};
    ASSERT_EQ(stat((into + "/keys/image.key").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
  }
}

TEST_F(BackupFile, IsForItsOwnerAlone) {
  umask(0);
  ASSERT_TRUE(write());
  umask(022);
  struct stat found {};
  ASSERT_EQ(stat(file.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(BackupFile, ReplacesNothing) {
  put("cloud.backup", "precious");
  const auto written = write();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::already_exists);
  EXPECT_EQ(get(file), "precious");
}

TEST_F(BackupFile, LeavesNothingBehindWhenASourceIsMissing) {
  fs::remove(folder + "/key");
  EXPECT_FALSE(write());
  EXPECT_FALSE(fs::exists(file));
  EXPECT_FALSE(fs::exists(file + ".partial"));
}

TEST_F(BackupFile, TellsThatAnyByteWasChanged) {
  ASSERT_TRUE(write());
  const auto size = fs::file_size(file);
  for (const std::size_t at : {std::size_t{0}, std::size_t{30}, size / 2, size - 40, size - 1}) {
    const auto read = read_spoilt(at);
    ASSERT_FALSE(read) << at;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST_F(BackupFile, TellsThatItWasCutOff) {
  ASSERT_TRUE(write());
  const auto bytes = get(file);
  for (const std::size_t length : {std::size_t{0}, std::size_t{10}, bytes.size() - 1}) {
    put("cut", bytes.substr(0, length));
    EXPECT_FALSE(read_backup(folder + "/cut", "")) << length;
  }
}

TEST_F(BackupFile, NeedsItsPassphrase) {
  ASSERT_TRUE(write("open sesame"));
  EXPECT_EQ(get(file).find("a secret key"), std::string::npos);
  EXPECT_EQ(read_backup(file, "").error().code, Errc::permission_denied);
  EXPECT_EQ(read_backup(file, "open sesam").error().code, Errc::permission_denied);
  EXPECT_TRUE(read_backup(file, "open sesame"));
}

TEST_F(BackupFile, IsNothingElse) {
  put("other", std::string(100, 'x'));
  EXPECT_EQ(read_backup(folder + "/other", "").error().code, Errc::corrupt);
  EXPECT_FALSE(read_backup(folder + "/nothing", ""));
  EXPECT_FALSE(read_backup(folder, ""));
}

TEST_F(BackupFile, WithANameThatLeadsElsewhereIsNotUnpacked) {
  for (const auto* name : {"../escaped", "/tmp/escaped", ""}) {
    fs::remove(file);
    sources = {{name, folder + "/key"}};
    ASSERT_TRUE(write());
    const auto read = read_backup(file, "", folder + "/out");
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

}  // namespace
}  // namespace angophora::clc::cli
