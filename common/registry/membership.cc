#include "common/registry/membership.h"

#include <algorithm>
#include <boost/json.hpp>

#include "common/crypto/digest.h"
#include "common/log/log.h"
#include "common/registry/follower.h"

namespace angophora::registry {
namespace {

namespace json = boost::json;

std::string serialise(const Enrolment& enrolment) {
  const json::object object{{"name", enrolment.name.value},
                            {"cloud", enrolment.cloud_name.value},
                            {"cloud_certificate", enrolment.cloud_certificate.pem()}};
  return json::serialize(object) + "\n";
}

Result<Enrolment> parse_enrolment(std::string_view text) {
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  const auto text_at = [&](std::string_view key) -> std::string {
    const auto* found =
        !failed && value.is_object() ? value.get_object().if_contains(key) : nullptr;
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
  };
  TRY(auto certificate, crypto::Certificate::from_pem(text_at("cloud_certificate")));
  Enrolment enrolment{common::ServiceName(text_at("name")), common::ServiceName(text_at("cloud")),
                      std::move(certificate)};
  if (!soap::is_valid_service_name(enrolment.name.value) ||
      !soap::is_valid_service_name(enrolment.cloud_name.value))
    return Error(Errc::corrupt, "the kept enrolment names no service");
  return enrolment;
}

// The cloud controller alone, before there is a registry.
class CloudOnly final : public soap::PeerSource {
 public:
  CloudOnly(const Token& token, crypto::Certificate certificate) {
    std::vector<soap::Peer> peers = {soap::Peer{common::ServiceName(token.cloud_name),
                                                soap::Role::cloud, common::ZoneName(), token.host,
                                                token.port, std::move(certificate)}};
    peers_ = std::make_shared<const soap::Peers>(std::move(peers));
  }
  std::shared_ptr<const soap::Peers> peers() const override { return peers_; }

 private:
  std::shared_ptr<const soap::Peers> peers_;
};

// The certificate whose fingerprint the token names, shown by the one who holds its key.
Task<crypto::Certificate> fetch_cloud_certificate(common::Runtime& runtime,
                                                  const Identity& identity, const Token& token) {
  http::ClientOptions options;
  options.tls = soap::tls_identity_of(identity.self(common::ServiceName(token.service_name)));
  http::Client client(runtime, options);
  http::ClientRequest request;
  request.url.tls = true;
  request.url.host = token.host;
  request.url.port = token.port;
  request.url.target = "/services/Cloud";
  request.peer_sha256 = token.cloud_sha256;
  CO_TRY(auto response, co_await client.send(std::move(request)));
  CO_TRY(auto certificate, crypto::Certificate::from_der(response.peer_certificate_der));
  if (certificate.sha256_thumbprint() != token.cloud_sha256)
    co_return Error(Errc::permission_denied,
                    "the cloud controller at " + token.host + " is not the one of the token");
  co_return std::move(certificate);
}

// Whether the registry names `certificate` as that of `name`.
bool pins(const t__registry& registry, const common::ServiceName& name,
          const crypto::Certificate& certificate) {
  const auto found = std::find_if(registry.services.begin(), registry.services.end(),
                                  [&](const auto& entry) { return entry.name == name.value; });
  return found != registry.services.end() && found->signingCertificate == certificate.der();
}

struct Enrolled {
  Enrolment enrolment;
  cloud__signedRegistry document;
  t__registry registry;
};

Task<Enrolled> enrol(common::Runtime& runtime, const Identity& identity, const Token& token) {
  CO_TRY(auto certificate, co_await fetch_cloud_certificate(runtime, identity, token));
  CloudOnly cloud(token, certificate);
  soap::SoapChannelOptions options;
  options.answers_to = soap::kAnonymous;
  soap::SoapChannel channel(runtime, identity.self(common::ServiceName(token.service_name)), cloud,
                            options);
  cloud__EnrolType request;
  request.name = token.service_name;
  request.tokenId = token.id;
  request.signingCertificate = identity.signing_certificate.der();
  request.encryptionCertificate = identity.encryption_certificate.der();
  request.mac = enrolment_mac(token.secret, request.name, request.tokenId,
                              request.signingCertificate, request.encryptionCertificate);
  common::ServiceName to(token.cloud_name);
  CO_TRY(auto reply, co_await soap::call<soap::cloud::Enrol>(channel, to, std::move(request)));
  auto opening = [&] { return open_registry(reply.registry, certificate); };
  CO_TRY(auto registry, co_await runtime.run_blocking(std::move(opening)));
  Enrolment enrolment{common::ServiceName(token.service_name), std::move(to),
                      std::move(certificate)};
  Enrolled enrolled{std::move(enrolment), std::move(reply.registry), std::move(registry)};
  co_return std::move(enrolled);
}

}  // namespace

struct Membership::Parts {
  Parts(common::Runtime& r, MembershipOptions o)
      : runtime(r), options(std::move(o)), table(r, options.table) {}

