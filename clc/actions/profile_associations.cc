// AssociateIamInstanceProfile, ReplaceIamInstanceProfileAssociation,
// DisassociateIamInstanceProfile and DescribeIamInstanceProfileAssociations: which instance has
// which instance profile. Who gives one must be allowed to pass its role on (iam:PassRole,
// clc/http/resources.cc). Nodes hear of it when their guests ask next.
#include "clc/store/profile_associations.h"
#include "clc/actions/instance_selection.h"
#include "clc/actions/profile_wish.h"
#include "clc/domain/address_errors.h"
#include "clc/domain/instance_errors.h"

namespace angophora::clc::actions::profile_associations {
namespace {

struct Request {
  ProfileWish profile;
  InstanceId instance;
  std::string association;
};

constexpr Param<Request> kAssociateParams[] = {
    required<&Request::profile>("IamInstanceProfile"),
    required<&Request::instance>("InstanceId"),
};
constexpr Param<Request> kReplaceParams[] = {
    required<&Request::profile>("IamInstanceProfile"),
    required<&Request::association>("AssociationId"),
};
constexpr Param<Request> kDisassociateParams[] = {
    required<&Request::association>("AssociationId"),
};

Error no_such_association(const std::string& id) {
  return {AddressErrc::association_not_found, "The association ID '" + id + "' does not exist"};
}

void add_association(Element& into, const ProfileAssociation& association, const char* state) {
  into.add("associationId", association.use.association);
  into.add("instanceId", association.instance);
  into.child("iamInstanceProfile").add("arn", association.use.arn).add("id", association.use.id);
  into.add("state", state).add("timestamp", association.since);
}

Result<ProfileAssociation> found_association(Tx& tx, const Caller& caller, const std::string& id) {
  TRY(auto found, ProfileAssociations(tx).find(caller.account, id));
  if (!found) return no_such_association(id);
  return std::move(*found);
}

Result<Instance> live_instance(Tx& tx, const Caller& caller, const InstanceId& id) {
  TRY(auto instances, named_instances(tx, caller, {id}));
  auto& instance = instances.front();
  if (instance.state == InstanceState::pending || instance.state == InstanceState::running)
    return std::move(instance);
  return Error(InstanceErrc::incorrect_state,
               "The instance '" + id.value + "' is not in the 'pending' or 'running' states");
}

// Under a number of its own, in place of the instance's association so far.
Result<ProfileAssociation> give(Tx& tx, common::Runtime& runtime, const Caller& caller,
                                const InstanceId& id, const ProfileWish& wish) {
  TRY(const auto instance, live_instance(tx, caller, id));
  TRY(const auto profile, find_profile(tx, instance.account, wish));
  const ProfileAssociation made{new_profile_use(runtime, profile), instance.id, instance.account,
                                runtime.now()};
  TRY_VOID(ProfileAssociations(tx).put(made));
  return made;
}

Result<ProfileAssociation> associate(Tx& tx, common::Runtime& runtime, const Caller& caller,
                                     const Request& request) {
  TRY(const auto present, ProfileAssociations(tx).of_instance(request.instance));
  TRY(auto made, give(tx, runtime, caller, request.instance, request.profile));
  if (present)
    return Error(InstanceErrc::association_exists,
                 "There is an existing association for instance " + request.instance.value);
  return made;
}

Result<ProfileAssociation> replace(Tx& tx, common::Runtime& runtime, const Caller& caller,
                                   const Request& request) {
  TRY(const auto present, found_association(tx, caller, request.association));
  return give(tx, runtime, caller, present.instance, request.profile);
}

Result<ProfileAssociation> disassociate(Tx& tx, common::Runtime&, const Caller& caller,
                                        const Request& request) {
  TRY(auto present, found_association(tx, caller, request.association));
  TRY_VOID(ProfileAssociations(tx).remove(present.instance));
  return present;
}

using Work = Result<ProfileAssociation> (*)(Tx& tx, common::Runtime& runtime, const Caller& caller,
                                            const Request& request);
Task<Reply> change(Services& s, Caller caller, Request request, Work work, std::string state) {
  const auto run = [&s, caller, request, work](Tx& tx) {
    return work(tx, s.runtime, caller, request);
  };
  CO_TRY(const auto association, co_await commit(s, caller, run));
  Reply reply;
  add_association(reply.child("iamInstanceProfileAssociation"), association, state.c_str());
  co_return reply;
}
template <auto work>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const char* state = work == Work(disassociate) ? "disassociating" : "associating";
  return change(s, std::move(caller), std::move(request), work, state);
}

struct ListRequest {
  std::vector<std::string> ids;
  Filters filters;
  Paging paging;
};
constexpr Param<ListRequest> kListParams[] = {
    optional<&ListRequest::ids>("AssociationId"),
    filters<&ListRequest::filters>(),
    max_results<&ListRequest::paging>(),
    next_token<&ListRequest::paging>(),
};
constexpr FilterField<ProfileAssociation> kFilters[] = {
    {"instance-id", [](const ProfileAssociation& a) { return value_or_none(a.instance.value); }},
    {"state", [](const ProfileAssociation&) { return value_or_none("associated"); }},
};

constexpr char kList[] = "DescribeIamInstanceProfileAssociations";
Task<Reply> list(Services& s, Caller caller, ListRequest request) {
  CO_TRY(const auto wanted, RowFilter<ProfileAssociation>::compile(request.filters, kFilters));
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kList));
  const auto find = [caller](Tx& tx) { return ProfileAssociations(tx).list(caller.account); };
  CO_TRY(auto rows, co_await s.db.read(find));
  for (const auto& id : request.ids)
    if (std::none_of(rows.begin(), rows.end(),
                     [&id](const auto& row) { return row.use.association == id; }))
      co_return no_such_association(id);
  std::erase_if(rows, [&](const ProfileAssociation& row) {
    const bool named = request.ids.empty() || std::find(request.ids.begin(), request.ids.end(),
                                                        row.use.association) != request.ids.end();
    return !named || !wanted.matches(row);
  });
  const auto last =
      cut_page(rows, page, [](const ProfileAssociation& row) { return row.use.association; });
  Reply reply;
  reply.list("iamInstanceProfileAssociationSet", rows,
             [](const ProfileAssociation& row, Element& item) {
               add_association(item, row, "associated");
             });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kList, last));
  co_return reply;
}

}  // namespace

extern const Action AssociateIamInstanceProfile{
    .name = "AssociateIamInstanceProfile",
    .permission = "ec2:AssociateIamInstanceProfile",
    .run = parse_then<Request, kAssociateParams, handle<associate>>,
};
extern const Action ReplaceIamInstanceProfileAssociation{
    .name = "ReplaceIamInstanceProfileAssociation",
    .permission = "ec2:ReplaceIamInstanceProfileAssociation",
    .run = parse_then<Request, kReplaceParams, handle<replace>>,
};
extern const Action DisassociateIamInstanceProfile{
    .name = "DisassociateIamInstanceProfile",
    .permission = "ec2:DisassociateIamInstanceProfile",
    .run = parse_then<Request, kDisassociateParams, handle<disassociate>>,
};
extern const Action DescribeIamInstanceProfileAssociations{
    .name = "DescribeIamInstanceProfileAssociations",
    .permission = "ec2:DescribeIamInstanceProfileAssociations",
    .run = parse_then<ListRequest, kListParams, list>,
};

}  // namespace angophora::clc::actions::profile_associations
