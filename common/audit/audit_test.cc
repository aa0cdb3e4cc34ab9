#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/audit/log.h"
#include "common/audit/record.h"
#include "common/audit/verify.h"
#include "common/base/text.h"
#include "common/runtime/real_runtime.h"

namespace angophora::audit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kKey[] = "0123456789abcdef0123456789abcdef";

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    std::string pattern = fs::temp_directory_path() / "audit-test-XXXXXX";
    root = mkdtemp(pattern.data());
    folder = root + "/audit";
  }
  ~AuditTest() override { fs::remove_all(root); }

  std::unique_ptr<Store> open(Limits limits = {}) {
    auto opened = Store::open(folder, limits, kKey);
    EXPECT_TRUE(opened) << opened.error().message;
    torn = opened.value().torn;
    missing = opened.value().missing;
    return std::move(opened).value().store;
  }
  static std::string record(int number) { return R"({"n":)" + std::to_string(number) + "}"; }
  // A log of that many records, so many to a file.
  void write(int count, std::uint64_t file_bytes_max = 500, std::uint64_t total = 1 << 20) {
    const auto store = open({file_bytes_max, total});
    for (int i = 1; i <= count; ++i) ASSERT_TRUE(store->append({record(i)}));
  }
  Report look() {
    auto report = verify(folder);
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(report).value() : Report();
  }
  std::vector<std::string> findings() { return look().findings; }
  std::string path(std::uint64_t number) const { return folder + "/" + file_name(number); }
  static std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void put(const std::string& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder))
      if (file_number(entry.path().filename().string())) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }

  std::string root, folder, torn, missing;
};

TEST_F(AuditTest, ALogThatNobodyTouchedIsWhole) {
  write(15);
  EXPECT_GT(files().size(), 2u) << "the chain goes across files";
  const auto report = look();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.records, 15u);
  EXPECT_EQ(report.last.sequence, 15u);
  write(5);
  EXPECT_THAT(findings(), IsEmpty()) << "and across starts";
  EXPECT_EQ(look().records, 20u);
  EXPECT_EQ(torn + missing, "");
}

TEST_F(AuditTest, AnyChangedByteIsFound) {
  write(3, 200);
  auto all = files();
  all.push_back(folder + "/head");
  for (const auto& file : all) {
    const auto bytes = read(file);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (at % 2 ? '\x20' : '\x01'));
      put(file, changed);
      ASSERT_THAT(findings(), Not(IsEmpty())) << file << " byte " << at;
    }
    put(file, bytes);
  }
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(AuditTest, AnyMissingByteIsFoundAlsoAtTheEnd) {
  write(3, 200);
  for (const auto& file : files()) {
    const auto bytes = read(file);
    for (std::size_t at = 0; at < bytes.size(); at += at % 9 ? 1 : 4) {
      put(file, bytes.substr(0, at));
      ASSERT_THAT(findings(), Not(IsEmpty())) << file << " cut at " << at;
      put(file, bytes.substr(0, at) + bytes.substr(at + 1));
      ASSERT_THAT(findings(), Not(IsEmpty())) << file << " without " << at;
    }
    put(file, bytes);
    fs::remove(file);
    ASSERT_THAT(findings(), Not(IsEmpty())) << file;
    put(file, bytes);
  }
  const auto head = read(folder + "/head");
  fs::remove(folder + "/head");
  EXPECT_THAT(findings(), Not(IsEmpty()));
  put(folder + "/head", head);
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(AuditTest, MovedTwiceWrittenAndForgedLinesAreFound) {
  write(6, 1 << 20);
  const auto bytes = read(path(1));
  const auto lines = common::split(std::string_view(bytes).substr(0, bytes.size() - 1), '\n');
  const auto with = [&](std::vector<std::string_view> changed) {
    std::string text;
    for (const auto line : changed) text.append(line).append("\n");
    put(path(1), text);
    return findings();
  };
  auto moved = lines;
  std::swap(moved[1], moved[4]);
  EXPECT_THAT(with(moved), Not(IsEmpty()));
  auto twice = lines;
  twice.insert(twice.begin() + 2, lines[2]);
  EXPECT_THAT(with(twice), Not(IsEmpty()));
  Link link;
  const auto forged = chain_line("another key", R"({"n":7})", link = *link_of(lines[5]));
  auto longer = lines;
  longer.push_back(forged);
  EXPECT_THAT(with(longer), Not(IsEmpty()));
  auto changed = lines;
  const auto one = std::string(lines[2]).replace(5, 1, "9");
  changed[2] = one;
  const auto found = with(changed);
  ASSERT_EQ(found.size(), 1u) << "one changed line is one finding";
  EXPECT_THAT(found.front(), HasSubstr("line 3"));
}

TEST_F(AuditTest, ATornLastLineIsToldApartFromTampering) {
  write(3, 1 << 20);
  const auto whole = read(path(1));
  Link link = look().last;
  const auto next = chain_line(kKey, record(4), link) + "\n";
  for (std::size_t at = 1; at < next.size(); ++at) {
    put(path(1), whole + next.substr(0, at));
    const auto report = look();
    ASSERT_THAT(report.findings, IsEmpty()) << at;
    ASSERT_NE(report.torn, "") << at;
  }
  { const auto store = open(); }
  EXPECT_NE(torn, "");
  EXPECT_EQ(missing, "");
  EXPECT_EQ(read(path(1)), whole) << "the next start takes it away";
  put(path(1), whole + next);
  EXPECT_THAT(findings(), IsEmpty()) << "a line that the head does not know of yet is whole";
  write(2, 1 << 20);
  EXPECT_EQ(look().last.sequence, 6u);
  put(path(1), whole.substr(0, whole.size() - 5));
  EXPECT_THAT(findings(), Not(IsEmpty())) << "it had been written whole";
}

TEST_F(AuditTest, WhatWasLostStaysVisible) {
  write(5, 1 << 20);
  const auto bytes = read(path(1));
  put(path(1), bytes.substr(0, bytes.find('\n') + 1));
  {
    const auto store = open();
    EXPECT_THAT(missing, HasSubstr("2 to 5"));
    ASSERT_TRUE(store->append({record(6)}));
  }
  const auto found = findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front(), HasSubstr("record 6 where 2 is expected"));
}

