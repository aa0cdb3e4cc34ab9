// Attachments, with the host (domains, volume clients, records) outliving the daemon.
#include "nc/instances/instances_fixture.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using A = AttachmentState;

const VolumeId kVolume("vol-0123456789abcdef0");
const char kSerial[] = "vol0123456789abcdef0";

class VolumesTest : public InstancesTest {
 protected:
  VolumesTest() { launch(); }

  static AttachOrder attach_order(std::int64_t epoch = 1, const std::string& device = "/dev/sdf",
                                  const VolumeId& volume = kVolume) {
    return {kId, 1, volume, epoch, device, {"sc-1", "10.0.0.3", 8777}};
  }
  Outcome attach(AttachOrder order) {
    return world_.run(*runtime_, instances_->attach(std::move(order))).assume_value();
  }
  Outcome attach(std::int64_t epoch = 1) { return attach(attach_order(epoch)); }
  Outcome detach(std::int64_t epoch = 1, bool force = false) {
    const DetachOrder order{kId, 1, kVolume, epoch, force};
    return world_.run(*runtime_, instances_->detach(order)).assume_value();
  }
  std::optional<VolumeReport> volume(const VolumeId& id = kVolume) {
    if (const auto instance = report())
      for (const auto& volume : instance->volumes)
        if (volume.id == id) return volume;
    return std::nullopt;
  }
  bool volume_reaches(A state, common::Duration limit = 1min) {
    return world_.run_until([&] { return volume() && volume()->state == state; }, limit);
  }
  bool plugged() { return hypervisor_.has_disk(kId, kSerial); }
  bool no_volume_is_left() {
    return !plugged() && clients_.clients.empty() && storage_.exported.empty();
  }
  void attach_well() {
    ASSERT_TRUE(attach().accepted);
    ASSERT_TRUE(volume_reaches(A::attached));
  }

  const VolumeClientId client_{kId, kVolume};
};

TEST_F(VolumesTest, AreExportedConnectedAndPluggedIn) {
  attach_well();
  const auto& disk = hypervisor_.domains.at(kId).plan.disks.back();
  EXPECT_EQ(disk.target, "vdf");
  EXPECT_EQ(disk.serial, kSerial);
  EXPECT_EQ(disk.socket, clients_.socket_of(client_));
  EXPECT_EQ(storage_.exported.at(kVolume), 1);
  EXPECT_EQ(volume()->device, "/dev/sdf");
  EXPECT_EQ(volume()->reason, "");
}

TEST_F(VolumesTest, LeaveNothingBehindWhenDetached) {
  attach_well();
  ASSERT_TRUE(detach().accepted);
  ASSERT_TRUE(volume_reaches(A::detached));
  EXPECT_TRUE(no_volume_is_left());
  EXPECT_TRUE(detach().accepted);  // again
  EXPECT_TRUE(attach().accepted);  // an order that comes late changes nothing
  world_.run_for(1min);
  EXPECT_EQ(volume()->state, A::detached);
  EXPECT_TRUE(no_volume_is_left());
}

TEST_F(VolumesTest, AreAttachedAgainUnderALaterEpoch) {
  attach_well();
  detach();
  ASSERT_TRUE(volume_reaches(A::detached));
  ASSERT_TRUE(attach(2).accepted);
  ASSERT_TRUE(volume_reaches(A::attached));
  EXPECT_EQ(volume()->epoch, 2);
  EXPECT_EQ(attach(1).code, "stale_epoch");
  EXPECT_EQ(detach(1).code, "stale_epoch");
  EXPECT_EQ(volume()->state, A::attached);
}

TEST_F(VolumesTest, TakeTheSameOrderAgainAndPlugOnce) {
  attach_well();
  EXPECT_TRUE(attach().accepted);
  world_.run_for(10s);
  EXPECT_EQ(hypervisor_.plugs, 1);
  EXPECT_EQ(clients_.starts, 1);
}

TEST_F(VolumesTest, RemoveAnEarlierAttachmentBeforeALaterOneOfTheSameVolume) {
  attach_well();
  EXPECT_EQ(attach(2).code, "unavailable");
  ASSERT_TRUE(volume_reaches(A::detached));
  EXPECT_TRUE(attach(2).accepted);
  EXPECT_TRUE(volume_reaches(A::attached));
}

