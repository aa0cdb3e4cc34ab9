#include "nc/daemon.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "common/runtime/sim_runtime.h"
#include "nc/hypervisor/fake_hypervisor.h"
#include "nc/images/fake_disks.h"
#include "nc/images/fake_images.h"
#include "nc/network/fake_network.h"
#include "nc/volumes/fake_storage_volumes.h"
#include "nc/volumes/fake_volume_clients.h"

namespace angophora::nc {
namespace {

using namespace std::chrono_literals;

TEST(NodeDaemon, IsReadyOnceItHasFoundItsGuests) {
  common::SimWorld world;
  common::SimRuntime runtime(world, "nc");
  FakeHypervisor hypervisor;
  FakeNetwork network;
  FakeDisks disks;
  FakeImages images(runtime);
  MemoryRecords records;
  FakeStorageVolumes storage;
  FakeVolumeClients volume_clients;
  HostFacts host{{4, 2048, 100}, "boot-1"};
  hypervisor.failure = common::Error(common::Errc::unavailable, "libvirtd is away");
  Daemon daemon(runtime, Config{}, {common::NodeName("node-1"), common::ZoneName("zone-a")}, host,
                {hypervisor, network, images, disks, records, storage, volume_clients});
  ASSERT_TRUE(world.run(runtime, daemon.start()));
  world.run_for(3s);
  EXPECT_NE(daemon.why_not_ready().find("libvirtd is away"), std::string::npos);
  hypervisor.failure.reset();
  world.run_for(3s);
  EXPECT_EQ(daemon.why_not_ready(), "");
  EXPECT_FALSE(daemon.dispatcher().served().empty());
  runtime.kill();
}

TEST(HostFacts, AreTheHostsOwnUnlessSet) {
  auto dir = testing::TempDir() + "host-facts-XXXXXX";
  ASSERT_NE(mkdtemp(dir.data()), nullptr);
  const auto own = read_host_facts({dir}, {}).assume_value();
  EXPECT_GE(own.total.vcpus, 1u);
  EXPECT_GT(own.total.memory_mib, 0u);
  EXPECT_FALSE(own.boot_id.empty());
  HostLimits limits;
  limits.vcpus = 7;
  limits.memory_mib = 1000;
  limits.disk_gib = 3;
  const auto set = read_host_facts({dir}, limits).assume_value();
  EXPECT_EQ(set.total, (Resources{7, 1000, 3}));
  EXPECT_FALSE(set.disk_gib) << "the operator's figure is not measured";
  ASSERT_TRUE(own.disk_gib);
  EXPECT_TRUE(own.disk_gib());
  limits = {};
  limits.memory_reserve_mib = own.total.memory_mib + 1;
  EXPECT_EQ(read_host_facts({dir}, limits).assume_value().total.memory_mib, 0u);
  EXPECT_FALSE(read_host_facts({"/nonexistent"}, {}));
  std::filesystem::remove(dir);
}

TEST(NodeConfig, DeclaresEverySettingWithAMeaning) {
  Config config;
  for (const auto& entry : config::entries_of(config)) EXPECT_FALSE(entry.meaning.empty());
}

}  // namespace
}  // namespace angophora::nc