TEST_F(AuditTest, TheOldestFilesGoWhenThereIsNoRoomForMore) {
  write(120, 600, 3000);
  std::uint64_t total = 0;
  for (const auto& file : files()) total += fs::file_size(file);
  EXPECT_LE(total, 3200u);
  const auto report = look();
  EXPECT_THAT(report.findings, IsEmpty()) << report.findings.front();
  EXPECT_EQ(report.last.sequence, 120u);
  EXPECT_GT(report.first.sequence, 80u);
  fs::remove(files().front());
  EXPECT_THAT(findings(), Not(IsEmpty())) << "but not before their time";
}

TEST_F(AuditTest, ALogWithoutItsKeyIsNotGoneOnWith) {
  write(1);
  fs::remove(folder + "/key");
  const auto opened = Store::open(folder, {}, kKey);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::not_found);
  EXPECT_FALSE(verify(folder));
}

TEST_F(AuditTest, AFolderIsForTheDaemonAlone) {
  write(1);
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
  for (const auto& name : {"key", "head", "audit-0000000001.jsonl"})
    EXPECT_EQ(fs::status(folder + "/" + name).permissions() & fs::perms::others_read,
              fs::perms::none);
}

boost::asio::awaitable<void> append_some(Log& log, int count, common::RealRuntime& runtime) {
  for (int i = 0; i < count; ++i) co_await log.append(R"({"n":1})");
  runtime.stop();
}
boost::asio::awaitable<void> open_and_append(common::RealRuntime& runtime, std::string folder,
                                             std::unique_ptr<Log>& log) {
  auto opened = co_await Log::open(runtime, folder, {});
  EXPECT_TRUE(opened);
  log = std::move(opened).value();
  co_await append_some(*log, 100, runtime);
}

TEST_F(AuditTest, TheLogWritesBesideTheIoThread) {
  common::RealRuntimeOptions options;
  options.handle_signals = false;
  common::RealRuntime runtime(options);
  std::unique_ptr<Log> log;
  runtime.spawn("test", open_and_append(runtime, folder, log));
  runtime.run();
  EXPECT_EQ(look().records, 100u);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(log->lost(), 0u);
}

TEST(AuditRecord, IsOneLineOfCloudTrailWithoutSecrets) {
  Call call;
  call.time = common::SysTime(std::chrono::seconds(1700000000));
  call.identity = {"AssumedRole", "AROA1:night", "arn", "123456789012", "ASIA1", "", "AROA1"};
  call.source = "ec2.amazonaws.com";
  call.name = "RunInstances";
  call.parameters = {{"ImageId", "emi-1"},         {"UserData", "s3cr3t"},
                     {"UserData.Value", "s3cr3t"}, {"Password", "s3cr3t"},
                     {"PrivateKey", "s3cr3t"},     {"Long", std::string(5000, 'x')},
                     {"Odd\n\"", "a\tb\\\xff"}};
  const auto json = to_json(call);
  EXPECT_THAT(json, HasSubstr(R"("eventTime":"2023-11-14T22:13:20Z")"));
  EXPECT_THAT(json, HasSubstr(R"("sessionIssuer":{"principalId":"AROA1"})"));
  EXPECT_THAT(json, HasSubstr(R"("UserData":"<sensitiveDataRemoved>")"));
  EXPECT_THAT(json, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(json, Not(HasSubstr("\n")));
  EXPECT_THAT(json, HasSubstr(R"("Odd\u000a\"":"a\u0009b\\?")"));
  EXPECT_LT(json.size(), 2500u);
  EXPECT_TRUE(is_read_only("DescribeInstances"));
  EXPECT_FALSE(is_read_only("RunInstances"));
}

TEST(AuditRecord, ARequestWithTooManyParametersIsCut) {
  Call call;
  for (int i = 0; i < 100; ++i)
    call.parameters.emplace_back(std::to_string(i), std::string(500, 'v'));
  const auto json = to_json(call);
  EXPECT_LT(json.size(), 40'000u);
  EXPECT_NE(json.find("omitted"), std::string::npos);
}

}  // namespace
}  // namespace angophora::audit
