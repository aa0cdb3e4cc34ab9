#include "nc/hypervisor/kvm_probe.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace angophora::nc {
namespace {

class KvmProbe : public testing::Test {
 protected:
  KvmProbe() {
    std::string name = testing::TempDir() + "kvm-probe-XXXXXX";
    dir_ = mkdtemp(name.data());
    options_.scratch_dir = dir_;
    memory_ = dir_ + "/virtualization";
  }
  ~KvmProbe() override { std::filesystem::remove_all(dir_); }

  // A program that stands in for QEMU.
  void play(const std::string& script) {
    options_.program = dir_ + "/qemu";
    std::ofstream(options_.program) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(options_.program, std::filesystem::perms::owner_all);
  }

  std::string dir_, memory_;
  ProbeOptions options_;
};

TEST_F(KvmProbe, SeesAGuestRunUnderTranslation) {
  if (!std::filesystem::exists("/usr/bin/qemu-system-x86_64")) GTEST_SKIP() << "QEMU is missing";
  options_.limit = std::chrono::seconds(40);
  const auto tried = try_accelerator("tcg", options_);
  EXPECT_TRUE(tried) << tried.error().message;
}

TEST_F(KvmProbe, DoesNotWaitForAGuestThatHangs) {
  play("exec sleep 60");
  options_.limit = std::chrono::milliseconds(50);
  const auto tried = try_accelerator("tcg", options_);
  ASSERT_FALSE(tried);
  EXPECT_EQ(tried.error().code, common::Errc::timed_out);
}

TEST_F(KvmProbe, SaysWhatQemuSaid) {
  play("echo no such accelerator >&2; exit 1");
  const auto tried = try_accelerator("tcg", options_);
  ASSERT_FALSE(tried);
  EXPECT_NE(tried.error().message.find("no such accelerator"), std::string::npos);
}

TEST_F(KvmProbe, TriesOnceAndRemembersTheAnswer) {
  play("echo x >> " + dir_ + "/calls; [ \"$1\" = --version ] && echo 7.2 || exit 1");
  const auto first = choose_virtualization("auto", memory_, options_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first.assume_value(), Virtualization::qemu);
  const auto calls = std::filesystem::file_size(dir_ + "/calls");
  const auto second = choose_virtualization("auto", memory_, options_);
  EXPECT_EQ(second.assume_value(), Virtualization::qemu);
  EXPECT_EQ(std::filesystem::file_size(dir_ + "/calls"), calls + 2);  // asked for its version alone
}

TEST_F(KvmProbe, DoesWhatTheSettingSaysWithoutATrial) {
  options_.program = "/nonexistent";
  EXPECT_EQ(choose_virtualization("kvm", memory_, options_).assume_value(), Virtualization::kvm);
  EXPECT_EQ(choose_virtualization("xen", memory_, options_).assume_value(), Virtualization::xen);
  EXPECT_EQ(choose_virtualization("vbox", memory_, options_).error().code,
            common::Errc::invalid_argument);
}

}  // namespace
}  // namespace angophora::nc
