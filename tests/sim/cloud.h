// The whole cloud in one world: cloud controller, cluster controller, storage controller, Walrus
// and three nodes, as they are after they were installed and one image was registered.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clc/actions/action.h"
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

// A cloud that was installed once; each simulation begins with a copy of its database.
class Installed {
 public:
  Installed();
  const clc::CloudKeys& keys() const;
  void copy_to(const std::string& folder) const;
  static const char* image() { return "emi-0123456789abcdef0"; }

 private:
  Folder folder_;
};

class Cloud {
 public:
  Cloud(common::SimWorld& world, Trace& trace, const Installed& installed);

  void start_all();
  std::vector<Host*> hosts();
  ClcHost& clc() { return clc_; }
  ScHost& sc() { return sc_; }
  std::array<std::unique_ptr<NcHost>, 3>& nodes() { return nodes_; }

  using Pairs = std::vector<std::pair<std::string, std::string>>;
  using Done = std::function<void(common::Result<clc::Reply>)>;
  // Calls an action as a user of `account`. `done` is called with its answer, never when the cloud
  // controller dies before. Errc::unavailable at once while nobody serves.
  void call(const std::string& account, std::string action, Pairs parameters, Done done);

  common::SimWorld& world;
  Trace& trace;
  Network network;

 private:
  Surroundings around(const Installed& installed) {
    return {world, trace, network, installed.keys()};
  }

  Folder folder_;
  ClcHost clc_;
  CcHost cc_;
  ScHost sc_;
  WalrusHost walrus_;
  std::array<std::unique_ptr<NcHost>, 3> nodes_;
};

}  // namespace angophora::sim
