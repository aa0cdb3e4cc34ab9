#include "nc/instances/instances_fixture.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using S = InstanceState;

TEST_F(InstancesTest, RunsWhatWasOrdered) {
  launch();
  const auto& plan = hypervisor_.domains.at(kId).plan;
  EXPECT_EQ(plan.kernel_path, "/cache/eki-1");
  EXPECT_EQ(plan.disks.at(0).backing_path, "/cache/emi-1");
  EXPECT_EQ(plan.cards.at(0).tap, network_.ports.at(kId).tap);
  EXPECT_EQ(plan.uuid.substr(0, 3), "ec2");
  EXPECT_EQ(instances_->report().used, (Resources{1, 512, 5}));
}

TEST_F(InstancesTest, BootsAWholeDiskWithoutAKernel) {
  world_.run_for(10ms);
  auto spec = spec_of(kId);
  spec.machine_image.whole_disk = true;
  spec.kernel_image.reset();
  spec.ramdisk_image.reset();
  ASSERT_TRUE(run(spec).accepted);
  ASSERT_TRUE(reaches(S::running));
  EXPECT_TRUE(hypervisor_.domains.at(kId).plan.kernel_path.empty());
}

TEST_F(InstancesTest, TakesTheSameOrderAgainAndStartsOnce) {
  launch();
  EXPECT_TRUE(run(spec_of(kId)).accepted);
  world_.run_for(10s);
  EXPECT_EQ(hypervisor_.starts, 1);
}

TEST_F(InstancesTest, RefusesOrdersOfAnEarlierPlacement) {
  world_.run_for(10ms);
  ASSERT_TRUE(run(spec_of(kId, 3)).accepted);
  EXPECT_EQ(run(spec_of(kId, 2)).code, "stale_placement");
  EXPECT_EQ(terminate(kId, 2).code, "stale_placement");
  ASSERT_TRUE(reaches(S::running));
}

TEST_F(InstancesTest, RemovesAnEarlierPlacementBeforeItRunsALaterOne) {
  launch();
  EXPECT_EQ(run(spec_of(kId, 2)).code, "unavailable");
  ASSERT_TRUE(reaches(S::terminated));
  EXPECT_TRUE(nothing_is_left());
  ASSERT_TRUE(run(spec_of(kId, 2)).accepted);
  ASSERT_TRUE(reaches(S::running));
  EXPECT_EQ(report()->placement_no, 2);
}

TEST_F(InstancesTest, RefusesMalformedOrders) {
  world_.run_for(10ms);
  auto no_type = spec_of(kId);
  no_type.type.memory_mib = 0;
  auto no_mac = spec_of(kId);
  no_mac.net.mac_address = "d0:0d";
  auto no_kernel = spec_of(kId);
  no_kernel.kernel_image.reset();
  auto control = spec_of(kId);
  control.kernel_arguments = "a\nb";
  for (const auto& bad : {spec_of(InstanceId("../etc")), no_type, no_mac, no_kernel, control})
    EXPECT_EQ(run(bad).code, "invalid_argument");
  EXPECT_TRUE(records_.records.empty());
}

TEST_F(InstancesTest, RefusesWhatDoesNotFit) {
  launch();
  auto big = spec_of(InstanceId("i-2"));
  big.type.memory_mib = 2048;
  const auto refused = run(big);
  EXPECT_EQ(refused.code, "limit_exceeded");
  EXPECT_NE(refused.reason.find("memory"), std::string::npos);
  EXPECT_FALSE(report(InstanceId("i-2")));
}

TEST_F(InstancesTest, RefusesAnOrderThatItCannotRecord) {
  world_.run_for(10ms);
  records_.failure = Error(Errc::io, "disk full");
  EXPECT_EQ(run(spec_of(kId)).code, "io");
  EXPECT_FALSE(report());
  world_.run_for(1min);
  EXPECT_EQ(hypervisor_.starts, 0);
}

TEST_F(InstancesTest, FreesEverythingOnTerminate) {
  launch();
  ASSERT_TRUE(terminate().accepted);
  ASSERT_TRUE(reaches(S::terminated));
  EXPECT_TRUE(nothing_is_left());
  EXPECT_EQ(instances_->report().used, Resources{});
  EXPECT_TRUE(terminate().accepted);  // again
}

