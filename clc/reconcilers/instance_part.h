// Everything about instances, images, volumes and their network, put together: what actions work
// with and the loops behind them. The daemon makes one.
#pragma once

#include <memory>

#include "clc/instance_services.h"
#include "clc/reconcilers/reconcilers.h"
#include "clc/reconcilers/volume_reconcilers.h"
#include "clc/services.h"

namespace angophora::clc {

class InstancePart {
 public:
  // Reads the instance network from the settings: Errc::invalid_argument when it is none. Puts
  // itself into `services`. `clusters`, `walrus` and `storages` may be left out; then they are
  // asked over `services.channel`.
  static Result<std::unique_ptr<InstancePart>> make(
      Services& services, std::unique_ptr<ClusterClient> clusters = nullptr,
      std::unique_ptr<WalrusClient> walrus = nullptr, ReconcileTimes times = {},
      std::unique_ptr<StorageClient> storages = nullptr);

  // Starts the loops; call it once the database is open and the registry is there.
  Task<> start();
  const Zones& zones() const { return zones_; }
  const InstanceTable& table() const { return reconcilers_.table(); }

 private:
  InstancePart(Services& services, InstanceNetwork network, std::unique_ptr<ClusterClient> clusters,
               std::unique_ptr<WalrusClient> walrus, ReconcileTimes times,
               std::unique_ptr<StorageClient> storages);

  std::unique_ptr<ClusterClient> clusters_;
  std::unique_ptr<WalrusClient> walrus_;
  std::unique_ptr<StorageClient> storages_;
  Zones zones_;
  StorageReports storage_reports_;
  ImageKeyOpener image_keys_;
  InstanceServices services_;
  Reconcilers reconcilers_;
  VolumeReconcilers volumes_;
};

}  // namespace angophora::clc
