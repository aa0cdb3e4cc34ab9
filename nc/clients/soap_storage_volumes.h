// StorageVolumes over signed messages. The order names the storage controller; where it is reached
// and which certificate it has is the registry's word alone.
#pragma once

#include "common/soap/channel.h"
#include "nc/volumes/storage_volumes.h"

namespace angophora::nc {

// I/O thread only. What it borrows outlives it.
class SoapStorageVolumes final : public StorageVolumes {
 public:
  explicit SoapStorageVolumes(soap::Channel& channel) : channel_(channel) {}

  common::Task<VolumeExport> export_volume(ExportWish wish) override;
  common::Task<> unexport_volume(ExportWish wish) override;

 private:
  soap::Channel& channel_;
};

}  // namespace angophora::nc