TEST_F(InstancesTest, TerminatesWhileTheImageIsStillOnItsWay) {
  world_.run_for(10ms);
  images_->stuck = true;
  ASSERT_TRUE(run(spec_of(kId)).accepted);
  world_.run_for(1min);
  EXPECT_EQ(report()->state, S::staging);
  ASSERT_TRUE(terminate().accepted);
  ASSERT_TRUE(reaches(S::terminated, kId, 1s));
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, KeepsTryingToFreeWhileTheHypervisorIsAway) {
  launch();
  hypervisor_.failure = Error(Errc::unavailable, "libvirtd is away");
  ASSERT_TRUE(terminate().accepted);
  world_.run_for(1min);
  EXPECT_EQ(report()->state, S::shutting_down);
  EXPECT_EQ(disks_.made.size(), 1u);  // never before the domain is gone
  hypervisor_.failure.reset();
  ASSERT_TRUE(reaches(S::terminated));
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, RemembersATerminationThatCameBeforeItsOrder) {
  world_.run_for(10ms);
  ASSERT_TRUE(terminate(kId, 1).accepted);
  EXPECT_TRUE(run(spec_of(kId, 1)).accepted);
  world_.run_for(1min);
  EXPECT_EQ(report()->state, S::terminated);
  EXPECT_EQ(hypervisor_.starts, 0);
}

TEST_F(InstancesTest, ForgetsAnInstanceSomeTimeAfterItsEnd) {
  launch();
  terminate();
  ASSERT_TRUE(reaches(S::terminated));
  world_.run_for(14min);
  EXPECT_TRUE(report());
  world_.run_for(2min);
  EXPECT_FALSE(report());
  EXPECT_TRUE(records_.records.empty());
}

TEST_F(InstancesTest, WaitsForNeighboursThatAreAway) {
  world_.run_for(10ms);
  images_->failure = Error(Errc::unavailable, "the object store is away");
  ASSERT_TRUE(run(spec_of(kId)).accepted);
  world_.run_for(5min);
  EXPECT_EQ(report()->state, S::staging);
  images_->failure.reset();
  EXPECT_TRUE(reaches(S::running));
}

TEST_F(InstancesTest, FailsWithTheReasonWhenTheImageIsBad) {
  world_.run_for(10ms);
  images_->failure = Error(Errc::corrupt, "image emi-1: wrong digest");
  ASSERT_TRUE(run(spec_of(kId)).accepted);
  ASSERT_TRUE(reaches(S::failed));
  EXPECT_EQ(report()->reason, "image emi-1: wrong digest");
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, FailsWhenTheHypervisorRefusesAgainAndAgain) {
  world_.run_for(10ms);
  network_.failure = Error(Errc::io, "no tap");
  ASSERT_TRUE(run(spec_of(kId)).accepted);
  ASSERT_TRUE(world_.run_until([&] { return report()->state == S::shutting_down; }, 5min));
  network_.failure.reset();
  ASSERT_TRUE(reaches(S::failed));
  EXPECT_NE(report()->reason.find("no tap"), std::string::npos);
}

TEST_F(InstancesTest, AdoptsRunningGuestsAfterARestart) {
  launch();
  const auto tap = network_.ports.at(kId).tap;
  restart();
  world_.run_for(1min);
  EXPECT_EQ(report()->state, S::running);
  EXPECT_EQ(hypervisor_.starts, 1);
  EXPECT_EQ(network_.ports.at(kId).tap, tap);
}

TEST_F(InstancesTest, RefusesOrdersUntilItHasFoundItsGuests) {
  hypervisor_.failure = Error(Errc::unavailable, "libvirtd is away");
  kill_daemon();
  start();
  world_.run_for(10s);
  EXPECT_EQ(run(spec_of(kId)).code, "unavailable");
  EXPECT_EQ(terminate().code, "unavailable");
  EXPECT_FALSE(instances_->report().ready);
  hypervisor_.failure.reset();
  world_.run_for(2s);
  EXPECT_TRUE(instances_->report().ready);
  EXPECT_TRUE(run(spec_of(kId)).accepted);
}

