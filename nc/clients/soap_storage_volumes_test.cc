#include "nc/clients/soap_storage_volumes.h"

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "common/soap/fault.h"
#include "common/soap/local_channel.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::ServiceName;
using common::Task;
using soap::Role;
using soap::storage::ExportVolume;
using soap::storage::UnexportVolume;

class SoapStorageVolumesTest : public testing::Test {
 protected:
  SoapStorageVolumesTest() {
    reply_.host = "10.0.0.3";
    reply_.port = 10809;
    reply_.exportName = "vol-1";
    reply_.pskUsername = "vol-1.4";
    reply_.pskKey = std::string(64, 'a');
    reply_.sizeBytes = 1 << 30;
    dispatcher_.serve<ExportVolume>({Role::node}, [this](soap::Caller, ExportVolume::Request r) {
      asked_ = r.volumeId + " " + r.instanceId + " " + std::to_string(r.attachmentEpoch);
      return answer<ExportVolume::Reply>(reply_, failure_);
    });
    dispatcher_.serve<UnexportVolume>({Role::node},
                                      [this](soap::Caller, UnexportVolume::Request r) {
                                        asked_ = "un " + r.volumeId;
                                        return answer<UnexportVolume::Reply>({}, failure_);
                                      });
    network_.attach(ServiceName("sc-1"), dispatcher_);
  }
  ~SoapStorageVolumesTest() override { runtime_.kill(); }

  template <class Reply>
  static Task<Reply> answer(Reply reply, std::optional<Error> failure) {
    if (failure) co_return *failure;
    co_return reply;
  }
  ExportWish wish(const std::string& storage = "sc-1") {
    return {InstanceId("i-1"), VolumeId("vol-1"), 4, {storage, "10.0.0.3", 8777}};
  }
  common::Result<VolumeExport> exported(const std::string& storage = "sc-1") {
    return world_.run(runtime_, client_.export_volume(wish(storage)));
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "nc"};
  ExportVolume::Reply reply_;
  std::optional<Error> failure_;
  std::string asked_;
  soap::Dispatcher dispatcher_;
  soap::LocalNetwork network_;
  soap::LocalChannel channel_{runtime_, network_, ServiceName("node-1"), Role::node};
  SoapStorageVolumes client_{channel_};
};

TEST_F(SoapStorageVolumesTest, FindsOutWhereAVolumeIs) {
  const auto got = exported();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(asked_, "vol-1 i-1 4");
  const VolumeExport expected{"10.0.0.3", 10809, "vol-1", "vol-1.4", std::string(64, 'a'), 1 << 30};
  EXPECT_EQ(got.assume_value(), expected);
}

TEST_F(SoapStorageVolumesTest, TellsADefiniteRefusalFromBadLuck) {
  failure_ = Error(Errc::permission_denied, "another node holds it");
  EXPECT_EQ(exported().error().code, Errc::permission_denied);
  failure_ = Error(soap::SoapErrc::refused_by_peer, "stale_epoch: it is over");
  EXPECT_EQ(exported().error().code, Errc::permission_denied);
  failure_ = Error(Errc::unavailable, "it is starting");
  EXPECT_EQ(exported().error().code, Errc::unavailable);
  EXPECT_EQ(exported("sc-9").error().code, Errc::unavailable);
  failure_.reset();
  EXPECT_TRUE(exported());
}

TEST_F(SoapStorageVolumesTest, TakesNoAnswerThatCouldBecomeAnotherOption) {
  const auto good = reply_;
  const auto refused = [&](auto change) {
    reply_ = good;
    change(reply_);
    return exported().error().code == Errc::corrupt;
  };
  EXPECT_TRUE(refused([](auto& r) { r.host = "10.0.0.3,tls-creds="; }));
  EXPECT_TRUE(refused([](auto& r) { r.exportName = ""; }));
  EXPECT_TRUE(refused([](auto& r) { r.pskUsername = "a:b"; }));
  EXPECT_TRUE(refused([](auto& r) { r.pskKey = "00"; }));
  EXPECT_TRUE(refused([](auto& r) { r.pskKey = std::string(64, 'x'); }));
  EXPECT_TRUE(refused([](auto& r) { r.port = 70000; }));
  EXPECT_TRUE(refused([](auto& r) { r.sizeBytes = 0; }));
}

TEST_F(SoapStorageVolumesTest, GivesAVolumeBack) {
  EXPECT_TRUE(world_.run(runtime_, client_.unexport_volume(wish())));
  EXPECT_EQ(asked_, "un vol-1");
  EXPECT_FALSE(world_.run(runtime_, client_.unexport_volume(wish("sc-9"))));
}

}  // namespace
}  // namespace angophora::nc
