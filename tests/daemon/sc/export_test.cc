// Exports of real volumes: real nbdkit, our plug-in, TLS, the client that a node runs.
#include <signal.h>
#include <sys/stat.h>

#include "common/db/database.h"
#include "sc/store/grants.h"
#include "sc/store/migrations.h"
#include "tests/daemon/sc/export_fixture.h"

namespace angophora::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kVolume = "vol-0123456789abcdef0";
const std::string kOther = "vol-0123456789abcdef1";

template <class T>
bool refused_with(const Result<T>& result, std::string_view name) {
  return !result && result.error().message.find(name) != std::string::npos;
}

class ScExports : public ExportFixture {
 protected:
  std::string guest() const { return folder_.path() + "/guest"; }

  // 0 when the guest's requests succeed and find what they say.
  awaitable<int> guest_io(std::vector<std::string> requests) {
    std::vector<std::string> argv{"qemu-io", "-f", "raw"};
    for (auto& request : requests) argv.insert(argv.end(), {"-c", std::move(request)});
    argv.push_back("nbd+unix:///disk?socket=" + guest());
    const auto outcome = co_await command(std::move(argv));
    const bool differs = outcome.out.find("verification failed") != std::string::npos;
    co_return differs ? 1 : outcome.exit_code;
  }

  // A volume that nc-a holds under the epoch, and how to reach it.
  awaitable<std::optional<Access>> attached(std::string volume, std::int64_t epoch) {
    const auto created = co_await create(volume, 1);
    EXPECT_TRUE(created) << daemon_->log();
    const auto granted = co_await grant(volume, epoch, "nc-a");
    EXPECT_TRUE(granted) << daemon_->log();
    auto access = co_await open(node_a_, volume, epoch);
    EXPECT_TRUE(access) << access.error().message << daemon_->log();
    std::optional<Access> found;
    if (access) found = std::move(access).value();
    co_return found;
  }

  static awaitable<void> survives_kills(ScExports& t) {
    const bool up = co_await t.start_daemon();
    if (!up) co_return;
    const auto access = co_await t.attached(kVolume, 1);
    if (!access) co_return;
    const bool client = co_await t.start_client(*access, t.guest());
    if (!client) co_return;
    std::vector<std::string> write{"write -P 7 512M 4M", "flush"};
    const int written = co_await t.guest_io(std::move(write));
    EXPECT_EQ(written, 0);
    t.start_load(t.guest());
    const bool writes = co_await t.until([&] { return t.load_runs(); }, 60s);
    EXPECT_TRUE(writes);

    const auto server = t.server_of(kVolume, 1);
    t.daemon_->kill(SIGKILL);
    co_await t.daemon_->ended(t.runtime_, 5s);
    EXPECT_EQ(::kill(server, 0), 0) << "the server lives on without the daemon";
    const bool up_again = co_await t.start_daemon();
    if (!up_again) co_return;
    EXPECT_EQ(t.server_of(kVolume, 1), server) << "it was taken over";
    const auto again = co_await t.open(t.node_a_, kVolume, 1);
    EXPECT_TRUE(again && again.value().port == access->port);

    for (int i = 0; i < 3; ++i) {
      const auto before = t.server_of(kVolume, 1);
      ::kill(before, SIGKILL);
      const bool restarted = co_await t.until(
          [&] {
            const auto now = t.server_of(kVolume, 1);
            return now > 0 && now != before;
          },
          30s);
      EXPECT_TRUE(restarted) << t.daemon_->log();
    }
    // Both at once.
    ::kill(t.server_of(kVolume, 1), SIGKILL);
    t.daemon_->kill(SIGKILL);
    co_await t.daemon_->ended(t.runtime_, 5s);
    const bool up_once_more = co_await t.start_daemon();
    if (!up_once_more) co_return;
    EXPECT_THAT(t.servers(), SizeIs(1));
    const auto code = co_await t.stop_load();
    EXPECT_EQ(code, 0) << t.load_->log();
    std::vector<std::string> read{"read -P 7 512M 4M"};
    const int kept = co_await t.guest_io(std::move(read));
    EXPECT_EQ(kept, 0);
  }

