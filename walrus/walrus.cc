#include "walrus/walrus.h"

#include <filesystem>

#include "common/base/text.h"
#include "common/log/log.h"
#include "common/xml/writer.h"
#include "walrus/lifecycle/lifecycle.h"
#include "walrus/objects/local_blob_store.h"
#include "walrus/pack_collector.h"
#include "walrus/s3/commit.h"
#include "walrus/store/identity_copy.h"
#include "walrus/store/migrations.h"
#include "walrus/sweep.h"

namespace angophora::walrus {
namespace {

// Requests that never become an S3 call get S3's error body and a request id as well.
http::Response refusal(common::Runtime& runtime, int status, std::string_view reason) {
  const auto id = runtime.random_hex(16);
  xml::Writer writer;
  writer.open("Error").element("Code", status == 503 ? "SlowDown" : "InvalidRequest");
  writer.element("Message", reason).element("RequestId", id).element("HostId", id);
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/xml");
  response.headers.add("x-amz-request-id", id);
  response.headers.add("x-amz-id-2", id);
  response.body = std::move(writer).finish();
  return response;
}

// Names between commas.
std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> names;
  for (const auto part : common::split(list, ','))
    if (const auto name = common::trim(part); !name.empty()) names.emplace_back(name);
  return names;
}

S3Settings settings_of(const Config& config) {
  S3Settings settings;
  settings.domain = config.domain;
  settings.region = config.region_name;
  settings.buckets_max = config.buckets_per_account;
  settings.storage_classes = names_of(config.storage_classes);
  settings.lifecycle_day = config.lifecycle_day;
  settings.pack_collection = config.pack_collection;
  settings.access_log_roll = config.access_log_roll;
  settings.scrub_mib_per_s = config.scrub_mib_per_s;
  settings.scrub_every = config.scrub_every;
  return settings;
}

Result<std::unique_ptr<BlobStore>> open_blobs(const Config& config, std::string start) {
  LocalBlobStore::Options options;
  options.dir = config.objects_dir.empty() ? config.state_dir + "/objects" : config.objects_dir;
  options.reserve_bytes = std::uint64_t{config.free_reserve_mib} << 20;
  options.packed_bytes_max = std::uint64_t{config.packed_kib_max} << 10;
  options.pack_bytes_max = std::uint64_t{config.pack_mib} << 20;
  return LocalBlobStore::open(std::move(options), std::move(start));
}

// An empty database beside objects is one that was lost: nothing may be served out of it.
Result<> check_database(const std::string& path, const BlobStore& blobs) {
  if (std::filesystem::exists(path)) return common::ok();
  std::string example;
  for (int shard = 0; shard < BlobStore::kShards && example.empty(); ++shard) {
    TRY(const auto there, blobs.blobs_of_earlier_starts(shard));
    if (!there.empty()) example = there.front();
  }
  TRY(const auto packs, blobs.full_packs());
  if (!packs.empty()) example = packs.front().name;
  if (example.empty()) return common::ok();
  return Error(common::Errc::corrupt, "the database " + path +
                                          " is missing, and there are objects such as " + example +
                                          ": bring the database back, or move the objects away");
}

// What was known when this daemon last ran.
Task<> load_stored_identities(db::Database& db, IdentityBook& book) {
  auto load = [](Tx& tx) { return IdentityCopy(tx).load(); };
  CO_TRY(auto stored, co_await db.read(std::move(load)));
  if (!stored) co_return common::ok();
  log::info("identities.loaded",
            {{"version", stored->list.version}, {"accounts", stored->list.accounts.size()}});
  book.restore(std::move(stored->list), stored->checked, stored->is_complete);
  co_return common::ok();
}

}  // namespace

Walrus::~Walrus() = default;

