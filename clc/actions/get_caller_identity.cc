// GetCallerIdentity (STS): who the signature belongs to, a user or a session. Needs no permission,
// as on AWS.
#include "clc/actions/action.h"

namespace angophora::clc::actions::get_caller_identity {
namespace {

struct Request {};

Task<Reply> handle(Services&, Caller caller, Request) {
  Reply reply;
  reply.add("Arn", caller.user_arn).add("UserId", caller.user).add("Account", caller.account);
  co_return reply;
}

}  // namespace

extern const Action GetCallerIdentity{
    .name = "GetCallerIdentity",
    .permission = "sts:GetCallerIdentity",
    .api = Api::sts,
    .for_everybody = true,
    .run = parse_then<Request, kNoParams<Request>, handle>,
};

}  // namespace angophora::clc::actions::get_caller_identity
