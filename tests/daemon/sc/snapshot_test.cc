// Snapshots of real volumes: real nbdkit, a real object store, and each of them killed in between.
#include <signal.h>

#include "tests/daemon/sc/export_fixture.h"

namespace angophora::testing {
namespace {

using namespace std::chrono_literals;

const std::string kVolume = "vol-0123456789abcdef0";
const std::string kSecondVolume = "vol-0123456789abcdef1";
const std::string kFirst = "snap-0123456789abcdef0";
const std::string kSecond = "snap-0123456789abcdef1";
const std::string kThird = "snap-0123456789abcdef2";

class ScSnapshots : public ExportFixture {
 protected:
  ScSnapshots() {
    std::filesystem::create_directories(store_dir());
    std::ofstream(store_dir() + "/enrolment-token")
        << cloud_.register_service("walrus-1", soap::Role::walrus, "");
    cloud_.dispatcher().serve<soap::cloud::DescribeIdentities>(
        {soap::Role::walrus},
        [this](soap::Caller, auto request) { return nobody(*this, std::move(request)); });
  }
  // The object store serves no users here.
  static Task<soap::cloud::DescribeIdentities::Reply> nobody(
      ScSnapshots& t, soap::cloud::DescribeIdentities::Request request) {
    if (request.knownVersion == 1) {
      const std::chrono::milliseconds wait(request.waitMs);
      co_await t.runtime_.sleep_for(wait);
    }
    soap::cloud::DescribeIdentities::Reply reply;
    reply.version = 1;
    co_return reply;
  }
  std::string store_dir() const { return folder_.path() + "/walrus-1"; }
  std::string guest() const { return folder_.path() + "/guest"; }
  std::string file_of(const std::string& volume) const {
    return state_dir() + "/volumes/" + volume + ".raw";
  }

  awaitable<bool> start_store(std::string reserve_mib = "0") {
    std::vector<std::string> argv{STORE_PROGRAM, "--state-dir",
                                  store_dir(),   "--listen-address",
                                  "127.0.0.1",   "--port",
                                  "0",           "--admin-port",
                                  "0",           "--internal-address",
                                  "127.0.0.1",   "--internal-port",
                                  "0",           "--free-reserve-mib",
                                  reserve_mib};
    store_ = std::make_unique<Program>(std::move(argv), folder_.path() + "/store.log");
    const auto port = co_await store_->logged(runtime_, "daemon.started", "port", 60s);
    EXPECT_TRUE(port) << store_->log();
    if (port) cloud_.set_port("walrus-1", static_cast<std::uint16_t>(std::stoi(*port)));
    co_return port.has_value();
  }
  awaitable<void> kill_store() {
    store_->kill(SIGKILL);
    co_await store_->ended(runtime_, 5s);
  }
  awaitable<bool> restart_daemon() {
    daemon_->kill(SIGKILL);
    co_await daemon_->ended(runtime_, 5s);
    co_return co_await start_daemon();
  }
  awaitable<bool> start_both() {
    const bool store = co_await start_store();
    if (!store) co_return false;
    co_return co_await start_daemon();
  }

  // A new volume with its guest's client; true when the guest can reach it.
  awaitable<bool> attach(std::string volume) {
    const auto granted = co_await grant(volume, 1, "nc-a");
    EXPECT_TRUE(granted) << daemon_->log();
    const auto access = co_await open(node_a_, volume, 1);
    EXPECT_TRUE(access) << daemon_->log();
    if (!access) co_return false;
    co_return co_await start_client(access.value(), guest());
  }
  awaitable<int> guest_io(std::vector<std::string> requests) {
    std::vector<std::string> argv{"qemu-io", "-f", "raw"};
    for (auto& request : requests) argv.insert(argv.end(), {"-c", std::move(request)});
    argv.push_back("nbd+unix:///disk?socket=" + guest());
    const auto outcome = co_await command(std::move(argv));
    const bool differs = outcome.out.find("verification failed") != std::string::npos;
    co_return differs ? 1 : outcome.exit_code;
  }