TEST_F(InstancesTest, GoesOnWithAnOrderThatItWasKilledOver) {
  world_.run_for(10ms);
  images_->stuck = true;
  ASSERT_TRUE(run(spec_of(kId)).accepted);
  world_.run_for(1s);
  restart();
  EXPECT_TRUE(reaches(S::running));
}

TEST_F(InstancesTest, FinishesATerminationThatItWasKilledOver) {
  launch();
  hypervisor_.failure = Error(Errc::timed_out, "hangs");
  ASSERT_TRUE(terminate().accepted);
  kill_daemon();
  hypervisor_.failure.reset();
  start();
  ASSERT_TRUE(reaches(S::terminated));
  EXPECT_TRUE(nothing_is_left());
}

// The host comes back with the domain defined and not running.
class RestartedHostTest : public InstancesTest {
 protected:
  RestartedHostTest() {
    launch();
    kill_daemon();
    hypervisor_.domains.at(kId).status = {kId, false, false, DomainEnd::by_guest};
    options_.host_boot_id = "boot-2";
    start();
    images_->cached = {ImageId("emi-1"), ImageId("eki-1"), ImageId("eri-1")};
  }
  void ask_for_report() {
    const auto known = instances_->report();
    (void)world_.run(*runtime_, instances_->await_report(known.boot_id, known.generation - 1, 1s));
  }
};

TEST_F(RestartedHostTest, StartsItsGuestsAgainOnceOrdersMayHaveCome) {
  ask_for_report();
  ASSERT_TRUE(world_.run_until([&] { return hypervisor_.starts == 2; }, 5s));
  EXPECT_TRUE(reaches(S::running));
}

TEST_F(RestartedHostTest, StartsItsGuestsAgainWhenNobodyEverAsks) {
  EXPECT_FALSE(world_.run_until([&] { return hypervisor_.starts == 2; }, 50s));
  EXPECT_TRUE(world_.run_until([&] { return hypervisor_.starts == 2; }, 20s));
  EXPECT_TRUE(reaches(S::running));
}

TEST_F(RestartedHostTest, NeverStartsAGuestThatWasEndedMeanwhile) {
  world_.run_for(10s);
  ask_for_report();
  ASSERT_TRUE(terminate().accepted);
  ASSERT_TRUE(reaches(S::terminated));
  EXPECT_EQ(hypervisor_.starts, 1);
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, ReportsAGuestThatEndedWhileNobodyLooked) {
  launch();
  kill_daemon();
  hypervisor_.end(kId, DomainEnd::by_guest);
  start();
  ASSERT_TRUE(reaches(S::terminated));
  EXPECT_EQ(report()->reason, "the guest shut itself down");
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, CleansWhatIsHalfMade) {
  launch();
  kill_daemon();
  const InstanceId stray("i-5"), over("i-6");
  hypervisor_.domains[stray].status = {stray, true, false, DomainEnd::none};
  auto& record = records_.records[over] = records_.records[kId];
  record.spec.id = over;
  record.state = S::terminated;
  disks_.made.insert(over);
  start();
  world_.run_for(5s);
  EXPECT_FALSE(hypervisor_.domains.contains(stray));
  EXPECT_FALSE(disks_.made.contains(over));
  EXPECT_EQ(report()->state, S::running);
}

TEST_F(InstancesTest, DoesNotStartWhenItsRecordsWereLost) {
  launch();
  kill_daemon();
  records_.records.clear();
  const auto started = try_to_start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(kId.value), std::string::npos);
  EXPECT_TRUE(hypervisor_.domains.contains(kId));
  EXPECT_TRUE(disks_.made.contains(kId));
}

TEST_F(InstancesTest, LeavesAloneWhatItHasAnUnreadableRecordOf) {
  launch();
  kill_daemon();
  records_.records.clear();
  records_.unreadable.insert(kId);
  start();
  world_.run_for(10s);
  EXPECT_TRUE(hypervisor_.domains.contains(kId));
  EXPECT_TRUE(disks_.made.contains(kId));
  EXPECT_EQ(run(spec_of(kId)).code, "io");
}

