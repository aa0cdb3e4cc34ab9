// The whole cloud in one world: cloud controller, cluster controller, storage controller, Walrus
// and three nodes, as they are after they were installed, two accounts were made and one image was
// uploaded and registered.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clc/actions/action.h"
#include "tests/sim/bundles.h"
#include "tests/sim/hosts.h"

namespace angophora::sim {

// A folder that goes with its owner.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A cloud that was installed once; each simulation begins with a copy of its state.
class Installed {
 public:
  Installed();
  const Keys& keys() const { return keys_; }
  void copy_to(const std::string& folder) const;
  // What users upload.
  const std::vector<Bundle>& bundles() const { return bundles_; }
  // The image that everybody may launch, and the first of the bundles.
  const std::string& image() const { return image_; }

 private:
  Folder folder_;
  Keys keys_;
  std::vector<Bundle> bundles_;
  std::string image_;
};

// What a user asks of S3.
struct S3Request {
  std::string method, target, body;
};

class Cloud {
 public:
  Cloud(common::SimWorld& world, Trace& trace, const Installed& installed);

  const std::string& folder() const { return folder_.path(); }
  void start_all();
  std::vector<Host*> hosts();
  ClcHost& clc() { return clc_; }
  ScHost& sc() { return sc_; }
  WalrusHost& walrus() { return walrus_; }
  std::array<std::unique_ptr<NcHost>, 3>& nodes() { return nodes_; }

  using Pairs = std::vector<std::pair<std::string, std::string>>;
  using Done = std::function<void(common::Result<clc::Reply>)>;
  // Calls an action as a user of `account`. `done` is called with its answer, never when the cloud
  // controller dies before. Errc::unavailable at once while nobody serves.
  void call(const std::string& account, std::string action, Pairs parameters, Done done);
  // Sends a signed request to S3 as the user of `account`, its body piece by piece. The same for
  // `done`; Errc::unavailable as well when the connection broke on the way, and for S3's 503.
  using S3Done = std::function<void(common::Result<WebAnswer>)>;
  void ask_s3(const std::string& account, S3Request request, S3Done done);

  const Installed& installed;
  common::SimWorld& world;
  Trace& trace;
  Network network;

 private:
  Surroundings around() { return {world, trace, network, installed.keys()}; }

  Folder folder_;
  ClcHost clc_;
  CcHost cc_;
  ScHost sc_;
  WalrusHost walrus_;
  std::array<std::unique_ptr<NcHost>, 3> nodes_;
};

}  // namespace angophora::sim
