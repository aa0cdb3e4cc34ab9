// Enrol: a registered component brings its one-time token and its keys, and is pinned.
#include "clc/domain/secrets.h"
#include "clc/operations/operations.h"
#include "clc/store/events.h"
#include "clc/store/registrations.h"
#include "common/log/log.h"
#include "common/registry/token.h"

namespace angophora::clc::operations {
namespace {

Error refused() {
  return {common::Errc::permission_denied, "the enrolment token is unknown, used or too old"};
}

// Errc::already_exists for a key that another component or this cloud goes by.
Result<> check_key_is_free(Registrations& registrations, const CloudKeys& keys,
                           const soap::cloud::Enrol::Request& request) {
  bool taken = keys.signing.certificate.der() == request.signingCertificate;
  TRY(const auto services, registrations.list());
  for (const auto& service : services)
    taken = taken || (service.name.value != request.name &&
                      service.signing_certificate == request.signingCertificate);
  if (!taken) return common::ok();
  return Error(common::Errc::already_exists,
               "the signing key of " + request.name + " is in use by another component");
}

Result<> pin(Tx& tx, Services& s, const soap::Caller& caller,
             const soap::cloud::Enrol::Request& request) {
  Registrations registrations(tx);
  TRY(const auto token, registrations.find_token(request.tokenId));
  if (!token || token->expires_at < s.runtime.now()) return refused();
  TRY(const auto secret, open_token(*s.keys.masters, token->id, token->secret));
  TRY_VOID(registry::check_enrolment(request, secret, token->service, caller));
  TRY_VOID(check_key_is_free(registrations, s.keys, request));
  TRY_VOID(registrations.enrol(token->service, request.signingCertificate,
                               request.encryptionCertificate, s.runtime.now()));
  return Events(tx).append(service_event("enrolled", token->service), s.runtime.now());
}

// An enrolment whose answer was lost is asked for again, with the same keys under a token that is
// used up by now. Whoever signs with the pinned key gets the registry without further proof.
Result<bool> is_repetition(Tx& tx, const soap::Caller& caller,
                           const soap::cloud::Enrol::Request& request) {
  const auto service = Registrations(tx).get(ServiceName(request.name));
  if (!service && service.error().code == ServiceErrc::not_found) return false;
  TRY_VOID(service);
  return service.value().enrolled() &&
         service.value().signing_certificate == request.signingCertificate &&
         service.value().encryption_certificate == request.encryptionCertificate &&
         caller.certificate_der == request.signingCertificate;
}

}  // namespace

Task<soap::cloud::Enrol::Reply> enrol(Context& context, soap::Caller caller,
                                      soap::cloud::Enrol::Request request) {
  auto& s = context.services;
  const auto change = [&s, caller, request](Tx& tx) -> Result<> {
    TRY(const bool again, is_repetition(tx, caller, request));
    if (again) return common::ok();
    return pin(tx, s, caller, request);
  };
  auto done = co_await s.db.write(change);
  if (!done) {
    log::warn("enrolment.refused",
              {{"component", request.name.substr(0, 64)}, {"reason", done.error()}});
    co_return std::move(done).assume_error();
  }
  log::info("enrolment.done", {{"component", request.name}});
  CO_TRY_VOID(co_await context.issuer.refresh());
  s.changes.registry.notify();
  soap::cloud::Enrol::Reply reply;
  CO_TRY(reply.registry, co_await context.issuer.newer_than(0, common::Duration::zero()));
  co_return reply;
}

}  // namespace angophora::clc::operations
