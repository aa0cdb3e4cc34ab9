// The users of the cloud: they launch, reboot and terminate instances, make volumes, attach and
// detach them, and remember what they were promised.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/image_users.h"

namespace angophora::sim {

using clc::AllocationId;

// An instance that the cloud has acknowledged.
struct Promise {
  std::string account;
  std::string image;
  std::string private_ip, mac;
  bool end_asked = false;  // a user wants its end; the cloud may know
  bool end_acked = false;  // and the cloud has said yes
};

// A volume that the cloud has acknowledged.
struct VolumePromise {
  std::string account;
  bool end_asked = false;
};

// A snapshot that the cloud has acknowledged.
struct SnapshotPromise {
  std::string account;
  bool end_asked = false;
};

// An elastic address that the cloud has acknowledged.
struct AddressPromise {
  std::string account;
  std::string public_ip;
  InstanceId instance;  // that it leads to, unless that one has ended; empty: none
  bool end_asked = false;
  bool is_unsure = false;  // an attempt to associate it may have been done or not
};

class Users {
 public:
  Users(Cloud& cloud, Wishes& wishes, ImageUsers& images)
      : cloud_(cloud), world_(cloud.world), wishes_(wishes), images_(images) {}

  // Begins to call; `pause` is the mean time between two wishes.
  void begin(Duration pause);
  // For a history of volumes: some instances for each account, and then, with begin_history(),
  // volumes and snapshots above all.
  void launch_some();
  void begin_history(Duration pause);
  // No new wishes; those that are open are pursued to their end.
  void calm_down() { busy_ = false; }

  bool all_answered() const { return wishes_.open() == 0; }
  const std::map<InstanceId, Promise>& promises() const { return promises_; }
  const std::map<VolumeId, VolumePromise>& volumes() const { return volumes_; }
  const std::map<SnapshotId, SnapshotPromise>& snapshots() const { return snapshots_; }
  const std::map<AllocationId, AddressPromise>& addresses() const { return addresses_; }
  int refused() const { return refused_; }

  // One more wish when all is calm: false when there is nothing to move.
  bool move_an_address();
  const AllocationId& last_moved() const { return last_moved_; }
  // The same: a volume of each snapshot that there is.
  void copy_all_snapshots();

 private:
  void live();
  void launch();
  void launch(const std::string& account, const std::string& type, std::size_t count);
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
  void live_with_snapshots();
  void create_snapshot();
  void create_volume_from_snapshot();
  void create_volume_of(const SnapshotId& id);
  void delete_snapshot();
  SnapshotId pick_snapshot();
  void live_with_addresses();
  void change_address(const std::string& account, std::string action, Cloud::Pairs pairs,
                      std::function<void(const clc::Reply&)> granted,
                      std::function<bool(const common::Error&)> may_fail);
  void allocate_address(const std::string& account);
  bool associate_address(const std::string& account);
  void disassociate_address(const std::string& account);
  void release_address(const std::string& account);
  AllocationId pick_address(const std::string& account);
  void remember(const std::string& account, const std::string& image, std::size_t wanted,
                const clc::Reply& reply);

  InstanceId pick(const std::function<bool(const Promise&)>& fits);

  Cloud& cloud_;
  common::SimWorld& world_;
  Wishes& wishes_;
  ImageUsers& images_;
  bool busy_ = false;
  Duration pause_{}, volume_pause_{}, snapshot_pause_{};
  int refused_ = 0;
  int next_token_ = 1;
  std::map<InstanceId, Promise> promises_;
  std::map<VolumeId, VolumePromise> volumes_;
  std::map<SnapshotId, SnapshotPromise> snapshots_;
  std::map<AllocationId, AddressPromise> addresses_;
  std::set<std::string> changes_addresses_;  // accounts that wait for an answer
  AllocationId last_moved_;
};

}  // namespace angophora::sim