TEST_F(VolumesTest, RememberADetachmentThatCameBeforeItsOrder) {
  ASSERT_TRUE(detach(3).accepted);
  EXPECT_TRUE(attach(3).accepted);
  EXPECT_EQ(attach(2).code, "stale_epoch");
  world_.run_for(1min);
  EXPECT_EQ(volume()->state, A::detached);
  EXPECT_EQ(storage_.asked, 0);
}

TEST_F(VolumesTest, RefuseMalformedOrders) {
  auto no_device = attach_order(1, "/dev/sdf1");
  auto no_epoch = attach_order(0);
  auto no_storage = attach_order();
  no_storage.storage.name = "";
  for (const auto& bad :
       {no_device, no_epoch, no_storage, attach_order(1, "/dev/sdf", VolumeId("../vol"))})
    EXPECT_EQ(attach(bad).code, "invalid_argument");
  EXPECT_TRUE(records_.records.at(kId).volumes.empty());
}

TEST_F(VolumesTest, RefuseOrdersForOtherPlacementsAndInstances) {
  auto other = attach_order();
  other.instance = InstanceId("i-9");
  EXPECT_EQ(attach(other).code, "not_found");
  auto later = attach_order();
  later.placement_no = 2;
  EXPECT_EQ(attach(later).code, "not_found");
  auto earlier = attach_order();
  earlier.placement_no = 0;
  EXPECT_EQ(attach(earlier).code, "stale_placement");
}

TEST_F(VolumesTest, RefuseADeviceThatIsTaken) {
  EXPECT_EQ(attach(attach_order(1, "/dev/sda")).code, "device_in_use");
  attach_well();
  EXPECT_EQ(attach(attach_order(1, "/dev/xvdf", VolumeId("vol-2"))).code, "device_in_use");
  EXPECT_TRUE(attach(attach_order(1, "/dev/sdg", VolumeId("vol-2"))).accepted);
}

TEST_F(VolumesTest, RefuseMoreThanAGuestHasPortsFor) {
  for (char c = 'b'; c < 'b' + 16; ++c)
    ASSERT_TRUE(
        attach(attach_order(1, std::string("/dev/sd") + c, VolumeId(std::string("vol-") + c)))
            .accepted);
  EXPECT_EQ(attach(attach_order(1, "/dev/sdz")).code, "limit_exceeded");
}

TEST_F(VolumesTest, RefuseAnOrderThatCannotBeRecorded) {
  records_.failure = Error(Errc::io, "disk full");
  EXPECT_EQ(attach().code, "io");
  EXPECT_FALSE(volume());
  records_.failure.reset();
  world_.run_for(1min);
  EXPECT_EQ(storage_.asked, 0);
}

TEST_F(VolumesTest, WaitForAStorageControllerThatIsAway) {
  storage_.failure = Error(Errc::unavailable, "sc-1 is away");
  ASSERT_TRUE(attach().accepted);
  world_.run_for(1min);
  EXPECT_EQ(volume()->state, A::attaching);
  EXPECT_NE(volume()->reason.find("sc-1 is away"), std::string::npos);
  storage_.failure.reset();
  ASSERT_TRUE(volume_reaches(A::attached));
  EXPECT_EQ(volume()->reason, "");
}

TEST_F(VolumesTest, FailWithTheReasonWhenStorageStaysAway) {
  clients_.failure = Error(Errc::unavailable, "connection refused");
  ASSERT_TRUE(attach().accepted);
  ASSERT_TRUE(volume_reaches(A::failed, 5min));
  EXPECT_NE(volume()->reason.find("connection refused"), std::string::npos);
  EXPECT_TRUE(no_volume_is_left());
}

TEST_F(VolumesTest, FailAtOnceWhenTheStorageControllerRefuses) {
  storage_.failure = Error(Errc::permission_denied, "another node holds it");
  ASSERT_TRUE(attach().accepted);
  ASSERT_TRUE(volume_reaches(A::failed, 5s));
  EXPECT_NE(volume()->reason.find("another node holds it"), std::string::npos);
  EXPECT_FALSE(plugged());
  EXPECT_TRUE(clients_.clients.empty());
}

