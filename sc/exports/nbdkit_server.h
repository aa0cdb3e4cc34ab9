// An nbdkit per exported volume, with TLS under a pre-shared key and our plug-in. Each runs in a
// session of its own and is found again by its arguments, which name files of this storage
// controller alone.
//
// Files, in `folder`: VOLUME-ID.EPOCH.psk (the key, 0600), .pid (written when it listens), .log.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "common/process/watched.h"
#include "sc/exports/export_server.h"
#include "sc/exports/ports.h"

namespace angophora::sc {

struct NbdkitOptions {
  std::string folder;          // of the files above; ours alone
  std::string volumes_folder;  // of VOLUME-ID.raw
  std::string plugin;          // path of the module
  std::string address;         // to listen on
  PortRange ports;
};

// Ports that were chosen for servers which do not listen yet.
struct PortsUnderWay {
  std::mutex mutex;
  std::set<std::uint16_t> ports;
};

class NbdkitServer final : public ExportServer {
 public:
  // Makes the folder and asks nbdkit whether it can use the plug-in. Blocks.
  static Result<std::unique_ptr<NbdkitServer>> open(common::Runtime& runtime,
                                                    NbdkitOptions options);

  Task<std::uint16_t> serve(ExportSpec spec) override;
  Task<> end(VolumeId volume) override;
  Task<> sweep(std::vector<ExportSpec> keep) override;
  std::vector<VolumeId> ended() override;
  std::string why_not() const override { return why_not_; }

 private:
  struct Server {
    std::int64_t epoch = 0;
    std::uint16_t port = 0;  // kept for the export, also while nothing listens
    process::Watched process;
    bool told = true;  // that it has ended
  };

  NbdkitServer(common::Runtime& runtime, NbdkitOptions options)
      : runtime_(runtime), options_(std::move(options)) {}

  common::Runtime& runtime_;
  const NbdkitOptions options_;
  std::string why_not_;
  std::map<VolumeId, Server> servers_;
  const std::shared_ptr<PortsUnderWay> under_way_ = std::make_shared<PortsUnderWay>();
};

}  // namespace angophora::sc
