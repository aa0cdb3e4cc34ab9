#include "clc/store/registrations.h"

#include "clc/domain/errors.h"
#include "clc/store/counters.h"
#include "clc/store/volumes.h"

namespace angophora::clc {
namespace {

constexpr std::string_view kSelectRegistration =
    "SELECT name, type, zone, host, port, wanted_state, signing_certificate, "
    "encryption_certificate, registered_at_ms, enrolled_at_ms FROM services ";

std::string_view text_of(WantedState wanted) {
  return wanted == WantedState::stopped ? "STOPPED" : "ENABLED";
}

Service read_service(Query& q) {
  Service service;
  service.name = ServiceName(q.text(0));
  service.type = parse_service_type(q.text(1)).value_or(ServiceType::node);
  service.zone = ZoneName(q.text(2));
  service.host = q.text(3);
  service.port = static_cast<std::uint16_t>(q.integer(4));
  service.wanted = q.text(5) == "STOPPED" ? WantedState::stopped : WantedState::enabled;
  service.signing_certificate = q.text(6);
  service.encryption_certificate = q.text(7);
  service.registered_at = from_ms(q.integer(8));
  if (!q.is_null(9)) service.enrolled_at = from_ms(q.integer(9));
  return service;
}

Error not_found(const ServiceName& name) {
  return {ServiceErrc::not_found, "No service named '" + name.value + "' is registered"};
}

constexpr char kSelectToken[] =
    "SELECT token_id, service_name, secret, expires_at_ms FROM enrolment_tokens ";

EnrolmentToken read_token(Query& q) {
  return {q.text(0), ServiceName(q.text(1)), q.text(2), from_ms(q.integer(3))};
}

}  // namespace

Result<> Registrations::changed() {
  TRY_VOID(Counters(tx_).raise(kRegistryVersion));
  return common::ok();
}

Result<> Registrations::insert(const Service& service) {
  TRY(auto q, tx_.prepare("INSERT INTO services (name, type, zone, host, port, wanted_state, "
                          "registered_at_ms) VALUES (?1,?2,?3,?4,?5,?6,?7)"));
  q.bind(1, service.name).bind(2, to_string(service.type)).bind(3, service.zone);
  q.bind(4, service.host).bind(5, service.port).bind(6, text_of(service.wanted));
  q.bind(7, to_ms(service.registered_at));
  const auto ran = q.run();
  if (!ran && ran.error().code == db::DbErrc::unique)
    return Error(ServiceErrc::exists, "A service named '" + service.name.value + "' or at " +
                                          service.host + ":" + std::to_string(service.port) +
                                          " is registered already");
  TRY_VOID(std::move(ran));
  return changed();
}

Result<> Registrations::remove(const ServiceName& name) {
  TRY(auto tokens, tx_.prepare("DELETE FROM enrolment_tokens WHERE service_name=?1"));
  TRY_VOID(tokens.bind(1, name).run());
  TRY(auto q, tx_.prepare("DELETE FROM services WHERE name=?1"));
  TRY(const auto count, q.bind(1, name).run());
  if (count == 0) return not_found(name);
  return changed();
}

Result<> Registrations::set_wanted(const ServiceName& name, WantedState wanted) {
  TRY(auto q, tx_.prepare("UPDATE services SET wanted_state=?2 WHERE name=?1"));
  TRY(const auto count, q.bind(1, name).bind(2, text_of(wanted)).run());
  if (count == 0) return not_found(name);
  return changed();
}

Result<> Registrations::enrol(const ServiceName& name, std::string_view signing_der,
                              std::string_view encryption_der, common::SysTime now) {
  TRY(auto q, tx_.prepare("UPDATE services SET signing_certificate=?2, encryption_certificate=?3, "
                          "enrolled_at_ms=?4 WHERE name=?1"));
  q.bind(1, name).bind_blob(2, signing_der).bind_blob(3, encryption_der).bind(4, to_ms(now));
  TRY(const auto count, q.run());
  if (count == 0) return not_found(name);
  TRY(auto tokens, tx_.prepare("DELETE FROM enrolment_tokens WHERE service_name=?1"));
  TRY_VOID(tokens.bind(1, name).run());
  return changed();
}

Result<Service> Registrations::get(const ServiceName& name) {
  TRY(auto q, tx_.prepare(std::string(kSelectRegistration) + "WHERE name=?1"));
  TRY(const bool found, q.bind(1, name).step());
  if (!found) return not_found(name);
  return read_service(q);
}

Result<std::vector<Service>> Registrations::list() {
  TRY(auto q, tx_.prepare(std::string(kSelectRegistration) + "ORDER BY name"));
  return all_rows(q, read_service);
}

Result<std::optional<Service>> Registrations::storage_of(const ZoneName& zone) {
  TRY(auto q,
      tx_.prepare(std::string(kSelectRegistration) + "WHERE type=?1 AND zone=?2 ORDER BY name"));
  q.bind(1, to_string(ServiceType::storage)).bind(2, zone);
  TRY(const auto found, all_rows(q, read_service));
  for (const auto& service : found)
    if (service.enrolled() && service.wanted == WantedState::enabled)
      return std::optional<Service>(service);
  return std::optional<Service>();
}

Result<std::int64_t> Registrations::version() { return Counters(tx_).value(kRegistryVersion); }

Result<bool> Registrations::has_instances(const Service& service) {
  if (service.type == ServiceType::walrus) return false;
  if (service.type == ServiceType::storage) return false;
  const bool is_node = service.type == ServiceType::node;
  TRY(auto q, tx_.prepare(is_node ? "SELECT 1 FROM instances WHERE node=?1 AND "
                                    "state<>'terminated' LIMIT 1"
                                  : "SELECT 1 FROM instances WHERE zone=?1 AND "
                                    "state<>'terminated' LIMIT 1"));
  return q.bind(1, is_node ? service.name.value : service.zone.value).step();
}

Result<bool> Registrations::has_volumes(const Service& service) {
  if (service.type != ServiceType::storage) return false;
  return Volumes(tx_).any_in_zone(service.zone);
}

Result<> Registrations::issue(const EnrolmentToken& token) {
  TRY(auto old, tx_.prepare("DELETE FROM enrolment_tokens WHERE service_name=?1"));
  TRY_VOID(old.bind(1, token.service).run());
  TRY(auto q, tx_.prepare("INSERT INTO enrolment_tokens (token_id, service_name, secret, "
                          "expires_at_ms) VALUES (?1,?2,?3,?4)"));
  q.bind(1, token.id).bind(2, token.service).bind_blob(3, token.secret);
  TRY_VOID(q.bind(4, to_ms(token.expires_at)).run());
  return common::ok();
}

Result<std::optional<EnrolmentToken>> Registrations::find_token(std::string_view id) {
  TRY(auto q, tx_.prepare(std::string(kSelectToken) + "WHERE token_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  return found ? std::optional(read_token(q)) : std::nullopt;
}

Result<std::vector<EnrolmentToken>> Registrations::tokens() {
  TRY(auto q, tx_.prepare(std::string(kSelectToken) + "ORDER BY token_id"));
  return all_rows(q, read_token);
}

Result<> Registrations::set_token_secret(std::string_view id, std::string_view sealed) {
  TRY(auto q, tx_.prepare("UPDATE enrolment_tokens SET secret=?2 WHERE token_id=?1"));
  TRY_VOID(q.bind(1, id).bind_blob(2, sealed).run());
  return common::ok();
}

}  // namespace angophora::clc
