#include "tests/daemon/neighbours/fake_cloud.h"

#include "common/soap/soap_channel.h"

namespace angophora::testing {
namespace {

constexpr char kSecret[] = "sixteen bytes at the least";

std::string role_name(soap::Role role) { return std::string(soap::to_string(role)); }

}  // namespace

InProcess::InProcess(common::Runtime& runtime, const std::string& state_dir,
                     const std::string& name, soap::Dispatcher& dispatcher)
    : runtime_(runtime),
      identity_(registry::load_or_make_identity(state_dir, name, runtime).value()),
      table_(runtime) {
  const auto self = identity_.self(ServiceName(name));
  soap_ = std::make_unique<soap::SoapServer>(runtime, self, table_, dispatcher,
                                             soap::SoapServerOptions());
  channel_ = std::make_unique<soap::SoapChannel>(runtime, self, table_, soap::SoapChannelOptions());
  http::ServerOptions options;
  options.allow_plain = false;
  options.tls = soap::tls_identity_of(self);
  options.want_client_certificate = true;
  server_ = http::Server::listen(runtime, options, [this](http::Request& request) {
              return handle(request);
            }).value();
}

common::awaitable<http::Response> InProcess::handle(http::Request& request) {
  while (deaf_ && !runtime_.stopping()) co_await runtime_.sleep_for(std::chrono::milliseconds(100));
  co_return co_await soap_->handle(request);
}

FakeCloud::FakeCloud(common::Runtime& runtime, const std::string& state_dir) : runtime_(runtime) {
  using soap::Role;
  const auto components = {Role::cluster, Role::node, Role::walrus, Role::storage};
  dispatcher_.serve<soap::cloud::Enrol>(
      {Role::stranger, Role::cluster, Role::node, Role::walrus, Role::storage},
      [this](soap::Caller caller, auto request) {
        return enrol(std::move(caller), std::move(request));
      });
  dispatcher_.serve<soap::cloud::GetRegistry>(
      components, [this](soap::Caller, auto request) { return get_registry(std::move(request)); });
  self_ = std::make_unique<InProcess>(runtime, state_dir, "clc", dispatcher_);
  add("clc", Role::cloud, "", *self_);
}

std::string FakeCloud::register_service(const std::string& name, soap::Role role,
                                        const std::string& zone) {
  auto& info = rows_[name];
  info.name = name;
  info.type = role_name(role);
  if (!zone.empty()) info.zone = zone;
  info.host = "127.0.0.1";
  info.port = 1;
  info.state = "ENABLED";
  const registry::Token token{
      "127.0.0.1", self_->port(),
      "clc",       self_->identity().signing_certificate.sha256_thumbprint(),
      name,        "token-" + name,
      kSecret};
  return registry::format_token(token);
}

void FakeCloud::add(const std::string& name, soap::Role role, const std::string& zone,
                    InProcess& component) {
  register_service(name, role, zone);
  auto& info = rows_[name];
  info.port = component.port();
  info.signingCertificate = component.identity().signing_certificate.der();
  info.encryptionCertificate = component.identity().encryption_certificate.der();
  members_.push_back(&component);
  publish();
}

void FakeCloud::set_port(const std::string& name, std::uint16_t port) {
  rows_.at(name).port = port;
  publish();
}

void FakeCloud::set_enabled(const std::string& name, bool enabled) {
  rows_.at(name).state = enabled ? "ENABLED" : "STOPPED";
  publish();
}

void FakeCloud::publish() {
  ++registry_.version;
  registry_.issuedMs = runtime_.now().time_since_epoch().count();
  registry_.services.clear();
  for (const auto& [name, info] : rows_)
    if (!info.signingCertificate.empty()) registry_.services.push_back(info);
  for (auto* member : members_) member->table().set(registry_);
  changed_.notify();
}

Task<cloud__EnrolResponseType> FakeCloud::enrol(soap::Caller caller, cloud__EnrolType request) {
  CO_TRY_VOID(registry::check_enrolment(request, kSecret, ServiceName(request.name), caller));
  const auto at = rows_.find(request.name);
  if (at == rows_.end())
    co_return common::Error(common::Errc::not_found, request.name + " is not registered");
  at->second.signingCertificate = request.signingCertificate;
  at->second.encryptionCertificate = request.encryptionCertificate;
  publish();
  cloud__EnrolResponseType reply;
  CO_TRY(reply.registry, registry::sign_registry(registry_, self_->identity().signing_key));
  co_return reply;
}

Task<cloud__GetRegistryResponseType> FakeCloud::get_registry(cloud__GetRegistryType request) {
  if (request.knownVersion >= registry_.version) {
    const std::chrono::milliseconds wait(request.waitMs);
    co_await changed_.wait(runtime_, wait);
  }
  cloud__GetRegistryResponseType reply;
  CO_TRY(reply.registry, registry::sign_registry(registry_, self_->identity().signing_key));
  co_return reply;
}

}  // namespace angophora::testing