TEST_F(VolumesTest, FailWhenTheHypervisorRefusesAgainAndAgain) {
  hypervisor_.attach_failure = Error(Errc::io, "no more PCI slots");
  ASSERT_TRUE(attach().accepted);
  ASSERT_TRUE(volume_reaches(A::failed));
  EXPECT_NE(volume()->reason.find("no more PCI slots"), std::string::npos);
  EXPECT_TRUE(no_volume_is_left());
}

TEST_F(VolumesTest, AreReportedAsAttachingUntilAFailureIsCleanedUp) {
  storage_.failure = Error(Errc::permission_denied, "no");
  clients_.stop_failure = Error(Errc::io, "it does not end");
  ASSERT_TRUE(attach().accepted);
  world_.run_for(30s);
  EXPECT_EQ(volume()->state, A::attaching);
  clients_.stop_failure.reset();
  EXPECT_TRUE(volume_reaches(A::failed));
}

TEST_F(VolumesTest, CanBeDetachedWhileTheyAreBeingAttached) {
  storage_.failure = Error(Errc::unavailable, "sc-1 is away");
  ASSERT_TRUE(attach().accepted);
  world_.run_for(10s);
  ASSERT_TRUE(detach().accepted);
  ASSERT_TRUE(volume_reaches(A::detached, 30s));
  EXPECT_TRUE(clients_.clients.empty());
}

TEST_F(VolumesTest, StayDetachingWhileTheGuestHoldsThem) {
  attach_well();
  hypervisor_.clings = true;
  ASSERT_TRUE(detach().accepted);
  world_.run_for(5min);
  EXPECT_EQ(volume()->state, A::detaching);
  EXPECT_EQ(volume()->reason, "the guest does not let go of the disk");
  EXPECT_FALSE(clients_.clients.at(client_).cut_off);
  hypervisor_.clings = false;
  ASSERT_TRUE(volume_reaches(A::detached, 5s));
  EXPECT_TRUE(no_volume_is_left());
}

TEST_F(VolumesTest, GetTheirClientBackWhileTheGuestHasNotLetGo) {
  attach_well();
  hypervisor_.clings = true;  // it waits for a write
  ASSERT_TRUE(detach().accepted);
  world_.run_for(2s);
  clients_.clients.at(client_).runs = false;
  EXPECT_TRUE(world_.run_until([&] { return clients_.clients.at(client_).runs; }, 10s));
  EXPECT_EQ(volume()->state, A::detaching);
  hypervisor_.clings = false;
  ASSERT_TRUE(volume_reaches(A::detached));
  EXPECT_TRUE(no_volume_is_left());
}

TEST_F(VolumesTest, GetTheirClientBackWhileTheGuestHasNotLetGoAlsoAfterARestart) {
  attach_well();
  hypervisor_.clings = true;
  ASSERT_TRUE(detach().accepted);
  kill_daemon();
  clients_.clients.at(client_).runs = false;
  start();
  EXPECT_TRUE(world_.run_until([&] { return clients_.clients.at(client_).runs; }, 10s));
  hypervisor_.clings = false;
  ASSERT_TRUE(volume_reaches(A::detached));
  EXPECT_TRUE(no_volume_is_left());
}

TEST_F(VolumesTest, AreTakenAwayByForceFromAGuestThatHoldsThem) {
  attach_well();
  hypervisor_.clings = true;
  ASSERT_TRUE(detach().accepted);
  world_.run_for(1min);
  ASSERT_TRUE(detach(1, true).accepted);
  ASSERT_TRUE(volume_reaches(A::detached, 30s));
  EXPECT_TRUE(storage_.exported.empty());
  EXPECT_TRUE(clients_.clients.at(client_).cut_off) << "the guest has a disk that leads nowhere";
  EXPECT_EQ(attach(2).code, "device_in_use");
  hypervisor_.clings = false;
  ASSERT_TRUE(world_.run_until([&] { return clients_.clients.empty(); }, 30s));
  EXPECT_TRUE(attach(2).accepted);
  EXPECT_TRUE(volume_reaches(A::attached));
}

TEST_F(VolumesTest, StayCutOffWhenTheDaemonIsKilledOverIt) {
  attach_well();
  hypervisor_.clings = true;
  ASSERT_TRUE(detach(1, true).accepted);
  ASSERT_TRUE(volume_reaches(A::detached, 30s));
  restart();
  world_.run_for(30s);
  EXPECT_TRUE(clients_.clients.at(client_).cut_off);
  hypervisor_.clings = false;
  ASSERT_TRUE(world_.run_until([&] { return clients_.clients.empty(); }, 30s));
}