TEST_F(InstancesTest, SeesAtOnceThatAGuestShutItselfDown) {
  launch();
  hypervisor_.end(kId, DomainEnd::by_guest);
  ASSERT_TRUE(reaches(S::terminated, kId, 100ms));
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, StartsACrashedGuestAgainButNotForEver) {
  launch();
  for (int i = 0; i < 3; ++i) {
    hypervisor_.end(kId, DomainEnd::lost);
    ASSERT_TRUE(world_.run_until([&] { return hypervisor_.starts == 2 + i; }, 1min));
    ASSERT_TRUE(reaches(S::running));
    world_.run_for(1s);
  }
  hypervisor_.end(kId, DomainEnd::lost);
  ASSERT_TRUE(reaches(S::failed));
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, RemovesADomainWhoseStartTookEffectTooLate) {
  launch();
  terminate();
  ASSERT_TRUE(reaches(S::terminated));
  hypervisor_.domains[kId].status = {kId, true, false, DomainEnd::none};
  world_.run_for(3s);
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(InstancesTest, LetsTheGuestRebootItself) {
  launch();
  ASSERT_TRUE(world_.run(*runtime_, instances_->reboot(kId, 1)).assume_value().accepted);
  world_.run_for(10s);
  EXPECT_EQ(hypervisor_.domains.at(kId).reboots_asked, 1);
  hypervisor_.tell({kId, DomainEvent::Kind::rebooted});
  world_.run_for(10min);
  EXPECT_EQ(hypervisor_.domains.at(kId).resets, 0);
}

TEST_F(InstancesTest, ResetsAGuestThatDoesNotRebootItself) {
  launch();
  ASSERT_TRUE(world_.run(*runtime_, instances_->reboot(kId, 1)).assume_value().accepted);
  world_.run_for(10min);
  EXPECT_EQ(hypervisor_.domains.at(kId).resets, 1);
}

TEST_F(InstancesTest, RebootsOnlyWhatRuns) {
  world_.run_for(10ms);
  EXPECT_EQ(world_.run(*runtime_, instances_->reboot(kId, 1)).assume_value().code, "not_found");
  images_->stuck = true;
  run(spec_of(kId));
  EXPECT_EQ(world_.run(*runtime_, instances_->reboot(kId, 1)).assume_value().code,
            "incorrect_state");
}

TEST_F(InstancesTest, StopsNewWorkWhenTheDiskIsNearlyFullAndBreaksNoGuest) {
  launch();
  disks_.space.free_bytes = 10 << 20;
  world_.run_for(20s);
  hypervisor_.domains.at(kId).status.io_stopped = true;
  world_.run_for(20s);
  EXPECT_FALSE(instances_->report().ready);
  const auto refused = run(spec_of(InstanceId("i-2")));
  EXPECT_EQ(refused.code, "limit_exceeded");
  EXPECT_NE(refused.reason.find("disk"), std::string::npos);
  EXPECT_EQ(report()->state, S::running);
  EXPECT_TRUE(hypervisor_.domains.at(kId).status.io_stopped);
  disks_.space.free_bytes = 50ull << 30;
  world_.run_for(20s);
  EXPECT_TRUE(instances_->report().ready);
  EXPECT_FALSE(hypervisor_.domains.at(kId).status.io_stopped);
}

TEST_F(InstancesTest, OffersTheDiskAsItIsNowWhenItWasFullAtTheStart) {
  options_.total.disk_gib = 0;
  common::Result<std::uint64_t> measured = 0u;
  options_.disk_gib = [&measured] { return measured; };
  restart();
  EXPECT_EQ(run(spec_of(kId)).code, "limit_exceeded");
  measured = 40u;
  world_.run_for(20s);
  EXPECT_EQ(instances_->report().total.disk_gib, 40u);
  launch();
  measured = common::Error(common::Errc::io, "the disk does not answer");
  world_.run_for(20s);
  EXPECT_EQ(instances_->report().total.disk_gib, 40u) << "as it was known last";
}

TEST_F(InstancesTest, IsNotReadyWhileItsNetworkIsNot) {
  launch();
  network_.what_is_wrong = "the guests' network: no bridge";
  world_.run_for(2s);
  EXPECT_FALSE(instances_->report().ready);
  EXPECT_EQ(instances_->report().reason, network_.what_is_wrong);
  const auto refused = run(spec_of(InstanceId("i-2")));
  EXPECT_EQ(refused.code, "unavailable");
  EXPECT_EQ(refused.reason, network_.what_is_wrong);
  EXPECT_EQ(report()->state, S::running);
  network_.what_is_wrong = "";
  world_.run_for(2s);
  EXPECT_TRUE(instances_->report().ready);
  EXPECT_TRUE(run(spec_of(InstanceId("i-2"))).accepted);
}

TEST_F(InstancesTest, AnswersALongPollWhenSomethingChanges) {
  launch();
  const auto known = instances_->report();
  const auto began = world_.steady_now();
  auto same = world_.run(*runtime_, instances_->await_report(known.boot_id, known.generation, 1s));
  EXPECT_EQ(same.assume_value().generation, known.generation);
  EXPECT_EQ(world_.steady_now() - began, 1s);

  world_.call_at(world_.steady_now() + 200ms, [&] { hypervisor_.end(kId, DomainEnd::by_guest); });
  const auto later = world_.steady_now();
  auto news = world_.run(*runtime_, instances_->await_report(known.boot_id, known.generation, 1s));
  EXPECT_GT(news.assume_value().generation, known.generation);
  EXPECT_LT(world_.steady_now() - later, 400ms);
}

TEST_F(InstancesTest, AnswersAtOnceToWhomKnewAnotherRunOfTheDaemon) {
  launch();
  const auto known = instances_->report();
  restart();
  EXPECT_NE(instances_->report().boot_id, known.boot_id);
  const auto began = world_.steady_now();
  (void)world_.run(*runtime_, instances_->await_report(known.boot_id, known.generation, 1s));
  EXPECT_EQ(world_.steady_now(), began);
}

TEST_F(InstancesTest, TellsThePublicAddressAndTheGroupsOfToday) {
  launch();
  const auto at_launch = instances_->by_address("10.100.0.5")->group_names;
  NetworkDocument document;
  document.version = 1;
  document.instances.push_back({kId, {}, "", "10.100.0.5", "198.51.100.5", {}, {}});
  const auto apply = [&] {
    ++document.version;
    auto copy = document;
    ASSERT_TRUE(world_.run(*runtime_, network_.apply(std::move(copy))));
  };
  apply();
  EXPECT_EQ(instances_->by_address("10.100.0.5")->net.public_ip, "198.51.100.5");
  document.instances[0].public_ip.clear();
  apply();
  EXPECT_EQ(instances_->by_address("10.100.0.5")->net.public_ip, "");
  EXPECT_EQ(instances_->by_address("10.100.0.5")->group_names, at_launch) << "nobody named any";
  document.groups = {{common::GroupId("sg-1"), {}, {}, "web"},
                     {common::GroupId("sg-2"), {}, {}, "database"},
                     {common::GroupId("sg-3"), {}, {}, "another's"}};
  document.instances[0].groups = {common::GroupId("sg-2"), common::GroupId("sg-1")};
  apply();
  EXPECT_EQ(instances_->by_address("10.100.0.5")->group_names,
            (std::vector<std::string>{"database", "web"}));
  document.instances[0].groups.pop_back();
  apply();
  EXPECT_EQ(instances_->by_address("10.100.0.5")->group_names,
            std::vector<std::string>{"database"});
}

TEST_F(InstancesTest, KnowsWhoHasAnAddress) {
  launch();
  EXPECT_EQ(instances_->by_address("10.100.0.5")->id, kId);
  EXPECT_FALSE(instances_->by_address("10.100.0.6"));
  terminate();
  ASSERT_TRUE(reaches(S::terminated));
  EXPECT_FALSE(instances_->by_address("10.100.0.5"));
}

}  // namespace
}  // namespace angophora::nc
