// The object store without its neighbours: database, blobs, S3's listener and the operations that
// other daemons call. main.cc joins it with the cloud; tests give it identities of their own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/admin/metrics.h"
#include "common/http/server.h"
#include "common/runtime/runtime.h"
#include "walrus/chunks/chunk_store.h"
#include "walrus/config.h"
#include "walrus/http/front_door.h"
#include "walrus/s3/operation.h"
#include "walrus/scrubber.h"
#include "walrus/usage_meter.h"

namespace angophora::walrus {

// I/O thread only. Outlives the runtime's coroutines.
class Walrus {
 public:
  // What a test or simulation replaces.
  struct Seams {
    std::optional<db::Options> database;  // instead of STATE_DIR/walrus.db
  };
  // Opens database and blobs and loads the last identities. `unseal` opens their secrets. Blocking
  // parts run on the pool.
  static Task<std::unique_ptr<Walrus>> open(common::Runtime& runtime, const Config& config,
                                            Unseal unseal, admin::Metrics& metrics, Seams seams);
  ~Walrus();

  // Removes what earlier starts have left, and what lifecycle rules want gone, in the background.
  void begin_sweep();
  // Every S3 request goes in here; for those that have no socket.
  FrontDoor& front_door() { return *front_door_; }
  // Serves S3 on its port. `tls` may be missing.
  Result<> serve_s3(const Config& config, std::optional<http::TlsIdentity> tls);
  std::uint16_t s3_port() const;

  Services& services() { return *services_; }
  ChunkStore& chunks() { return *chunks_; }
  IdentityBook& identities() { return *identities_; }

 private:
  explicit Walrus(common::Runtime& runtime) : runtime_(runtime) {}
  void observe(admin::Metrics& metrics, const Served& served);

  common::Runtime& runtime_;
  std::unique_ptr<db::Database> db_;
  std::unique_ptr<BlobStore> blobs_;
  BlobLeases leases_;
  std::unique_ptr<IdentityBook> identities_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<ChunkStore> chunks_;
  std::unique_ptr<Scrubber> scrubber_;
  std::unique_ptr<UsageMeter> usage_meter_;
  std::unique_ptr<audit::Log> audit_;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<FrontDoor> front_door_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace angophora::walrus
