// Brings one zone's attachments where their users want them: first the storage controller is told
// who may open the volume, then the node that it should; and the other way round. Each pass looks
// at everything anew; every order names the attachment's number, so sending it twice does nothing.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "clc/domain/attachment_judgement.h"
#include "clc/domain/service.h"
#include "clc/reconcilers/volume_reconciling.h"
#include "clc/store/volumes.h"

namespace angophora::clc {

class AttachmentWork : public std::enable_shared_from_this<AttachmentWork> {
 public:
  AttachmentWork(VolumeReconciling& shared, ZoneName zone)
      : shared_(shared), zone_(std::move(zone)) {}

  // Until the daemon stops; it owns `self`.
  static common::awaitable<void> run(std::shared_ptr<AttachmentWork> self);
  // One look at everything; run() calls it.
  Task<> pass();

 private:
  struct Zone {
    std::optional<Service> storage;
    ServiceName cluster;  // empty: nobody serves the zone
    std::vector<AttachmentAndFate> rows;
  };
  struct Move {
    Attachment attachment;
    AttachmentEvent event;
    std::string reason;
  };

  Task<Zone> load();
  AttachmentView view_of(const AttachmentAndFate& row) const;
  bool is_lost_for_long(const Attachment& attachment);
  void order(const Zone& zone, const Attachment& attachment, AttachmentStep step);
  // Nodes that hold what is no longer theirs are told to let go.
  void order_stale(const Zone& zone);
  bool begin(const VolumeId& volume, std::string what);
  static common::awaitable<void> carry_out(std::shared_ptr<AttachmentWork> self, Service storage,
                                           ServiceName cluster, Attachment attachment,
                                           AttachmentStep step);
  static common::awaitable<void> detach_stale(std::shared_ptr<AttachmentWork> self,
                                              ServiceName cluster, VolumeOrder order,
                                              std::string device);
  // True when it was given in a time before a backup's return: then it is left as it is, and taken
  // over where it fits.
  Task<bool> is_forgotten(VolumeOrder order, std::string device);
  Task<> attach(Service storage, ServiceName cluster, Attachment attachment);
  Task<> detach(ServiceName cluster, Attachment attachment);
  Task<> revoke(ServiceName storage, Attachment attachment);
  // Commits those that still fit.
  Task<> move(std::vector<Move> moves);
  Task<> move_one(Attachment attachment, AttachmentEvent event, std::string reason);

  VolumeReconciling& shared_;
  ZoneName zone_;
  Orders orders_;
  std::set<std::pair<VolumeId, std::string>> wanted_;  // of this pass
  std::map<VolumeId, common::SteadyTime> lost_since_;
  std::set<std::pair<VolumeId, std::int64_t>> left_alone_;  // told in the log already
};

}  // namespace angophora::clc
