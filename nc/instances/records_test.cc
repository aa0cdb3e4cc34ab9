#include "nc/instances/records.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/runtime/sim_runtime.h"
#include "nc/instances/console.h"
#include "nc/instances/record_json.h"

namespace angophora::nc {
namespace {

InstanceRecord full_record() {
  InstanceRecord record;
  auto& spec = record.spec;
  spec.id = InstanceId("i-1");
  spec.reservation_id = ReservationId("r-1");
  spec.account_id = AccountId("000000000001");
  spec.placement_no = 7;
  spec.launch_index = 2;
  spec.launch_time = common::SysTime(std::chrono::milliseconds(1234567890123));
  spec.zone = "zone-a";
  spec.type = {"t", 2, 512, 5, 1, 64};
  spec.machine_image = {ImageId("emi-1"), ImageKind::machine, 5ull << 30, true};
  spec.kernel_image = {ImageId("eki-1"), ImageKind::kernel, 5, false};
  spec.kernel_arguments = "a=\"b\"";
  spec.key_name = "schl\xc3\xbcssel";
  spec.public_key = "ssh-ed25519 AAAA";
  spec.user_data = std::string("\x00\xff#!", 4);
  spec.hostname = "ip-10-0-0-1";
  spec.net = {"d0:0d:00:00:00:01", "10.100.0.5", "198.51.100.1", 0};
  spec.group_names = {"default", "web"};
  spec.metadata_tokens_required = true;
  record.state = InstanceState::running;
  record.reason = "because";
  record.failing = true;
  record.tap = "angot1";
  record.host_boot = "boot";
  record.restarts = 3;
  record.changed_at = common::SysTime(std::chrono::milliseconds(42));
  record.sequence = 9;
  auto& volume = record.volumes[VolumeId("vol-1")];
  volume.volume = VolumeId("vol-1");
  volume.epoch = 5;
  volume.device = "/dev/sdf";
  volume.target = "vdf";
  volume.storage = {"sc-1", "10.0.0.3", 8777};
  volume.state = AttachmentState::detaching;
  volume.reason = "because";
  volume.failing = volume.forced = volume.cut_off = true;
  volume.exported = {"10.0.0.3", 10809, "vol-1", "user", "00ff", 1ull << 40};
  record.volumes[VolumeId("vol-2")].volume = VolumeId("vol-2");
  return record;
}

TEST(RecordJson, ReadsBackEveryMember) {
  const auto record = full_record();
  const auto back = record_from_json(to_json(record));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back.assume_value(), record);
}

TEST(RecordJson, ReadsRecordsOfNodesThatKnewNoVolumes) {
  auto record = full_record();
  record.volumes.clear();
  auto text = to_json(record);
  const std::string none = ",\"volumes\":[]";
  ASSERT_NE(text.find(none), std::string::npos);
  text.erase(text.find(none), none.size());
  EXPECT_EQ(record_from_json(text).assume_value(), record);
}

TEST(RecordJson, RefusesWhatIsNoRecord) {
  const auto whole = to_json(full_record());
  EXPECT_FALSE(record_from_json(""));
  EXPECT_FALSE(record_from_json("{}"));
  EXPECT_FALSE(record_from_json(whole.substr(0, whole.size() / 2)));
  auto other_state = whole;
  other_state.replace(other_state.find("\"running\""), 9, "\"asleep\"");
  EXPECT_FALSE(record_from_json(other_state));
}

class FileRecordsTest : public testing::Test {
 protected:
  ~FileRecordsTest() override {
    runtime_.kill();
    std::filesystem::remove_all(dir_);
  }
  static std::string make_dir() {
    std::string name = testing::TempDir() + "records-XXXXXX";
    return mkdtemp(name.data());
  }
  LoadedRecords load() {
    FileRecords again(runtime_, dir_ + "/records");
    return world_.run(runtime_, again.load()).assume_value();
  }

  const std::string dir_ = make_dir();
  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "nc"};
  FileRecords records_{runtime_, dir_ + "/records"};
};

TEST_F(FileRecordsTest, RememberAcrossRestarts) {
  EXPECT_TRUE(load().records.empty());
  ASSERT_TRUE(world_.run(runtime_, records_.save(full_record())));
  EXPECT_EQ(load().records, std::vector{full_record()});
  struct stat info {};
  ASSERT_EQ(stat((dir_ + "/records/i-1.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_TRUE(world_.run(runtime_, records_.remove(InstanceId("i-1"), 9)));
  EXPECT_TRUE(load().records.empty());
}

TEST_F(FileRecordsTest, KeepWhatIsNewerThanWhatIsToBeForgotten) {
  EXPECT_TRUE(load().records.empty());
  ASSERT_TRUE(world_.run(runtime_, records_.save(full_record())));
  ASSERT_TRUE(world_.run(runtime_, records_.remove(InstanceId("i-1"), 8)));
  EXPECT_EQ(load().records.size(), 1u);
}

TEST_F(FileRecordsTest, DoNotLetAnOlderRecordOvertakeANewerOne) {
  EXPECT_TRUE(load().records.empty());
  const auto newer = full_record();
  auto older = newer;
  older.sequence = 1;
  older.reason = "old";
  ASSERT_TRUE(world_.run(runtime_, records_.save(newer)));
  ASSERT_TRUE(world_.run(runtime_, records_.save(older)));
  EXPECT_EQ(load().records.at(0).reason, "because");
}

TEST_F(FileRecordsTest, NameWhatTheyCannotReadAndKeepIt) {
  EXPECT_TRUE(load().records.empty());
  std::ofstream(dir_ + "/records/i-9.json") << "{";
  std::ofstream(dir_ + "/records/i-8.json.new") << "{";  // a write that was cut short
  const auto loaded = load();
  EXPECT_EQ(loaded.unreadable, std::set{InstanceId("i-9")});
  EXPECT_TRUE(std::filesystem::exists(dir_ + "/records/i-9.json"));
}

TEST_F(FileRecordsTest, SayWhenTheyCannotWrite) {
  EXPECT_FALSE(world_.run(runtime_, records_.save(full_record())));  // no folder yet
}

TEST_F(FileRecordsTest, ConsoleShowsItsEndAlsoAcrossATurn) {
  const auto path = dir_ + "/console.log";
  EXPECT_EQ(read_console(path).assume_value(), "");
  std::ofstream(path) << std::string(100'000, 'a') << "end";
  EXPECT_EQ(read_console(path).assume_value().size(), kConsoleShownBytes);
  ASSERT_TRUE(bound_console(path, 1 << 20));
  EXPECT_EQ(std::filesystem::file_size(path), 100'003u);
  ASSERT_TRUE(bound_console(path, 1000));
  EXPECT_EQ(std::filesystem::file_size(path), 0u);
  std::ofstream(path, std::ios::app) << "more";
  const auto text = read_console(path).assume_value();
  EXPECT_EQ(text.size(), kConsoleShownBytes);
  EXPECT_TRUE(text.ends_with("endmore"));
}

}  // namespace
}  // namespace angophora::nc
