// DecodeAuthorizationMessage (STS): what stands in the message with which EC2 refused a request:
// who asked for what, and the statement that decided.
#include "clc/actions/action.h"
#include "clc/domain/authorization_message.h"

namespace angophora::clc::actions::decode_authorization_message {
namespace {

struct Request {
  std::string message;
};

constexpr Param<Request> kParams[] = {required<&Request::message>("EncodedMessage")};

// Of another account's request it tells the cloud's administrators alone.
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto opened = open_message(s.keys.secret, request.message);
  if (!opened || (opened->account != caller.account && !caller.cloud_administrator))
    co_return Error(MessageErrc::not_ours, "The message is not one that can be decoded");
  Reply reply;
  reply.add("DecodedMessage", opened->message);
  co_return reply;
}

}  // namespace

extern const Action DecodeAuthorizationMessage{
    .name = "DecodeAuthorizationMessage",
    .permission = "sts:DecodeAuthorizationMessage",
    .api = Api::sts,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::decode_authorization_message