  static awaitable<void> lets_one_key_in(ScExports& t) {
    const bool up = co_await t.start_daemon();
    if (!up) co_return;
    const auto old = co_await t.attached(kVolume, 1);
    if (!old) co_return;
    const int by_key = co_await t.reach(*old);
    EXPECT_EQ(by_key, 0);
    const int without_tls = co_await t.reach(*old, false);
    EXPECT_NE(without_tls, 0) << "without TLS";

    const auto granted = co_await t.grant(kVolume, 2, "nc-b");

    EXPECT_TRUE(granted);
    EXPECT_THAT(t.servers(), IsEmpty());
    const int by_old_key = co_await t.reach(*old);
    EXPECT_NE(by_old_key, 0) << "its connection is closed";
    const auto old_epoch = co_await t.open(t.node_a_, kVolume, 1);
    EXPECT_TRUE(refused_with(old_epoch, "stale_epoch"));
    const auto other_node = co_await t.open(t.node_a_, kVolume, 2);
    EXPECT_TRUE(refused_with(other_node, "wrong_node"));
    const auto fresh = co_await t.open(t.node_b_, kVolume, 2);
    EXPECT_TRUE(fresh) << t.daemon_->log();
    if (!fresh) co_return;
    const int by_new_key = co_await t.reach(fresh.value());
    EXPECT_EQ(by_new_key, 0);
    auto stolen = fresh.value();
    stolen.username = old->username;
    stolen.credentials = old->credentials;
    const int by_stolen_key = co_await t.reach(stolen);
    EXPECT_NE(by_stolen_key, 0) << "the old key at the new port";
    auto guessed = fresh.value();
    guessed.credentials = t.folder_.path() + "/guessed";
    std::filesystem::create_directories(guessed.credentials);
    std::ofstream(guessed.credentials + "/keys.psk")
        << guessed.username << ":" << std::string(64, '0') << "\n";
    const int by_guess = co_await t.reach(guessed);
    EXPECT_NE(by_guess, 0) << "the right name with a wrong key";
    struct stat status {};
    const auto key_file = t.exports_folder() + "/" + kVolume + ".2.psk";
    EXPECT_EQ(::stat(key_file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }

  static awaitable<void> closes_on_revoke(ScExports& t) {
    const bool up = co_await t.start_daemon();
    if (!up) co_return;
    const auto access = co_await t.attached(kVolume, 1);
    if (!access) co_return;
    const bool client = co_await t.start_client(*access, t.guest());
    if (!client) co_return;
    t.start_load(t.guest());
    const bool writes = co_await t.until([&] { return t.load_runs(); }, 60s);
    EXPECT_TRUE(writes);
    const auto removed_early = co_await t.remove(kVolume);
    EXPECT_TRUE(refused_with(removed_early, "in_use"));

    const auto revoked = co_await t.revoke(kVolume, 1);

    EXPECT_TRUE(revoked);
    EXPECT_THAT(t.servers(), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(t.exports_folder()));
    const auto late = co_await t.open(t.node_a_, kVolume, 1);
    EXPECT_TRUE(refused_with(late, "stale_epoch"));
    const auto revoked_again = co_await t.revoke(kVolume, 1);
    EXPECT_TRUE(revoked_again) << "repeated";
    const auto removed = co_await t.remove(kVolume);
    EXPECT_TRUE(removed);
    EXPECT_TRUE(std::filesystem::is_empty(t.state_dir() + "/volumes"));
  }

  static awaitable<void> lets_go(ScExports& t) {
    const bool up = co_await t.start_daemon();
    if (!up) co_return;
    const auto access = co_await t.attached(kVolume, 1);
    if (!access) co_return;
    const auto by_other_node = co_await t.close(t.node_b_, kVolume, 1);
    EXPECT_TRUE(refused_with(by_other_node, "wrong_node"));
    EXPECT_THAT(t.servers(), SizeIs(1));
    const auto let_go = co_await t.close(t.node_a_, kVolume, 1);
    EXPECT_TRUE(let_go);
    EXPECT_THAT(t.servers(), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(t.exports_folder()));
    const auto back = co_await t.open(t.node_a_, kVolume, 1);
    EXPECT_TRUE(back);
    const int by_key = co_await t.reach(back.value());
    EXPECT_EQ(by_key, 0);
  }

  // What a daemon that was killed in the middle of a revoke leaves: the database says that it is
  // over and the server runs.
  static awaitable<void> sweeps(ScExports& t) {
    const bool up = co_await t.start_daemon();
    if (!up) co_return;
    const auto kept = co_await t.attached(kVolume, 1);
    const auto ended = co_await t.attached(kOther, 1);
    if (!kept || !ended) co_return;
    t.daemon_->kill(SIGKILL);
    co_await t.daemon_->ended(t.runtime_, 5s);
    {
      db::Options options;
      options.path = t.state_dir() + "/sc.sqlite";
      auto database = db::Database::open(t.runtime_, std::move(options), sc::kMigrations).value();
      auto revoke = [](db::Tx& tx) -> Result<> {
        TRY(auto grant, sc::Grants(tx).find(common::VolumeId(kOther)));
        grant->granted = grant->open = false;
        return sc::Grants(tx).put(*grant);
      };
      const auto written = co_await database->write(std::move(revoke));
      EXPECT_TRUE(written);
    }
    std::ofstream(t.exports_folder() + "/vol-00000009.3.psk") << "left behind\n";
    EXPECT_THAT(t.servers(), SizeIs(2));
    const bool up_again = co_await t.start_daemon();
    if (!up_again) co_return;
    EXPECT_THAT(t.servers(), SizeIs(1));
    const int kept_one = co_await t.reach(*kept);
    EXPECT_EQ(kept_one, 0);
    const int ended_one = co_await t.reach(*ended);
    EXPECT_NE(ended_one, 0);
    for (const auto& entry : std::filesystem::directory_iterator(t.exports_folder()))
      EXPECT_TRUE(entry.path().filename().string().starts_with(kVolume)) << entry.path();
  }

  static awaitable<void> makes_many(ScExports& t) {
    const bool up = co_await t.start_daemon();
    if (!up) co_return;
    constexpr int kCount = 100;
    const auto begin = t.runtime_.steady_now();
    for (int i = 0; i < kCount; ++i) {
      std::string id = "vol-00000" + std::to_string(100 + i);
      const auto made = co_await t.create(std::move(id), 1000);
      EXPECT_TRUE(made) << made.error().message;
    }
    const auto took = t.runtime_.steady_now() - begin;
    RecordProperty("milliseconds", static_cast<int>(took / 1ms));
    EXPECT_LT(took, 5s);
    const auto all = co_await t.volumes();
    EXPECT_THAT(all, SizeIs(kCount));
  }

  static awaitable<void> notices_damage(ScExports& t) {
    const bool up = co_await t.start_daemon();
    if (!up) co_return;
    const auto one = co_await t.create(kVolume, 2);
    EXPECT_TRUE(one);
    const auto two = co_await t.create(kOther, 2);
    EXPECT_TRUE(two);
    std::filesystem::resize_file(t.state_dir() + "/volumes/" + kVolume + ".raw", 1ULL << 30);
    std::filesystem::remove(t.state_dir() + "/volumes/" + kOther + ".raw");
    const auto all = co_await t.volumes();
    EXPECT_THAT(all, SizeIs(2));
    if (all.size() != 2) co_return;
    EXPECT_EQ(all[0].state, "error");
    EXPECT_EQ(all[0].reason, "its file has 1 GiB, not 2");
    EXPECT_EQ(all[1].state, "error");
    EXPECT_EQ(all[1].reason, "its file is gone");
    const auto granted = co_await t.grant(kVolume, 1, "nc-a");
    EXPECT_TRUE(granted);
    const auto opened = co_await t.open(t.node_a_, kVolume, 1);
    EXPECT_TRUE(refused_with(opened, "damaged"));
  }
};

TEST_F(ScExports, AGuestSeesAPauseAndNoErrorWhenServerAndDaemonAreKilled) {
  run(survives_kills(*this));
}
TEST_F(ScExports, LetInWhoHasTheKeyOfTheNewestGrantAlone) { run(lets_one_key_in(*this)); }
TEST_F(ScExports, AreClosedWithAllTheirFilesOnRevoke) { run(closes_on_revoke(*this)); }
TEST_F(ScExports, AreClosedWhenTheNodeLetsGoAndComeBack) { run(lets_go(*this)); }
TEST_F(ScExports, ThatMustNotBeAreSweptAtTheStart) { run(sweeps(*this)); }
TEST_F(ScExports, AHundredVolumesAreMadeInFiveSeconds) {
  more_arguments_.insert(more_arguments_.end(), {"--pool-overcommit-percent", "1000000"});
  run(makes_many(*this));
}
TEST_F(ScExports, DamageIsNoticed) { run(notices_damage(*this)); }

}  // namespace
}  // namespace angophora::testing