  Task<storage__snapshot> take(std::string snapshot, std::string volume) {
    storage__CreateSnapshotType request;
    request.snapshotId = std::move(snapshot);
    request.volumeId = std::move(volume);
    CO_TRY(auto answer, co_await ask<storage::CreateSnapshot>(std::move(request)));
    co_return std::move(answer.snapshot);
  }
  Task<> drop(std::string snapshot) {
    storage__DeleteSnapshotType request;
    request.snapshotId = std::move(snapshot);
    const auto answer = co_await ask<storage::DeleteSnapshot>(std::move(request));
    if (!answer) co_return common::Error(answer.error());
    co_return common::ok();
  }
  // Asked again until it is done: the object store may just have come back.
  Task<> create_from(std::string snapshot, std::string volume, int size_gib) {
    const auto give_up = runtime_.steady_now() + 30s;
    for (;;) {
      storage__CreateVolumeType request;
      request.volumeId = volume;
      request.sizeGib = size_gib;
      request.snapshotId = snapshot;
      const auto answer = co_await ask<storage::CreateVolume>(std::move(request));
      if (answer) co_return common::ok();
      const auto& code = answer.error().code;
      if (code != common::Errc::unavailable && code != common::Errc::timed_out)
        co_return common::Error(answer.error());
      if (runtime_.steady_now() > give_up) co_return common::Error(answer.error());
      co_await runtime_.sleep_for(100ms);
    }
  }
  awaitable<storage__DescribeVolumesResponseType> report() {
    storage__DescribeVolumesType request;
    auto answer = co_await ask<storage::DescribeVolumes>(std::move(request));
    EXPECT_TRUE(answer) << daemon_->log();
    storage__DescribeVolumesResponseType reply;
    if (answer) reply = std::move(answer).value();
    co_return reply;
  }
  awaitable<bool> completed(std::string snapshot, std::chrono::seconds limit = 60s) {
    const auto give_up = runtime_.steady_now() + limit;
    std::string last = "not reported";
    while (runtime_.steady_now() < give_up) {
      const auto now = co_await report();
      for (const auto& one : now.snapshots)
        if (one.snapshotId == snapshot)
          last = one.state + " " + std::to_string(one.progress) + " " + one.reason.value_or("");
      if (last.starts_with("completed 100")) co_return true;
      if (last.starts_with("error")) break;
      co_await runtime_.sleep_for(50ms);
    }
    ADD_FAILURE() << snapshot << ": " << last << "\n" << daemon_->log();
    co_return false;
  }
  awaitable<bool> filled(std::string volume, std::chrono::seconds limit = 60s) {
    const auto give_up = runtime_.steady_now() + limit;
    while (runtime_.steady_now() < give_up) {
      const auto now = co_await report();
      for (const auto& one : now.volumes)
        if (one.volumeId == volume && !one.missingChunks) co_return true;
      co_await runtime_.sleep_for(50ms);
    }
    ADD_FAILURE() << volume << " is not filled\n" << daemon_->log();
    co_return false;
  }

  awaitable<bool> shell(std::string script) {
    std::vector<std::string> argv{"/bin/sh", "-c", std::move(script)};
    const auto outcome = co_await command(std::move(argv), 120s);
    if (outcome.exit_code != 0) ADD_FAILURE() << outcome.out << outcome.err;
    co_return outcome.exit_code == 0;
  }
  std::string expected(const std::string& snapshot) const {
    return folder_.path() + "/" + snapshot + ".expected";
  }
  // The volume's bytes as they are now, while nobody writes.
  awaitable<bool> remember(std::string volume, std::string snapshot) {
    co_return co_await shell("cp --sparse=always " + file_of(volume) + " " + expected(snapshot));
  }
  // Makes a volume from the snapshot, lets it fill and compares each byte.
  awaitable<void> compare(std::string snapshot, std::string volume) {
    const auto made = co_await create_from(snapshot, volume, 1);
    EXPECT_TRUE(made) << made.error().message;
    const bool whole = co_await filled(volume);
    EXPECT_TRUE(whole);
    const bool same = co_await shell("qemu-img compare -f raw -F raw " + file_of(volume) + " " +
                                     expected(snapshot));
    EXPECT_TRUE(same) << snapshot << " has other bytes";
    const auto removed = co_await remove(volume);
    EXPECT_TRUE(removed) << removed.error().message;
  }
  std::chrono::milliseconds since(common::SteadyTime start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(runtime_.steady_now() - start);
  }
  std::size_t files_with(const std::string& folder, const std::string& part) const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      count += entry.is_regular_file() && entry.path().string().find(part) != std::string::npos;
    return count;
  }

