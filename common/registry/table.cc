#include "common/registry/table.h"

#include "common/log/log.h"

namespace angophora::registry {

namespace {

std::optional<soap::Peer> peer_of(const t__serviceInfo& service) {
  const auto role = soap::parse_role(service.type);
  if (!role || service.signingCertificate.empty() || service.port < 0 || service.port > 65535)
    return std::nullopt;
  auto certificate = crypto::Certificate::from_der(service.signingCertificate);
  if (!certificate) return std::nullopt;
  return soap::Peer{common::ServiceName(service.name),
                    *role,
                    common::ZoneName(service.zone.value_or("")),
                    service.host,
                    static_cast<std::uint16_t>(service.port),
                    std::move(certificate).assume_value(),
                    service.encryptionCertificate,
                    service.state == "ENABLED"};
}

}  // namespace

std::vector<soap::Peer> peers_of(const t__registry& registry) {
  std::vector<soap::Peer> peers;
  for (const auto& service : registry.services) {
    if (auto peer = peer_of(service))
      peers.push_back(std::move(*peer));
    else if (!service.signingCertificate.empty())
      log::warn("registry.entry_left_out", {{"service", service.name}, {"type", service.type}});
  }
  return peers;
}

RegistryTable::RegistryTable(common::Runtime& runtime, TableOptions options)
    : runtime_(runtime),
      options_(options),
      peers_(std::make_shared<soap::Peers>()),
      cloud_only_(peers_) {}

Result<> RegistryTable::accept(const t__registry& registry) {
  const common::SysTime issued{std::chrono::milliseconds(registry.issuedMs)};
  const auto present = version();
  if (registry.version < present || (registry.version == present && issued < issued_))
    return Error(Errc::invalid_argument, "registry " + std::to_string(registry.version) +
                                             " is older than the present " +
                                             std::to_string(present));
  if (issued + options_.age_max < runtime_.now())
    return Error(Errc::invalid_argument,
                 "registry " + std::to_string(registry.version) + " is too old to be trusted");
  const bool is_new = registry.version != present;
  issued_ = issued;
  if (is_new) install(registry);
  return common::ok();
}

void RegistryTable::restore(const t__registry& registry) {
  if (registry.version <= version()) return;
  issued_ = common::SysTime{std::chrono::milliseconds(registry.issuedMs)};
  install(registry);
}

void RegistryTable::set(const t__registry& registry) {
  is_issuer_ = true;
  install(registry);
}

void RegistryTable::install(const t__registry& registry) {
  auto peers = peers_of(registry);
  peers_ = std::make_shared<soap::Peers>(peers, registry.version);
  std::erase_if(peers, [](const soap::Peer& peer) { return peer.role != soap::Role::cloud; });
  cloud_only_ = std::make_shared<soap::Peers>(std::move(peers), registry.version);
  known_version_ = std::max(known_version_, registry.version);
  log::info("registry.changed",
            {{"version", registry.version}, {"services", registry.services.size()}});
  changed.notify();
}

std::shared_ptr<const soap::Peers> RegistryTable::peers() const {
  const bool is_fresh = is_issuer_ || issued_ + options_.age_max >= runtime_.now();
  return is_fresh ? peers_ : cloud_only_;
}

std::string RegistryTable::why_too_old() const {
  const auto age = runtime_.now() - issued_;
  if (version() == 0 || is_issuer_ || age <= options_.age_max) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(age).count();
  return "the registry is too old: the cloud controller signed version " +
         std::to_string(version()) + " " + std::to_string(seconds) + " s ago, more than the " +
         std::to_string(options_.age_max.count()) +
         " s of registry_age_max_s; it must answer before others are trusted again";
}

void RegistryTable::heard_of_version(std::int64_t version) {
  if (version <= known_version_) return;
  known_version_ = version;
  changed.notify();
}

std::int64_t RegistryTable::version() const { return peers_->version(); }

std::optional<soap::Peer> RegistryTable::find(const common::ServiceName& name) const {
  const auto table = peers();
  const auto* peer = table->by_name(name);
  return peer ? std::optional<soap::Peer>(*peer) : std::nullopt;
}

std::vector<soap::Peer> RegistryTable::of_role(soap::Role role,
                                               const common::ZoneName& zone) const {
  std::vector<soap::Peer> found;
  const auto table = peers();
  for (const auto* peer : table->all())
    if (peer->role == role && (zone.empty() || peer->zone == zone)) found.push_back(*peer);
  return found;
}

std::optional<soap::Peer> RegistryTable::cloud() const {
  auto clouds = of_role(soap::Role::cloud);
  return clouds.empty() ? std::nullopt : std::optional<soap::Peer>(std::move(clouds.front()));
}

}  // namespace angophora::registry
