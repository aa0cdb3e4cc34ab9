// The real storage controller, asked over signed SOAP by a cloud controller that lives in the test.
#include "tests/daemon/neighbours/daemon_fixture.h"

namespace angophora::testing {
namespace {

using namespace std::chrono_literals;
using common::awaitable;
namespace storage = soap::storage;

class ScDaemon : public DaemonFixture {
 protected:
  ScDaemon() : DaemonFixture(DAEMON_PROGRAM, "sc-a", soap::Role::storage) {}

  Task<storage__CreateVolumeResponseType> create(std::string id, int size_gib) {
    storage__CreateVolumeType request;
    request.volumeId = std::move(id);
    request.sizeGib = size_gib;
    co_return co_await ask<storage::CreateVolume>(std::move(request));
  }
  awaitable<std::vector<storage__volume>> volumes() {
    storage__DescribeVolumesType request;
    auto answer = co_await ask<storage::DescribeVolumes>(std::move(request));
    EXPECT_TRUE(answer) << daemon_->log();
    std::vector<storage__volume> none;
    co_return answer ? std::move(answer).value().volumes : std::move(none);
  }

  static awaitable<void> keeps_volumes(ScDaemon& t) {
    if (!co_await t.start_daemon()) co_return;
    const std::string id = "vol-0123456789abcdef0", other = "vol-0123456789abcdef1";
    EXPECT_TRUE(co_await t.create(id, 2));
    EXPECT_TRUE(co_await t.create(other, 3));
    t.daemon_->kill(SIGKILL);
    co_await t.daemon_->ended(t.runtime_, 5s);
    if (!co_await t.start_daemon()) co_return;
    const auto kept = co_await t.volumes();
    EXPECT_EQ(kept.size(), 2u);
    EXPECT_TRUE(co_await t.create(id, 2)) << "sent again after a lost answer";
    const auto larger = co_await t.create(id, 4);
    EXPECT_TRUE(!larger && larger.error().message.find("size_mismatch") != std::string::npos);

    storage__DeleteVolumeType removal;
    removal.volumeId = id;
    EXPECT_TRUE(co_await t.ask<storage::DeleteVolume>(std::move(removal)));
    const auto left = co_await t.volumes();
    EXPECT_EQ(left.size(), 1u);
    EXPECT_FALSE(std::filesystem::exists(t.state_dir() + "/volumes/" + id + ".raw"));

    storage__DescribeServicesType question;
    const auto services = co_await t.ask<storage::DescribeServices>(std::move(question));
    EXPECT_TRUE(services && services.value().services.at(0).zone == "zone-a");
    t.daemon_->kill(SIGTERM);
    const auto code = co_await t.daemon_->ended(t.runtime_, 12s);
    EXPECT_EQ(code, 0) << t.daemon_->log();
  }
};

TEST_F(ScDaemon, KeepsVolumesOverAKill) { run(keeps_volumes(*this)); }

}  // namespace
}  // namespace angophora::testing