TEST_F(VolumesTest, GetTheirClientBackWhenItDies) {
  attach_well();
  clients_.clients.at(client_).runs = false;
  hypervisor_.domains.at(kId).status.io_stopped = true;
  ASSERT_TRUE(world_.run_until([&] { return clients_.clients.at(client_).runs; }, 3s));
  ASSERT_TRUE(world_.run_until([&] { return !hypervisor_.domains.at(kId).status.io_stopped; }, 3s));
  EXPECT_EQ(clients_.starts, 2);
  EXPECT_EQ(hypervisor_.plugs, 1);
  EXPECT_EQ(volume()->state, A::attached);
}

TEST_F(VolumesTest, TellWhenStorageIsGoneAndComeBackByThemselves) {
  attach_well();
  storage_.failure = clients_.failure = Error(Errc::unavailable, "sc-1 is away");
  clients_.clients.at(client_).runs = false;
  hypervisor_.domains.at(kId).status.io_stopped = true;
  world_.run_for(10min);
  EXPECT_EQ(volume()->state, A::attached);
  EXPECT_NE(volume()->reason.find("sc-1 is away"), std::string::npos);
  EXPECT_TRUE(hypervisor_.domains.at(kId).status.io_stopped) << "nothing to go on with";
  storage_.failure.reset();
  clients_.failure.reset();
  ASSERT_TRUE(
      world_.run_until([&] { return !hypervisor_.domains.at(kId).status.io_stopped; }, 1min));
  EXPECT_EQ(volume()->reason, "");
}

TEST_F(VolumesTest, ArePluggedInAgainWhenTheGuestThrewThemOut) {
  attach_well();
  auto& disks = hypervisor_.domains.at(kId).plan.disks;
  disks.pop_back();
  hypervisor_.tell({kId, DomainEvent::Kind::disk_removed});
  ASSERT_TRUE(world_.run_until([&] { return plugged(); }, 3s));
}

TEST_F(VolumesTest, AreInTheDomainOfACrashedGuestFromItsStart) {
  attach_well();
  hypervisor_.end(kId, DomainEnd::lost);
  ASSERT_TRUE(world_.run_until([&] { return hypervisor_.starts == 2; }, 1min));
  EXPECT_TRUE(plugged());
  world_.run_for(5s);
  EXPECT_EQ(hypervisor_.plugs, 1) << "it was in the domain's definition";
  EXPECT_EQ(volume()->state, A::attached);
}

TEST_F(VolumesTest, DoNotKeepACrashedGuestFromStartingForLong) {
  attach_well();
  storage_.failure = clients_.failure = Error(Errc::unavailable, "sc-1 is away");
  clients_.clients.clear();
  hypervisor_.end(kId, DomainEnd::lost);
  world_.run_for(10s);
  EXPECT_EQ(hypervisor_.starts, 1);
  ASSERT_TRUE(world_.run_until([&] { return hypervisor_.starts == 2; }, 2min));
  EXPECT_FALSE(plugged());
  storage_.failure.reset();
  clients_.failure.reset();
  ASSERT_TRUE(world_.run_until([&] { return plugged(); }, 1min));
}

TEST_F(VolumesTest, EndWithTheirInstance) {
  attach_well();
  ASSERT_TRUE(terminate().accepted);
  ASSERT_TRUE(reaches(InstanceState::terminated));
  EXPECT_TRUE(no_volume_is_left());
  EXPECT_EQ(volume()->state, A::detached);
  EXPECT_EQ(detach(1).accepted, true);
}

TEST_F(VolumesTest, EndWithTheirInstanceAlsoWhileStorageIsAway) {
  attach_well();
  storage_.failure = Error(Errc::unavailable, "sc-1 is away");
  ASSERT_TRUE(terminate().accepted);
  ASSERT_TRUE(reaches(InstanceState::terminated, kId, 30s));
  EXPECT_TRUE(clients_.clients.empty());
}

TEST_F(VolumesTest, WaitWithTheEndUntilTheirClientsHaveEnded) {
  attach_well();
  clients_.stop_failure = Error(Errc::io, "it does not end");
  ASSERT_TRUE(terminate().accepted);
  world_.run_for(1min);
  EXPECT_EQ(report()->state, InstanceState::shutting_down);
  clients_.stop_failure.reset();
  EXPECT_TRUE(reaches(InstanceState::terminated));
}