Task<std::unique_ptr<Walrus>> Walrus::open(common::Runtime& runtime, const Config& config,
                                           Unseal unseal, admin::Metrics& metrics, Seams seams) {
  std::unique_ptr<Walrus> walrus(new Walrus(runtime));
  auto work = [config, start = runtime.random_hex(8)] { return open_blobs(config, start); };
  CO_TRY(walrus->blobs_, co_await runtime.run_blocking(std::move(work)));
  db::Options options;
  options.path = config.state_dir + "/walrus.db";
  const bool in_simulation = seams.database.has_value();
  if (in_simulation) options = std::move(*seams.database);
  auto check = [&blobs = *walrus->blobs_, path = options.path, in_memory = options.inline_io] {
    return in_memory ? Result<>(common::ok()) : check_database(path, blobs);
  };
  CO_TRY_VOID(co_await runtime.run_blocking(std::move(check)));
  CO_TRY(walrus->db_, db::Database::open(runtime, options, kMigrations));
  walrus->identities_ =
      std::make_unique<IdentityBook>(runtime, std::move(unseal), config.identities_age_max);
  CO_TRY_VOID(co_await load_stored_identities(*walrus->db_, *walrus->identities_));
  auto make = [path = config.state_dir + "/master-key", fresh = runtime.random_bytes(32),
               names = names_of(config.kms_keys)] { return Keyring::open(path, fresh, names); };
  CO_TRY(auto keyring, co_await runtime.run_blocking(std::move(make)));
  walrus->services_.reset(new Services{runtime, *walrus->db_, *walrus->blobs_, walrus->leases_,
                                       *walrus->identities_, settings_of(config),
                                       std::move(keyring)});
  walrus->chunks_ = std::make_unique<ChunkStore>(*walrus->services_);
  walrus->scrubber_ = std::make_unique<Scrubber>(*walrus->services_, metrics);
  walrus->usage_meter_ = std::make_unique<UsageMeter>(*walrus->services_, metrics);
  CO_TRY_VOID(co_await walrus->usage_meter_->refresh());
  walrus->leases_.on_released([s = walrus->services_.get()](BlobLeases::Blobs blobs) {
    discard_blobs(*s, std::move(blobs));
  });
  auto observe = [w = walrus.get(), &metrics](const Served& served) {
    w->observe(metrics, served);
  };
  if (!in_simulation && config.audit_total_mib > 0) {
    const auto folder = config.state_dir + "/audit";
    const auto limits = audit::limits_in_mib(config.audit_file_mib, config.audit_total_mib);
    CO_TRY(walrus->audit_, co_await audit::Log::open(runtime, folder, limits));
  }
  walrus->access_log_ = std::make_unique<AccessLog>(*walrus->services_);
  walrus->services_->logging_changed = [log = walrus->access_log_.get()](std::string bucket) {
    return log->reload(std::move(bucket));
  };
  CO_TRY_VOID(co_await walrus->access_log_->load());
  walrus->front_door_ = std::make_unique<FrontDoor>(
      *walrus->services_, std::move(observe), walrus->audit_.get(), walrus->access_log_.get());
  metrics.gauge_of("walrus_disk_free_bytes", "Free space where the objects lie.",
                   [blobs = walrus->blobs_.get()] {
                     const auto free = blobs->free_bytes();
                     return free ? static_cast<double>(free.value()) : -1;
                   });
  co_return walrus;
}

Result<> Walrus::serve_s3(const Config& config, std::optional<http::TlsIdentity> tls) {
  http::ServerOptions options;
  options.address = config.listen_address;
  options.port = config.port;
  options.allow_plain = config.allow_plain_http;
  options.tls = std::move(tls);
  options.connections_max = config.connections_max;
  options.header_bytes_max = 32 * 1024;
  options.refusal = [&runtime = runtime_](int status, std::string_view reason) {
    return refusal(runtime, status, reason);
  };
  TRY(server_, http::Server::listen(runtime_, std::move(options), [this](http::Request& request) {
        return front_door_->handle(request);
      }));
  return common::ok();
}

void Walrus::begin_sweep() {
  runtime_.spawn("sweep blobs", sweep_blobs(*services_));
  runtime_.spawn("collect packs", collect_packs(*services_));
  runtime_.spawn("scrub", scrubber_->run());
  runtime_.spawn("count what there is", usage_meter_->run());
  runtime_.spawn("access logs", access_log_->run());
  runtime_.spawn("lifecycle", follow_lifecycle_rules(*services_));
  chunks_->begin_sweep();
}

std::uint16_t Walrus::s3_port() const { return server_ ? server_->port() : 0; }

void Walrus::observe(admin::Metrics& metrics, const Served& served) {
  const std::string operation(served.operation.empty() ? "none" : served.operation);
  metrics
      .counter("walrus_requests_total", "S3 requests answered.",
               {{"operation", operation}, {"status", std::to_string(served.status / 100) + "xx"}})
      .add();
  metrics.histogram("walrus_request_seconds", "Time to the answer's header.")
      .observe(std::chrono::duration<double>(served.took).count());
}

}  // namespace angophora::walrus
