#include "common/soap/judge.h"

namespace angophora::soap {
namespace {

Result<> judge(std::string_view bytes, const Sender& sender, const Receiver& receiver,
               const Dispatcher& dispatcher, SysTime now, Judgement& judgement) {
  // The one key that this connection's messages may be signed with.
  const auto key_of = [&](std::string_view thumbprint) -> std::optional<crypto::PublicKey> {
    if (thumbprint != sender.certificate.sha1_thumbprint()) return std::nullopt;
    return sender.certificate.public_key();
  };
  TRY(judgement.envelope, verify_envelope(bytes, key_of));
  const auto& envelope = judgement.envelope;
  TRY_VOID(check_request_address(envelope, receiver.address));
  const Clocks clocks{sender.name.value, receiver.address};
  TRY_VOID(check_fresh(envelope.addressing, receiver.freshness, clocks, now));

  const auto& action = envelope.addressing.action;
  judgement.operation = dispatcher.find(action);
  if (!judgement.operation || judgement.operation->service != receiver.service)
    return Error(SoapErrc::unknown_operation,
                 action + " is not served at /services/" + receiver.service);
  if (!dispatcher.allows(action, sender.role))
    return Error(SoapErrc::role_refused,
                 "a " + std::string(to_string(sender.role)) + " may not call " + action);
  TRY_VOID(check_after_start(envelope.addressing, receiver.freshness, receiver.started,
                             receiver.challenge));
  auto request = judgement.operation->decode_request(envelope.content());
  if (!request) return Error(SoapErrc::malformed, std::move(request.error().message));
  judgement.request = std::move(request).assume_value();
  return common::ok();
}

}  // namespace

Judgement judge_request(std::string_view bytes, const Sender& sender, const Receiver& receiver,
                        const Dispatcher& dispatcher, SysTime now) {
  Judgement judgement;
  auto verdict = judge(bytes, sender, receiver, dispatcher, now, judgement);
  if (verdict) return judgement;
  judgement.refusal = std::move(verdict).assume_error();
  judgement.claimed_message_id = judgement.envelope.addressing.message_id.empty()
                                     ? claimed_message_id(bytes)
                                     : judgement.envelope.addressing.message_id;
  return judgement;
}

}  // namespace angophora::soap
