// ListUserPolicies, ListGroupPolicies, ListRolePolicies and ListAccountPolicies: the names of the
// policies that are part of one.
#include "clc/actions/iam_policies.h"
#include "clc/store/inline_policies.h"

namespace angophora::clc::actions::list_inline_policies {
namespace {

struct Request {
  std::string entity;
  std::string delegate;
  Paging paging;
};

template <EntityKind kKind>
constexpr Param<Request> kEntityParams[] = {
    required<&Request::entity>(name_element(kKind)),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};
constexpr Param<Request> kAccountParams[] = {
    required<&Request::entity>("AccountName"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

template <EntityKind kKind>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto action = std::string("List policies of ") + word_of(kKind) + " " + request.entity;
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, action));
  const auto find = [caller, request](Tx& tx) -> Result<std::vector<InlinePolicy>> {
    TRY(const auto found, find_entity(tx, caller, kKind, request.entity, request.delegate));
    return InlinePolicies(tx).of(found.entity);
  };
  CO_TRY(auto policies, co_await s.db.read(find));
  const auto last = cut_page(policies, page, [](const InlinePolicy& one) { return one.name; });
  Reply reply;
  auto& names = reply.child("PolicyNames");
  for (const auto& one : policies) names.add("member", one.name);
  close_iam_page(reply, s, caller, action, last);
  co_return reply;
}

}  // namespace

extern const Action ListUserPolicies{
    .name = "ListUserPolicies",
    .permission = "iam:ListUserPolicies",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::user>, handle<EntityKind::user>>,
};
extern const Action ListGroupPolicies{
    .name = "ListGroupPolicies",
    .permission = "iam:ListGroupPolicies",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::group>, handle<EntityKind::group>>,
};
extern const Action ListRolePolicies{
    .name = "ListRolePolicies",
    .permission = "iam:ListRolePolicies",
    .api = Api::iam,
    .run = parse_then<Request, kEntityParams<EntityKind::role>, handle<EntityKind::role>>,
};
extern const Action ListAccountPolicies{
    .name = "ListAccountPolicies",
    .permission = "iam:ListAccountPolicies",
    .api = Api::iam,
    .administrators_only = true,
    .run = parse_then<Request, kAccountParams, handle<EntityKind::account>>,
};

}  // namespace angophora::clc::actions::list_inline_policies
