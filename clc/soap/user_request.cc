#include "clc/soap/user_request.h"

#include "clc/domain/errors.h"
#include "clc/domain/identity.h"
#include "clc/soap/ec2_namespace.h"
#include "clc/soap/user_message.h"
#include "clc/store/identities.h"
#include "clc/store/soap_messages.h"

namespace angophora::clc {
namespace {

// The words of the verifier are about any message; the codes here are about users' messages.
Error for_user(Error error) {
  using soap::SoapErrc;
  if (error.code == SoapErrc::bad_signature) error.code = UserMessageErrc::bad_signature;
  if (error.code == SoapErrc::unknown_signer) error.code = UserMessageErrc::unknown_signer;
  if (error.code == SoapErrc::expired) error.code = UserMessageErrc::expired;
  if (error.code == SoapErrc::malformed) error.code = UserMessageErrc::malformed;
  return error;
}

// "2013-02-01" of http://ec2.amazonaws.com/doc/2013-02-01/, which must have its slash.
Result<std::string> version_of(std::string_view name_space) {
  const auto version = name_space.substr(std::min(name_space.size(), kEc2SpaceBegin.size()), 10);
  if (is_version_date(version) && name_space == ec2_namespace(version)) return std::string(version);
  return Error(UserMessageErrc::malformed,
               "The request is not in a namespace such as " + ec2_namespace("2013-02-01"));
}

using SharedMessage = std::shared_ptr<const UserMessage>;

Result<SharedMessage> read_message(const std::string& bytes) {
  auto message = UserMessage::read(bytes);
  if (!message) return for_user(std::move(message).assume_error());
  return SharedMessage(std::make_shared<const UserMessage>(std::move(message).assume_value()));
}

// What stands in the signed bytes, and nothing else.
Result<UserRequest> verify_message(const UserMessage& message, const CertificateOwner& owner) {
  TRY(const auto certificate, crypto::Certificate::from_pem(owner.certificate.pem));
  auto verified = message.verify(certificate);
  if (!verified) return for_user(std::move(verified).assume_error());
  auto& signed_part = verified.value();
  UserRequest request;
  request.action = signed_part.body_name;
  request.trace = {owner.user.id, std::move(signed_part.digest), {}};
  set_user(request.caller, owner.account, owner.user);
  TRY(request.version, version_of(signed_part.body_space));
  auto body = xml::read(signed_part.body);
  if (!body || body.value().children.size() != 1)
    return Error(UserMessageErrc::malformed, "The Body of the message cannot be read");
  request.message = std::move(body.value().children.front());
  return request;
}

Result<> check_fresh(const UserMessage& message, common::SysTime now) {
  soap::Addressing times;
  times.created = message.created();
  times.expires = message.expires();
  const soap::Clocks clocks{"the message's signer", "the cloud"};
  auto verdict = soap::check_fresh(times, kUserFreshness, clocks, now);
  if (!verdict) return for_user(std::move(verdict).assume_error());
  return common::ok();
}

}  // namespace

Task<UserRequest> authenticate_message(Services& s, std::string bytes, Caller caller) {
  auto read = [bytes = std::move(bytes)] { return read_message(bytes); };
  CO_TRY(const auto message, co_await s.runtime.run_blocking(std::move(read)));
  const auto find = [message](Tx& tx) {
    return Identities(tx).find_certificate(message->thumbprint());
  };
  CO_TRY(const auto owner, co_await s.db.read(find));
  if (!owner)
    co_return Error(UserMessageErrc::unknown_signer,
                    "nobody has the certificate that the message was signed with");
  auto verify = [message, owner] { return verify_message(*message, *owner); };
  CO_TRY(auto request, co_await s.runtime.run_blocking(std::move(verify)));
  // Who holds the key may know that it is switched off, and how his clock differs.
  if (!owner->certificate.active || !owner->user.is_enabled)
    co_return Error(IdentityErrc::key_inactive,
                    "The certificate " + owner->certificate.id + " is switched off");
  CO_TRY_VOID(check_fresh(*message, s.runtime.now()));
  request.trace.forget_at = message->expires() + kUserFreshness.clock_skew_max;
  request.caller.request_id = std::move(caller.request_id);
  request.caller.endpoint = std::move(caller.endpoint);
  request.caller.version = request.version;
  co_return request;
}

Task<> remember_message(Services& s, MessageTrace trace) {
  const auto now = s.runtime.now();
  const auto remember = [trace, now](Tx& tx) -> Result<> {
    TRY(const auto remembered,
        SoapMessages(tx).remember(trace.user, trace.digest, trace.forget_at, now));
    if (remembered == Remembered::came_before)
      return Error(UserMessageErrc::replayed, "The same signed message came before");
    if (remembered == Remembered::no_room)
      return Error(UserMessageErrc::too_many,
                   "Too many SOAP messages of this user came within a short time");
    return common::ok();
  };
  CO_TRY_VOID(co_await s.db.write(remember));
  co_return common::ok();
}

}  // namespace angophora::clc
