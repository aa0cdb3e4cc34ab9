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
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, action));
  const auto find = [caller, request](Tx& tx) -> Result<std::vector<ManagedPolicy>> {
    TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
    return ManagedPolicies(tx).attached_to(found.entity);
  };
  CO_TRY(auto policies, co_await s.db.read(find));
  std::erase_if(policies, [&](const auto& one) { return !one.path.starts_with(request.prefix); });
  const auto last = cut_page(policies, page, [](const ManagedPolicy& one) { return arn_of(one); });
  Reply reply;
  reply.list(
      "AttachedPolicies", policies,
      [](const ManagedPolicy& one, Element& item) {
        item.add("PolicyName", one.name).add("PolicyArn", arn_of(one));
      },
      "member");
  close_iam_page(reply, s, caller, action, last);
  co_return reply;
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
