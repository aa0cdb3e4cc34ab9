// The storage client over the wire between the daemons.
#pragma once

#include "clc/clients/storage_client.h"
#include "common/soap/channel.h"

namespace angophora::clc {

class SoapStorageClient final : public StorageClient {
 public:
  SoapStorageClient(common::Runtime& runtime, soap::Channel& channel)
      : runtime_(runtime), channel_(channel) {}

  Task<> create_volume(ServiceName storage, VolumeId volume, std::int64_t size_gib,
                       SnapshotId snapshot) override;
  Task<StoredSnapshot> create_snapshot(ServiceName storage, SnapshotId snapshot,
                                       VolumeId volume) override;
  Task<> delete_snapshot(ServiceName storage, SnapshotId snapshot) override;
  Task<> delete_volume(ServiceName storage, VolumeId volume) override;
  Task<StorageReport> describe_volumes(ServiceName storage) override;
  Task<> grant_export(ServiceName storage, ExportGrant grant) override;
  Task<> revoke_export(ServiceName storage, VolumeId volume, std::int64_t epoch) override;

 private:
  common::Runtime& runtime_;
  soap::Channel& channel_;
};

}  // namespace angophora::clc
