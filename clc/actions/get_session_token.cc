// GetSessionToken and GetFederationToken (STS): credentials for a while, of the user itself or of
// somebody else in the user's name, who may what both the user and the session's policies allow.
#include "clc/actions/sts.h"

namespace angophora::clc::actions::get_session_token {
namespace {

constexpr std::int64_t kUsual = 43200;
constexpr std::int64_t kMost = 129600;
constexpr std::int64_t kMostOfRoot = 3600;
constexpr std::size_t kFederatedNameMax = 32;

struct Request {
  std::string name;
  std::optional<std::int64_t> duration_s;
  std::string policy;
  std::vector<PolicyArn> policy_arns;
  std::vector<SessionTag> tags;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::duration_s>("DurationSeconds"),
    refused<Request>("SerialNumber", "there are no MFA devices"),
    refused<Request>("TokenCode", "there are no MFA devices"),
};
constexpr Param<Request> kFederationParams[] = {
    required<&Request::name>("Name"),     optional<&Request::duration_s>("DurationSeconds"),
    optional<&Request::policy>("Policy"), optional<&Request::policy_arns>("PolicyArns"),
    optional<&Request::tags>("Tags"),
};

// The root's is an hour at most, whatever is asked for.
std::int64_t seconds_of(const Request& request, const Caller& caller) {
  const auto wanted = request.duration_s.value_or(kUsual);
  return caller.is_root ? std::min(wanted, kMostOfRoot) : wanted;
}

sessions::Session session_of(Services& s, const Caller& caller, sessions::Session::Kind kind,
                             const Request& request) {
  auto session = new_session(s, kind, seconds_of(request, caller));
  session.account = caller.account.value;
  session.issuer = caller.user.value;
  return session;
}

Task<Reply> get_session(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_duration(request.duration_s.value_or(kUsual), kMost));
  const auto session = session_of(s, caller, sessions::Session::Kind::user, request);
  Reply reply;
  CO_TRY_VOID(add_credentials(reply, s, session));
  co_return reply;
}

Task<Reply> get_federation(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_session_name("Name", request.name, kFederatedNameMax));
  CO_TRY_VOID(check_duration(request.duration_s.value_or(kUsual), kMost));
  CO_TRY_VOID(check_tags(request.tags));
  auto session = session_of(s, caller, sessions::Session::Kind::federated, request);
  session.name = request.name;
  session.limited = true;  // without a policy it may nothing
  for (const auto& tag : request.tags) session.tags.emplace_back(tag.key, tag.value);
  const auto find = [&](Tx& tx) {
    return add_limits(tx, caller.account, {request.policy, request.policy_arns}, session);
  };
  CO_TRY_VOID(co_await s.db.read(find));
  const auto principal = sessions::principal_of(session, principal_of(caller));
  Reply reply;
  CO_TRY_VOID(add_credentials(reply, s, session));
  reply.child("FederatedUser").add("FederatedUserId", principal.id).add("Arn", principal.arn);
  reply.add("PackedPolicySize", packed_size(session));
  co_return reply;
}

}  // namespace

extern const Action GetSessionToken{
    .name = "GetSessionToken",
    .permission = "sts:GetSessionToken",
    .api = Api::sts,
    .for_everybody = true,
    .run = parse_then<Request, kParams, get_session>,
};
extern const Action GetFederationToken{
    .name = "GetFederationToken",
    .permission = "sts:GetFederationToken",
    .api = Api::sts,
    .run = parse_then<Request, kFederationParams, get_federation>,
};

}  // namespace angophora::clc::actions::get_session_token
