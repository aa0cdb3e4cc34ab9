// RegisterService (bootstrap): announces a component. It is NOTREADY until it has enrolled with the
// one-time token of the answer. Asking again before that gives a new token and voids the old one.
#include "clc/actions/bootstrap.h"
#include "clc/domain/addresses.h"
#include "clc/domain/public_pool.h"
#include "clc/domain/secrets.h"
#include "clc/store/events.h"
#include "clc/store/registrations.h"
#include "common/crypto/aes.h"
#include "common/registry/token.h"
#include "common/soap/peers.h"

namespace angophora::clc::actions::register_service {
namespace {

struct Request {
  ServiceName name;
  std::string type;
  std::string host;
  std::optional<std::uint16_t> port;
  ZoneName zone;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("Name"),      required<&Request::type>("Type"),
    required<&Request::host>("Host"),      optional<&Request::port>("Port"),
    optional<&Request::zone>("Partition"),
};

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == ':';
  });
}

bool is_zone_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

Result<Service> service_of(const Request& request, common::SysTime now) {
  Service service;
  service.name = request.name;
  TRY(service.type, service_type_of(request.type));
  service.host = request.host;
  service.port = request.port.value_or(default_port(service.type));
  service.registered_at = now;
  if (!soap::is_valid_service_name(request.name.value) || request.name == cloud_name())
    return invalid_value("Name", request.name.value,
                         "up to 64 letters, digits, '-', '_' and '.', and not \"clc\"");
  if (!is_host(request.host)) return invalid_value("Host", request.host, "a host name or address");
  // The other nodes send packets for its guests there, without asking a name server.
  if (service.type == ServiceType::node && !parse_address(request.host))
    return invalid_value("Host", request.host, "the IPv4 address of the node");
  if (service.port == 0) return invalid_value("Port", "0", "between 1 and 65535");
  if (!has_zone(service.type)) return service;
  if (request.zone.empty()) return missing_parameter("Partition");
  if (!is_zone_name(request.zone.value))
    return invalid_value("Partition", request.zone.value,
                         "up to 64 letters, digits, '-', '_' and '.'");
  service.zone = request.zone;
  return service;
}

bool is_same(const Service& a, const Service& b) {
  return a.type == b.type && a.zone == b.zone && a.host == b.host && a.port == b.port;
}

// A zone has one cluster and one storage controller, a cloud one Walrus.
Result<> check_place_is_free(const std::vector<Service>& all, const Service& service) {
  if (service.type == ServiceType::node) return common::ok();
  for (const auto& other : all)
    if (other.name != service.name && other.type == service.type && other.zone == service.zone)
      return Error(ServiceErrc::exists,
                   "'" + other.name.value + "' is registered as " +
                       std::string(to_string(other.type)) +
                       (service.zone.empty() ? "" : " of zone " + service.zone.value) + " already");
  return common::ok();
}

// True when the same component was there before.
Result<bool> add(Tx& tx, const Caller& caller, const Service& service,
                 const EnrolmentToken& token) {
  Registrations registrations(tx);
  TRY(const auto all, registrations.list());
  TRY_VOID(check_place_is_free(all, service));
  const auto present = registrations.get(service.name);
  const bool is_repeated = present && is_same(present.value(), service);
  if (!is_repeated) TRY_VOID(registrations.insert(service));
  TRY_VOID(registrations.issue(token));
  auto detail = "type=" + std::string(to_string(service.type)) + " host=" + service.host +
                " user=" + caller.user_name;
  TRY_VOID(Events(tx).append(service_event("registered", service.name, std::move(detail)),
                             service.registered_at));
  return is_repeated;
}

// An instance could be given the component's own address.
Result<> check_is_no_public_address(const Services& s, const Service& service) {
  TRY(const auto pool, PublicPool::parse(s.properties.text(kPublicAddresses)));
  const auto address = parse_address(service.host);
  if (!address || !pool.contains(*address)) return common::ok();
  return Error(RequestErrc::invalid_value,
               "The address " + service.host +
                   " is in the pool of public addresses of instances, " + kPublicAddresses);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto service, service_of(request, s.runtime.now()));
  CO_TRY_VOID(check_is_no_public_address(s, service));
  EnrolmentToken issued;
  issued.id = s.runtime.random_hex(16);
  issued.service = service.name;
  const auto secret = s.runtime.random_bytes(32);
  const auto nonce = s.runtime.random_bytes(crypto::kGcmNonceBytes);
  CO_TRY(issued.secret, sealed_token(*s.keys.masters, issued.id, secret, nonce));
  issued.expires_at = s.runtime.now() + s.config.enrolment_token_life;
  const auto change = [caller, service, issued](Tx& tx) {
    return add(tx, caller, service, issued);
  };
  CO_TRY(const bool is_repeated, co_await commit(s, caller, change));
  s.changes.registry.notify();

  registry::Token token;
  token.host = s.own_address.host;
  token.port = s.own_address.port;
  token.cloud_name = cloud_name().value;
  token.cloud_sha256 = s.keys.signing.certificate.sha256_thumbprint();
  token.service_name = service.name.value;
  token.id = issued.id;
  token.secret = secret;

  auto reply = reply_true();
  auto& status = reply.child("registeredServices").child("item");
  add_service_id(status, service);
  reply.add("enrolmentToken", registry::format_token(token));
  auto& messages = reply.child("statusMessages");
  if (is_repeated)
    messages.child("item").add(
        "message", service.name.value + " was registered already; with this token it enrols anew");
  messages.child("item").add(
      "message", "put the enrolment token into STATE_DIR/enrolment-token of " + service.name.value);
  co_return reply;
}

}  // namespace

extern const Action RegisterService{
    .name = "RegisterService",
    .permission = "bootstrap:RegisterService",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::register_service
