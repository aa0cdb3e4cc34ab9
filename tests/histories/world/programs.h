// The daemons around one cloud's volumes: a real storage controller, a real object store and two
// nodes, each a program of its own that can be killed at any moment; and what stands for the cloud
// controller and for the guests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/soap/channel.h"
#include "tests/daemon/neighbours/fake_cloud.h"
#include "tests/daemon/neighbours/program.h"

namespace angophora::histories {

using common::awaitable;
using common::Error;
using common::Result;
using common::Runtime;
using common::ServiceName;
using common::Task;

inline const std::string kStorage = "sc-1";
inline const std::string kStore = "walrus-1";
inline const std::string kNodes[] = {"node-1", "node-2"};

struct Paths {
  std::string programs;  // folder of the daemons, the plug-in and the module of faults.c
  std::string folder;    // of this world
  std::string pool;      // the volumes' own small file system
  std::string switches;  // what HISTORY_FAULTS names
};

// Kept up while they are wanted: I/O thread only.
class Programs {
 public:
  Programs(Runtime& runtime, Paths paths);

  // All up and enrolled.
  Task<> start();
  // Kills it and starts it again after `pause`; answers when it serves.
  Task<> restart(std::string name, common::Duration pause);
  // One half of it each.
  awaitable<void> halt(std::string name);
  Task<> resume(std::string name) { return launch(std::move(name)); }
  // All of them for good, with what they left running.
  awaitable<void> stop();

  // The storage daemons of both sides that run now.
  std::vector<pid_t> export_servers() const;
  std::vector<pid_t> volume_clients() const;

  testing::FakeCloud& cloud() { return cloud_; }
  soap::Channel& cluster() { return cluster_.channel(); }
  std::uint16_t port_of(const std::string& name) const;
  const Paths& paths() const { return paths_; }
  std::string state_dir(const std::string& name) const { return paths_.folder + "/" + name; }
  std::string run_dir(const std::string& node) const { return paths_.folder + "/v" + node.back(); }
  // The last lines that each of them logged.
  std::string last_words() const;

 private:
  struct Entry {
    std::unique_ptr<testing::Program> program;
    std::uint16_t port = 0;
    int starts = 0;
    bool busy = false;  // being restarted
  };
  std::vector<std::string> command(const std::string& name, const Entry& entry) const;
  Task<> launch(std::string name);

  Runtime& runtime_;
  const Paths paths_;
  testing::FakeCloud cloud_;
  soap::Dispatcher nothing_;
  testing::InProcess cluster_;
  std::map<std::string, Entry> entries_;
};

}  // namespace angophora::histories