  static awaitable<void> whole_life(ScSnapshots& t) {
    const bool up = co_await t.start_both();
    if (!up) co_return;
    const auto created = co_await t.create(kVolume, 1);
    EXPECT_TRUE(created);
    const bool reachable = co_await t.attach(kVolume);
    if (!reachable) co_return;
    std::vector<std::string> first{"write -P 1 0 4M", "write -P 2 100M 8M", "write -P 3 1023M 1M",
                                   "flush"};
    const int written = co_await t.guest_io(std::move(first));
    EXPECT_EQ(written, 0);
    const bool remembered = co_await t.remember(kVolume, kFirst);
    EXPECT_TRUE(remembered);

    auto start = t.runtime_.steady_now();
    const auto taken = co_await t.take(kFirst, kVolume);
    std::printf("snapshot taken in %ld ms\n", static_cast<long>(t.since(start).count()));
    EXPECT_TRUE(taken) << taken.error().message << t.daemon_->log();
    EXPECT_LT(t.since(start), 1000ms);
    std::vector<std::string> then{"write -P 9 2M 2M", "discard 100M 4M", "write -P 8 500M 2M",
                                  "flush"};
    const int overwritten = co_await t.guest_io(std::move(then));
    EXPECT_EQ(overwritten, 0);
    // Everybody dies while it is on its way.
    const bool again = co_await t.restart_daemon();
    if (!again) co_return;
    co_await t.kill_store();
    ::kill(t.server_of(kVolume, 1), SIGKILL);
    const bool store = co_await t.start_store();
    if (!store) co_return;
    std::vector<std::string> more{"write -P 7 0 1M", "flush"};
    const int served = co_await t.guest_io(std::move(more));
    EXPECT_EQ(served, 0);
    start = t.runtime_.steady_now();
    const bool there = co_await t.completed(kFirst);
    std::printf("completed after %ld ms\n", static_cast<long>(t.since(start).count()));
    if (!there) co_return;
    EXPECT_EQ(t.files_with(t.state_dir() + "/volumes", ".before"), 0u);

    // The second one brings what is new alone.
    const bool remembered_too = co_await t.remember(kVolume, kSecond);
    EXPECT_TRUE(remembered_too);
    const auto chunks = t.files_with(t.store_dir() + "/objects/blobs", "/");
    const auto taken_too = co_await t.take(kSecond, kVolume);
    EXPECT_TRUE(taken_too) << t.daemon_->log();
    const bool there_too = co_await t.completed(kSecond);
    EXPECT_TRUE(there_too);
    // All chunks of one pattern are one chunk.
    EXPECT_EQ(t.files_with(t.store_dir() + "/objects/blobs", "/"), chunks + 3);
    co_await t.compare(kFirst, kSecondVolume);
    const auto dropped = co_await t.drop(kFirst);
    EXPECT_TRUE(dropped) << dropped.error().message;
    const auto gone = co_await t.create_from(kFirst, kSecondVolume, 1);
    EXPECT_TRUE(!gone && gone.error().code == common::Errc::not_found);
    co_await t.compare(kSecond, kSecondVolume);

    // While the guest writes as fast as it can.
    t.start_load(t.guest());
    const bool writes = co_await t.until([&] { return t.load_runs(); }, 60s);
    EXPECT_TRUE(writes);
    start = t.runtime_.steady_now();
    const auto taken_under_load = co_await t.take(kThird, kVolume);
    std::printf("snapshot taken under load in %ld ms\n", static_cast<long>(t.since(start).count()));
    EXPECT_TRUE(taken_under_load) << t.daemon_->log();
    EXPECT_LT(t.since(start), 1000ms);
    const bool there_under_load = co_await t.completed(kThird);
    EXPECT_TRUE(there_under_load);
    const auto end_of_load = co_await t.stop_load();
    EXPECT_EQ(end_of_load, 0) << t.load_->log();
  }

