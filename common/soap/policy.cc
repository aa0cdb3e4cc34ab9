#include "common/soap/policy.h"

#include <cstdlib>

#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {

std::string action_of_body(const VerifiedEnvelope& envelope) {
  return envelope.body_space + "/" + envelope.body_name;
}

Error wrong_receiver(const VerifiedEnvelope& envelope, const std::string& self_address) {
  return Error(SoapErrc::wrong_receiver,
               "the message is for " + envelope.addressing.to + ", this is " + self_address);
}

// Who enrols has no address yet.
std::string name_of(std::string_view address) {
  if (address.empty() || address.find("//") != std::string_view::npos) return "the component";
  return std::string(address.substr(address.rfind(':') + 1));
}

Error wrong_action(const VerifiedEnvelope& envelope) {
  return Error(SoapErrc::wrong_action, "wsa:Action is " + envelope.addressing.action +
                                           ", the Body holds " + action_of_body(envelope));
}

}  // namespace

std::chrono::milliseconds measured_skew(const Addressing& addressing, SysTime now) {
  return addressing.created - now;
}

Result<> check_fresh(const Addressing& a, const Freshness& freshness, const Clocks& clocks,
                     SysTime now) {
  if (a.expires <= a.created || a.expires - a.created > freshness.lifetime_max)
    return Error(SoapErrc::expired, "the message's lifetime is not allowed");
  const bool from_the_future = a.created > now + freshness.clock_skew_max;
  if (!from_the_future && a.expires + freshness.clock_skew_max >= now) return common::ok();
  const auto seconds = (std::abs(measured_skew(a, now).count()) + 500) / 1000;
  const auto sender = name_of(clocks.sender), receiver = name_of(clocks.receiver);
  const auto off = "clock off by " + std::to_string(seconds) + " s: that of " + sender;
  if (from_the_future)
    return Error(SoapErrc::expired,
                 off + " is ahead of that of " + receiver + ", the message is from the future");
  return Error(SoapErrc::expired,
               off + " is behind that of " + receiver + ", or the message is old: it has expired");
}

Result<> check_after_start(const Addressing& a, const Freshness& freshness, SysTime started,
                           const std::string& challenge) {
  if (a.relates_to == challenge || a.created > started + freshness.clock_skew_max)
    return common::ok();
  return Error(SoapErrc::fresh_message_required,
               "the message may be older than this component's start, a new one is needed");
}

Result<> check_request_address(const VerifiedEnvelope& request, const std::string& self_address) {
  if (request.addressing.to != self_address) return wrong_receiver(request, self_address);
  if (request.addressing.action != action_of_body(request)) return wrong_action(request);
  return common::ok();
}

bool is_fault(const VerifiedEnvelope& answer) {
  return answer.addressing.action == kFaultAction && answer.body_space == kSoapSpace &&
         answer.body_name == "Fault";
}

Result<> check_answer_address(const VerifiedEnvelope& answer, const std::string& self_address,
                              const std::string& request_action, const std::string& request_id) {
  // One that the answerer does not know, or no longer, is told so without a name.
  const bool is_for_a_stranger = is_fault(answer) && answer.addressing.to == kAnonymous;
  if (answer.addressing.to != self_address && !is_for_a_stranger)
    return wrong_receiver(answer, self_address);
  if (answer.addressing.relates_to != request_id)
    return Error(SoapErrc::not_an_answer, "the answer relates to another message");
  if (is_fault(answer)) return common::ok();
  if (answer.addressing.action != request_action + "Response" ||
      answer.addressing.action != action_of_body(answer))
    return wrong_action(answer);
  return common::ok();
}

}  // namespace angophora::soap
