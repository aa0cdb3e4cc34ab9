#include "clc/actions/profile_wish.h"

#include "clc/store/roles.h"

namespace angophora::clc {
namespace {

Error no_such_profile(const char* member, const std::string& value) {
  return {RequestErrc::invalid_value, "Value (" + value + ") for parameter iamInstanceProfile." +
                                          member + " is invalid. Invalid IAM Instance Profile " +
                                          (member == std::string_view("arn") ? "ARN" : "name")};
}

}  // namespace

Result<InstanceProfile> find_profile(Tx& tx, const AccountId& account, const ProfileWish& wish) {
  if (wish.arn.empty() == wish.name.empty())
    return Error(
        wish.arn.empty() ? RequestErrc::missing_parameter : RequestErrc::invalid_combination,
        "Either IamInstanceProfile.Arn or IamInstanceProfile.Name must be specified");
  const bool by_arn = !wish.arn.empty();
  const auto name = by_arn ? wish.arn.substr(wish.arn.rfind('/') + 1) : wish.name;
  auto found = InstanceProfiles(tx).find(account, name);
  if (found && (!by_arn || arn_of(found.assume_value()) == wish.arn)) return found;
  if (!found && found.error().code != IdentityErrc::not_found) return found;
  return by_arn ? no_such_profile("arn", wish.arn) : no_such_profile("name", wish.name);
}

ProfileUse new_profile_use(common::Runtime& runtime, const InstanceProfile& profile) {
  return {new_id<InstanceId>(runtime, "iip-assoc").value, profile.id, arn_of(profile)};
}

}  // namespace angophora::clc