  // A volume from a snapshot is used at once, while its bytes come and everybody dies.
  static awaitable<void> used_at_once(ScSnapshots& t) {
    const bool up = co_await t.start_both();
    if (!up) co_return;
    const auto created = co_await t.create(kVolume, 1);
    EXPECT_TRUE(created);
    // Chunks that differ from each other, so that each is fetched.
    const bool filled_up = co_await t.shell(
        "head -c 32M /dev/urandom | dd of=" + t.file_of(kVolume) + " conv=notrunc bs=1M 2>&1");
    EXPECT_TRUE(filled_up);
    const bool remembered = co_await t.remember(kVolume, kFirst);
    EXPECT_TRUE(remembered);
    const auto taken = co_await t.take(kFirst, kVolume);
    EXPECT_TRUE(taken);
    const auto upload = t.runtime_.steady_now();
    const bool there = co_await t.completed(kFirst);
    if (!there) co_return;
    std::printf("32 MiB uploaded in %ld ms\n", static_cast<long>(t.since(upload).count()));

    const auto start = t.runtime_.steady_now();
    const auto made = co_await t.create_from(kFirst, kSecondVolume, 2);
    EXPECT_TRUE(made) << made.error().message;
    std::printf("volume made in %ld ms\n", static_cast<long>(t.since(start).count()));
    EXPECT_LT(t.since(start), 1000ms);
    const bool reachable = co_await t.attach(kSecondVolume);
    if (!reachable) co_return;
    std::vector<std::string> use{"write -P 5 30M 512k", "read 20M 1M", "write -P 6 1500M 1M",
                                 "flush"};
    const int used = co_await t.guest_io(std::move(use));
    EXPECT_EQ(used, 0);
    std::printf("used after %ld ms\n", static_cast<long>(t.since(start).count()));
    co_await t.kill_store();
    const bool again = co_await t.restart_daemon();
    if (!again) co_return;
    ::kill(t.server_of(kSecondVolume, 1), SIGKILL);
    // The snapshot goes, as soon as the object store is back; the volume stays whole.
    const bool store = co_await t.start_store();
    if (!store) co_return;
    const auto give_up = t.runtime_.steady_now() + 30s;
    auto dropped = co_await t.drop(kFirst);
    while (!dropped && t.runtime_.steady_now() < give_up) {
      co_await t.runtime_.sleep_for(100ms);
      dropped = co_await t.drop(kFirst);
    }
    EXPECT_TRUE(dropped) << dropped.error().message;
    const bool whole = co_await t.filled(kSecondVolume);
    EXPECT_TRUE(whole);
    std::vector<std::string> see{"read -P 5 30M 512k", "read -P 6 1500M 1M", "read -P 0 1000M 1M"};
    const int seen = co_await t.guest_io(std::move(see));
    EXPECT_EQ(seen, 0);
    const bool same = co_await t.shell("cmp -n $((30 << 20)) " + t.file_of(kSecondVolume) + " " +
                                       t.expected(kFirst) +
                                       " && cmp -i $(((30 << 20) + (512 << 10))) -n $((8 << 20)) " +
                                       t.file_of(kSecondVolume) + " " + t.expected(kFirst));
    EXPECT_TRUE(same);
    EXPECT_EQ(t.files_with(t.state_dir() + "/volumes", ".source"), 0u);
  }

  static awaitable<void> full_store(ScSnapshots& t) {
    const bool up = co_await t.start_both();
    if (!up) co_return;
    const auto created = co_await t.create(kVolume, 1);
    EXPECT_TRUE(created);
    const bool written = co_await t.shell("head -c 8M /dev/urandom | dd of=" + t.file_of(kVolume) +
                                          " conv=notrunc bs=1M 2>&1");
    EXPECT_TRUE(written);
    const bool remembered = co_await t.remember(kVolume, kFirst);
    EXPECT_TRUE(remembered);
    co_await t.kill_store();
    const bool full = co_await t.start_store("1000000");  // more than it has
    if (!full) co_return;
    const auto taken = co_await t.take(kFirst, kVolume);
    EXPECT_TRUE(taken) << taken.error().message;
    const bool told = co_await t.until_reason("507");
    EXPECT_TRUE(told) << t.daemon_->log();
    const auto kept = co_await t.remove(kVolume);
    EXPECT_TRUE(!kept && kept.error().message.find("in_use") != std::string::npos);
    co_await t.kill_store();
    const bool room = co_await t.start_store();
    if (!room) co_return;
    const bool there = co_await t.completed(kFirst);
    EXPECT_TRUE(there);
    co_await t.compare(kFirst, kSecondVolume);
    const auto removed = co_await t.remove(kVolume);
    EXPECT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(t.files_with(t.state_dir() + "/volumes", "vol-"), 0u);
  }
  awaitable<bool> until_reason(std::string part) {
    const auto give_up = runtime_.steady_now() + 30s;
    while (runtime_.steady_now() < give_up) {
      const auto now = co_await report();
      for (const auto& one : now.snapshots)
        if (one.reason && one.reason->find(part) != std::string::npos) co_return true;
      co_await runtime_.sleep_for(50ms);
    }
    co_return false;
  }

  std::unique_ptr<Program> store_;
};

TEST_F(ScSnapshots, HaveTheBytesOfTheirPointInTimeWhoeverDies) { run(whole_life(*this)); }

TEST_F(ScSnapshots, AVolumeFromOneIsUsedAtOnceAndFillsWhoeverDies) { run(used_at_once(*this)); }

TEST_F(ScSnapshots, WaitForAFullObjectStore) { run(full_store(*this)); }

}  // namespace
}  // namespace angophora::testing
