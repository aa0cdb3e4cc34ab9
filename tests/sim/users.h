// The users of the cloud: they launch, reboot and terminate instances, make volumes, attach and
// detach them, and remember what they were promised. Their way to the cloud is as bad as any: a
// request whose answer does not come is sent again, with the same client token, until the cloud
// says yes or a definite no.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/cloud.h"

namespace angophora::sim {

// An instance that the cloud has acknowledged.
struct Promise {
  std::string account;
  std::string private_ip, mac;
  bool end_asked = false;  // a user wants its end; the cloud may know
  bool end_acked = false;  // and the cloud has said yes
};

// A volume that the cloud has acknowledged.
struct VolumePromise {
  std::string account;
  bool end_asked = false;
};

class Users {
 public:
  explicit Users(Cloud& cloud) : cloud_(cloud), world_(cloud.world) {}

  // Begins to call; `pause` is the mean time between two wishes.
  void begin(Duration pause);
  // No new wishes; those that are open are pursued to their end.
  void calm_down() { busy_ = false; }

  bool all_answered() const { return open_ == 0; }
  const std::map<InstanceId, Promise>& promises() const { return promises_; }
  const std::map<VolumeId, VolumePromise>& volumes() const { return volumes_; }
  int refused() const { return refused_; }

 private:
  // One wish and its way to an answer.
  struct Wish {
    std::string account, action;
    Cloud::Pairs parameters;
    std::function<void(const clc::Reply&)> granted;
    std::function<void(const common::Error&)> denied;
    int attempt = 0;
    bool over = false;
  };
  using WishPtr = std::shared_ptr<Wish>;

  void live();
  void launch();
  void terminate();
  void reboot();
  void live_with_volumes();
  void create_volume();
  void attach_volume();
  void detach_volume();
  void delete_volume();
  // A wish about a volume; `may_fail` says which refusals are right.
  void wish_about(const VolumeId& id, std::string action, Cloud::Pairs more,
                  bool (*may_fail)(const common::Error& error));
  VolumeId pick_volume();
  void remember(const std::string& account, std::size_t wanted, const clc::Reply& reply);

  void pursue(WishPtr wish);
  void send(const WishPtr& wish);
  void receive(const WishPtr& wish, int attempt, const common::Result<clc::Reply>& reply);
  InstanceId pick(bool (*fits)(const Promise&));

  Cloud& cloud_;
  common::SimWorld& world_;
  bool busy_ = false;
  Duration pause_{};
  int open_ = 0;
  int refused_ = 0;
  int next_token_ = 1;
  std::map<InstanceId, Promise> promises_;
  std::map<VolumeId, VolumePromise> volumes_;
};

}  // namespace angophora::sim
