// The VolumeClients that QEMU's storage daemon is: an NBD client over TLS with a pre-shared key on
// one side, an NBD server on a local socket on the other.
//
// Each has a folder RUN_DIR/INSTANCE/VOLUME of its own that belongs to the user QEMU runs as:
//   nbd.sock  where the guest's QEMU connects        qmp.sock  the daemon's monitor
//   keys.psk  the key for the storage controller     pid, log
// RUN_DIR is short, because the path of a socket may have 107 characters, and need not outlive
// the host's run: neither do the daemons.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "nc/volumes/volume_clients.h"

namespace angophora::nc {

struct StorageDaemonOptions {
  std::string run_dir = "/run/angophora/nc-volumes";
  std::string user;  // the user QEMU runs as; empty or our own: no change
  // How long reads and writes wait for a connection that broke, before they fail.
  std::chrono::seconds reconnect = std::chrono::minutes(2);
  std::chrono::milliseconds start_limit = std::chrono::seconds(10);
  // Whether systemd runs this host: then each gets a scope, so that it does not count as a part of
  // our own service.
  bool scopes = false;
};

// Ends all of them and removes their folder, for a host that is a node no more. Blocks.
common::Result<> purge_storage_daemons(const StorageDaemonOptions& options);

class StorageDaemons final : public VolumeClients {
 public:
  StorageDaemons(common::Runtime& runtime, StorageDaemonOptions options);
  ~StorageDaemons() override;

  common::Task<> ensure(VolumeClientId id, VolumeExport exported) override;
  common::Task<> cut_off(VolumeClientId id, std::uint64_t size_bytes) override;
  common::Task<> stop(VolumeClientId id) override;
  common::Task<std::vector<VolumeClientId>> ended() override;
  common::Task<std::vector<VolumeClientId>> list() override;
  std::string socket_of(const VolumeClientId& id) const override;

 private:
  friend common::Result<> purge_storage_daemons(const StorageDaemonOptions& options);
  struct Shared;
  common::Runtime& runtime_;
  // Owned together with work that is still under way on the pool when this object ends.
  std::shared_ptr<Shared> shared_;
};

}  // namespace angophora::nc
