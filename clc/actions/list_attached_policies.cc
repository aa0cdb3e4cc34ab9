// ListAttachedUserPolicies, ListAttachedGroupPolicies and ListAttachedRolePolicies: the managed
// policies of one.
#include "clc/actions/iam_policies.h"
#include "clc/store/managed_policies.h"

namespace angophora::clc::actions::list_attached_policies {
namespace {

struct Request {
  std::string entity;
  std::string delegate;
  std::string prefix = "/";
  Paging paging;
};

template <EntityKind kKind>
constexpr Param<Request> kEntityParams[] = {
    required<&Request::entity>(name_element(kKind)),
    optional<&Request::delegate>("DelegateAccount"),
    optional<&Request::prefix>("PathPrefix"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

template <EntityKind kKind>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_path_prefix(request.prefix));
  const auto action = std::string("List attached to ") + word_of(kKind) + " " + request.entity;
  const auto find = [caller, request](Tx& tx, const PageStart&) -> Result<IamRows> {
    TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
    TRY(const auto policies, ManagedPolicies(tx).attached_to(found.entity));
    IamRows rows;
    for (const auto& one : policies) {
      if (!one.path.starts_with(request.prefix)) continue;
      auto& item = rows.emplace_back(arn_of(one)).element;
      item.add("PolicyName", one.name).add("PolicyArn", arn_of(one));
    }
    return rows;
  };
  co_return co_await list_iam(s, caller, request.paging, action, "AttachedPolicies", find);
}

}  // namespace

extern const Action ListAttachedUserPolicies{
    .name = "ListAttachedUserPolicies",
    .permission = "iam:ListAttachedUserPolicies",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::user>, handle<EntityKind::user>>,
};
extern const Action ListAttachedGroupPolicies{
    .name = "ListAttachedGroupPolicies",
    .permission = "iam:ListAttachedGroupPolicies",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::group>, handle<EntityKind::group>>,
};
extern const Action ListAttachedRolePolicies{
    .name = "ListAttachedRolePolicies",
    .permission = "iam:ListAttachedRolePolicies",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::role>, handle<EntityKind::role>>,
};

}  // namespace angophora::clc::actions::list_attached_policies
