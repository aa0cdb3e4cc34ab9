// Makes one zone's volumes exist and vanish at its storage controller, and follows what that one
// says of them. Each pass looks at everything anew, and all orders may be repeated.
#pragma once

#include <memory>
#include <set>

#include "clc/domain/service.h"
#include "clc/reconcilers/volume_reconciling.h"

namespace angophora::clc {

class VolumeWork : public std::enable_shared_from_this<VolumeWork> {
 public:
  VolumeWork(VolumeReconciling& shared, ZoneName zone) : shared_(shared), zone_(std::move(zone)) {}

  // Both until the daemon stops; they own `self`.
  static common::awaitable<void> run(std::shared_ptr<VolumeWork> self);
  static common::awaitable<void> run_poll(std::shared_ptr<VolumeWork> self);
  // One look at everything; run() calls it.
  Task<> pass();
  // One question to the storage controller; run_poll() calls it.
  Task<> poll();

 private:
  static common::awaitable<void> carry_out(std::shared_ptr<VolumeWork> self, ServiceName storage,
                                           Volume volume);
  Task<> make(ServiceName storage, Volume volume);
  Task<> remove(ServiceName storage, Volume volume);
  Task<> settle(Volume volume, VolumeEvent event, std::string reason);
  Task<> remove_late_comers(ServiceName storage);

  VolumeReconciling& shared_;
  ZoneName zone_;
  Orders orders_;
  std::set<VolumeId> unknown_;
};

}  // namespace angophora::clc