  std::string file(std::string_view name) const {
    return options.state_dir + "/" + std::string(name);
  }

  Task<> load_identity();
  // What became of a way to be enrolled.
  enum class Way { none, failed, enrolled };
  Task<Way> try_token();
  Task<Way> try_kept();
  Task<> keep(const Enrolled& enrolled);
  Task<> renew(const Enrolment& made);
  void begin(Enrolment made);
  soap::SoapChannelOptions channel_options() const;
  FollowerOptions follower_options(const Enrolment& made) const;
  void now_waits(std::string reason);

  common::Runtime& runtime;
  MembershipOptions options;
  RegistryTable table;
  std::optional<Identity> identity;
  std::optional<Enrolment> enrolment;
  std::unique_ptr<soap::SoapChannel> channel;
  std::string waits_for = "starting";
};

Task<> Membership::Parts::load_identity() {
  auto loading = [this] {
    return load_or_make_identity(options.state_dir, std::string(to_string(options.role)), runtime);
  };
  CO_TRY(auto loaded, co_await runtime.run_blocking(std::move(loading)));
  identity = std::move(loaded);
  co_return common::ok();
}

void Membership::Parts::now_waits(std::string reason) {
  if (reason == waits_for) return;
  waits_for = std::move(reason);
  log::warn("registry.not_enrolled", {{"reason", waits_for}});
}

Task<Membership::Parts::Way> Membership::Parts::try_token() {
  const auto path = file("enrolment-token");
  auto reading = [path] { return read_file(path); };
  CO_TRY(const auto text, co_await runtime.run_blocking(std::move(reading)));
  if (!text) co_return Way::none;
  auto token = parse_token(*text);
  if (!token) {
    now_waits(path + ": " + token.error().message);
    co_return Way::failed;
  }
  auto enrolled = co_await enrol(runtime, *identity, token.value());
  if (!enrolled) {
    now_waits("enrolling as " + token.value().service_name + " at " + token.value().host + ": " +
              enrolled.error().message);
    co_return Way::failed;
  }
  CO_TRY_VOID(table.accept(enrolled.value().registry));
  CO_TRY_VOID(co_await keep(enrolled.value()));
  log::info("registry.enrolled", {{"name", enrolled.value().enrolment.name},
                                  {"cloud", enrolled.value().enrolment.cloud_name}});
  begin(std::move(enrolled.value().enrolment));
  co_return Way::enrolled;
}

Task<> Membership::Parts::keep(const Enrolled& enrolled) {
  const auto signed_path = file("registry.signed");
  const auto enrolment_path = file("registry.enrolment");
  const auto token_path = file("enrolment-token");
  auto keeping = [&]() -> Result<> {
    TRY_VOID(write_file(signed_path, registry::serialise(enrolled.document)));
    TRY_VOID(write_file(enrolment_path, serialise(enrolled.enrolment)));
    return remove_file(token_path);
  };
  co_return co_await runtime.run_blocking(std::move(keeping));
}

Task<Membership::Parts::Way> Membership::Parts::try_kept() {
  const auto enrolment_path = file("registry.enrolment");
  const auto signed_path = file("registry.signed");
  struct Kept {
    std::optional<Enrolment> enrolment;
    t__registry registry;
  };
  auto reading = [&]() -> Result<Kept> {
    Kept kept;
    TRY(const auto enrolment_text, read_file(enrolment_path));
    TRY(const auto document_text, read_file(signed_path));
    if (!enrolment_text || !document_text) return kept;
    TRY(auto made, parse_enrolment(*enrolment_text));
    TRY(const auto document, deserialise(*document_text));
    TRY(kept.registry, open_registry(document, made.cloud_certificate));
    kept.enrolment = std::move(made);
    return kept;
  };
  CO_TRY(auto kept, co_await runtime.run_blocking(std::move(reading)));
  if (!kept.enrolment) co_return Way::none;
  const auto& name = kept.enrolment->name;
  if (!pins(kept.registry, name, identity->signing_certificate)) {
    now_waits("the keys in " + file("keys") + " are not those that " + name.value +
              " was enrolled with; run 'angophora service register' for it once more and put the "
              "new token at " +
              file("enrolment-token"));
    co_return Way::failed;
  }
  table.restore(kept.registry);
  if (!table.why_too_old().empty()) {
    CO_TRY_VOID(co_await renew(*kept.enrolment));
  }
  begin(std::move(*kept.enrolment));
  co_return Way::enrolled;
}

// After a long time off the cloud controller is the only one who is still trusted.
Task<> Membership::Parts::renew(const Enrolment& made) {
  soap::SoapChannel asking(runtime, identity->self(made.name), table, channel_options());
  const auto follower = follower_options(made);
  auto fetched = co_await fetch_registry(runtime, asking, table, follower);
  if (!fetched) co_return std::move(fetched).error().while_doing(table.why_too_old());
  co_return common::ok();
}

soap::SoapChannelOptions Membership::Parts::channel_options() const {
  soap::SoapChannelOptions made;
  made.freshness = options.freshness;
  return made;
}

FollowerOptions Membership::Parts::follower_options(const Enrolment& made) const {
  return {made.cloud_name, made.cloud_certificate, file("registry.signed")};
}

void Membership::Parts::begin(Enrolment made) {
  enrolment = std::move(made);
  waits_for.clear();
  channel = std::make_unique<soap::SoapChannel>(runtime, identity->self(enrolment->name), table,
                                                channel_options());
  auto follower = follower_options(*enrolment);
  runtime.spawn("registry.follow", follow_registry(runtime, *channel, table, std::move(follower)));
}

Membership::Membership(common::Runtime& runtime, MembershipOptions options)
    : parts_(std::make_unique<Parts>(runtime, std::move(options))) {}

Membership::~Membership() = default;

Task<> Membership::join() {
  auto& parts = *parts_;
  CO_TRY_VOID(co_await parts.load_identity());
  while (!parts.runtime.stopping()) {
    const auto by_token = co_await parts.try_token();
    if (by_token && by_token.value() == Parts::Way::enrolled) co_return common::ok();
    if (!by_token) parts.now_waits("enrolling: " + by_token.error().message);
    const auto kept = co_await parts.try_kept();
    if (kept && kept.value() == Parts::Way::enrolled) co_return common::ok();
    if (!kept)
      parts.now_waits("the kept enrolment cannot be used yet: " + kept.error().message);
    else if (by_token && by_token.value() == Parts::Way::none && kept.value() == Parts::Way::none)
      parts.now_waits("no enrolment token at " + parts.file("enrolment-token") +
                      "; run 'angophora service register' on the cloud controller and put the "
                      "token that it prints there");
    co_await parts.runtime.sleep_for(parts.options.token_poll);
  }
  co_return Error(Errc::cancelled, "told to stop before this component was enrolled");
}

std::string Membership::why_not_ready() const {
  const auto& parts = *parts_;
  if (!parts.enrolment) return parts.waits_for;
  const auto& name = parts.enrolment->name;
  if (parts.table.disowned())
    return "the cloud does not know the certificate of " + name.value +
           ", it was deregistered: run 'angophora service register' on the cloud controller, put "
           "the token that it prints at " +
           parts.file("enrolment-token") + " and restart this daemon";
  auto too_old = parts.table.why_too_old();
  if (!too_old.empty()) return too_old;
  const auto self = parts.table.find(name);
  if (!self) return name.value + " is not in the registry: it was deregistered";
  if (self->certificate.der() != parts.identity->signing_certificate.der())
    return name.value + " was enrolled anew elsewhere, with other keys than those of this daemon";
  return {};
}

const Identity& Membership::identity() const { return *parts_->identity; }
common::ServiceName Membership::name() const { return parts_->enrolment->name; }
common::ServiceName Membership::cloud_name() const { return parts_->enrolment->cloud_name; }

common::ZoneName Membership::zone() const {
  const auto self = parts_->table.find(name());
  return self ? self->zone : common::ZoneName();
}

soap::Self Membership::self() const { return parts_->identity->self(name()); }
soap::SoapServerOptions Membership::server_options() const {
  soap::SoapServerOptions options;
  options.freshness = parts_->options.freshness;
  return options;
}
RegistryTable& Membership::table() { return parts_->table; }
soap::Channel& Membership::channel() { return *parts_->channel; }

}  // namespace angophora::registry
