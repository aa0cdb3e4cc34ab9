// AssumeRole (STS): credentials of a role for a while. That the role trusts the caller and the
// caller's policies allow it was found at the front door.
#include <algorithm>

#include "clc/actions/sts.h"
#include "clc/domain/roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::assume_role {
namespace {

constexpr std::int64_t kUsual = 3600;
constexpr std::int64_t kChainedMax = 3600;  // with credentials of another role
constexpr std::size_t kExternalIdMin = 2;
constexpr std::size_t kExternalIdMax = 1224;

struct Request {
  std::string role_arn;
  std::string session_name;
  std::optional<std::int64_t> duration_s;
  std::string external_id;
  std::vector<SessionTag> tags;
  std::vector<std::string> transitive_tags;
  std::string source_identity;
  std::string policy;
  std::vector<PolicyArn> policy_arns;
};

constexpr Param<Request> kParams[] = {
    required<&Request::role_arn>("RoleArn"),
    required<&Request::session_name>("RoleSessionName"),
    optional<&Request::duration_s>("DurationSeconds"),
    optional<&Request::policy>("Policy"),
    optional<&Request::policy_arns>("PolicyArns"),
    optional<&Request::external_id>("ExternalId"),
    optional<&Request::tags>("Tags"),
    optional<&Request::transitive_tags>("TransitiveTagKeys"),
    optional<&Request::source_identity>("SourceIdentity"),
    refused<Request>("SerialNumber", "there are no MFA devices"),
    refused<Request>("TokenCode", "there are no MFA devices"),
    refused<Request>("ProvidedContexts", "there are no context providers"),
};

Result<> check(const Request& request, const Caller& caller) {
  TRY_VOID(check_session_name("RoleSessionName", request.session_name));
  if (!request.source_identity.empty())
    TRY_VOID(check_session_name("SourceIdentity", request.source_identity));
  if (!request.external_id.empty() &&
      (request.external_id.size() < kExternalIdMin || request.external_id.size() > kExternalIdMax))
    return invalid_value("ExternalId", request.external_id.substr(0, 40), "2 to 1224 characters");
  TRY_VOID(check_tags(request.tags));
  const bool is_chained =
      caller.session && caller.session->session.kind == sessions::Session::Kind::role;
  const auto most = is_chained ? kChainedMax : kRoleSessionMax.count();
  return check_duration(request.duration_s.value_or(kUsual), most);
}

// Those that the session before handed on, and the request's own, which may not be among them.
Result<> add_tags(const Request& request, const Caller& caller, sessions::Session& session) {
  if (caller.session) {
    const auto& before = caller.session->session;
    session.transitive_tags = before.transitive_tags;
    session.source_identity = before.source_identity;
    for (const auto& tag : before.tags)
      for (const auto& key : before.transitive_tags)
        if (common::equal_ignore_case(tag.first, key)) session.tags.push_back(tag);
  }
  for (const auto& tag : request.tags) {
    for (const auto& key : session.transitive_tags)
      if (common::equal_ignore_case(key, tag.key))
        return invalid_value("Tags", tag.key, "keys that were not handed on by the role before");
    session.tags.emplace_back(tag.key, tag.value);
  }
  for (const auto& key : request.transitive_tags) session.transitive_tags.push_back(key);
  if (!request.source_identity.empty()) {
    if (!session.source_identity.empty() && session.source_identity != request.source_identity)
      return Error(RequestErrc::not_permitted,
                   "The source identity of a session cannot be changed");
    session.source_identity = request.source_identity;
  }
  return common::ok();
}

struct Assumed {
  Role role;
  sessions::Session session;
};

Result<Assumed> assume(Tx& tx, const Request& request, sessions::Session session) {
  TRY(const auto role, Roles(tx).find_by_arn(request.role_arn));
  if (!role) return Error(RequestErrc::not_permitted, "The role " + request.role_arn + " is gone");
  if (session.expires_at - session.issued_at > role->session_max)
    return Error(RequestErrc::invalid_value,
                 "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  session.account = role->account.value;
  session.issuer = role->id.value;
  TRY_VOID(add_limits(tx, role->account, {request.policy, request.policy_arns}, session));
  return Assumed{*role, std::move(session)};
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check(request, caller));
  auto session = new_session(s, sessions::Session::Kind::role, request.duration_s.value_or(kUsual));
  session.name = request.session_name;
  CO_TRY_VOID(add_tags(request, caller, session));
  const auto find = [request, session](Tx& tx) { return assume(tx, request, session); };
  CO_TRY(const auto assumed, co_await s.db.read(find));
  const auto principal = sessions::principal_of(assumed.session, arn_of(assumed.role));
  Reply reply;
  CO_TRY_VOID(add_credentials(reply, s, assumed.session));
  reply.child("AssumedRoleUser").add("AssumedRoleId", principal.id).add("Arn", principal.arn);
  reply.add("PackedPolicySize", packed_size(assumed.session));
  if (!assumed.session.source_identity.empty())
    reply.add("SourceIdentity", assumed.session.source_identity);
  co_return reply;
}

}  // namespace

extern const Action AssumeRole{
    .name = "AssumeRole",
    .permission = "sts:AssumeRole",
    .api = Api::sts,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::assume_role
