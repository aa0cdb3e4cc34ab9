// What must hold of objects and images. Always: no acknowledged object is lost or holds something
// else, an acknowledged image is known to the cloud controller and to Walrus until its user wants
// it gone, and what lies below a guest is the image that was asked for. Once the faults have
// stopped: Walrus keeps nothing that nobody refers to, and knows no image that the cloud controller
// does not know.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/sim/image_users.h"

namespace angophora::sim {

// What the cloud controller knows of images.
struct KnownImages {
  std::set<std::string> available;
  std::set<std::string> all;  // also those that are over and those that are being registered
};

class ImageChecks {
 public:
  ImageChecks(Cloud& cloud, ImageUsers& users) : cloud_(cloud), users_(users) {}

  // At every moment: looks at the disks when something on the machines has changed.
  void look();
  // Compares both databases with the promises, every ten seconds from now on.
  void begin_audits();
  // What is not yet as it should be once all is over; empty when all is. By the last audit.
  std::string unsettled() const { return unsettled_; }

 private:
  void audit_images(const KnownImages& known);
  static common::awaitable<void> read_images(ImageChecks& checks, clc::Daemon& daemon);
  static common::awaitable<void> read_store(ImageChecks& checks, walrus::Walrus& store,
                                            KnownImages known);
  common::Result<> check_store(walrus::Tx& tx, const KnownImages& known);
  common::Result<> check_object(walrus::Tx& tx, const std::string& path,
                                const StoredObject& object);
  common::Result<> check_picture(walrus::Tx& tx, const Picture& picture);
  common::Result<std::string> find_leftovers(walrus::Tx& tx, const KnownImages& known) const;
  std::string objects_dir() const { return cloud_.folder() + "/walrus/objects"; }

  Cloud& cloud_;
  ImageUsers& users_;
  std::uint64_t seen_changes_ = 0;
  std::string unsettled_;
};

}  // namespace angophora::sim
