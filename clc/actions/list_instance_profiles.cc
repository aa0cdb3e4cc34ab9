// ListInstanceProfiles and ListInstanceProfilesForRole: those of the account or of a role, by name.
#include "clc/actions/iam_roles.h"
#include "clc/store/roles.h"

namespace angophora::clc::actions::list_instance_profiles {
namespace {

struct Request {
  std::string prefix = "/";
  std::string role;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::prefix>("PathPrefix"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};
constexpr Param<Request> kRoleParams[] = {
    required<&Request::role>("RoleName"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

Result<std::vector<InstanceProfile>> find(Tx& tx, const Caller& caller, const Request& request,
                                          const NamePage& page) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  if (request.role.empty()) return InstanceProfiles(tx).page(account.id, page);
  TRY(const auto role, Roles(tx).find(account.id, request.role));
  return InstanceProfiles(tx).of(role.id);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_path_prefix(request.prefix));
  const auto action = "ListInstanceProfiles " + request.role;
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, action));
  const NamePage wanted{request.prefix, page.after, page.limit + 1};
  const auto read = [caller, request, wanted](Tx& tx) -> Result<std::vector<ProfileWithRole>> {
    TRY(const auto profiles, find(tx, caller, request, wanted));
    std::vector<ProfileWithRole> entries;
    for (const auto& profile : profiles) {
      TRY(auto entry, with_role(tx, profile));
      entries.push_back(std::move(entry));
    }
    return entries;
  };
  CO_TRY(auto entries, co_await s.db.read(read));
  const auto last =
      cut_page(entries, page, [](const ProfileWithRole& one) { return one.profile.name; });
  Reply reply;
  reply.list(
      "InstanceProfiles", entries,
      [](const ProfileWithRole& one, Element& item) { add_instance_profile(item, one); }, "member");
  close_iam_page(reply, s, caller, action, last);
  co_return reply;
}

}  // namespace

extern const Action ListInstanceProfiles{
    .name = "ListInstanceProfiles",
    .permission = "iam:ListInstanceProfiles",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};
extern const Action ListInstanceProfilesForRole{
    .name = "ListInstanceProfilesForRole",
    .permission = "iam:ListInstanceProfilesForRole",
    .api = Api::iam,
    .run = parse_then<Request, kRoleParams, handle>,
};

}  // namespace angophora::clc::actions::list_instance_profiles