TEST_F(VolumesTest, RefuseOrdersWhileTheInstanceStartsOrEnds) {
  hypervisor_.failure = Error(Errc::timed_out, "hangs");
  terminate();
  EXPECT_EQ(attach().code, "incorrect_state");
  hypervisor_.failure.reset();
  ASSERT_TRUE(reaches(InstanceState::terminated));
  EXPECT_TRUE(detach().accepted);
}

TEST_F(VolumesTest, RemoveClientsThatNothingIsKnownOf) {
  kill_daemon();
  clients_.clients[{InstanceId("i-5"), kVolume}] = {};
  clients_.clients[client_] = {};
  start();
  EXPECT_TRUE(clients_.clients.empty());
}

TEST_F(VolumesTest, AreAdoptedAfterARestart) {
  attach_well();
  restart();
  world_.run_for(1min);
  EXPECT_EQ(volume()->state, A::attached);
  EXPECT_EQ(clients_.starts, 1);
  EXPECT_EQ(hypervisor_.plugs, 1);
}

// --- kills between any two steps ---

constexpr int kStepsMax = 24;

// The daemon dies in the step of the number, before or after its effect.
class StepwiseTest : public VolumesTest {
 protected:
  void die_at(int step) {
    steps_.stop_at(*runtime_, step);
    storage_.steps = clients_.steps = hypervisor_.steps = records_.steps = &steps_;
  }
  // After the daemon had time to get where it dies.
  void die_and_start_again() {
    world_.run_for(30s);
    steps_.run_on();
    restart();
  }
  static common::awaitable<void> order_attach(StepwiseTest& test) {
    (void)co_await test.instances_->attach(attach_order());
  }
  static common::awaitable<void> order_detach(StepwiseTest& test) {
    const DetachOrder order{kId, 1, kVolume, 1, false};
    (void)co_await test.instances_->detach(order);
  }
  static common::awaitable<void> order_terminate(StepwiseTest& test) {
    (void)co_await test.instances_->terminate(kId, 1);
  }

  FakeSteps steps_;
};
class KilledVolumesTest : public StepwiseTest, public testing::WithParamInterface<int> {};

TEST_P(KilledVolumesTest, AreAttachedByTheNextDaemon) {
  die_at(GetParam());
  runtime_->spawn("order", order_attach(*this));
  die_and_start_again();
  EXPECT_TRUE(attach().accepted);  // the cloud controller repeats what was not answered
  ASSERT_TRUE(volume_reaches(A::attached));
  EXPECT_TRUE(plugged());
  EXPECT_EQ(hypervisor_.plugs, 1);
  EXPECT_TRUE(clients_.clients.at(client_).runs);
  ASSERT_TRUE(detach().accepted);
  ASSERT_TRUE(volume_reaches(A::detached));
  EXPECT_TRUE(no_volume_is_left());
}

TEST_P(KilledVolumesTest, AreDetachedByTheNextDaemon) {
  attach_well();
  die_at(GetParam());
  runtime_->spawn("order", order_detach(*this));
  die_and_start_again();
  EXPECT_TRUE(detach().accepted);
  ASSERT_TRUE(volume_reaches(A::detached));
  EXPECT_TRUE(no_volume_is_left());
}

TEST_P(KilledVolumesTest, EndWithTheirInstanceInTheNextDaemon) {
  attach_well();
  die_at(GetParam());
  runtime_->spawn("order", order_terminate(*this));
  die_and_start_again();
  EXPECT_TRUE(terminate().accepted);
  ASSERT_TRUE(reaches(InstanceState::terminated));
  EXPECT_TRUE(no_volume_is_left());
}

TEST_F(StepwiseTest, HaveFewEnoughStepsToBeKilledInEach) {
  die_at(0);
  attach_well();
  detach();
  ASSERT_TRUE(volume_reaches(A::detached));
  EXPECT_GT(steps_.count, 10);
  EXPECT_LT(steps_.count, kStepsMax);
}

INSTANTIATE_TEST_SUITE_P(AtAnyMoment, KilledVolumesTest, testing::Range(1, kStepsMax));

}  // namespace
}  // namespace angophora::nc
