// The real storage controller, a cloud controller and two nodes that live in the test, and the
// clients that a node runs: qemu-storage-daemon and qemu-img.
#pragma once

#include <gmock/gmock.h>

#include "common/process/process.h"
#include "tests/daemon/neighbours/daemon_fixture.h"

namespace angophora::testing {

using common::awaitable;
namespace storage = soap::storage;

// What ExportVolume answers, ready for QEMU.
struct Access {
  std::string host, name, username;
  int port = 0;
  std::string credentials;  // a folder with keys.psk

  std::string tls_object() const;                 // --object tls-creds-psk,id=tls,...
  std::string image(bool with_tls = true) const;  // --image-opts driver=nbd,...
};

class ExportFixture : public DaemonFixture {
 protected:
  ExportFixture();
  ~ExportFixture() override;

  Task<> create(std::string volume, int size_gib);
  Task<> remove(std::string volume);
  Task<> grant(std::string volume, std::int64_t epoch, std::string node);
  Task<> revoke(std::string volume, std::int64_t epoch);
  // Asked by the node: writes the key for QEMU.
  Task<Access> open(InProcess& node, std::string volume, std::int64_t epoch);
  Task<> close(InProcess& node, std::string volume, std::int64_t epoch);
  awaitable<std::vector<storage__volume>> volumes();

  // Runs a program to its end; its exit code and what it said.
  awaitable<process::Outcome> command(std::vector<std::string> argv,
                                      std::chrono::seconds limit = std::chrono::seconds(60));
  // qemu-img info or the like, straight at the export.
  awaitable<int> reach(Access access, bool with_tls = true);

  // A node's client with reconnect delay; `socket` is where its guest finds it.
  awaitable<bool> start_client(Access access, std::string socket);
  // Writes at that socket until stop_load(), beginning again whenever it is through.
  void start_load(std::string socket);
  // Its exit code: 0 when no request failed.
  awaitable<std::optional<int>> stop_load();
  bool load_runs();

  pid_t server_of(const std::string& volume, std::int64_t epoch) const;
  std::string exports_folder() const { return state_dir() + "/exports"; }
  awaitable<bool> until(std::function<bool()> condition, std::chrono::seconds limit);
  // Those of this test's storage controller.
  std::vector<pid_t> servers() const;

  soap::Dispatcher nothing_;
  InProcess node_a_{runtime_, folder_.path() + "/nc-a", "nc-a", nothing_};
  InProcess node_b_{runtime_, folder_.path() + "/nc-b", "nc-b", nothing_};
  std::unique_ptr<Program> client_, load_;
};

}  // namespace angophora::testing
