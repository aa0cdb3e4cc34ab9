#include "clc/components/registry_issuer.h"

#include "clc/actions/bootstrap.h"
#include "clc/store/registrations.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

struct Snapshot {
  std::int64_t version = 0;
  std::vector<Service> services;
};

Result<Snapshot> read_snapshot(Tx& tx) {
  Registrations registrations(tx);
  Snapshot snapshot;
  TRY(snapshot.version, registrations.version());
  TRY(snapshot.services, registrations.list());
  return snapshot;
}

t__serviceInfo entry_of(const Service& service) {
  t__serviceInfo entry;
  entry.name = service.name.value;
  entry.type = std::string(to_string(service.type));
  if (!service.zone.empty()) entry.zone = service.zone.value;
  entry.host = service.host;
  entry.port = service.port;
  entry.state = service.wanted == WantedState::stopped ? "STOPPED" : "ENABLED";
  entry.signingCertificate = service.signing_certificate;
  entry.encryptionCertificate = service.encryption_certificate;
  return entry;
}

// Components that have not enrolled have no certificates and so no place in it yet.
t__registry document_of(const Snapshot& snapshot, Service cloud, common::SysTime now) {
  t__registry document;
  document.version = snapshot.version + 1;  // 0 means "none" to those who ask
  document.issuedMs = now.time_since_epoch().count();
  document.services.push_back(entry_of(cloud));
  for (const auto& service : snapshot.services)
    if (service.enrolled()) document.services.push_back(entry_of(service));
  return document;
}

}  // namespace

Task<> RegistryIssuer::refresh() {
  const auto read = [](Tx& tx) { return read_snapshot(tx); };
  CO_TRY(const auto snapshot, co_await services_.db.read(read));
  const auto now = services_.runtime.steady_now();
  const bool is_new = !issued_ || snapshot.version + 1 > issued_->version;
  if (!is_new && now - issued_at_ < kRegistryRenewal) co_return common::ok();

  auto cloud = actions::this_cloud(services_);
  cloud.signing_certificate = services_.keys.signing.certificate.der();
  cloud.encryption_certificate = services_.keys.encryption.certificate.der();
  const auto document = document_of(snapshot, std::move(cloud), services_.runtime.now());
  auto sign = [document, key = services_.keys.signing.key] {
    return registry::sign_registry(document, key);
  };
  CO_TRY(auto issued, co_await services_.runtime.run_blocking(std::move(sign)));
  if (issued_ && issued_->version > issued.version) co_return common::ok();  // another was faster
  issued_ = std::move(issued);
  issued_at_ = now;
  table_.set(document);
  log::info("registry.issued",
            {{"version", document.version}, {"components", document.services.size()}});
  changed_.notify();
  co_return common::ok();
}

common::awaitable<void> RegistryIssuer::run() {
  while (!services_.runtime.stopping()) {
    const auto done = co_await refresh();
    if (!done) log::error("registry.not_issued", {{"reason", done.error()}});
    co_await services_.changes.registry.wait(services_.runtime, std::chrono::seconds(5));
  }
}

Task<cloud__signedRegistry> RegistryIssuer::newer_than(std::int64_t known, common::Duration wait) {
  const auto until = services_.runtime.steady_now() + wait;
  while (issued_ && issued_->version <= known && !services_.runtime.stopping()) {
    const auto left = until - services_.runtime.steady_now();
    if (left <= common::Duration::zero()) break;
    co_await changed_.wait(services_.runtime, left);
  }
  if (!issued_) co_return Error(common::Errc::unavailable, "no registry has been issued yet");
  co_return *issued_;
}

}  // namespace angophora::clc
